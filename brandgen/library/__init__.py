"""Every picture that exists, and how it came to be."""
