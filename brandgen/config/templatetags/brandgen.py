"""Tags and filters that every page may use."""

from django import template

register = template.Library()


@register.filter
def short_hash(sha256: str) -> str:
    """Shorten a hash to its first and last four digits."""
    return f"{sha256[:4]}…{sha256[-4:]}"
