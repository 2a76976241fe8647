"""Approved images placed in a layout."""
