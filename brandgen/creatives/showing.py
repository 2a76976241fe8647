"""How much of a picture a format shows, and how it could show all of it.

Pure: sizes and boxes in, shares and steps out.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from brandgen.compositor.pictures import Shares, contain_box, cover_crop
from brandgen.engine.extending import FURTHEST_PX, WHOLE, Extension, Part
from brandgen.engine.framing import Fit, find_fit
from brandgen.engine.requests import LARGEST_SIDE_PX, SIDE_MULTIPLE_PX

MOST_CUT = 1 / 3
"""How much of a picture may be cut before the page speaks of it.

A third is what a photograph of 3 : 2 loses in a square, which photographers allow for,
and the most that the usual shapes of one kind take from each other. An upright format
takes far more from a wide picture, and one of its subjects with it.
"""
ALL = 0.999
"""What counts as all of a picture: less is missing than one sees."""
MORE = 0.05
"""By how much an extension must show more to take the place of its picture."""


@dataclass(frozen=True)
class Place:
    """A box of a format that a picture is drawn in; `focal` is the layer's own.

    `seen` is the part of the box that lies on the page.
    """

    width: float
    height: float
    fit: str = "cover"
    focal: tuple[float, float] | None = None
    seen: Part = WHOLE
    align: Shares = (0.5, 0.5)

    def cover(self, size: tuple[int, int], focal: tuple[float, float] | None) -> Part:
        """Return the part of a picture that covers the box, as shares of it."""
        left, top, width, height = cover_crop(
            *size, into=(self.width, self.height), focal=self.focal or focal
        )
        return (
            left / size[0],
            top / size[1],
            (left + width) / size[0],
            (top + height) / size[1],
        )

    def inset(self, size: tuple[int, int], focal: tuple[float, float]) -> Part:
        """Return the part of a picture that the box holds with room around it.

        It reaches beyond the picture where that room is.
        """
        box = self.width, self.height
        x, y, width, height = contain_box(
            *size, into=box, focal=self.focal or focal, align=self.align
        )
        return -x / width, -y / height, (box[0] - x) / width, (box[1] - y) / height


@dataclass(frozen=True)
class View:
    """A picture's size in px and focal point, and the part of it that one asks for.

    `share` is how much of the picture that one began with that part holds.
    """

    width: int
    height: int
    focal: tuple[float, float] = (0.5, 0.5)
    part: Part = WHOLE
    share: float = 1.0

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in px."""
        return self.width, self.height

    def extended(self, extension: Extension) -> "View":
        """Return it as an extension of it will be, with its focal point."""
        return View(
            *extension.size,
            focal=extension.find_focal(self.focal, of=self.size),
            part=extension.kept,
            share=extension.kept_share(of=self.size),
        )


def find_shown(view: View, place: Place) -> Part:
    """Return the part of a picture that a box shows."""
    is_cover = place.fit == "cover"
    look = place.cover if is_cover else place.inset
    part = look(view.size, view.focal)
    width, height = part[2] - part[0], part[3] - part[1]
    left, top, right, bottom = place.seen
    return (
        max(0.0, part[0] + left * width),
        max(0.0, part[1] + top * height),
        min(1.0, part[0] + right * width),
        min(1.0, part[1] + bottom * height),
    )


def measure(view: View, places: Sequence[Place]) -> float:
    """Say how much of a picture a format shows, 0 to 1.

    Where it is drawn more than once, as on a blurred ground of itself, the box counts
    that shows the most.
    """
    return max((_measure_in(view, place) for place in places), default=0.0)


def _measure_in(view: View, place: Place) -> float:
    shown, part = find_shown(view, place), view.part
    width = min(shown[2], part[2]) - max(shown[0], part[0])
    height = min(shown[3], part[3]) - max(shown[1], part[1])
    area = (part[2] - part[0]) * (part[3] - part[1])
    return view.share * max(0.0, width) * max(0.0, height) / area


def is_cut(share: float) -> bool:
    """Say whether so much is cut that somebody should know."""
    return 1 - share > MOST_CUT + 1e-6


def find_reach(view: View, formats: Sequence[Sequence[Place]]) -> Extension | None:
    """Say how a picture must grow so that none of some formats cuts it.

    Args:
        view: the picture.
        formats: for each format, the boxes that it is drawn in.

    Returns:
        The smallest extension in steps that the model takes, new ground spread evenly;
        none where the model draws no picture that large. What the model does not see
        of the picture (`Fit`) is lost to every extension.
    """
    fit = find_fit(*view.size)
    for across, down in _steps(fit):
        if not _has_room(fit, across, down, formats):
            continue
        for extension in _splits(fit, across, down):
            larger = view.extended(extension)
            least = ALL * larger.share
            if all(measure(larger, places) >= least for places in formats):
                return extension
    return None


def _steps(fit: Fit) -> Iterator[tuple[int, int]]:
    """Yield how many steps a picture grows across and down, the smallest area first."""
    most = [(LARGEST_SIDE_PX - side) // SIDE_MULTIPLE_PX for side in fit.size]
    counts = product(range(max(0, most[0]) + 1), range(max(0, most[1]) + 1))
    step = SIDE_MULTIPLE_PX

    def area(count: tuple[int, int]) -> int:
        return (fit.width_px + count[0] * step) * (fit.height_px + count[1] * step)

    return iter(sorted((count for count in counts if any(count)), key=area))


def _has_room(
    fit: Fit, across: int, down: int, formats: Sequence[Sequence[Place]]
) -> bool:
    """Say whether every format shows a part of that size that could hold it all."""
    size = (
        fit.width_px + across * SIDE_MULTIPLE_PX,
        fit.height_px + down * SIDE_MULTIPLE_PX,
    )

    def holds(place: Place) -> bool:
        left, top, right, bottom = find_shown(View(*size), place)
        return (right - left) * size[0] >= ALL * fit.width_px and (bottom - top) * size[
            1
        ] >= ALL * fit.height_px

    return all(any(holds(place) for place in places) for places in formats)


def _splits(fit: Fit, across: int, down: int) -> Iterator[Extension]:
    """Yield how steps can be spread over opposite sides, the most even first.

    Only a layer with a focal point of its own asks for more than the first.
    """
    for left, top in product(_evenly(across), _evenly(down)):
        sides = (left, top, across - left, down - top)
        px = [side * SIDE_MULTIPLE_PX for side in sides]
        if max(px) <= FURTHEST_PX:
            yield Extension(fit, *px)


def _evenly(count: int) -> list[int]:
    return sorted(range(count + 1), key=lambda first: abs(2 * first + 0.5 - count))
