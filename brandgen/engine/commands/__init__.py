"""The commands of `python -m brandgen.engine`, one module for each kind."""
