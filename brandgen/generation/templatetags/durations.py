"""Says how long things take, and how much of something there is."""

from django import template

register = template.Library()


@register.filter
def duration(seconds: float | None) -> str:
    """Write seconds as people estimate them: 4 s, 2 min, 1 h 10 min."""
    if seconds is None:
        return ""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min"


@register.filter
def percent(share: float) -> str:
    """Write a share of 1 as people read it: 60 %."""
    return f"{share * 100:.0f} %"
