"""Holds a bundle's figures against what it should reach."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from brandgen.engine.bundle import Bundle
from brandgen.engine.cascade.semantic import load_own_encoder
from brandgen.engine.miniature.artist import Artist
from brandgen.engine.miniature.evaluation import HELD_OUT_SEED, Question, Report
from brandgen.engine.miniature.networks import CELL_PX
from brandgen.engine.miniature.pictures import to_planes
from brandgen.engine.miniature.scenes import draw_scene
from brandgen.engine.miniature.stages.semantic import embed_pictures


@dataclass(frozen=True)
class Bar:
    """One figure, and what it should be."""

    name: str
    unit: str
    """ "of ceiling" is the share of what drawings reach."""
    bar: float
    """What a training on a CPU should reach."""
    goal: float
    is_cost: bool = False
    """Whether less is better."""


OF_CEILING = "of ceiling"
BARS = (
    Bar("plain ground named", OF_CEILING, 0.97, 0.99),
    Bar("ground and pattern", OF_CEILING, 0.85, 0.97),
    Bar("backdrop", OF_CEILING, 0.92, 0.98),
    Bar("product", OF_CEILING, 0.70, 0.95),
    Bar("product color", OF_CEILING, 0.80, 0.97),
    Bar("podium", OF_CEILING, 0.90, 0.98),
    Bar("side", OF_CEILING, 0.97, 0.99),
    Bar("decoder", "dB", 22, 26),
    Bar("bundle", "MB", 40, 40, is_cost=True),
    Bar("one picture", "s", 6, 3, is_cost=True),
    Bar("sheet of 4", "s", 3, 1.5, is_cost=True),
)


@dataclass(frozen=True)
class Costs:
    """What a bundle weighs and takes, and how exactly its decoder draws."""

    bundle_mb: float
    """Its files that decide pixels, in millions of bytes."""
    picture_s: float
    """One picture of the evaluation's size, all stages."""
    sheet_s: float
    """Four of them by the prior alone."""
    decoder_db: float | None
    """Decoder and Stage A from the embeddings of drawings, PSNR at the same size.

    None where the bundle has no semantic encoder.
    """


@dataclass(frozen=True)
class Result:
    """One bar, and whether it is reached."""

    bar: Bar
    value: float | None
    """None: nothing of the kind was asked."""

    @property
    def is_reached(self) -> bool:
        """Whether the figure is as good as its bar."""
        if self.value is None:
            return False
        bar = self.bar.bar
        return self.value <= bar if self.bar.is_cost else self.value >= bar


def measure_costs(
    bundle: Bundle, artist: Artist, questions: Sequence[Question], side_px: int
) -> Costs:
    """Measure what one picture takes, here and now."""
    text = questions[0].text
    picture_s = measure_time(lambda: artist.draw([text], [1], side_px, side_px))
    sheet_s = measure_time(
        lambda: artist.imagine([text] * 4, [1, 2, 3, 4], side_px, side_px)
    )
    sizes = [(bundle.folder / name).stat().st_size for name in bundle.manifest.files]
    return Costs(
        bundle_mb=sum(sizes) / 1e6,
        picture_s=picture_s,
        sheet_s=sheet_s,
        decoder_db=measure_decoder(bundle, artist, questions[:16], side_px),
    )


def measure_time(work: Callable[[], object], tries: int = 3) -> float:
    """Take the best of some tries, in seconds: the first one also warms up."""
    times = []
    for _ in range(tries):
        began_at = time.perf_counter()
        work()
        times.append(time.perf_counter() - began_at)
    return min(times)


def measure_decoder(
    bundle: Bundle, artist: Artist, questions: Sequence[Question], side_px: int
) -> float | None:
    """Measure how like drawings are what the decoder makes of their embeddings, in dB.

    It has every setting and caption that it has in use.
    """
    folder = bundle.folder / "semantic_encoder"
    if not folder.is_dir():
        return None
    encoder = load_own_encoder(folder)
    rng = np.random.default_rng(HELD_OUT_SEED + 2)
    drawn = np.stack([draw_scene(q.scene, rng, side_px, side_px) for q in questions])
    cells = -(-side_px * 3 // 128)
    small = torch.nn.functional.interpolate(
        to_planes(drawn).float(), size=cells * CELL_PX, mode="bilinear", antialias=True
    )
    embeddings = embed_pictures(
        encoder, small.round().clamp(0, 255).byte(), torch.device("cpu")
    )
    errors = []
    for index, question in enumerate(questions):
        picture = artist.paint(embeddings[[index]], [question.text], [index])[0]
        difference = (picture.astype(np.float32) - drawn[index]) / 255
        errors.append(float(np.square(difference).mean()))
    return float(-10 * np.log10(np.mean(errors)))


def judge(report: Report, costs: Costs) -> list[Result]:
    """Hold figures and costs against the bars."""
    model, drawings = report.model, report.drawings
    pairs: dict[str, tuple[float | None, float | None]] = {
        name: (model.read[name], drawings.read[name]) for name in model.read
    }
    pairs["plain ground named"] = (model.plain_ground_named, 1.0)
    pairs["ground and pattern"] = (model.roles, drawings.roles)
    values = {
        name: ours / ceiling if ours is not None and ceiling else None
        for name, (ours, ceiling) in pairs.items()
    } | {
        "decoder": costs.decoder_db,
        "bundle": costs.bundle_mb,
        "one picture": costs.picture_s,
        "sheet of 4": costs.sheet_s,
    }
    return [Result(bar, values.get(bar.name)) for bar in BARS]
