"""Runs the networks of diffusers with the same weights and less work for each step."""
