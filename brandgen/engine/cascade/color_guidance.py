"""Steers the colors of a picture while the prior samples, without drawing it.

A cell's clean latents map linearly to its color, so a wanted color is one step away:
read the colors, choose better ones, move the latents along the color map's own moves.
There is no decoding, no pass through a network and no gradient.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image
from torch.nn.functional import conv2d

from brandgen.engine.cascade.color_field import ColorField, from_linear, to_linear
from brandgen.engine.cascade.sampling import Moment, Steer
from brandgen.engine.color_map import ColorMap
from brandgen.engine.embeddings import count_cells
from brandgen.engine.requests import Mask, PaletteGoal, PriorRequest, TextBox
from brandgen.engine.tensor_file import Floats
from brandgen.lib.colors import has_dark_room, luminance

PALETTE_UNTIL = 0.15
"""Below this noise level the model finishes alone, so that edges stay its own."""
SOFTNESS = 0.005
"""How far apart, squared in OKLab, two colors of a palette are blended rather than
parted: a softer plan keeps gradients, a harder one keeps more to the shares."""
SOFTENING = (
    *(float(each) for each in np.geomspace(0.3, SOFTNESS, 16)),
    *8 * [SOFTNESS],
)
"""The softness of each round of finding a plan: from soft to hard it is found soon."""
PACE = 1.6
"""Times the move of a price that each round would make by itself: a plan is found in
fewer rounds (Thibault and others, "Overrelaxed Sinkhorn-Knopp Algorithm", 2017). Of 20
random palettes and fields 0.5 % of the cells got a wrong color; at 1 it was 1.2 %."""
LOOK_CELLS, LOOK_REACH = 0.8, 2
"""How far a cell's neighbors count where its color is chosen: the deviation of a
Gaussian and its reach, in cells. Alone, noise would choose where two colors are equally
near, and a plain ground would fall to specks of both."""
TINY = 1e-9
LOG_TINY = math.log(TINY)

CALM = 0.3
"""How much of what differs in a box is taken away at every step."""
CONTRAST_MARGIN = 1.25
"""Times the contrast asked for: what Stages B and A add to the color of a cell."""
ROOM_FROM = 0.6
"""Above this noise level rooms wait: what they do to the first, vague steps changes the
whole picture, as another seed would."""
EDGE_CELLS = 0.75
"""How far the move fades out around a box."""
BORDER_SHARE = 0.06
"""A box this near to the picture's border reaches it, so that no strip is left over."""
NEAR_ENOUGH, FAR_OFF, FAIR_PART = 0.04, 0.2, 0.12
"""When a room borrows a color: lightness by which it may be off, by which it must have
been off, and the share of the picture that must have it."""


def make_steer(
    request: PriorRequest, color_map: ColorMap, device: torch.device
) -> list[Steer]:
    """Make the moves that a request's palette and text boxes ask for, in order."""
    field = ColorField(color_map, device)
    rows, columns = count_cells(request.height_px), count_cells(request.width_px)
    steer: list[Steer] = []
    if request.palette is not None and request.palette.strength > 0:
        steer.append(PalettePull(request.palette, field, rows, columns))
    if request.text_boxes:
        rooms = [make_rooms(box, field, rows, columns) for box in request.text_boxes]
        steer.append(TextRooms(rooms, field))
    return steer


class PalettePull:
    """Moves every cell towards a palette's colors, by optimal transport.

    Each cell gets the blend of palette colors that the cheapest plan takes its color
    to, where a plan uses every color by its share (entropic optimal transport, Cuturi
    2013, in OKLab). Like colors stay like, so edges and gradients stay where they are.
    """

    def __init__(
        self, goal: PaletteGoal, field: ColorField, rows: int, columns: int
    ) -> None:
        self.field = field
        self.strength = goal.strength
        known = [(color.red, color.green, color.blue) for color in goal.colors]
        self.colors = field.to_oklab(field.tensor(known) / 255)
        shares = field.tensor([color.share for color in goal.colors])
        self.log_shares = (shares / shares.sum()).clamp_min(TINY).log()
        free = field.tensor(find_free_cells(goal.subject, rows, columns))
        self.free = free.view(1, rows, columns, 1)
        weights = free.view(1, rows * columns, 1) / free.sum().clamp_min(TINY)
        self.log_weights = weights.clamp_min(TINY).log()
        away = field.tensor(range(-LOOK_REACH, LOOK_REACH + 1))
        self.around = (away / LOOK_CELLS).square().mul(-0.5).exp()
        self.nearby = self.spread(self.free).clamp_min(TINY)

    def __call__(self, clean: torch.Tensor, moment: Moment) -> torch.Tensor:
        """Move clean latents of shape (n, channels, rows, columns)."""
        if moment.noise < PALETTE_UNTIL:
            return clean
        raw = self.field.read(clean)
        seen = raw.clamp(0, 1)
        lab = self.field.to_oklab(seen)
        pull = self.strength * self.free
        look = self.spread(lab * self.free) / self.nearby
        chosen = self.transport(look.flatten(1, 2)).view_as(lab)
        wanted = torch.lerp(lab, chosen, pull)
        # What is past the gamut is drawn back as far as the rest is moved.
        change = self.field.from_oklab(wanted) - seen + pull * (seen - raw)
        return self.field.move(clean, change)

    def spread(self, values: torch.Tensor) -> torch.Tensor:
        """Sum each cell's values with its neighbors', shape (n, rows, columns, any)."""
        planes = values.permute(0, 3, 1, 2).flatten(0, 1).unsqueeze(1)
        across = self.around.view(1, 1, 1, -1)
        planes = conv2d(planes, across, padding=(0, LOOK_REACH))
        planes = conv2d(planes, across.mT, padding=(LOOK_REACH, 0))
        n, rows, columns, _ = values.shape
        return planes.view(n, -1, rows, columns).permute(0, 2, 3, 1)

    def transport(self, lab: torch.Tensor) -> torch.Tensor:
        """Find the palette's color, or blend of colors, for each cell (n, cells, 3)."""
        apart = (lab.unsqueeze(2) - self.colors).square().sum(-1)
        prices = torch.zeros_like(apart[:, :1])
        for softness in SOFTENING:
            chosen = self.choose(prices - apart, softness)
            taken = torch.logsumexp(chosen + self.log_weights, dim=1, keepdim=True)
            prices = prices + PACE * softness * (self.log_shares - taken)
        blends: torch.Tensor = self.choose(prices - apart, SOFTNESS).exp() @ self.colors
        return blends

    def choose(self, gain: torch.Tensor, softness: float) -> torch.Tensor:
        """Share every cell out among the colors, by what each gains it; logarithms."""
        chosen = torch.log_softmax(self.log_shares + gain / softness, dim=2)
        return chosen.clamp_min(LOG_TINY)


@dataclass(frozen=True)
class TextRoom:
    """One text box as the field of cells sees it."""

    weights: torch.Tensor
    """Shape (1, rows, columns, 1): 1 in the box, fading out around it."""
    limit: float
    """Relative luminance that no cell may pass, with the margin."""
    is_dark: bool
    """Whether the limit is the lightest or the darkest that is allowed."""

    def need(self, lab: torch.Tensor) -> torch.Tensor:
        """Say how far OKLab lightness is past the limit, shape (..., 1); 0 if not."""
        past: torch.Tensor = lab[..., :1] - self.limit ** (1 / 3)
        return (past if self.is_dark else -past).clamp_min(0)


class TextRooms:
    """Makes the cells under text boxes calm, and dark or light enough for their text.

    Where boxes overlap, the later one has the last word. A box whose text may have two
    colors has two rooms, of which each picture gets the one that changes it less.
    """

    def __init__(self, boxes: Sequence[Sequence[TextRoom]], field: ColorField) -> None:
        self.boxes, self.field = boxes, field

    def __call__(self, clean: torch.Tensor, moment: Moment) -> torch.Tensor:
        """Move clean latents of shape (n, channels, rows, columns)."""
        if moment.noise > ROOM_FROM:
            return clean
        for rooms in self.boxes:
            weights = rooms[0].weights
            calm = calm_down(clean, weights.permute(0, 3, 1, 2))
            seen = self.field.read(calm)
            change = weights * (self.choose(seen.clamp(0, 1), rooms) - seen)
            clean = self.field.move(calm, change)
        return clean

    def choose(self, seen: torch.Tensor, rooms: Sequence[TextRoom]) -> torch.Tensor:
        """Choose the sRGB of each cell, were it in the room that asks least of it."""
        lab = self.field.to_oklab(seen)
        first, *others = rooms
        chosen, least = self.furnish(lab, first), weigh(first.need(lab), first.weights)
        for room in others:
            need = weigh(room.need(lab), room.weights)
            chosen = torch.where(need < least, self.furnish(lab, room), chosen)
            least = torch.minimum(need, least)
        return chosen

    def furnish(self, lab: torch.Tensor, room: TextRoom) -> torch.Tensor:
        """Give the sRGB of each cell, were it in the room."""
        lab = torch.lerp(lab, find_room_color(lab, room), CALM)
        # Chroma is kept, or a darker pink would be mud and no plum.
        shade = torch.cat([room.need(lab), torch.zeros_like(lab[..., 1:])], dim=-1)
        lab = lab - shade if room.is_dark else lab + shade
        return from_linear(self.limit(to_linear(self.field.from_oklab(lab)), room))

    def limit(self, linear: torch.Tensor, room: TextRoom) -> torch.Tensor:
        """Dim linear light to the room's luminance, or mix white in; hues stay."""
        seen = self.field.luminance(linear)
        if room.is_dark:
            return linear * (room.limit / seen.clamp_min(TINY)).clamp_max(1)
        share = (room.limit - seen) / (1 - seen).clamp_min(TINY)
        return torch.lerp(linear, torch.ones_like(linear), share.clamp(0, 1))


def find_room_color(lab: torch.Tensor, room: TextRoom) -> torch.Tensor:
    """Choose the color of a room, shape (n, 1, 1, 3): its own, or one of the picture's.

    A room that is far too light for its text borrows the picture's darker colors, where
    a fair part of it has such: a wave is drawn on into the box, say.
    """
    own = weigh(lab, room.weights)
    fitting = (-room.need(lab) / NEAR_ENOUGH).exp() * (1 - room.weights)
    share = fitting.mean((1, 2), keepdim=True)
    borrowed = weigh(lab, fitting + TINY)
    mix = (room.need(own) / FAR_OFF).clamp_max(1) * (share / FAIR_PART).clamp_max(1)
    return torch.lerp(own, borrowed, mix)


def weigh(values: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    """Give the weighted mean over rows and columns, shape (n, 1, 1, ...)."""
    total = weights.sum((1, 2), keepdim=True)
    return (values * weights).sum((1, 2), keepdim=True) / total


def calm_down(clean: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    """Draw latents towards their mean under weights (1, 1, rows, columns)."""
    values = clean.float()
    mean = (values * weights).sum((2, 3), keepdim=True) / weights.sum()
    return (values + CALM * weights * (mean - values)).to(clean.dtype)


def make_rooms(
    box: TextBox, field: ColorField, rows: int, columns: int
) -> list[TextRoom]:
    """Work out which cells a box touches, and which room each of its colors needs."""
    weights = field.tensor(soft_box(box, rows, columns)).view(1, rows, columns, 1)
    return [make_room(color, box.contrast, weights) for color in box.colors]


def make_room(
    text_color: tuple[int, int, int], asked: float, weights: torch.Tensor
) -> TextRoom:
    """Work out which luminance a text needs behind it.

    A text that is lighter than it is dark, by contrast, gets a dark room.
    """
    own = float(luminance(np.array(text_color, np.float64)))
    is_dark = has_dark_room(own)
    asked *= CONTRAST_MARGIN
    if is_dark:
        limit = max((own + 0.05) / asked - 0.05, 0.0)
    else:
        limit = min((own + 0.05) * asked - 0.05, 1.0)
    return TextRoom(weights, limit, is_dark)


def soft_box(box: TextBox, rows: int, columns: int) -> Floats:
    """Say how much each cell belongs to a box, shape (rows, columns).

    1 in the box and for cells that border on it, as the decoder blends neighbors; then
    fading out. A strip beside it is the box's own.
    """
    y, x = np.arange(rows) + 0.5, np.arange(columns) + 0.5
    top, bottom = (side * rows for side in reach_border(box.top, box.bottom))
    left, right = (side * columns for side in reach_border(box.left, box.right))
    top, bottom, left, right = top - 0.5, bottom + 0.5, left - 0.5, right + 0.5
    above = np.maximum(np.maximum(top - y, y - bottom), 0)
    beside = np.maximum(np.maximum(left - x, x - right), 0)
    away = np.hypot(above[:, None], beside[None])
    share = np.clip(1 - away / EDGE_CELLS, 0, 1)
    weights: Floats = (share * share * (3 - 2 * share)).astype(np.float32)
    return weights


def reach_border(start: float, end: float) -> tuple[float, float]:
    """Let the sides of a box that nearly reach the picture's border reach it."""
    if start < BORDER_SHARE:
        start = 0.0
    return start, 1.0 if end > 1 - BORDER_SHARE else end


def find_free_cells(subject: Mask | None, rows: int, columns: int) -> Floats:
    """Say how much of each cell is not the subject, shape (rows, columns)."""
    if subject is None:
        return np.ones((rows, columns), np.float32)
    small = Image.fromarray(subject).resize((columns, rows), Image.Resampling.BOX)
    return np.float32(1) - np.asarray(small, np.float32) / np.float32(255)
