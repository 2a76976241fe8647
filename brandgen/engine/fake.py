"""An engine for fast tests: numpy only, honest bytes, no model.

It paints a gradient between the colors that the prompt names, so that a test can see
that a picture came from its prompt. The same request gives the same bytes.
"""

import hashlib
import re
import time
from collections.abc import Iterator
from importlib.metadata import version

import numpy as np

from brandgen.engine.embeddings import (
    ImageEmbeddings,
    count_cells,
    read_embeddings,
    write_embeddings,
)
from brandgen.engine.errors import EngineError
from brandgen.engine.previews import enlarge
from brandgen.engine.protocol import (
    ModelIdentity,
    ModelLicense,
    OnStep,
    PriorResult,
    Stage,
    Step,
    ignore_step,
)
from brandgen.engine.requests import DecoderRequest, Pixels, PriorRequest
from brandgen.engine.tensor_file import Floats
from brandgen.engine.tokens import check_prompt

CHANNELS = 16
PROMPT_WIDTH = 8

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


class EngineDiedError(EngineError):
    """The fake engine was told to die here, as a killed worker would."""


class FakeEngine:
    """Paints gradients in the colors of the prompt."""

    def __init__(self, *, dies_after: int | None = None, delay_s: float = 0.0) -> None:
        """Make an engine that dies in its run number `dies_after` + 1, if given.

        `delay_s` is waited in every step, so that a test has the time to cancel.
        """
        self.dies_after = dies_after
        self.delay_s = delay_s
        self.seeds_seen: list[int] = []
        """Seeds of prior runs that were started, in order."""
        self.decoder_seeds_seen: list[int] = []
        """Seeds of decoder runs that were started, in order."""
        self._finished = 0

    def identity(self) -> ModelIdentity:
        """Say which model this is."""
        return ModelIdentity(
            name="Fake engine",
            revision="1",
            family="fake",
            weights_sha256={},
            dtype="float32",
            device="cpu",
            libraries={"numpy": version("numpy"), "pillow": version("pillow")},
            license=ModelLicense(
                name="Apache-2.0",
                url="https://www.apache.org/licenses/LICENSE-2.0",
                is_commercial_use_allowed=True,
            ),
        )

    def run_prior(
        self, request: PriorRequest, *, on_step: OnStep = ignore_step
    ) -> PriorResult:
        """Lay out a gradient between the colors that the prompt names."""
        check_prompt(request.prompt)
        self.seeds_seen.append(request.seed)
        image = paint_cells(request)
        preview = enlarge(to_pixels(image))
        for index in self._steps(request.steps):
            is_due = index % max(1, request.steps // 5) == 0
            on_step(Step("C", index, request.steps, (preview,) * is_due))
        embeddings = ImageEmbeddings(
            image=image[None],
            prompt=hash_prompt(request.prompt),
            negative_prompt=hash_prompt(request.negative_prompt),
            width_px=request.width_px,
            height_px=request.height_px,
            family="fake",
            model="Fake engine 1",
        )
        self._finished += 1
        return PriorResult(write_embeddings(embeddings), preview)

    def run_decoder(
        self, request: DecoderRequest, *, on_step: OnStep = ignore_step
    ) -> Pixels:
        """Enlarge the gradient and strew grain over it, other grain for other seeds.

        Raises:
            InvalidRequestError: the bytes are no embeddings of this engine.
        """
        embeddings = read_embeddings(request.embeddings, family="fake")
        self.decoder_seeds_seen.append(request.seed)
        stage: Stage = "B"
        for index in self._steps(request.steps):
            on_step(Step(stage, index, request.steps))
        width, height = embeddings.width_px, embeddings.height_px
        rows = np.arange(height) * embeddings.image.shape[2] // height
        columns = np.arange(width) * embeddings.image.shape[3] // width
        picture = embeddings.image[0, :3][:, rows][:, :, columns]
        random = np.random.default_rng(request.seed)
        grain = random.normal(0, 0.01, (1, height, width)).astype(np.float32)
        on_step(Step("A", 1, 1))
        self._finished += 1
        return to_pixels(picture + grain)

    def _steps(self, of: int) -> Iterator[int]:
        for index in range(1, of + 1):
            if self.dies_after is not None and self._finished >= self.dies_after:
                raise EngineDiedError(
                    f"The fake engine died after {self._finished} runs."
                )
            if self.delay_s:
                time.sleep(self.delay_s)
            yield index


def paint_cells(request: PriorRequest) -> Floats:
    """Lay out the gradient, shape (channels, rows, columns); a seed turns it."""
    rows, columns = count_cells(request.height_px), count_cells(request.width_px)
    seed = hashlib.sha256(
        f"{request.prompt}\0{request.negative_prompt}\0{request.seed}".encode()
    ).digest()
    random = np.random.default_rng(list(seed))
    colors = np.array(find_colors(request.prompt), np.float32) / 255
    angle = random.uniform(-0.4, 0.4)
    y, x = np.mgrid[0:rows, 0:columns].astype(np.float32)
    along = x / max(1, columns - 1) * np.sin(angle) + y / max(1, rows - 1) * np.cos(
        angle
    )
    span = max(float(np.ptp(along)), 1e-6)
    place = (along - along.min()) / span * (len(colors) - 1)
    stops = np.arange(len(colors))
    image = random.normal(0, 1, (CHANNELS, rows, columns)).astype(np.float32)
    for channel in range(3):
        image[channel] = np.interp(place, stops, colors[:, channel])
    return image


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


def hash_prompt(prompt: str) -> Floats:
    """Turn a prompt to a few numbers, shape (1, 1, width), in place of an encoder."""
    digest = hashlib.sha256(prompt.encode()).digest()[:PROMPT_WIDTH]
    values = np.frombuffer(digest, np.uint8).astype(np.float32) / np.float32(255)
    return values.reshape(1, 1, -1)


def to_pixels(image: Floats) -> Pixels:
    """Turn the first three channels to pixels."""
    colors = np.clip(image[:3].transpose(1, 2, 0), 0, 1)
    return np.ascontiguousarray((colors * 255 + 0.5).astype(np.uint8))
