"""Trains the stages of the miniature in their order, into one bundle."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

import torch
from diffusers import StableCascadeUNet
from diffusers.pipelines.deprecated.wuerstchen.modeling_paella_vq_model import (
    PaellaVQModel,
)
from transformers import CLIPTextModelWithProjection, CLIPVisionModelWithProjection

from brandgen.engine.cascade.semantic import SemanticEncoder, load_own_encoder
from brandgen.engine.miniature import networks, pictures
from brandgen.engine.miniature.inversion import draw_pairs
from brandgen.engine.miniature.stages.autoencoder import (
    AutoencoderLesson,
    measure_scale,
)
from brandgen.engine.miniature.stages.decoder import DecoderLesson
from brandgen.engine.miniature.stages.image import (
    Eye,
    ImageLesson,
    LikenessLesson,
    Variations,
    make_variations,
)
from brandgen.engine.miniature.stages.prior import PriorLesson, make_shelf
from brandgen.engine.miniature.stages.reader import (
    Reader,
    ReaderLesson,
    save_reader,
)
from brandgen.engine.miniature.stages.semantic import (
    InversionLesson,
    ReconstructionLesson,
)
from brandgen.engine.miniature.stages.text import TextLesson
from brandgen.engine.miniature.tokenizer import load_tokenizer
from brandgen.engine.miniature.training import Lesson, Run, train

Stage = Literal["a", "semantic", "text", "joint", "b", "c", "image", "reader"]
STAGES: tuple[Stage, ...] = get_args(Stage)

SHIPPED = Path(__file__).parent / "weights"
KEPT_PARTS = ("tokenizer", "scheduler")
"""Parts that are never trained."""

# Share of the whole time. Stages B and C are far from done on any CPU's budget.
TIME_SHARES: dict[Stage, float] = {
    "a": 0.10, "semantic": 0.07, "text": 0.06, "joint": 0.16, "b": 0.23, "c": 0.31,
    "image": 0.04, "reader": 0.03,
}  # fmt: skip

LIKENESS_SHARE = 0.4
"""Share of the image encoder's time that costs no run of the prior."""

LOADERS: dict[str, tuple[Any, str]] = {
    "vqgan": (PaellaVQModel, "torch_dtype"),
    "decoder": (StableCascadeUNet, "torch_dtype"),
    "prior": (StableCascadeUNet, "torch_dtype"),
    "text_encoder": (CLIPTextModelWithProjection, "dtype"),
    "image_encoder": (CLIPVisionModelWithProjection, "dtype"),
}
DRAWING_PARTS = ("vqgan", "decoder", "prior", "text_encoder")
"""Parts that together draw a picture of a caption."""


class CourseError(Exception):
    """A stage can't be trained yet. The message is fit to show."""


@dataclass(frozen=True)
class Amounts:
    """How much is drawn and learned at once."""

    pairs: int = 3200
    pictures: int = 12_000
    large_pictures: int = 3_000
    wide_pictures: int = 1_500
    latents: int = 4_000
    references: int = 4_000
    large_references: int = 1_200
    prior_batch: int = 32
    decoder_batch: int = 16
    text_batch: int = 96


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
    amounts: Amounts = field(default_factory=Amounts)

    @property
    def bundle(self) -> Path:
        """Where the parts lie, each as last trained."""
        return self.folder / "bundle"

    def part(self, name: str) -> Path:
        """Say where a part lies."""
        return self.bundle / name


def run_course(course: Course, stages: tuple[Stage, ...] = STAGES) -> None:
    """Train stages one after another; each finished one is in the bundle at once.

    Raises:
        CourseError: a stage needs a part that is not there yet.
    """
    torch.manual_seed(course.seed)
    prepare_bundle(course)
    total = sum(TIME_SHARES[stage] for stage in stages)
    for stage in stages:
        minutes = course.minutes * TIME_SHARES[stage] / total
        TEACHERS[stage](course, minutes)


def prepare_bundle(course: Course) -> None:
    """Lay out the bundle: the parts to begin from, or only those never trained."""
    if course.bundle.is_dir():
        return
    source = course.init_from or SHIPPED
    unfinished = course.folder / "bundle.part"
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    for part in sorted(path for path in source.iterdir() if path.is_dir()):
        if course.init_from or part.name in KEPT_PARTS:
            shutil.copytree(part, unfinished / part.name)
    unfinished.rename(course.bundle)


def load_part(course: Course, name: str, make: Callable[[], Any] | None = None) -> Any:
    """Load a part in float32, or make it new where there is none.

    Raises:
        CourseError: it is not there and can't be made here.
    """
    folder = course.part(name)
    if folder.is_dir():
        if name == "semantic_encoder":
            return load_own_encoder(folder)
        loader, dtype = LOADERS[name]
        model = loader.from_pretrained(
            folder, local_files_only=True, **{dtype: torch.float32}
        )
        return model.eval().requires_grad_(requires_grad=False)
    if make is None:
        raise CourseError(
            f"There is no {name} in {course.bundle} yet. Train the stages in their "
            f"order: {', '.join(STAGES)}."
        )
    return make()


def keep_part(course: Course, name: str, network: Any) -> None:
    """Put a trained part into the bundle as float16, in one move."""
    unfinished = course.bundle / f".{name}"
    shutil.rmtree(unfinished, ignore_errors=True)
    if name == "semantic_encoder":
        networks.save_semantic_encoder(network, unfinished)
    else:
        network.to("cpu").half().save_pretrained(unfinished)
    if name == "image_encoder":
        networks.make_image_processor().save_pretrained(unfinished)
    shutil.rmtree(course.part(name), ignore_errors=True)
    unfinished.rename(course.part(name))


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
    vqgan = load_part(course, "vqgan", networks.make_vqgan)
    batch = min(8, course.amounts.decoder_batch)
    lesson = AutoencoderLesson(vqgan, device=course.device, batch=batch)
    train_stage(course, lesson, minutes)
    vqgan.register_to_config(scale_factor=measure_scale(vqgan, course.device))
    keep_part(course, "vqgan", vqgan)


def teach_semantic(course: Course, minutes: float) -> None:
    """Train the semantic encoder, or find the one that a bundle was made with."""
    encoder = load_part(course, "semantic_encoder", SemanticEncoder)
    has_users = course.part("prior").is_dir() and course.part("decoder").is_dir()
    lesson: Lesson
    if has_users and not course.part("semantic_encoder").is_dir():
        pairs = pictures.keep_file(
            course.folder / "pairs.pt",
            lambda: draw_pairs(
                {name: load_part(course, name) for name in DRAWING_PARTS},
                load_tokenizer(course.part("tokenizer")),
                count=course.amounts.pairs,
                seed=course.seed,
            ),
        )
        lesson = InversionLesson(encoder, *pairs)
    else:
        album = pictures.keep_album(
            course.folder, course.seed, course.amounts.pictures, 6, 6
        )
        lesson = ReconstructionLesson(encoder, album.pictures)
    train_stage(course, lesson, minutes)
    keep_part(course, "semantic_encoder", encoder)


def teach_text(course: Course, minutes: float) -> None:
    """Train the text encoder."""
    tokenizer = load_tokenizer(course.part("tokenizer"))
    is_new = not course.part("text_encoder").is_dir()
    encoder = load_part(
        course, "text_encoder", lambda: networks.make_text_encoder(len(tokenizer))
    )
    lesson = TextLesson(
        tokenizer,
        encoder,
        batch=course.amounts.text_batch,
        anchor=0.0 if is_new else 0.3,
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
    seed, count = course.seed, course.amounts.latents
    small, latents = pictures.keep_file(
        course.folder / "latents.pt",
        lambda: pictures.draw_latents(vqgan, seed, count, course.device),
    )
    album = pictures.LatentAlbum(pictures.sample_scenes(seed, count), small, latents)
    return DecoderLesson(
        load_part(course, "decoder", networks.make_decoder),
        album,
        semantic_encoder=load_part(course, "semantic_encoder"),
        tokenizer=load_tokenizer(course.part("tokenizer")),
        text_encoder=load_part(course, "text_encoder"),
        scale_factor=vqgan.config.scale_factor,
        device=course.device,
        is_joint=is_joint,
        batch=course.amounts.decoder_batch,
    )


def teach_prior(course: Course, minutes: float) -> None:
    """Train Stage C, often at 256 px: there a picture costs a quarter."""
    encoder = load_part(course, "semantic_encoder")
    prior = networks.widen_prior(load_part(course, "prior", networks.make_prior))
    has_eye = course.part("image_encoder").is_dir()
    eye = load_part(course, "image_encoder") if has_eye else None
    amounts, seed = course.amounts, course.seed
    plan = (
        (amounts.pictures, 6, 6, 0.35),
        (amounts.large_pictures, 12, 12, 0.35),
        (amounts.wide_pictures, 12, 18, 0.15),
        (amounts.wide_pictures, 18, 12, 0.15),
    )
    shelves = [
        make_shelf(
            pictures.keep_album(course.folder, seed + index, count, rows, columns),
            encoder,
            course.device,
            share,
            image_encoder=eye,
            image_width=prior.config.clip_image_in_channels,
        )
        for index, (count, rows, columns, share) in enumerate(plan)
    ]
    lesson = PriorLesson(
        prior,
        shelves,
        tokenizer=load_tokenizer(course.part("tokenizer")),
        text_encoder=load_part(course, "text_encoder"),
        device=course.device,
        batch=amounts.prior_batch,
    )
    train_stage(course, lesson, minutes)
    keep_part(course, "prior", prior)


def teach_image(course: Course, minutes: float) -> None:
    """Train the image encoder: first to match captions, then through the prior."""
    prior = load_part(course, "prior")
    is_new = not course.part("image_encoder").is_dir()
    eye = Eye(load_part(course, "image_encoder", networks.make_image_encoder), prior)
    if is_new:
        eye.start()
    settings: dict[str, Any] = {
        "shelves": draw_references(course),
        "tokenizer": load_tokenizer(course.part("tokenizer")),
        "text_encoder": load_part(course, "text_encoder"),
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
    encoder, amounts = load_part(course, "semantic_encoder"), course.amounts
    plan = ((amounts.references, 6, 0.6), (amounts.large_references, 12, 0.4))
    shelves = []
    for index, (count, cells, share) in enumerate(plan):
        seed = course.seed + 100 + index
        twice = [
            pictures.draw_album(seed, count, cells, cells, seed + drawing)
            for drawing in (1, 2)
        ]
        shelves.append(make_variations(twice, encoder, course.device, share))
    return shelves


def teach_reader(course: Course, minutes: float) -> None:
    """Train the reader, which is no part of the model but measures it."""
    reader = Reader()
    batch = course.amounts.text_batch * 2 // 3
    train_stage(course, ReaderLesson(reader, batch=batch), minutes)
    save_reader(reader, course.part("reader") / "model.safetensors")


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
