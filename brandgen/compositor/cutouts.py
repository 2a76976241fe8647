"""Cut the subject of a picture out of its background, with what OpenCV ships.

Three steps, none of which needs weights: what the picture's edge is reached from
without crossing a border is background (minimum barrier distance; Zhang and others,
"Minimum Barrier Salient Object Detection at 80 FPS", ICCV 2015); colors of both sides
are learned from that and the outline drawn where it costs least (GrabCut; Rother and
others, SIGGRAPH 2004); and its edge is made soft by `alpha`. docs/benchmarks.md says
how well that does. A person's marks overrule all of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from brandgen.compositor.alpha import clear_edge_colors, soften
from brandgen.compositor.marks import Mark, draw_marks
from brandgen.compositor.people import find_people

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float32]

SIDE = 384
"""The longest side at which the outline is looked for, in px."""
_SMALL = 128
_ROUNDS = 5
_PASSES = 3
_EDGE = 0.02
"""How much of the shorter side the frame is that counts as background."""
_STEEP = 14.0
"""Steps from here on are outlines, in units of CIELAB (0 to 255) per pixel of 128."""
_LEAST_SHARE = 0.001
_MOST_SHARE = 0.95


NOTHING_LEFT = (
    "Nothing is left of the picture. Mark with Keep what belongs to the subject, or "
    "take back a mark."
)


class CutOutError(Exception):
    """Nothing can be cut out of a picture. The message is fit to show."""


@dataclass(frozen=True)
class CutOut:
    """RGBA pixels `(height, width, 4)`, straight alpha; how much of it is left."""

    pixels: Pixels = field(repr=False)
    share: float


def cut_out(pixels: Pixels, marks: Sequence[Mark] = ()) -> CutOut:
    """Remove the background of RGB or RGBA pixels `(height, width, 3 or 4)`.

    The same picture and marks give the same pixels. What was transparent stays so. A
    picture of 1 megapixel takes about a second of one core.

    Raises:
        CutOutError: nothing stands out, or everything is removed.
    """
    rgb = np.ascontiguousarray(pixels[..., :3])
    mask = find_subject(rgb, marks)
    alpha = soften(rgb, mask)
    if pixels.shape[2] == 4:
        alpha = np.minimum(alpha, pixels[..., 3].astype(np.float32) / 255)
    kept, removed = draw_marks(marks, (rgb.shape[1], rgb.shape[0]))
    alpha[kept] = 1.0
    alpha[removed] = 0.0
    share = float(alpha.mean())
    if share < _LEAST_SHARE:
        raise CutOutError(NOTHING_LEFT)
    colors = clear_edge_colors(rgb, alpha)
    out = np.dstack([colors, np.rint(alpha * 255).astype(np.uint8)])
    return CutOut(out, share)


def find_subject(rgb: Pixels, marks: Sequence[Mark] = ()) -> NDArray[np.bool_]:
    """Say which pixels belong to what the picture shows; at its full size.

    Raises:
        CutOutError: nothing stands out, and nobody marked anything.
    """
    height, width = rgb.shape[:2]
    factor = min(1.0, SIDE / max(width, height))
    size = max(8, round(width * factor)), max(8, round(height * factor))
    small = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
    seeds = _seed(small, marks)
    if not np.isin(seeds, (cv2.GC_FGD, cv2.GC_PR_FGD)).any():
        if marks:
            raise CutOutError(NOTHING_LEFT)
        raise CutOutError(
            "Nothing stands out from the background. Draw a box around the subject, "
            "or mark it with Keep."
        )
    found = _grab(small, seeds)
    found = _drop_crumbs(found, seeds == cv2.GC_FGD)
    wide = cv2.resize(
        found.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR
    )
    mask: NDArray[np.bool_] = wide > 0.5
    return mask


def _seed(small: Pixels, marks: Sequence[Mark]) -> Pixels:
    """Say what each pixel is or probably is, in the words of GrabCut."""
    height, width = small.shape[:2]
    distance = find_barriers(small)
    level, _ = cv2.threshold(
        (distance * 255).astype(np.uint8), 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU
    )
    seeds = np.full((height, width), cv2.GC_PR_BGD, np.uint8)
    seeds[distance * 255 > level] = cv2.GC_PR_FGD
    has_people = _seed_people(small, seeds)
    edge = max(1, round(min(width, height) * _EDGE))
    for strip in (seeds[:edge], seeds[:, :edge], seeds[:, -edge:]):
        strip[strip == cv2.GC_PR_BGD] = cv2.GC_BGD
    kept, removed = draw_marks(marks, (width, height))
    if not has_people and any(mark.effect == "within" for mark in marks):
        # Who draws a box means most of what is in it: a better start than barriers.
        seeds[:] = cv2.GC_PR_FGD
    seeds[kept] = cv2.GC_FGD
    seeds[removed] = cv2.GC_BGD
    return seeds


def _seed_people(small: Pixels, seeds: Pixels) -> bool:
    """Take the middle of each person, and below each face a chest three times as wide.

    Where a person is, the person is meant: what else stands out is background then.
    Return whether anybody is there.
    """
    found = find_people(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY))
    if not (found.people or found.faces):
        return False
    seeds[:] = cv2.GC_PR_BGD
    for box in found.people:
        third = box.width / 3
        _fill(seeds, box.x + third, box.y, box.x + 2 * third, box.y + box.height)
    for face in found.faces:
        chin = face.y + face.height
        _fill(seeds, face.x, face.y - face.height * 0.3, face.x + face.width, chin)
        _fill(
            seeds,
            face.x - face.width * 0.6,
            chin + face.height * 0.5,
            face.x + face.width * 1.6,
            min(1.0, chin + face.height * 3),
        )
    return True


def _fill(seeds: Pixels, left: float, top: float, right: float, bottom: float) -> None:
    """Call a box, in shares, probably the subject."""
    height, width = seeds.shape
    rows = slice(max(0, round(top * height)), max(0, round(bottom * height)))
    columns = slice(max(0, round(left * width)), max(0, round(right * width)))
    seeds[rows, columns] = cv2.GC_PR_FGD


def find_barriers(rgb: Pixels) -> Floats:
    """Return how high a barrier parts each pixel from the picture's edge, 0 to 1.

    Along the way the difference of the brightest and the darkest counts, in each
    channel of CIELAB, and as much less as the steepest step on the way is soft: a glow
    and a shadow differ much from the edge, but nothing parts them from it.
    """
    height, width = rgb.shape[:2]
    factor = _SMALL / max(width, height)
    size = max(8, round(width * factor)), max(8, round(height * factor))
    small = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
    lab = cv2.GaussianBlur(cv2.cvtColor(small, cv2.COLOR_RGB2LAB), (3, 3), 0)
    total = np.zeros(small.shape[:2], np.float32)
    for channel in cv2.split(lab):
        total += _barrier(channel.astype(np.float32))
    total *= np.minimum(1, _steepest(_slope(lab)) / _STEEP) ** 2
    total /= max(1e-6, float(total.max()))
    wide = cv2.resize(total, (width, height), interpolation=cv2.INTER_LINEAR)
    shares: Floats = np.clip(wide, 0, 1).astype(np.float32)
    return shares


def _barrier(values: Floats) -> Floats:
    """Sweep rows and columns both ways; each step looks at a whole line at once."""
    cost = np.full(values.shape, 1e6, np.float32)
    cost[0], cost[-1], cost[:, 0], cost[:, -1] = 0, 0, 0, 0
    high, low = values.copy(), values.copy()
    for _ in range(_PASSES):
        for flip in (np.s_[:, :], np.s_[::-1, :]):
            _sweep(values[flip], cost[flip], high[flip], low[flip])
            turned = [each.T[flip] for each in (values, cost, high, low)]
            _sweep(turned[0], turned[1], turned[2], turned[3])
    return cost


def _sweep(values: Floats, cost: Floats, high: Floats, low: Floats) -> None:
    for row in range(1, len(values)):
        top = np.maximum(high[row - 1], values[row])
        bottom = np.minimum(low[row - 1], values[row])
        is_less = top - bottom < cost[row]
        cost[row][is_less] = (top - bottom)[is_less]
        high[row][is_less] = top[is_less]
        low[row][is_less] = bottom[is_less]


def _slope(lab: Pixels) -> Floats:
    """Return the length of the gradient of all channels, per pixel."""
    values = lab.astype(np.float32)
    across = cv2.Sobel(values, cv2.CV_32F, 1, 0, scale=1 / 8)
    down = cv2.Sobel(values, cv2.CV_32F, 0, 1, scale=1 / 8)
    slope: Floats = np.sqrt((across**2 + down**2).sum(-1))
    return slope


def _steepest(slope: Floats) -> Floats:
    """Return the steepest step that cannot be avoided on the way from the edge."""
    cost = np.full(slope.shape, 1e6, np.float32)
    for line in (np.s_[0], np.s_[-1], np.s_[:, 0], np.s_[:, -1]):
        cost[line] = 0
    for _ in range(_PASSES):
        for flip in (np.s_[:, :], np.s_[::-1, :]):
            for values, costs in ((slope, cost), (slope.T, cost.T)):
                _sweep_steps(values[flip], costs[flip])
    return cost


def _sweep_steps(slope: Floats, cost: Floats) -> None:
    for row in range(1, len(slope)):
        np.minimum(cost[row], np.maximum(cost[row - 1], slope[row]), out=cost[row])


def _grab(small: Pixels, seeds: Pixels) -> NDArray[np.bool_]:
    """Draw the outline where it costs least."""
    mask = seeds.copy()
    is_back = np.isin(mask, (cv2.GC_BGD, cv2.GC_PR_BGD))
    if not is_back.any():
        return np.ones(mask.shape, np.bool_)
    cv2.setRNGSeed(1)  # k-means begins somewhere: always at the same place
    back, front = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.grabCut(
        np.ascontiguousarray(small[..., ::-1]),
        mask,
        None,
        back,
        front,
        _ROUNDS,
        cv2.GC_INIT_WITH_MASK,
    )
    found: NDArray[np.bool_] = np.isin(mask, (cv2.GC_FGD, cv2.GC_PR_FGD))
    # Colors that both sides share can turn it over, or leave nothing: the barriers
    # alone are better then.
    before = np.isin(seeds, (cv2.GC_FGD, cv2.GC_PR_FGD))
    if not _LEAST_SHARE < found.mean() < _MOST_SHARE:
        return before
    return found


def _drop_crumbs(
    found: NDArray[np.bool_], is_marked: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Keep the largest piece, those near its size and those that a person marked."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(found.astype(np.uint8))
    if count <= 1:
        return found
    areas = stats[1:, cv2.CC_STAT_AREA]
    keep = np.zeros(count, np.bool_)
    keep[1:] = areas * 8 >= areas.max()
    keep[np.unique(labels[is_marked])] = True
    keep[0] = False
    whole: NDArray[np.bool_] = keep[labels]
    # Holes of a few pixels are glints, not openings.
    holes, marks, sizes, _ = cv2.connectedComponentsWithStats((~whole).astype(np.uint8))
    for hole in range(1, holes):
        if sizes[hole, cv2.CC_STAT_AREA] * 100 < whole.sum():
            whole[marks == hole] = True
    return whole
