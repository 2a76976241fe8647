"""Who approved what, and why."""
