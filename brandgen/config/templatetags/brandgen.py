"""Tags and filters that every page may use without loading anything."""

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django import template
from django.contrib.humanize.templatetags.humanize import naturaltime
from django.templatetags.static import static
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from brandgen.lib.finding_rules import explain, label_of

register = template.Library()

HEX = re.compile(r"#[0-9a-fA-F]{6}\Z")
# State: tone (color) and shape; the word comes from the model.
STATES = {
    "draft": ("plain", "hollow"),
    "in_review": ("info", "hollow"),
    "open": ("info", "hollow"),
    "approved": ("ok", "dot"),
    "approve": ("ok", "dot"),
    "changes_requested": ("warn", "square"),
    "request_changes": ("warn", "square"),
    "rejected": ("bad", "diamond"),
    "reject": ("bad", "diamond"),
    "withdrawn": ("plain", "bar-shape"),
    "archived": ("plain", "bar-shape"),
    "waiting": ("plain", "hollow"),
    "running": ("info", "dot"),
    "done": ("ok", "dot"),
    "failed": ("bad", "diamond"),
    "left_out": ("plain", "bar-shape"),
    "rendered": ("ok", "dot"),
    "held": ("warn", "square"),
    "cancelled": ("plain", "bar-shape"),
    "used_up": ("warn", "square"),
    "expired": ("plain", "bar-shape"),
    "revoked": ("plain", "bar-shape"),
    "pass": ("ok", "dot"),
    "warn": ("warn", "square"),
    "fail": ("bad", "diamond"),
}
TONES = {"plain": "", "info": " info", "ok": " ok", "warn": " warn", "bad": " bad"}


@register.filter
def short_hash(sha256: str) -> str:
    """Shorten a hash to its first and last four digits."""
    return f"{sha256[:4]}…{sha256[-4:]}"


@register.simple_tag
def icon(name: str, *, size: str = "", label: str = "") -> SafeString:
    """Draw an icon of the sprite; ``label`` speaks where no words stand beside it."""
    says = format_html('role="img" aria-label="{}"', label) if label else None
    return format_html(
        '<svg class="icon{}" {}><use href="{}#{}"></use></svg>',
        f" {size}" if size else "",
        says or SafeString('aria-hidden="true"'),
        static("icons.svg"),
        name,
    )


@register.simple_tag
def art(name: str) -> SafeString:
    """Draw a picture for an empty place: pictures, done, queue, parcel, layout, ..."""
    return format_html(
        '<svg class="art" viewBox="0 0 132 96" aria-hidden="true">'
        '<use href="{}#art-{}"></use></svg>',
        static("icons.svg"),
        name,
    )


@register.simple_tag
def swatch(hex_color: str, shape: str = "") -> SafeString:
    """Show a color. SVG attributes, because the policy allows no style attributes."""
    fill = hex_color if HEX.match(hex_color) else "none"
    return format_html(
        '<svg class="swatch{}" aria-hidden="true">'
        '<rect width="100%" height="100%" fill="{}"></rect></svg>',
        f" {shape}" if shape else "",
        fill,
    )


@register.simple_tag
def swatches(colors: Iterable[str]) -> SafeString:
    """Show the colors of a brand side by side."""
    row = format_html_join("", "{}", ((swatch(color),) for color in colors))
    return format_html('<span class="swatches">{}</span>', row) if row else row


@register.simple_tag
def badge(state: str, words: str) -> SafeString:
    """Show a state as color, shape and words."""
    tone, shape = STATES.get(state, ("plain", "hollow"))
    return format_html(
        '<span class="badge{}"><i class="shape {}"></i>{}</span>',
        TONES[tone],
        shape,
        words,
    )


@register.simple_tag
def state_badge(row: Any) -> SafeString:
    """Show the state of an asset, review, job or export item."""
    return badge(row.state, row.get_state_display())


@register.simple_tag
def shape(state: str) -> SafeString:
    """Draw only the colored shape of a state; words must stand beside it."""
    tone, form = STATES.get(state, ("plain", "hollow"))
    return format_html('<i class="shape {} tone-{}"></i>', form, tone)


@register.filter
def ago(moment: datetime | None) -> SafeString | str:
    """Say when, as people do, with the exact time on hover."""
    if moment is None:
        return "never"
    exact = timezone.localtime(moment)
    words = naturaltime(moment)
    if words.endswith(" from now"):
        words = f"in {words.removesuffix(' from now')}"
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        exact.isoformat(timespec="seconds"),
        f"{date_format(exact, 'j M Y, H:i:s')} {exact.tzname()}",
        words,
    )


@register.filter
def file_size(size_bytes: int) -> str:
    """Write a number of bytes in kB, MB or GB (powers of ten)."""
    if size_bytes < 1000:
        return f"{size_bytes} B"
    for unit, factor in (("kB", 10**3), ("MB", 10**6), ("GB", 10**9)):
        if size_bytes < 999.5 * factor or unit == "GB":
            number = size_bytes / factor
            return f"{number:.0f} {unit}" if number >= 10 else f"{number:.1f} {unit}"
    raise AssertionError("not reached")


@register.filter
def is_checkbox(field: Any) -> bool:
    """Whether a bound field is a single check box."""
    return getattr(field.field.widget, "input_type", "") == "checkbox" and not getattr(
        field.field.widget, "allow_multiple_selected", False
    )


@register.filter
def is_radio(field: Any) -> bool:
    """Whether a bound field is a list of radio buttons."""
    return getattr(field.field.widget, "input_type", "") == "radio"


@register.simple_tag(takes_context=True)
def with_query(context: dict[str, Any], **changes: Any) -> str:
    """Return the page's query string with some values changed; None removes one."""
    query = context["request"].GET.copy()
    for name, value in changes.items():
        if value is None or value == "":
            query.pop(name, None)
        else:
            query[name] = value
    return f"?{query.urlencode()}" if query else "?"


@register.filter
def rule_label(rule: str) -> str:
    """Return the name of a check as people read it."""
    return label_of(rule)


@register.filter
def rule_explanation(rule: str) -> str:
    """Return in one sentence what a check asks; nothing of one that is no more."""
    return explain(rule)


@register.filter
def duration(seconds: float) -> str:
    """Say how long something takes: 8 s, 3 min, 2 h."""
    for unit, size in (("h", 3600), ("min", 60)):
        if seconds >= 1.5 * size:
            return f"{round(seconds / size)} {unit}"
    return f"{max(1, round(seconds))} s"


@register.filter
def thousands(number: int) -> str:
    """Write a whole number with separators: 12,400."""
    return f"{number:,}"
