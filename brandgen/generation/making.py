"""Asks an engine for what the rows say: for workers and for `reproduce` alike.

Every request is made here from a generation and its kept inputs, so that an image can
be made again by the way it was made.
"""

import io
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from PIL import Image

from brandgen.engine.canvas import compose
from brandgen.engine.edits import DETAIL_STRENGTH
from brandgen.engine.errors import WeightsError
from brandgen.engine.protocol import Engine, OnStep, PriorResult, ignore_step
from brandgen.engine.requests import (
    TUNED_TIMESTEPS,
    Adapter,
    Control,
    DecoderRequest,
    EncodeRequest,
    Mask,
    PaletteColor,
    PaletteGoal,
    Pixels,
    PriorRequest,
    Reference,
    Start,
    TextBox,
)
from brandgen.engine.results import ResultError, check_pixels, check_prior_result
from brandgen.generation.inputs import (
    AdapterInput,
    Inputs,
    PaletteInput,
    SourceInput,
)
from brandgen.generation.models import Decoding, Generation
from brandgen.lib.colors import parse_hex
from brandgen.lib.storage import get_store
from brandgen.model_registry.adapters import Adapters, AdapterUnavailableError


def make_candidate(
    engine: Engine, generation: Generation, seed: int, *, on_step: OnStep = ignore_step
) -> PriorResult:
    """Sample the image embeddings of one seed, or encode the picture to be decoded.

    Raises:
        EngineError: the engine can't do it, or gives back what is no result.
        StorageError: a picture can't be read.
    """
    return make_candidates(engine, generation, [seed], on_step=on_step)[0]


def make_candidates(
    engine: Engine,
    generation: Generation,
    seeds: Sequence[int],
    *,
    on_step: OnStep = ignore_step,
) -> list[PriorResult]:
    """Do so for several seeds, in one run of the prior.

    Raises:
        EngineError: the engine can't do it, or gives back what is no result.
        StorageError: a picture can't be read.
    """
    results = _run_prior(engine, generation, seeds, on_step)
    identity = engine.identity()
    if len(results) != len(seeds):
        raise ResultError(
            f"{identity.name} gave back {len(results)} results for {len(seeds)} seeds. "
            "Report this to whoever wrote the engine."
        )
    for result in results:
        check_prior_result(result, identity)
    return results


def _run_prior(
    engine: Engine, generation: Generation, seeds: Sequence[int], on_step: OnStep
) -> list[PriorResult]:
    inputs = generation.read_inputs()
    source = inputs.source
    if generation.is_without_prior and source is not None and not source.control:
        request = EncodeRequest(
            pixels=read_pixels(source.pixels_sha256),
            width_px=generation.width_px,
            height_px=generation.height_px,
            prompt=generation.prompt,
            negative_prompt=generation.negative_prompt,
        )
        return [engine.encode_image(request) for _ in seeds]
    family = engine.identity().family
    first = prior_request(generation, seeds[0], inputs=inputs, family=family)
    if len(seeds) == 1:
        return [engine.run_prior(first, on_step=on_step)]
    requests = [replace(first, seed=seed) for seed in seeds]
    return engine.run_prior_batch(requests, on_step=on_step)


def make_pixels(
    engine: Engine,
    decoding: Decoding,
    embeddings: bytes,
    *,
    on_step: OnStep = ignore_step,
) -> Pixels:
    """Decode image embeddings; outside a mask every pixel is that of the source.

    Raises:
        EngineError: the engine can't do it, or gives back what is no picture.
        StorageError: a picture can't be read.
    """
    source = decoding.candidate.generation.read_inputs().source
    pixels = engine.run_decoder(
        decoder_request(decoding, embeddings, source), on_step=on_step
    )
    check_pixels(pixels, engine.identity())
    if source is None or not source.mask_sha256:
        return pixels
    # The engine has composed them already; an engine of one's own may not have.
    mask = read_mask(source.mask_sha256)
    return compose(read_pixels(source.pixels_sha256), pixels, mask)


def prior_request(
    generation: Generation, seed: int, *, inputs: Inputs, family: str
) -> PriorRequest:
    """Say what the engine is asked for one candidate; reads pictures from storage.

    Raises:
        StorageError: a picture is missing or damaged.
        WeightsError: an adapter is not there.
    """
    is_tuned = generation.schedule == Generation.Schedule.TUNED
    return PriorRequest(
        prompt=generation.prompt,
        negative_prompt=generation.negative_prompt,
        seed=seed,
        width_px=generation.width_px,
        height_px=generation.height_px,
        steps=generation.prior_steps,
        guidance_scale=generation.prior_guidance_scale,
        guidance_until=generation.guidance_until,
        timesteps=TUNED_TIMESTEPS if is_tuned else (),
        references=tuple(
            Reference(read_pixels(each.sha256), each.weight)
            for each in inputs.references
        ),
        start=_start(inputs.source, family),
        control=_control(inputs.source),
        palette=_palette(inputs.palette),
        text_boxes=tuple(
            TextBox(
                left=box.left,
                top=box.top,
                right=box.right,
                bottom=box.bottom,
                text_color=parse_hex(box.text_color),
                contrast=box.contrast,
                other_color=parse_hex(box.other_color) if box.other_color else None,
            )
            for box in inputs.text_boxes
        ),
        adapters=tuple(_adapter(each) for each in inputs.adapters),
    )


def decoder_request(
    decoding: Decoding, embeddings: bytes, source: SourceInput | None
) -> DecoderRequest:
    """Say what the engine is asked for one image; reads pictures from storage.

    Raises:
        StorageError: a picture is missing or damaged.
    """
    start = None
    operation = decoding.candidate.generation.operation
    if source is not None and source.mask_sha256:
        mask = read_mask(source.mask_sha256)
        start = Start(read_pixels(source.pixels_sha256), 1.0, mask)
    elif source is not None and operation == Generation.Operation.UPSCALE:
        start = Start(read_pixels(source.pixels_sha256), DETAIL_STRENGTH)
    return DecoderRequest(
        embeddings=embeddings,
        seed=decoding.seed,
        steps=decoding.steps,
        guidance_scale=decoding.guidance_scale,
        start=start,
    )


def _start(source: SourceInput | None, family: str) -> Start | None:
    if source is None or source.control == "super_resolution":
        return None
    if source.embeddings_sha256 and source.family == family:
        return Start(get_store().read(source.embeddings_sha256), source.strength)
    mask = read_mask(source.mask_sha256) if source.mask_sha256 else None
    return Start(read_pixels(source.pixels_sha256), source.strength, mask)


def _control(source: SourceInput | None) -> Control | None:
    if source is None or not source.control:
        return None
    mask = read_mask(source.mask_sha256) if source.mask_sha256 else None
    return Control(source.control, read_pixels(source.pixels_sha256), mask)


def _palette(palette: PaletteInput | None) -> PaletteGoal | None:
    if palette is None:
        return None
    colors = (
        PaletteColor(*parse_hex(color.hex), share=color.share)
        for color in palette.colors
    )
    return PaletteGoal(tuple(colors), palette.strength)


def _adapter(kept: AdapterInput) -> Adapter:
    """Name an adapter's file; the engine proves that it is the one of then."""
    try:
        path = Adapters().find_file(sha256=kept.sha256, key=kept.key or kept.name)
    except AdapterUnavailableError as error:
        raise WeightsError(str(error)) from error
    return Adapter(path, kept.scale, kept.sha256)


def read_pixels(sha256: str) -> Pixels:
    """Read a picture of our own as RGB; what is transparent lies on white.

    Raises:
        StorageError: it is missing or damaged.
    """
    with Image.open(io.BytesIO(get_store().read(sha256))) as image:
        if not image.has_transparency_data:
            return np.asarray(image.convert("RGB"))
        white = Image.new("RGBA", image.size, "white")
        flat = Image.alpha_composite(white, image.convert("RGBA"))
        return np.asarray(flat.convert("RGB"))


def read_mask(sha256: str) -> Mask:
    """Read a mask, 255 where the picture is made anew.

    Raises:
        StorageError: it is missing or damaged.
    """
    with Image.open(io.BytesIO(get_store().read(sha256))) as image:
        return np.asarray(image.convert("L"))
