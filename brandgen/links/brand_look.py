"""The colors of a public form: the brand's own, as light or dark as words need them."""

from brandgen.brands.models import BrandKit, PaletteColor
from brandgen.lib.colors import contrast_of, parse_hex

LEAST_CONTRAST = 4.6
"""WCAG 2.2 asks for 4.5; a little more survives rounding."""
# The surfaces of tokens.css that words of the accent stand on.
WHITE, BLACK = "#ffffff", "#000000"
DARK_SURFACE, DARK_INK = "#272727", "#141414"
ROLES = (PaletteColor.Role.PRIMARY, PaletteColor.Role.SECONDARY)
STEPS = 20


def write_colors(kit: BrandKit | None) -> str:
    """Return a style sheet that puts a brand's color in the place of the accent.

    A brand without colors keeps that of the pages.
    """
    color = _find_color(kit) if kit else None
    if color is None:
        return ""
    light_soft, dark_soft = mix(WHITE, color, 0.09), mix(DARK_SURFACE, color, 0.14)
    light = readable(color, on=light_soft, towards=BLACK)
    dark = readable(color, on=dark_soft, towards=WHITE)
    pairs = {
        "accent": (light, dark),
        "accent-hover": (mix(light, BLACK, 0.2), mix(dark, WHITE, 0.2)),
        "accent-soft": (light_soft, dark_soft),
        "accent-ink": (light, dark),
        "on-accent": (WHITE, DARK_INK),
    }
    lines = [f"  --{name}: light-dark({a}, {b});" for name, (a, b) in pairs.items()]
    return ":root {\n" + "\n".join(lines) + "\n}\n"


def _find_color(kit: BrandKit) -> str | None:
    by_role = {color.role: color.hex for color in kit.colors.all()}
    named = (by_role[role] for role in ROLES if role in by_role)
    return next(named, next(iter(by_role.values()), None))


def readable(color: str, *, on: str, towards: str) -> str:
    """Return a color, as far moved towards another as words on a ground need it."""
    steps = (mix(color, towards, step / STEPS) for step in range(STEPS))
    fit = (one for one in steps if contrast_of(one, on) >= LEAST_CONTRAST)
    return next(fit, towards)


def mix(one: str, other: str, share: float) -> str:
    """Return a color with a share of another in it, both hex."""
    parts = zip(parse_hex(one), parse_hex(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in parts)
