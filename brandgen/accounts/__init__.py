"""Who you are, what you may see and do."""
