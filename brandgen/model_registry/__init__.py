"""Which models there are, whose they are, and what they may be used for."""
