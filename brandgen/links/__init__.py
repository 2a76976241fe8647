"""Addresses that answer people outside with a picture of a template."""
