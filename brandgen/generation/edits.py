"""What people ask to be made from a picture that exists: each answer is a sheet."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db import transaction

from brandgen.accounts.models import User
from brandgen.audit import models as audit
from brandgen.engine.canvas import extend
from brandgen.engine.edits import (
    CONTROLLED_GUIDANCE,
    check_extension,
    find_enlarged_fit,
)
from brandgen.engine.framing import Fit, cut, find_fit
from brandgen.engine.requests import Mask
from brandgen.generation import pictures
from brandgen.generation.inputs import Inputs, SourceInput
from brandgen.generation.models import Decoding, Generation
from brandgen.generation.queues import queue_prior
from brandgen.generation.services import check_length, check_seeds
from brandgen.library.models import Asset
from brandgen.model_registry.abilities import find_control
from brandgen.presets.engine_settings import EngineSettings
from brandgen.presets.models import PresetVersion
from brandgen.presets.services import finish_line, get_kit
from brandgen.safety.services import require_allowed_prompt

Operation = Generation.Operation

FIRST_SEEDS = 900_000


@dataclass(frozen=True)
class Ground:
    """What an edit of a picture starts from: how that picture was made."""

    asset: Asset
    prompt: str = ""
    negative_prompt: str = ""
    preset_version: PresetVersion | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    settings: EngineSettings = field(default_factory=EngineSettings)
    decoding: Decoding | None = None

    @property
    def fit(self) -> Fit:
        """How the picture is brought to sides that the model draws."""
        return find_fit(self.asset.width_px, self.asset.height_px)


def find_ground(asset: Asset) -> Ground:
    """Return how a picture was made; the usual settings where no generation made it."""
    decoding = (
        asset.decodings.select_related(
            "candidate__generation__preset_version__preset",
            "candidate__generation__source",
        )
        .order_by("requested_at")
        .first()
    )
    if decoding is None:
        return Ground(asset)
    generation = decoding.candidate.generation
    settings = EngineSettings(
        width_px=generation.width_px,
        height_px=generation.height_px,
        prior_steps=generation.prior_steps,
        prior_guidance_scale=generation.prior_guidance_scale,
        guidance_until=generation.guidance_until,
        schedule=generation.schedule,
        decoder_steps=decoding.steps,
        decoder_guidance_scale=decoding.guidance_scale,
    )
    return Ground(
        asset,
        prompt=generation.prompt,
        negative_prompt=generation.negative_prompt,
        preset_version=generation.preset_version,
        values=generation.values,
        settings=settings,
        decoding=decoding,
    )


def request_variation(
    *, asset: Asset, strength: float, count: int, requested_by: User, at: datetime
) -> Generation:
    """Queue pictures like one: its layout is kept the more, the lower the strength.

    Raises:
        Those of `request_edit`.
    """
    ground = find_ground(asset)
    embeddings_sha256, family = _embeddings_of(ground)
    source = SourceInput(
        _keep_cut(ground),
        strength,
        embeddings_sha256=embeddings_sha256,
        family=family,
    )
    return request_edit(
        ground=ground,
        operation=Operation.VARY,
        prompt=ground.prompt,
        count=count,
        size_px=ground.fit.size,
        source=source,
        requested_by=requested_by,
        at=at,
    )


def request_change(
    *,
    asset: Asset,
    mask: Mask,
    prompt: str,
    count: int,
    requested_by: User,
    at: datetime,
) -> Generation:
    """Queue pictures that differ from one inside a mask, and nowhere else.

    Raises:
        MaskError: nothing is marked, or the mask has another size.
        Those of `request_edit`.
    """
    ground = find_ground(asset)
    width_px, height_px = ground.fit.size
    if mask.shape != (height_px, width_px):
        raise pictures.MaskError(
            f"The marked area is {mask.shape[1]} × {mask.shape[0]} px and the picture "
            f"{width_px} × {height_px} px. Mark it again."
        )
    if not mask.any():
        raise pictures.MaskError(
            "Nothing is marked. Draw on the picture what should be made anew."
        )
    source = SourceInput(
        _keep_cut(ground),
        1.0,
        mask_sha256=pictures.keep_pixels(mask),
        control=find_control(has_mask=True),
    )
    return request_edit(
        ground=ground,
        operation=Operation.INPAINT,
        prompt=prompt,
        count=count,
        size_px=ground.fit.size,
        source=source,
        requested_by=requested_by,
        at=at,
    )


def request_extension(
    *,
    asset: Asset,
    sides: Mapping[str, int],
    prompt: str,
    count: int,
    requested_by: User,
    at: datetime,
) -> Generation:
    """Queue pictures that show more of one: by so many px on each side, by name.

    Raises:
        ExtensionError: nothing is added, or the result would be too large.
        Those of `request_edit`.
    """
    ground = find_ground(asset)
    size = check_extension(ground.fit, sides)
    pixels = cut(pictures.read_asset(asset), ground.fit)
    canvas = extend(
        pixels,
        left_px=sides["left"],
        right_px=sides["right"],
        top_px=sides["top"],
        bottom_px=sides["bottom"],
        feather_px=0,  # what is there keeps every pixel
    )
    source = SourceInput(
        pictures.keep_pixels(canvas.pixels),
        1.0,
        mask_sha256=pictures.keep_pixels(canvas.mask),
        control=find_control(has_mask=True),
        left_px=sides["left"],
        top_px=sides["top"],
        right_px=sides["right"],
        bottom_px=sides["bottom"],
    )
    return request_edit(
        ground=ground,
        operation=Operation.OUTPAINT,
        prompt=prompt,
        count=count,
        size_px=size,
        source=source,
        requested_by=requested_by,
        at=at,
    )


def request_enlargement(
    *, asset: Asset, factor: float, requested_by: User, at: datetime
) -> Generation:
    """Queue one larger copy of a picture, with details drawn by the decoder.

    Raises:
        ExtensionError: no such factor, or the result would be too large.
        Those of `request_edit`.
    """
    ground = find_ground(asset)
    fit = find_enlarged_fit(asset.width_px, asset.height_px, factor)
    pixels = cut(pictures.read_asset(asset), fit)
    if control := find_control(factor=factor):
        settings = replace(ground.settings, prior_guidance_scale=CONTROLLED_GUIDANCE)
        ground = replace(ground, settings=settings)
    return request_edit(
        ground=ground,
        operation=Operation.UPSCALE,
        prompt=ground.prompt,
        count=1,
        size_px=fit.size,
        source=SourceInput(pictures.keep_pixels(pixels), control=control),
        requested_by=requested_by,
        at=at,
    )


def request_fidelity_test(
    *, asset: Asset, requested_by: User, at: datetime
) -> Generation:
    """Queue one copy of a picture as the model's decoder would draw it.

    Raises:
        Those of `request_edit`.
    """
    ground = find_ground(asset)
    return request_edit(
        ground=ground,
        operation=Operation.RECONSTRUCT,
        prompt=ground.prompt,
        count=1,
        size_px=ground.fit.size,
        source=SourceInput(_keep_cut(ground)),
        requested_by=requested_by,
        at=at,
    )


def request_edit(
    *,
    ground: Ground,
    operation: Generation.Operation,
    prompt: str,
    count: int,
    size_px: tuple[int, int],
    source: SourceInput,
    requested_by: User,
    at: datetime,
) -> Generation:
    """Record a request for pictures made from one, and queue its contact sheet.

    Raises:
        SeedsError: none, or too many at once.
        NoBrandKitError: the brand has published no kit.
        BannedTermError, PromptTooLongError, InvalidRequestError: the words can't be
            used.
        PromptRefusedError, SafetyFilterError: the installation's filter says no, or
            can't be asked.
        StorageError: a picture can't be read or kept.
        TooManyJobsError: the brand's queue is full.
    """
    first = secrets.randbelow(FIRST_SEEDS) + 100_000
    seeds = [first + n for n in range(count)]
    settings = replace(ground.settings, width_px=size_px[0], height_px=size_px[1])
    request = {
        "asset_id": str(ground.asset.id),
        "operation": str(operation),
        "prompt": prompt,
        "negative_prompt": ground.negative_prompt,
        "preset_version": ground.preset_version and ground.preset_version.id,
        "values": dict(ground.values),
        "settings": settings.sampling(),
        "seeds": seeds,
        "source": asdict(source),
    }
    return request_again(request, requested_by=requested_by, at=at)


def request_again(
    request: Mapping[str, Any], *, requested_by: User, at: datetime
) -> Generation:
    """Record an edit from the plain data that says all of it; see `request_edit`."""
    asset = Asset.objects.select_related("brand").get(id=request["asset_id"])
    seeds: Sequence[int] = request["seeds"]
    check_seeds(seeds)
    kit = get_kit(asset.brand)
    finished = finish_line(
        prompt=request["prompt"], negative_prompt=request["negative_prompt"], kit=kit
    )
    check_length(finished)
    if finished.prompt.text:
        require_allowed_prompt(
            brand=asset.brand,
            prompt=finished.prompt.text,
            request=dict(request),
            by=requested_by,
            at=at,
        )
    operation = Operation(request["operation"])
    with transaction.atomic():
        generation = Generation.objects.create(
            brand=asset.brand,
            brand_kit=kit,
            operation=operation,
            source=asset,
            inputs=Inputs(source=SourceInput(**request["source"])).as_json(),
            preset_version_id=request["preset_version"],
            values=dict(request["values"]),
            prompt=finished.prompt.text,
            negative_prompt=finished.negative_prompt.text,
            seeds=list(seeds),
            is_decoding_all=operation in Generation.WITHOUT_PRIOR,
            requested_by=requested_by,
            requested_at=at,
            **request["settings"],
        )
        queue_prior(generation=generation, requested_by=requested_by, at=at)
        audit.record(
            requested_by,
            "generation.requested",
            generation,
            at=at,
            data={
                "operation": str(operation),
                "source": str(asset.id),
                "prompt": generation.prompt,
                "seeds": generation.seeds,
            },
        )
    return generation


def _keep_cut(ground: Ground) -> str:
    """Keep the picture at sides that the model draws; return its hash."""
    pixels = pictures.read_asset(ground.asset)
    return pictures.keep_pixels(cut(pixels, ground.fit))


def _embeddings_of(ground: Ground) -> tuple[str, str]:
    """Name the image embeddings that say all of a picture, and their family."""
    if ground.decoding is None:
        return "", ""
    candidate = ground.decoding.candidate
    inputs = candidate.generation.read_inputs()
    is_mixed = inputs.source is not None and bool(inputs.source.mask_sha256)
    size = (candidate.generation.width_px, candidate.generation.height_px)
    if is_mixed or size != ground.fit.size:
        return "", ""
    family = str(candidate.model_identity.get("family", ""))
    return candidate.embeddings_sha256, family
