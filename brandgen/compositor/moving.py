"""Bring a layout to a moment: a display list in, a display list out.

Pure: no pixels and no files. What stands still and what moves is told apart once; the
frames of a video and a still at the poster's time are made of the same tree.
"""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from brandgen.compositor.display import (
    Clip,
    Drawable,
    DrawImage,
    DrawPath,
    DrawText,
    GroupEnd,
    GroupStart,
    Layout,
    MoveEnd,
    MoveStart,
    Rect,
)
from brandgen.compositor.document import Document, Locale
from brandgen.compositor.layers import Layer, each_layer
from brandgen.compositor.motion import KenBurnsLoop, Motion, Timeline
from brandgen.compositor.poses import Moving, is_at_rest, pose_at, zoom_at

_OVERHANG = 0.4
"""Of an em, what letters may reach beyond the box of their lines."""


@dataclass(frozen=True)
class Still:
    """Things that stand still, back to front."""

    items: tuple[Drawable, ...]


@dataclass(frozen=True)
class Apart:
    """A group that stands still, with something in it that moves, or blended."""

    start: GroupStart
    end: GroupEnd
    nodes: tuple["Node", ...]


@dataclass(frozen=True)
class Mover:
    """A layer that comes, goes or moves, with all that is in it."""

    moving: Moving
    nodes: tuple["Node", ...]


@dataclass(frozen=True)
class Zoomed:
    """A picture that zooms within its box, which stands still."""

    image: DrawImage
    loop: KenBurnsLoop
    begins_s: float
    ends_s: float

    @property
    def bare(self) -> DrawImage:
        """The picture without the shape that it is cut to."""
        return replace(self.image, mask="rect", radius=0.0)

    def pose_at(self, at_s: float) -> MoveStart:
        """Say how the picture stands in its box at a moment."""
        image, rect = self.image, self.image.rect
        zoom = zoom_at(self.loop, at_s, begins_s=self.begins_s, ends_s=self.ends_s)
        x, y = self.loop.focal or image.focal or (0.5, 0.5)
        center = rect.x + x * rect.width, rect.y + y * rect.height
        clip = Clip((rect,), image.mask, image.radius)
        return MoveStart(image.layer, rect, scale=zoom, center=center, clip=clip)


Node = Still | Apart | Mover | Zoomed


@dataclass(frozen=True)
class _Scene:
    """What the tree is built from."""

    document: Document
    timeline: Timeline
    layout: Layout
    moves: Mapping[str, Motion]
    layers: Mapping[str, Layer]
    chains: Mapping[str, tuple[str, ...]]
    is_rtl: bool

    def chain(self, item: Drawable) -> tuple[str, ...]:
        """Name the moving layers that an item is in, the outermost first."""
        return self.chains.get(item.layer, ())


def moves_in(document: Document, format_name: str, locale: str = "") -> bool:
    """Say whether anything moves in a format."""
    if document.motion is None:
        return False
    layers = document.layers_in(format_name, locale)
    return any(layer.motion for _, layer, _ in each_layer(layers))


def has_motion(document: Document) -> bool:
    """Say whether anything moves in any of its formats."""
    return any(moves_in(document, *target) for target in document.layouts)


def tell_apart(
    document: Document, layout: Layout, format_name: str, locale: str = ""
) -> tuple[Node, ...]:
    """Tell what moves in a layout from what stands still, back to front."""
    parents: dict[str, str] = {}
    layers: dict[str, Layer] = {}
    for _, layer, parent in each_layer(document.layers_in(format_name, locale)):
        layers[layer.id] = layer
        if parent:
            parents[layer.id] = parent.id
    moves = {name: layer.motion for name, layer in layers.items() if layer.motion}
    chains: dict[str, tuple[str, ...]] = {}
    for name in layers:  # parents come before what is in them
        above = chains[parents[name]] if name in parents else ()
        chains[name] = (*above, name) if name in moves else above
    scene = _Scene(
        document,
        document.motion or Timeline(duration_s=1),
        layout,
        moves,
        layers,
        chains,
        document.locales.get(locale, Locale()).direction == "rtl",
    )
    return tuple(_merge(_build(scene, layout.items, 0)))


def at_moment(layout: Layout, nodes: Sequence[Node], at_s: float) -> Layout:
    """Give the layout as it looks at a moment, in seconds from the start."""
    return replace(layout, items=tuple(_items_at(nodes, at_s)))


def at_poster(
    document: Document, layout: Layout, format_name: str, locale: str = ""
) -> Layout:
    """Give the layout as a still picture shows it."""
    timeline = document.motion
    if timeline is None or timeline.poster_s is None:
        return layout
    nodes = tell_apart(document, layout, format_name, locale)
    return at_moment(layout, nodes, timeline.poster_s)


def each_mover(nodes: Sequence[Node]) -> Iterator[tuple[Mover, tuple[Mover, ...]]]:
    """Walk what moves, each with what it moves in."""
    for node in nodes:
        if isinstance(node, Mover):
            yield node, ()
            for inner, outer in each_mover(node.nodes):
                yield inner, (node, *outer)
        elif isinstance(node, Apart):
            yield from each_mover(node.nodes)


def _items_at(nodes: Sequence[Node], at_s: float) -> Iterator[Drawable]:
    for node in nodes:
        if isinstance(node, Still):
            yield from node.items
        elif isinstance(node, Apart):
            yield node.start
            yield from _items_at(node.nodes, at_s)
            yield node.end
        elif isinstance(node, Zoomed):
            pose = node.pose_at(at_s)
            if pose.scale == 1:
                yield node.image
            else:
                yield pose
                yield node.bare
                yield MoveEnd(pose.layer, pose.rect)
        elif found := pose_at(node.moving, at_s):
            inner = _items_at(node.nodes, at_s)
            if is_at_rest(found):
                yield from inner
            else:
                yield found
                yield from inner
                yield MoveEnd(found.layer, found.rect)


def _build(scene: _Scene, items: Sequence[Drawable], depth: int) -> Iterator[Node]:
    """Part items into nodes; `depth` moving layers are open around them."""
    index = 0
    while index < len(items):
        item = items[index]
        chain = scene.chain(item)
        if len(chain) > depth:
            name = chain[depth]
            end = index
            while end < len(items) and scene.chain(items[end])[depth : depth + 1] == (
                name,
            ):
                end += 1
            yield from _move(scene, name, items[index:end], depth)
            index = end
            continue
        end = index + 1
        if isinstance(item, GroupStart):
            end = _end_of(items, index)
            inner = items[index + 1 : end - 1]
            last = items[end - 1]
            has_motion = any(len(scene.chain(one)) > depth for one in inner)
            if isinstance(last, GroupEnd) and (has_motion or item.blend != "normal"):
                yield Apart(item, last, tuple(_merge(_build(scene, inner, depth))))
                index = end
                continue
        yield Still(tuple(items[index:end]))
        index = end


def _end_of(items: Sequence[Drawable], start: int) -> int:
    """Give the place behind the end of a group."""
    depth = 0
    for index in range(start, len(items)):
        depth += isinstance(items[index], GroupStart)
        depth -= isinstance(items[index], GroupEnd)
        if not depth:
            return index + 1
    return len(items)


def _move(
    scene: _Scene, name: str, items: Sequence[Drawable], depth: int
) -> Iterator[Node]:
    """Give a moving layer; where it is blended as a whole, that stays outside."""
    first, last = items[0], items[-1]
    is_whole = isinstance(first, GroupStart) and _end_of(items, 0) == len(items)
    if (
        isinstance(first, GroupStart)
        and isinstance(last, GroupEnd)
        and is_whole
        and first.blend != "normal"
        and first.layer == name
    ):
        inner = tuple(_move(scene, name, items[1:-1], depth)) if items[1:-1] else ()
        yield Apart(first, last, inner)
        return
    motion, layer = scene.moves[name], scene.layers[name]
    whole = Rect(0, 0, scene.layout.width_px, scene.layout.height_px)
    moving = Moving(
        layer=name,
        motion=motion,
        rect=_painted(items, scene.layout.boxes.get(name)),
        page=whole,
        short_side_px=min(scene.layout.width_px, scene.layout.height_px),
        duration_s=scene.timeline.duration_s,
        is_mirrored=scene.is_rtl and layer.mirror,
        texts=tuple(item for item in items if isinstance(item, DrawText)),
    )
    inner = tuple(_merge(_build(scene, items, depth + 1)))
    if isinstance(motion.loop, KenBurnsLoop):
        inner = tuple(_merge(_zoom(moving, motion.loop, inner)))
    if motion.enter or motion.exit or not isinstance(motion.loop, KenBurnsLoop | None):
        yield Mover(moving, inner)
    else:
        yield from inner


def _zoom(moving: Moving, loop: KenBurnsLoop, nodes: Sequence[Node]) -> Iterator[Node]:
    for node in nodes:
        for item in node.items if isinstance(node, Still) else ():
            if isinstance(item, DrawImage):
                yield Zoomed(item, loop, moving.comes_s, moving.is_gone_s)
            else:
                yield Still((item,))
        if not isinstance(node, Still):
            yield node


def _merge(nodes: Iterator[Node]) -> Iterator[Node]:
    """Put things that stand still beside each other together."""
    for is_still, run in itertools.groupby(nodes, lambda node: isinstance(node, Still)):
        if is_still:
            stills = (node.items for node in run if isinstance(node, Still))
            yield Still(tuple(itertools.chain.from_iterable(stills)))
        else:
            yield from run


def _painted(items: Sequence[Drawable], box: Rect | None) -> Rect:
    """Give the box that holds all that is painted, with what letters hang over."""
    rects = [_reach(item) for item in items]
    rects += [box] if box else []
    left, top = min(rect.x for rect in rects), min(rect.y for rect in rects)
    right = max(rect.right for rect in rects)
    bottom = max(rect.bottom for rect in rects)
    return Rect(left, top, right - left, bottom - top)


def _reach(item: Drawable) -> Rect:
    if isinstance(item, DrawText):
        return item.rect.grown(_OVERHANG * item.text.size_px)
    if isinstance(item, DrawPath) and item.stroke:
        return item.rect.grown(item.stroke.width / 2)
    return item.rect
