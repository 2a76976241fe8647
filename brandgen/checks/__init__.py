"""Automatic checks: a picture in, findings out; plain functions without state."""
