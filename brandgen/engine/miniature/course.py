"""Trains the stages of the miniature in their order, into one bundle."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, get_args

import torch

from brandgen.engine.cascade.semantic import SemanticEncoder
from brandgen.engine.miniature import networks, parts, pictures
from brandgen.engine.miniature.grammar import VOCABULARY
from brandgen.engine.miniature.inversion import draw_pairs
from brandgen.engine.miniature.networks import CELL_PX, SIZES, Size
from brandgen.engine.miniature.pictures import SMALL_PX, Album, Plan, keep_album
from brandgen.engine.miniature.stages.autoencoder import (
    AutoencoderLesson,
    measure_scale,
)
from brandgen.engine.miniature.stages.decoder import DecoderLesson, LatentAlbum
from brandgen.engine.miniature.stages.image import (
    Eye,
    ImageLesson,
    LikenessLesson,
    Variations,
    make_variations,
)
from brandgen.engine.miniature.stages.noise import Speaker
from brandgen.engine.miniature.stages.prior import PriorLesson, make_shelf
from brandgen.engine.miniature.stages.reader import (
    READER_FILE,
    Reader,
    ReaderLesson,
    save_reader,
    take_up_reader,
)
from brandgen.engine.miniature.stages.semantic import (
    InversionLesson,
    ReconstructionLesson,
)
from brandgen.engine.miniature.stages.text import Before, TextLesson
from brandgen.engine.miniature.tokenizer import load_tokenizer
from brandgen.engine.miniature.training import Lesson, Run, train
from brandgen.engine.vocabulary import read_vocabulary, write_vocabulary

Stage = Literal["a", "semantic", "text", "joint", "b", "c", "image", "reader"]
STAGES: tuple[Stage, ...] = get_args(Stage)

START_FILE = "start.json"
SHIPPED = Path(__file__).parent / "weights"
# Share of the whole time. Stages B and C are far from done on any CPU's budget.
TIME_SHARES: dict[Stage, float] = {
    "a": 0.08, "semantic": 0.07, "text": 0.08, "joint": 0.14, "b": 0.22, "c": 0.31,
    "image": 0.04, "reader": 0.06,
}  # fmt: skip

SIZES_LEARNED: tuple[tuple[int, int, float], ...] = (
    (6, 6, 0.25), (12, 12, 0.45), (18, 12, 0.15), (12, 18, 0.15),
)  # fmt: skip
"""Columns and rows of the image embeddings that the prior learns, and how often."""
LIKENESS_SHARE = 0.4
"""Share of the image encoder's time that costs no run of the prior."""


class CourseError(Exception):
    """A stage can't be trained yet. The message is fit to show."""


@dataclass(frozen=True)
class Amounts:
    """How much is drawn and learned at once."""

    pairs: int = 3200
    pictures: int = 12_000
    large_pictures: int = 3_000
    wide_pictures: int = 1_500
    cuts: int = 4_000
    references: int = 4_000
    large_references: int = 1_200
    prior_batch: int = 32
    decoder_batch: int = 16
    autoencoder_batch: int = 8
    text_batch: int = 96


AMOUNTS: dict[str, Amounts] = {
    "s": Amounts(),
    "m": Amounts(
        pictures=64_000,
        large_pictures=64_000,
        wide_pictures=24_000,
        cuts=24_000,
        references=12_000,
        large_references=6_000,
        prior_batch=1024,
        decoder_batch=128,
        autoencoder_batch=96,
        text_batch=768,
    ),
}


@dataclass(frozen=True)
class Course:
    """One training of the miniature, kept in one folder."""

    folder: Path
    minutes: float
    init_from: Path | None = None
    """A bundle to begin from; None begins from nothing."""
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))
    is_resumed: bool = False
    steps: int | None = None
    """Steps of each stage at most, for trying."""
    seed: int = 7
    size: Size = SIZES["s"]
    """How large what is made new is made; what a bundle has stays as it is."""
    amounts: Amounts = field(default_factory=Amounts)

    @property
    def bundle(self) -> Path:
        """Where the parts lie, each as last trained."""
        return self.folder / "bundle"

    @property
    def before(self) -> Path:
        """Where tokenizer and text encoder lie as they were before this training."""
        return self.folder / "before"

    @property
    def tokenizer(self) -> Any:
        """Load the tokenizer, which is never trained."""
        return load_tokenizer(self.part("tokenizer"))

    def album(self, plan: Plan) -> Album:
        """Draw what is learned from, or take it up."""
        return keep_album(self.folder / "drawings", plan, self.tokenizer)

    def part(self, name: str) -> Path:
        """Say where a part lies."""
        return self.bundle / name

    def mark_of(self, stage: Stage) -> Path:
        """Say where it is written that a stage is finished."""
        return self.folder / f"{stage}.finished"

    @property
    def parts_at_start(self) -> frozenset[str]:
        """Name the parts that the training began with."""
        return frozenset(read_start(self.folder)["parts"])

    @property
    def is_warm(self) -> bool:
        """Whether it goes on from a bundle that draws, with its own encoder."""
        return self.parts_at_start >= {*parts.DRAWING_PARTS, "semantic_encoder"}


def read_start(folder: Path) -> dict[str, Any]:
    """Read what was written down when a training began: its parts, its minutes.

    Raises:
        CourseError: none began in this folder.
    """
    path = folder / START_FILE
    if not path.is_file():
        raise CourseError(
            f"No training began in {folder}. Leave --resume out, or name its folder "
            "with --out."
        )
    start: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return start


def run_course(course: Course, stages: tuple[Stage, ...] = STAGES) -> None:
    """Train stages one after another; each finished one is in the bundle at once.

    Raises:
        CourseError: a stage needs a part that is not there yet.
    """
    torch.manual_seed(course.seed)
    lay_out(course)
    # An encoder that prior and decoder know must stay: B trains it on, jointly.
    stages = tuple(s for s in stages if not (s == "semantic" and course.is_warm))
    if not stages:
        raise CourseError(
            f"The semantic encoder of {course.bundle} is one that its prior and "
            "decoder know. Train it with them: --stage joint, then b and c."
        )
    total = sum(TIME_SHARES[stage] for stage in stages)
    for stage in stages:
        if course.is_resumed and course.mark_of(stage).is_file():
            continue
        course.mark_of(stage).unlink(missing_ok=True)
        minutes = course.minutes * TIME_SHARES[stage] / total
        TEACHERS[stage](course, minutes)
        course.mark_of(stage).touch()


def lay_out(course: Course) -> None:
    """Lay out the folder of a training, unless it was begun before."""
    with pictures.alone(course.folder / ".lock"):
        if course.bundle.is_dir():
            return
        source = course.init_from or SHIPPED
        names = parts.list_parts(source) if course.init_from else parts.KEPT_PARTS
        start = json.dumps({"parts": sorted(names), "minutes": course.minutes})
        (course.folder / START_FILE).write_text(start, encoding="utf-8")
        parts.lay_out_bundle(course.bundle, source, names, before=course.before)


def draw_ahead(course: Course) -> None:
    """Draw what every stage learns from, in the order in which it is needed."""
    lay_out(course)
    pairs = (plan for pair, _ in plan_references(course) for plan in pair)
    small, *larger = (plan for plan, _ in plan_sizes(course))
    for plan in (small, plan_cuts(course), *larger, *pairs):
        course.album(plan)


def plan_cuts(course: Course) -> Plan:
    """Plan what Stages A and B learn from."""
    return Plan(course.seed, course.amounts.cuts, None)


def plan_sizes(course: Course) -> list[tuple[Plan, float]]:
    """Plan what Stage C learns from, and how often; the encoder, from the first."""
    amounts = course.amounts
    counts = (amounts.pictures, amounts.large_pictures, *[amounts.wide_pictures] * 2)
    plans = []
    for index, (columns, rows, share) in enumerate(SIZES_LEARNED):
        size = (columns * CELL_PX, rows * CELL_PX)
        plans.append((Plan(course.seed + index, counts[index], size), share))
    return plans


def plan_references(course: Course) -> list[tuple[tuple[Plan, Plan], float]]:
    """Plan scenes that are drawn twice, and how often: the image encoder's lesson."""
    amounts, seed = course.amounts, course.seed + 100
    small, large = SMALL_PX, 2 * SMALL_PX
    return [
        (draw_twice(Plan(seed, amounts.references, (small, small))), 0.6),
        (draw_twice(Plan(seed + 1, amounts.large_references, (large, large))), 0.4),
    ]


def draw_twice(plan: Plan) -> tuple[Plan, Plan]:
    """Plan the same scenes by two brushes."""
    return plan, replace(plan, brush=plan.brush + 1)


def load_part(course: Course, name: str, make: Callable[[], Any] | None = None) -> Any:
    """Load a part in float32, or make it new where there is none.

    Raises:
        CourseError: it is not there and can't be made here.
    """
    folder = course.part(name)
    if folder.is_dir():
        return parts.load_network(folder, name)
    if make is None:
        raise CourseError(
            f"There is no {name} in {course.bundle} yet. Train the stages in their "
            f"order: {', '.join(STAGES)}."
        )
    return make()


def keep_part(course: Course, name: str, network: Any) -> None:
    """Put a trained part into the bundle."""
    parts.keep_network(course.bundle, name, network)


def train_stage(course: Course, lesson: Lesson, minutes: float) -> None:
    """Train one lesson with the course's settings."""
    run = Run(
        folder=course.folder,
        minutes=minutes,
        steps=course.steps,
        seed=course.seed,
        device=course.device,
        is_resumed=course.is_resumed,
    )
    train(lesson, run)


def teach_autoencoder(course: Course, minutes: float) -> None:
    """Train Stage A."""
    vqgan = load_part(course, "vqgan", lambda: networks.make_vqgan(course.size))
    has_user = "decoder" in course.parts_at_start
    lesson = AutoencoderLesson(
        vqgan,
        course.album(plan_cuts(course)).pictures,
        device=course.device,
        batch=course.amounts.autoencoder_batch,
        keeps_latents=has_user,
    )
    train_stage(course, lesson, minutes)
    if not has_user:
        vqgan.register_to_config(scale_factor=measure_scale(vqgan, course.device))
    keep_part(course, "vqgan", vqgan)


def teach_semantic(course: Course, minutes: float) -> None:
    """Train the semantic encoder, or find the one that a bundle was made with."""
    encoder = load_part(course, "semantic_encoder", SemanticEncoder)
    lesson: Lesson
    if course.parts_at_start >= set(parts.DRAWING_PARTS) and not course.is_warm:
        pairs = pictures.keep_file(
            course.folder / "pairs.pt",
            lambda: draw_pairs(
                {name: load_part(course, name) for name in parts.DRAWING_PARTS},
                course.tokenizer,
                count=course.amounts.pairs,
                seed=course.seed,
                vocabulary=read_vocabulary(course.bundle) or VOCABULARY,
            ),
        )
        lesson = InversionLesson(encoder, *pairs, device=course.device)
    else:
        plan, _ = plan_sizes(course)[0]
        lesson = ReconstructionLesson(
            encoder,
            course.album(plan).pictures,
            device=course.device,
            batch=course.amounts.prior_batch,
        )
    train_stage(course, lesson, minutes)
    keep_part(course, "semantic_encoder", encoder)


def teach_text(course: Course, minutes: float) -> None:
    """Train the text encoder."""
    tokenizer = course.tokenizer
    before = None
    if "text_encoder" in course.parts_at_start:
        before = Before(
            load_tokenizer(course.before / "tokenizer"),
            parts.load_network(course.before / "text_encoder", "text_encoder").to(
                course.device
            ),
            read_vocabulary(course.before),
        )
    encoder = load_part(
        course,
        "text_encoder",
        lambda: networks.make_text_encoder(len(tokenizer), course.size),
    )
    lesson = TextLesson(
        tokenizer,
        encoder,
        batch=course.amounts.text_batch,
        before=before,
    )
    train_stage(course, lesson, minutes)
    keep_part(course, "text_encoder", encoder)


def teach_jointly(course: Course, minutes: float) -> None:
    """Train the semantic encoder together with Stage B."""
    lesson = make_decoder_lesson(course, is_joint=True)
    train_stage(course, lesson, minutes)
    keep_part(course, "semantic_encoder", lesson.semantic_encoder)
    keep_part(course, "decoder", lesson.decoder)


def teach_decoder(course: Course, minutes: float) -> None:
    """Train Stage B."""
    lesson = make_decoder_lesson(course, is_joint=False)
    train_stage(course, lesson, minutes)
    keep_part(course, "decoder", lesson.decoder)


def make_decoder_lesson(course: Course, *, is_joint: bool) -> DecoderLesson:
    """Gather what Stage B learns from."""
    vqgan = load_part(course, "vqgan").to(course.device)
    album = course.album(plan_cuts(course))
    small, latents = pictures.keep_file(
        course.folder / "latents.pt",
        lambda: pictures.encode_pictures(vqgan, album.pictures, course.device),
    )
    return DecoderLesson(
        load_part(course, "decoder", lambda: networks.make_decoder(course.size)),
        LatentAlbum(small, latents, album.captions),
        semantic_encoder=load_part(course, "semantic_encoder"),
        speaker=make_speaker(course),
        scale_factor=vqgan.config.scale_factor,
        device=course.device,
        is_joint=is_joint,
        batch=course.amounts.decoder_batch,
    )


def teach_prior(course: Course, minutes: float) -> None:
    """Train Stage C, often at 256 px: there a picture costs a quarter."""
    encoder = load_part(course, "semantic_encoder")
    prior = networks.widen_prior(
        load_part(course, "prior", lambda: networks.make_prior(course.size))
    )
    has_eye = course.part("image_encoder").is_dir()
    eye = load_part(course, "image_encoder") if has_eye else None
    shelves = [
        make_shelf(
            course.album(plan),
            encoder,
            course.device,
            share,
            image_encoder=eye,
            image_width=prior.config.clip_image_in_channels,
        )
        for plan, share in plan_sizes(course)
    ]
    lesson = PriorLesson(
        prior,
        shelves,
        speaker=make_speaker(course),
        device=course.device,
        batch=course.amounts.prior_batch,
    )
    train_stage(course, lesson, minutes)
    keep_part(course, "prior", prior)
    write_vocabulary(course.bundle, VOCABULARY)


def teach_image(course: Course, minutes: float) -> None:
    """Train the image encoder: first to match captions, then through the prior."""
    prior = load_part(course, "prior")
    is_new = not course.part("image_encoder").is_dir()
    eye = Eye(load_part(course, "image_encoder", networks.make_image_encoder), prior)
    if is_new:
        eye.start()
    settings: dict[str, Any] = {
        "shelves": draw_references(course),
        "speaker": make_speaker(course),
        "device": course.device,
    }
    amounts = course.amounts
    likeness = LikenessLesson(eye, prior, batch=2 * amounts.prior_batch, **settings)
    train_stage(course, likeness, minutes * LIKENESS_SHARE)
    lesson = ImageLesson(eye, prior, batch=amounts.prior_batch, **settings)
    train_stage(course, lesson, minutes * (1 - LIKENESS_SHARE))
    keep_part(course, "image_encoder", eye.image_encoder)
    keep_part(course, "prior", prior)


def draw_references(course: Course) -> list[Variations]:
    """Draw scenes twice each, at both sizes that the image encoder's lesson uses."""
    encoder = load_part(course, "semantic_encoder")
    return [
        make_variations([course.album(p) for p in pair], encoder, course.device, share)
        for pair, share in plan_references(course)
    ]


def make_speaker(course: Course) -> Speaker:
    """Make what says captions in embeddings, as the text encoder was trained."""
    encoder = load_part(course, "text_encoder")
    return Speaker(course.tokenizer, encoder, course.device)


def teach_reader(course: Course, minutes: float) -> None:
    """Train the reader, which is no part of the model but measures it."""
    reader = Reader()
    if "reader" in course.parts_at_start:
        take_up_reader(reader, course.part("reader") / READER_FILE)
    batch = course.amounts.text_batch * 2 // 3
    train_stage(course, ReaderLesson(reader, batch=batch), minutes)
    save_reader(reader, course.part("reader") / READER_FILE)


TEACHERS: dict[Stage, Callable[[Course, float], None]] = {
    "a": teach_autoencoder,
    "semantic": teach_semantic,
    "text": teach_text,
    "joint": teach_jointly,
    "b": teach_decoder,
    "c": teach_prior,
    "image": teach_image,
    "reader": teach_reader,
}
