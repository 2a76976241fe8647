"""Who is let in: invitations, roles and leaving, each on the record."""
