"""Runs Stable Cascade on diffusers' model classes. The only torch in brandgen."""
