"""The same services, spoken in JSON."""
