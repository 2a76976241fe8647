"""Judge what was seen while drawing: contrast of texts and logos, soft pictures."""

import math
from collections.abc import Callable, Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from brandgen.compositor.display import DrawImage, DrawLogo, DrawText, Rect
from brandgen.compositor.formats import VIEWED_WIDTH_PX
from brandgen.compositor.pictures import Pixels
from brandgen.lib.colors import contrast, contrast_behind, luminance
from brandgen.lib.findings import Finding, Verdict

# WCAG 2.2, 1.4.11, asks 3 : 1 of graphics that carry meaning.
SMALLEST_LOGO_CONTRAST = 3.0
GOOD_LOGO_CONTRAST = 4.5
MOST_ENLARGED = 1.25
"""How many times a picture may be enlarged on a screen before it looks soft."""
GOOD_DENSITY, LEAST_DENSITY = 3 / 4, 1 / 2
"""Shares of the paper's dots that a picture should, and must, have as pixels."""
LINE_ROWS = 16
"""How many rows of pixels behind a line are looked at."""
LOGO_SAMPLES = 4000
"""About how many pixels of a logo, and behind it, are looked at."""


def judge_resolution(item: DrawImage, enlarged: float, dpi: int = 0) -> Finding:
    """Judge how many times a picture was enlarged, on paper by its pixels per inch.

    On paper of `dpi` dots three quarters of them are enough, and less than half forbids
    the print: 225 and 150 of 300. A poster is seen from afar, has dots of 150 to the
    inch, and so needs 112 and 75.
    """
    if dpi:
        return _judge_density(item, dpi / enlarged, dpi)
    is_soft = enlarged > MOST_ENLARGED
    return Finding(
        rule="image-resolution",
        measured=f"enlarged {enlarged:.2f} times",
        allowed=f"at most {MOST_ENLARGED} times",
        verdict=Verdict.WARN if is_soft else Verdict.PASS,
        message="The picture is too small for its place and will look soft. Use one "
        "with more pixels, or enlarge this one."
        if is_soft
        else "The picture has enough pixels.",
        place=item.layer,
    )


def _judge_density(item: DrawImage, density: float, dpi: int) -> Finding:
    """Judge how many pixels of a picture an inch of paper gets."""
    # What is judged is the number that people read: 224.6 reads 225.
    seen = round(density)
    if seen < math.floor(dpi * LEAST_DENSITY):
        verdict, message = Verdict.FAIL, "The print will show the picture's pixels."
    elif seen < math.floor(dpi * GOOD_DENSITY):
        verdict, message = Verdict.WARN, "The picture will look soft in print."
    else:
        verdict, message = Verdict.PASS, "The picture has enough pixels for print."
    if verdict != Verdict.PASS:
        factor = math.ceil(10 * dpi * GOOD_DENSITY / density) / 10
        message += (
            f" Use one with {factor:g} times as many pixels a side, or enlarge it."
        )
    return Finding(
        rule="image-resolution",
        measured=f"{seen} pixels per inch at print size",
        allowed=f"at least {math.floor(dpi * GOOD_DENSITY)} of {dpi}",
        verdict=verdict,
        message=message,
        place=item.layer,
    )


def cut_out(pixels: Pixels, rect: Rect, scale: float) -> Pixels:
    """Give the pixels in a box of the format; at least one, where it lies within."""
    left, top = max(0, int(rect.x * scale)), max(0, int(rect.y * scale))
    return pixels[
        top : max(top + 1, int(rect.bottom * scale)),
        left : max(left + 1, int(rect.right * scale)),
    ]


def judge_contrast(
    behind: Callable[[Rect], Pixels], item: DrawText, *, scale: float, width_px: int
) -> Finding:
    """Judge each line of a text by the pixels behind it, in a picture of this width."""
    # WCAG 2.2, 1.4.3: 4.5 : 1, and 3 : 1 for 24 CSS pixels, or 18.66 in bold.
    is_bold = item.text.style.look.weight >= 700
    seen_px = item.text.size_px * VIEWED_WIDTH_PX * scale / width_px
    allowed = 3.0 if seen_px >= (18.66 if is_bold else 24.0) else 4.5
    measured, line = min(_contrasts(behind, item), default=(0.0, 0))
    is_low = measured < allowed
    where = f" in line {line + 1}" if item.text.lines > 1 else ""
    return Finding(
        rule="text-contrast",
        measured=f"{measured:.1f} : 1{where}",
        allowed=f"at least {allowed:.1f} : 1",
        verdict=Verdict.FAIL if is_low else Verdict.PASS,
        message="The text is hard to read on what lies behind it. Use another picture, "
        "or a stronger ground."
        if is_low
        else "The text stands out.",
        place=item.layer,
    )


def _contrasts(
    behind: Callable[[Rect], Pixels], item: DrawText
) -> Iterator[tuple[float, int]]:
    """Give the contrast of each line, and of what is emphasized in it."""
    for area in item.text.areas():
        x, y = item.rect.x + area.x, item.rect.y + area.y
        pixels = behind(Rect(x, y, area.width, area.height))
        color = item.emphasis_color if area.is_emphasized else None
        seen = contrast_behind(pixels[..., :3], color or item.color, rows=LINE_ROWS)
        yield seen, area.line


def choose_logo(
    behind: Pixels, inks: Mapping[str, NDArray[np.float64]]
) -> tuple[str, float]:
    """Give the first variant that stands out well from the pixels behind it.

    Where none does, the one that stands out most; and how much, as a contrast ratio
    with the ink's luminance (see `ink_of_logo`) that half of it reaches.
    """
    step = max(1, round(math.sqrt(behind.size / 4 / LOGO_SAMPLES)))
    seen = behind[::step, ::step, :3]
    ground = float(np.median(luminance(seen))) if seen.size else 1.0
    found = {name: _contrast_of_logo(ink, ground) for name, ink in inks.items()}
    good = (name for name, measured in found.items() if measured >= GOOD_LOGO_CONTRAST)
    best = next(good, max(found, key=lambda name: found[name]))
    return best, found[best]


def ink_of_logo(logo: Pixels) -> NDArray[np.float64]:
    """Give the luminance of some of a logo's pixels: those that cover what is below."""
    ink = logo[..., :3][logo[..., 3] > 127]
    return luminance(ink[:: max(1, len(ink) // LOGO_SAMPLES)])


def _contrast_of_logo(ink: NDArray[np.float64], ground: float) -> float:
    return float(np.median(contrast(ink, ground))) if ink.size else 1.0


def judge_logo(item: DrawLogo, variant: str, measured: float) -> Finding:
    """Judge how much a logo stands out."""
    is_low = measured < SMALLEST_LOGO_CONTRAST
    return Finding(
        rule="logo-contrast",
        measured=f"{measured:.1f} : 1, {variant}",
        allowed=f"at least {SMALLEST_LOGO_CONTRAST:.1f} : 1",
        verdict=Verdict.WARN if is_low else Verdict.PASS,
        message="The logo is hard to see on what lies behind it. Use another picture, "
        "or another variant."
        if is_low
        else "The logo stands out.",
        place=item.layer,
    )
