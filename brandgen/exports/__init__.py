"""Approved assets on their way out."""
