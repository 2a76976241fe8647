"""How the fake engine paints: gradients, and simple stand-ins for what guides a model.

Every stand-in moves a picture the way the real thing does, so that a test can see that
a reference, a palette or a mask has reached the engine.
"""

import hashlib
import re

import numpy as np
from PIL import Image

from brandgen.engine.embeddings import (
    EncodedPrompts,
    ImageEmbeddings,
    count_cells,
    read_embeddings,
)
from brandgen.engine.errors import WeightsError
from brandgen.engine.requests import (
    Adapter,
    DecoderRequest,
    Mask,
    PaletteGoal,
    Pixels,
    PriorRequest,
    Start,
    TextBox,
)
from brandgen.engine.tensor_file import Floats
from brandgen.lib.colors import contrast, has_dark_room, luminance

CHANNELS = 16
PROMPT_WIDTH = 8
MOST_NAMED_COLORS = 12
GRAIN = 0.01

COLORS: dict[str, tuple[int, int, int]] = {
    "red": (208, 38, 46),
    "coral": (255, 126, 102),
    "orange": (244, 132, 30),
    "yellow": (250, 210, 58),
    "gold": (212, 168, 66),
    "olive": (124, 126, 42),
    "green": (48, 158, 74),
    "mint": (160, 224, 192),
    "teal": (0, 136, 138),
    "sky": (122, 190, 240),
    "blue": (36, 96, 216),
    "navy": (24, 38, 92),
    "purple": (118, 58, 178),
    "lavender": (190, 170, 232),
    "pink": (246, 152, 192),
    "magenta": (212, 36, 148),
    "brown": (122, 76, 46),
    "cream": (250, 236, 210),
    "white": (246, 246, 246),
    "gray": (142, 146, 152),
    "grey": (142, 146, 152),
    "black": (28, 28, 32),
}


def find_colors(prompt: str) -> list[tuple[int, int, int]]:
    """Find the colors that a prompt names, by word or as #rrggbb; gray if none."""
    found = []
    for word in re.findall(r"#[0-9a-f]{6}\b|[a-z]+", prompt.lower()):
        if word.startswith("#"):
            red, green, blue = bytes.fromhex(word[1:])
            found.append((red, green, blue))
        elif word in COLORS:
            found.append(COLORS[word])
    return found or [(200, 200, 200), (120, 120, 120)]


def write_colors(prompt: str) -> Floats:
    """Write the colors of a prompt as tokens, shape (1, MOST_NAMED_COLORS, 4).

    The last number of a row says that the row holds a color.
    """
    tokens = np.zeros((1, MOST_NAMED_COLORS, 4), np.float32)
    for row, color in zip(tokens[0], find_colors(prompt), strict=False):
        row[:3], row[3] = np.array(color) / 255, 1
    return tokens


def hash_prompt(prompt: str) -> Floats:
    """Turn a prompt to a few numbers, shape (1, 1, width), in place of an encoder."""
    digest = hashlib.sha256(prompt.encode()).digest()[:PROMPT_WIDTH]
    values = np.frombuffer(digest, np.uint8).astype(np.float32) / np.float32(255)
    return values.reshape(1, 1, -1)


def count_steps(request: PriorRequest) -> int:
    """Say how many steps a request takes: fewer from a picture than from noise."""
    if request.start is None or request.start.mask is not None:
        return request.step_count
    return max(1, round(request.step_count * request.start.strength))


def paint_cells(request: PriorRequest, prompts: EncodedPrompts) -> Floats:
    """Lay out what a request asks for, shape (channels, rows, columns)."""
    image = paint_gradient(request, prompts)
    image[:3] = blend_references(image[:3], request)
    for adapter in request.adapters:
        image[:3] = tint(image[:3], adapter)
    if request.palette is not None:
        image[:3] = pull_to_palette(image[:3], request.palette)
    for box in request.text_boxes:
        image[:3] = calm_box(image[:3], box)
    if request.start is not None:
        image = begin_from(image, request.start, request)
    return image.astype(np.float32)


def paint_gradient(request: PriorRequest, prompts: EncodedPrompts) -> Floats:
    """Lay out the gradient between the prompt's colors; a seed turns it."""
    rows, columns = count_cells(request.height_px), count_cells(request.width_px)
    pooled = prompts.pooled.tobytes() + prompts.negative_pooled.tobytes()
    seed = hashlib.sha256(pooled + f"\0{request.seed}".encode()).digest()
    random = np.random.default_rng(list(seed))
    tokens = prompts.tokens[0]
    colors = tokens[tokens[:, 3] > 0][:, :3]
    angle = random.uniform(-0.4, 0.4)
    y, x = np.mgrid[0:rows, 0:columns].astype(np.float32)
    across = x / max(1, columns - 1) * np.sin(angle)
    along = across + y / max(1, rows - 1) * np.cos(angle)
    span = max(float(np.ptp(along)), 1e-6)
    place = (along - along.min()) / span * (len(colors) - 1)
    image = random.normal(0, 1, (CHANNELS, rows, columns)).astype(np.float32)
    for channel in range(3):
        image[channel] = np.interp(place, np.arange(len(colors)), colors[:, channel])
    return image


def average_cells(pixels: Pixels, width_px: int, height_px: int) -> Floats:
    """Keep the mean color of each cell, shape (channels, rows, columns)."""
    size = (count_cells(width_px), count_cells(height_px))
    small = Image.fromarray(pixels).resize(size, Image.Resampling.BOX)
    image = np.zeros((CHANNELS, size[1], size[0]), np.float32)
    image[:3] = np.asarray(small, np.float32).transpose(2, 0, 1) / 255
    return image


def blend_references(colors: Floats, request: PriorRequest) -> Floats:
    """Mix in the references, by weight: half of the picture, all without a prompt."""
    if not request.references:
        return colors
    total = sum(reference.weight for reference in request.references)
    mixed = sum(
        reference.weight
        / total
        * average_cells(reference.pixels, request.width_px, request.height_px)[:3]
        for reference in request.references
    )
    share = 0.5 if request.prompt.strip() else 1.0
    return np.asarray((1 - share) * colors + share * mixed, np.float32)


def tint(colors: Floats, adapter: Adapter) -> Floats:
    """Shift all colors a little, by a hue that the adapter's file decides.

    Raises:
        WeightsError: the file can't be read, or is another than was asked for.
    """
    try:
        sha256 = hashlib.sha256(adapter.file.read_bytes()).hexdigest()
    except OSError as error:
        raise WeightsError(
            f"The adapter {adapter.file.name} can't be read: {error.strerror}."
        ) from error
    if adapter.sha256 and adapter.sha256 != sha256:
        raise WeightsError(
            f"The adapter {adapter.file.name} has the SHA-256 {sha256[:12]}…, not "
            f"{adapter.sha256[:12]}…. Fetch it again."
        )
    shift = np.array(list(bytes.fromhex(sha256)[:3]), np.float32) / 255 - 0.5
    moved = colors + np.float32(0.2 * adapter.scale) * shift[:, None, None]
    return np.asarray(moved, np.float32)


def pull_to_palette(colors: Floats, goal: PaletteGoal) -> Floats:
    """Move each cell towards the nearest color of the palette that has a share."""
    _, rows, columns = colors.shape
    own = np.array(
        [(c.red, c.green, c.blue) for c in goal.colors if c.share > 0], np.float32
    )
    own /= 255
    flat = colors.reshape(3, -1).T
    nearest = ((flat[:, None] - own[None]) ** 2).sum(axis=2).argmin(axis=1)
    pulled = own[nearest].T.reshape(3, rows, columns)
    free = np.ones((rows, columns), np.float32)
    if goal.subject is not None:
        free = 1 - shrink_mask(goal.subject, rows, columns)
    share = np.float32(goal.strength) * free
    return np.asarray(colors + share * (pulled - colors), np.float32)


def calm_box(colors: Floats, box: TextBox) -> Floats:
    """Fill the cells below a text with one color that it stands out from."""
    _, rows, columns = colors.shape
    inside = (
        slice(int(box.top * rows), max(1, int(np.ceil(box.bottom * rows)))),
        slice(int(box.left * columns), max(1, int(np.ceil(box.right * columns)))),
    )
    color = colors[(slice(None), *inside)].mean(axis=(1, 2))
    moves = [move_from_text(color, ink, box.contrast) for ink in box.colors]
    moved = color + min(moves, key=lambda move: float(np.abs(move).sum()))
    calm = colors.copy()
    calm[(slice(None), *inside)] = moved[:, None, None]
    return calm


def move_from_text(
    color: Floats, text_color: tuple[int, int, int], least: float
) -> Floats:
    """Say how far a color has to go, so that a text stands out from it."""
    ink = float(luminance(np.array(text_color, np.float64)))
    goal = 0.0 if has_dark_room(ink) else 1.0
    for part in np.linspace(0, 1, 33):
        move = part * (goal - color)
        behind = float(luminance((color + move) * 255.0))
        if float(contrast(ink, behind)) >= least * 1.15:
            break
    return np.asarray(move, np.float32)


def begin_from(image: Floats, start: Start, request: PriorRequest) -> Floats:
    """Keep the source by strength, and all of it outside the mask."""
    if isinstance(start.source, bytes):
        source = read_embeddings(start.source, family="fake").image[0]
    else:
        source = average_cells(start.source, request.width_px, request.height_px)
    mixed = source + np.float32(start.strength) * (image - source)
    if start.mask is None:
        return np.asarray(mixed, np.float32)
    _, rows, columns = image.shape
    free = shrink_mask(start.mask, rows, columns)
    return np.asarray(source + free * (mixed - source), np.float32)


def shrink_mask(mask: Mask, rows: int, columns: int) -> Floats:
    """Average a mask over the cells, 0 to 1, shape (rows, columns)."""
    small = Image.fromarray(mask).resize((columns, rows), Image.Resampling.BOX)
    return np.asarray(np.asarray(small, np.float32) / 255, np.float32)


def draw_pixels(embeddings: ImageEmbeddings, request: DecoderRequest) -> Pixels:
    """Enlarge the cells, strew the seed's grain, and keep what a start holds."""
    width, height = embeddings.width_px, embeddings.height_px
    rows = np.arange(height) * embeddings.image.shape[2] // height
    columns = np.arange(width) * embeddings.image.shape[3] // width
    picture = embeddings.image[0, :3][:, rows][:, :, columns]
    random = np.random.default_rng(request.seed)
    grain = random.normal(0, GRAIN, (1, height, width)).astype(np.float32)
    picture = np.asarray(picture + grain, np.float32)
    if request.start is not None and not isinstance(request.start.source, bytes):
        source = request.start.source.astype(np.float32).transpose(2, 0, 1) / 255
        share = np.full((height, width), request.start.strength, np.float32)
        if request.start.mask is not None:
            share *= request.start.mask.astype(np.float32) / 255
        picture = np.asarray(source + share * (picture - source), np.float32)
    return to_pixels(picture)


def to_pixels(image: Floats) -> Pixels:
    """Turn the first three channels to pixels."""
    colors = np.clip(image[:3].transpose(1, 2, 0), 0, 1)
    return np.ascontiguousarray((colors * 255 + 0.5).astype(np.uint8))
