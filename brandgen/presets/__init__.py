"""The brand's way of writing a prompt."""
