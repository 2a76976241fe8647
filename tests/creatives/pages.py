"""The pages of templates and creatives of Northwind."""

from django.urls import reverse


def address(name: str, *args: object) -> str:
    """Return the address of a page by its name."""
    return reverse(f"creatives:{name}", args=["northwind", *args])
