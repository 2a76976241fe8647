"""Room for text: what a later stage of the story says about its layouts.

This app stands below the layouts, so whoever has some registers itself here when the
installation starts (`AppConfig.ready`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from brandgen.accounts.models import Brand
from brandgen.brands.models import BrandKit
from brandgen.generation.inputs import BoxInput
from brandgen.presets.formats import Size, find_size


@dataclass(frozen=True)
class LayoutChoice:
    """A layout in one format, to choose on a form."""

    value: str
    group: str
    label: str


@dataclass(frozen=True)
class Room:
    """Where a layout shows the picture, and where it puts text on it."""

    words: str
    """What people call it: "Spring sale, Story"."""
    ratio: float
    """Width by height of the place that the picture fills."""
    boxes: tuple[BoxInput, ...]
    """Of each text, as shares of that place."""


class LayoutSource(Protocol):
    """Somebody who has layouts."""

    def list_layouts(self, brand: Brand) -> Sequence[LayoutChoice]:
        """Return what a brand may choose."""
        ...

    def find_room(self, brand: Brand, kit: BrandKit, value: str) -> Room | None:
        """Return the room of a layout that was chosen; None if there is none."""
        ...


_sources: list[LayoutSource] = []


def register(source: LayoutSource) -> None:
    """Have forms offer the layouts of a source; once is enough."""
    if source not in _sources:
        _sources.append(source)


def list_layouts(brand: Brand) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return all layouts of a brand as groups of a select: values and words."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for source in _sources:
        for each in source.list_layouts(brand):
            groups.setdefault(each.group, []).append((each.value, each.label))
    return list(groups.items())


def find_room(brand: Brand, kit: BrandKit, value: str) -> Room | None:
    """Return the room of a layout that was chosen; None if nobody has it."""
    rooms = (source.find_room(brand, kit, value) for source in _sources)
    return next((room for room in rooms if room is not None), None)


def fit_size(room: Room, usual: Size) -> Size:
    """Choose the sides for a room, as many pixels as usual."""
    return find_size(room.ratio, area_px=usual[0] * usual[1])


def fit_boxes(room: Room, size: Size) -> tuple[BoxInput, ...]:
    """Place the boxes in a picture of these sides, whose middle fills the room."""
    ratio = size[0] / size[1]
    across, down = min(1.0, room.ratio / ratio), min(1.0, ratio / room.ratio)
    left, top = (1 - across) / 2, (1 - down) / 2
    return tuple(
        replace(
            box,
            left=round(left + box.left * across, 4),
            right=round(left + box.right * across, 4),
            top=round(top + box.top * down, 4),
            bottom=round(top + box.bottom * down, 4),
        )
        for box in room.boxes
    )
