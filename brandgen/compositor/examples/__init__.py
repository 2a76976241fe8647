"""A template and a brand to try the compositor with."""
