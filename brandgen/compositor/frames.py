"""Draw the frames of a moving creative: what stands still is drawn once and kept.

Each run of things that stand still becomes a picture with its alpha multiplied in; a
frame is the ground with these pictures moved, scaled and faded upon it.
"""

import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
import skia

from brandgen.compositor.brand import BrandStyle
from brandgen.compositor.display import (
    Drawable,
    Layout,
    MoveStart,
    Rect,
)
from brandgen.compositor.draw import draw
from brandgen.compositor.moving import (
    Apart,
    Mover,
    Node,
    Still,
    Zoomed,
    at_moment,
    each_mover,
)
from brandgen.compositor.painting import clip_to, group_paint, start_move, to_skia
from brandgen.compositor.pictures import ImageSource, Pixels
from brandgen.compositor.poses import is_at_rest, pose_at
from brandgen.compositor.text import TextEngine
from brandgen.compositor.watermark import draw_watermark

# From here on a picture that is shrunk by so much needs its smaller copies.
_NEEDS_MIPMAPS = 1.5


@dataclass(frozen=True)
class _Sprite:
    """A picture of things that stand still, and its box in pixels of the format.

    `opaque` are its pixels where nothing shines through and it is not much shrunk.
    """

    image: Any
    rect: Rect
    opaque: Pixels | None = None


class Frames:
    """The frames of one layout that moves, as RGBA pixels."""

    def __init__(
        self,
        layout: Layout,
        nodes: Sequence[Node],
        *,
        images: Mapping[str, ImageSource],
        brand: BrandStyle,
        engine: TextEngine,
        scale: float = 1.0,
        watermark: str | None = None,
    ) -> None:
        """Draw what stands still.

        Args:
            layout: with the logos' variants chosen, as `draw` gives it back.
            nodes: what moves in it, by `tell_apart`.
            images: pictures by name.
            brand: colors, fonts and logos.
            engine: sets texts.
            scale: pixels of a frame for each of the format.
            watermark: written across every frame.

        Raises:
            ImageSourceError: a picture is missing or can't be decoded.
        """
        self._layout, self._engine, self._scale = layout, engine, scale
        self._watermark, self._images = watermark, images
        self._draw = functools.partial(draw, images=images, brand=brand, engine=engine)
        self._sprites: dict[int, _Sprite | None] = {}
        first = next((n for n, node in enumerate(nodes) if _moves(node)), len(nodes))
        self._nodes = tuple(nodes[first:])
        items = at_moment(layout, nodes[:first], 0.0).items
        self._ground, _, _ = self._draw(replace(layout, items=items), scale=scale)
        self._movers = [mover for mover, _ in each_mover(self._nodes)]
        self._zooms = list(_each_zoom(self._nodes))
        for node in self._nodes:
            self._keep(node)

    @property
    def ground(self) -> Pixels:
        """What lies below all that moves."""
        return self._ground

    def state_at(self, at_s: float) -> tuple[object, ...]:
        """Give all that a frame depends on: frames of one state are equal."""
        poses = [pose_at(mover.moving, at_s) for mover in self._movers]
        return (*poses, *(zoom.pose_at(at_s) for zoom in self._zooms))

    def draw_all(self, times_s: Sequence[float]) -> Iterator[Pixels]:
        """Draw a frame for each moment; equal ones in a row are one array.

        What was handed out is not changed afterwards.
        """
        known: tuple[object, ...] | None = None
        frame: Pixels = self._ground
        for at_s in times_s:
            state = self.state_at(at_s)
            if state != known:
                known, frame = state, self.draw_at(at_s)
            yield frame

    def draw_at(self, at_s: float) -> Pixels:
        """Draw one frame, at a moment in seconds from the start."""
        frame = self._ground.copy()
        surface = skia.Surface(
            frame, skia.ColorType.kRGBA_8888_ColorType, skia.AlphaType.kPremul_AlphaType
        )
        canvas = surface.getCanvas()
        height, width = frame.shape[:2]
        canvas.scale(width / self._layout.width_px, height / self._layout.height_px)
        for node in self._nodes:
            self._show(canvas, node, at_s, frame)
        if self._watermark:
            whole = Rect(0, 0, self._layout.width_px, self._layout.height_px)
            draw_watermark(canvas, whole, self._watermark, self._engine)
        return frame

    def _keep(self, node: Node) -> None:
        """Draw the pictures of a node, once."""
        if isinstance(node, Still):
            self._sprites[id(node)] = self._picture_of(node.items)
        elif isinstance(node, Zoomed):
            self._sprites[id(node)] = self._zoomed(node)
        else:
            for inner in node.nodes:
                self._keep(inner)

    def _picture_of(self, items: Sequence[Drawable]) -> _Sprite | None:
        """Draw things apart; None where nothing is seen of them."""
        pixels, _, _ = self._draw(
            replace(self._layout, items=tuple(items)),
            scale=self._scale,
            transparent=True,
        )
        is_seen = pixels[..., 3] > 0
        rows, columns = is_seen.any(axis=1), is_seen.any(axis=0)
        if not rows.any():
            return None
        top, bottom = np.flatnonzero(rows)[[0, -1]] + (0, 1)
        left, right = np.flatnonzero(columns)[[0, -1]] + (0, 1)
        height, width = pixels.shape[:2]
        across = self._layout.width_px / width
        down = self._layout.height_px / height
        rect = Rect(
            left * across, top * down, (right - left) * across, (bottom - top) * down
        )
        return _Sprite(_multiply(pixels[top:bottom, left:right]), rect)

    def _zoomed(self, node: Zoomed) -> _Sprite:
        """Draw a picture as large as it will be seen."""
        image, rect = node.image, node.image.rect
        source = self._images[image.image]
        inside = replace(node.bare, rect=Rect(0, 0, rect.width, rect.height))
        room = replace(
            self._layout,
            width_px=max(1, round(rect.width)),
            height_px=max(1, round(rect.height)),
            items=(replace(inside, opacity=1.0),),
        )
        pixels, _, _ = self._draw(
            room,
            scale=self._scale * node.loop.zoom,
            transparent=image.fit != "cover" or not source.is_jpeg,
        )
        picture = _multiply(pixels)
        if node.loop.zoom > _NEEDS_MIPMAPS:
            return _Sprite(picture.withDefaultMipmaps(), rect)
        is_opaque = bool((pixels[..., 3] == 255).all())
        return _Sprite(picture, rect, pixels if is_opaque else None)

    def _show(self, canvas: Any, node: Node, at_s: float, frame: Pixels | None) -> None:
        """Draw a node; `frame` is what is drawn into where nothing is moved around."""
        if isinstance(node, Still):
            self._stamp(canvas, node, 1.0)
        elif isinstance(node, Apart):
            start = node.start
            canvas.save()
            clip_to(canvas, start.clip, start.rect, start.radius)
            canvas.saveLayer(None, group_paint(start))
            for inner in node.nodes:
                self._show(canvas, inner, at_s, None)
            canvas.restore()
            canvas.restore()
        elif isinstance(node, Zoomed):
            zoom = node.pose_at(at_s)
            if frame is None or not self._zoom_into(frame, node, zoom):
                self._show_moved(canvas, node, zoom, node.image.opacity)
        elif pose := pose_at(node.moving, at_s):
            only = node.nodes[0] if len(node.nodes) == 1 else None
            if is_at_rest(pose):
                for inner in node.nodes:
                    self._show(canvas, inner, at_s, frame)
            elif isinstance(only, Still):
                self._show_moved(canvas, only, pose, pose.opacity)
            else:
                start_move(canvas, pose)
                for inner in node.nodes:
                    self._show(canvas, inner, at_s, None)
                canvas.restore()
                canvas.restore()

    def _zoom_into(self, frame: Pixels, node: Zoomed, pose: MoveStart) -> bool:
        """Zoom a picture straight into the frame, where that is the same and faster."""
        image = node.image
        is_plain = image.radius == 0 and image.opacity == 1 and image.mask == "rect"
        sprite = self._sprites[id(node)]
        if sprite is None or sprite.opaque is None or not is_plain:
            return False
        across = frame.shape[1] / self._layout.width_px
        down = frame.shape[0] / self._layout.height_px
        rect = image.rect
        edges = rect.x * across, rect.y * down, rect.right * across, rect.bottom * down
        left, top, right, bottom = (round(edge) for edge in edges)
        if max(abs(edge - round(edge)) for edge in edges) > 0.01 or not (
            0 <= left < right <= frame.shape[1] and 0 <= top < bottom <= frame.shape[0]
        ):
            return False
        source = sprite.opaque
        # From the middle of a pixel of the frame to that of the picture.
        matrix = np.zeros((2, 3))
        for axis, (count, length, center) in enumerate(
            (
                (source.shape[1], right - left, (pose.center[0] - rect.x) * across),
                (source.shape[0], bottom - top, (pose.center[1] - rect.y) * down),
            )
        ):
            step = count / length
            matrix[axis, axis] = step / pose.scale
            matrix[axis, 2] = step * (center + (0.5 - center) / pose.scale) - 0.5
        cv2.warpAffine(
            source,
            matrix,
            (right - left, bottom - top),
            dst=frame[top:bottom, left:right],
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        )
        return True

    def _show_moved(
        self, canvas: Any, node: Still | Zoomed, pose: MoveStart, opacity: float
    ) -> None:
        """Stamp one picture; faster than a layer of its own."""
        start_move(canvas, replace(pose, opacity=1.0))
        self._stamp(canvas, node, opacity)
        canvas.restore()
        canvas.restore()

    def _stamp(self, canvas: Any, node: Still | Zoomed, opacity: float) -> None:
        sprite = self._sprites[id(node)]
        if sprite is None:
            return
        is_large = isinstance(node, Zoomed) and node.loop.zoom > _NEEDS_MIPMAPS
        mipmap = skia.MipmapMode.kLinear if is_large else skia.MipmapMode.kNone
        sampling = skia.SamplingOptions(skia.FilterMode.kLinear, mipmap)
        paint = skia.Paint(AntiAlias=True, Alphaf=opacity)
        canvas.drawImageRect(sprite.image, to_skia(sprite.rect), sampling, paint)


def _multiply(pixels: Pixels) -> Any:
    """Give pixels as skia's picture, with alpha multiplied in."""
    height, width = pixels.shape[:2]
    facts = skia.ImageInfo.Make(
        width,
        height,
        skia.ColorType.kRGBA_8888_ColorType,
        skia.AlphaType.kPremul_AlphaType,
    )
    surface = skia.Surface.MakeRaster(facts)
    surface.getCanvas().clear(0)
    picture = skia.Image.fromarray(
        np.ascontiguousarray(pixels), skia.ColorType.kRGBA_8888_ColorType
    )
    surface.getCanvas().drawImage(picture, 0, 0)
    return surface.makeImageSnapshot()


def _moves(node: Node) -> bool:
    if isinstance(node, Apart):
        return any(_moves(inner) for inner in node.nodes)
    return not isinstance(node, Still)


def _each_zoom(nodes: Sequence[Node]) -> Iterator[Zoomed]:
    for node in nodes:
        if isinstance(node, Zoomed):
            yield node
        elif isinstance(node, Apart | Mover):
            yield from _each_zoom(node.nodes)
