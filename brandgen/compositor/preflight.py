"""Judge a finished layout: what reaches out, and what crowds the logo."""

from collections.abc import Iterator, Mapping, Sequence

from brandgen.compositor.brand import BrandStyle
from brandgen.compositor.display import Drawable, DrawLogo, DrawPath, DrawText, Rect
from brandgen.compositor.document import Document, TextSlot
from brandgen.compositor.formats import Format
from brandgen.compositor.parts import Data, find_empty
from brandgen.lib.findings import Finding, Verdict


def check_safe_zone(items: Sequence[Drawable], shape: Format) -> list[Finding]:
    """Find texts and logos that reach out of the format's safe zone."""
    zone = shape.safe_zone
    width = shape.width_px - zone.left - zone.right
    height = shape.height_px - zone.top - zone.bottom
    safe = Rect(zone.left, zone.top, width, height)
    return [
        Finding(
            rule="safe-zone",
            measured="reaches out of it",
            allowed=f"{width} x {height} px inside the edges",
            verdict=Verdict.FAIL,
            message="It reaches out of the safe zone. Move it in or shorten it.",
            place=item.layer,
        )
        for item in items
        if _is_content(item) and not safe.holds(item.rect)
    ]


def _is_content(item: Drawable) -> bool:
    """Say whether it is to be read: a text, a logo, a code."""
    is_code = isinstance(item, DrawPath) and item.is_content
    return is_code or isinstance(item, DrawText | DrawLogo)


def check_placeholders(document: Document, texts: Mapping[str, str]) -> list[Finding]:
    """Find slots that still say the example, where it must be replaced."""
    return [
        Finding(
            rule="placeholder",
            measured="still the example",
            allowed="a text of your own",
            verdict=Verdict.FAIL,
            message=f"{slot.label or name} still says what the template says. "
            "Write your own.",
            place=name,
        )
        for name, slot in document.slots.items()
        if isinstance(slot, TextSlot)
        and slot.change_required
        and slot.example.strip()
        and texts.get(name, "").strip() == slot.example.strip()
    ]


def check_data_examples(document: Document, data: Data) -> list[Finding]:
    """Find data that says nothing, or only what the template says.

    What is left out is an example that somebody wants to see, and no finding.
    """
    found = [
        Finding(
            rule="placeholder",
            measured="no value",
            allowed="a value of your own",
            verdict=Verdict.FAIL,
            message=f"{part.label} has no value of its own. Fill it in.",
            place=part.key,
        )
        for part in find_empty(document.parts, data)
        if part.name in data.get(part.owner, {})
    ]
    return found + [_warn_of_example(name) for name in _find_samples(document, data)]


def _find_samples(document: Document, data: Data) -> Iterator[str]:
    """Yield the data of which every value that is used says what the template says."""
    for name, values in data.items():
        used = [p for p in document.parts if p.owner == name and p.is_used]
        same = [
            values.get(part.name, "").strip() == part.example.strip() for part in used
        ]
        if same and all(same) and any(part.example.strip() for part in used):
            yield name


def _warn_of_example(name: str) -> Finding:
    return Finding(
        rule="placeholder",
        measured="the example",
        allowed="values of your own",
        verdict=Verdict.WARN,
        message=f"All of “{name}” says what the template's example says. See whether "
        "these are the real values.",
        place=name,
    )


def check_clear_space(
    items: Sequence[Drawable], shape: Format, brand: BrandStyle
) -> list[Finding]:
    """Judge the free room around each logo: no text, no other logo, no edge in it."""
    return [
        _judge_clear_space(logo, items, shape, brand)
        for logo in items
        if isinstance(logo, DrawLogo)
    ]


def _judge_clear_space(
    logo: DrawLogo, items: Sequence[Drawable], shape: Format, brand: BrandStyle
) -> Finding:
    room = logo.rect.height * brand.logo(logo.variant).clear_space_percent / 100
    needed = logo.rect.grown(room)
    near = [
        item.layer
        for item in items
        if _is_content(item) and item is not logo and item.rect.overlaps(needed)
    ]
    if not Rect(0, 0, shape.width_px, shape.height_px).holds(needed):
        near.append("the edge")
    return Finding(
        rule="logo-clear-space",
        measured=f"reached by {', '.join(near)}" if near else "free",
        allowed=f"{room:.0f} px free on every side",
        verdict=Verdict.FAIL if near else Verdict.PASS,
        message="Keep the logo's surroundings free." if near else "It stands free.",
        place=logo.layer,
    )
