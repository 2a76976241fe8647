"""Trains the stages of the miniature in their order, into one bundle."""

from collections.abc import Callable
from typing import Any

import torch

from brandgen.engine.cascade.semantic import SemanticEncoder
from brandgen.engine.miniature import networks, parts, pictures
from brandgen.engine.miniature.course import (
    STAGES,
    Course,
    CourseError,
    Stage,
    keep_part,
    lay_out,
    load_part,
)
from brandgen.engine.miniature.grammar import VOCABULARY
from brandgen.engine.miniature.inversion import draw_pairs
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

# Share of the whole time. Stages B and C are far from done on any CPU's budget.
TIME_SHARES: dict[Stage, float] = {
    "a": 0.08, "semantic": 0.07, "text": 0.08, "joint": 0.14, "b": 0.22, "c": 0.31,
    "image": 0.04, "reader": 0.06,
}  # fmt: skip

LIKENESS_SHARE = 0.4
"""Share of the image encoder's time that costs no run of the prior."""


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
        course.album(course.plans.cuts).pictures,
        device=course.device,
        batch=course.amounts.autoencoder_batch,
        keeps_latents=has_user,
    )
    train_stage(course, lesson, minutes)
    if not has_user:
        # They are those of the Stage A before.
        course.latents.unlink(missing_ok=True)
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
        plan, _ = course.plans.sizes[0]
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
    album = course.album(course.plans.cuts)
    small, latents = pictures.keep_file(
        course.latents,
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
            plan.sample_scenes(),
            encoder,
            course.device,
            share,
            image_encoder=eye,
            image_width=prior.config.clip_image_in_channels,
        )
        for plan, share in course.plans.sizes
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
        for pair, share in course.plans.references
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
