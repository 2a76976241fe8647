"""What a worker does: sketch a contact sheet, finish an image."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from time import monotonic
from typing import Any

from django.conf import settings
from django.utils import timezone

from brandgen.engine.errors import (
    DeviceMemoryError,
    EngineError,
    InvalidRequestError,
    NonFiniteError,
    PrecisionError,
    WeightsError,
)
from brandgen.engine.protocol import (
    Engine,
    ModelIdentity,
    OnStep,
    PriorResult,
    Step,
)
from brandgen.engine.requests import Pixels
from brandgen.engine.results import ResultError
from brandgen.generation.engines import get_engine
from brandgen.generation.extensions import find_focal
from brandgen.generation.files import encode_preview, finish_image
from brandgen.generation.inputs import InputsError
from brandgen.generation.making import make_candidates, make_pixels
from brandgen.generation.models import (
    Candidate,
    Decoding,
    Generation,
    SamplingPreview,
)
from brandgen.generation.origins import find_parents, rights_of, source_type_of
from brandgen.generation.queues import queue_decoding
from brandgen.jobs.lease import JobFailedError, Lease
from brandgen.jobs.services import TooManyJobsError
from brandgen.lib.storage import get_store
from brandgen.library.models import Asset
from brandgen.library.services import keep_asset
from brandgen.safety.services import ImageRefusedError, require_allowed_image

logger = logging.getLogger(__name__)

FOR_GOOD = (
    InputsError,
    InvalidRequestError,
    NonFiniteError,
    PrecisionError,
    ResultError,
    WeightsError,
)
"""What comes again however often the same is asked."""

SHOW_EVERY_S = 1.0
"""Previews are written at most this often: each is a commit with a disk flush."""


def run_prior(lease: Lease, *, engine: Engine | None = None) -> None:
    """Sample the image embeddings of one generation and keep them. Safe to run twice.

    Candidates are kept as they arrive, so a killed worker loses ENGINE_BATCH at most.

    Raises:
        JobFailedError: the engine can never do this.
        JobCancelledError, LostLeaseError: this worker must stop.
    """
    engine = engine or _open_engine()
    generation = Generation.objects.select_related(
        "brand", "preset_version__preset", "requested_by", "source"
    ).get(id=lease.subject_id)
    lost: dict[int, NonFiniteError] = {}
    waiting = generation.missing_positions()
    at_once: int = settings.ENGINE_BATCH
    while waiting:
        batch = waiting[:at_once]
        try:
            _sketch(lease, engine, generation, batch, len(waiting))
        except (DeviceMemoryError, NonFiniteError) as error:
            if len(batch) > 1:  # fewer at once may fit, and show which seed it was
                at_once = len(batch) // 2
                logger.warning(
                    "Sketching %d at once after %d: %s", at_once, len(batch), error
                )
                continue
            if isinstance(error, DeviceMemoryError):
                raise
            lost[generation.seeds[batch[0]]] = error  # another seed may well do
        waiting = waiting[len(batch) :]
    if lost:
        raise JobFailedError(_say_lost(lost)) from next(iter(lost.values()))


def _sketch(
    lease: Lease,
    engine: Engine,
    generation: Generation,
    positions: Sequence[int],
    waiting: int,
) -> None:
    """Sample some candidates at once, of all that wait, and keep them.

    Raises:
        DeviceMemoryError, NonFiniteError: at least one of them can't be made so.
        JobFailedError: the engine can never do this.
    """
    seeds = [generation.seeds[position] for position in positions]
    started = monotonic()
    try:
        results = make_candidates(
            engine,
            generation,
            seeds,
            on_step=_show_sampling(lease, generation, positions, waiting),
        )
    except NonFiniteError:
        raise
    except FOR_GOOD as error:
        raise JobFailedError(str(error)) from error
    prior_s = (monotonic() - started) / len(positions)
    identity = as_json(engine.identity())
    if len(seeds) > 1:
        identity["batch_seeds"] = seeds
    for position, result in zip(positions, results, strict=True):
        _keep_candidate(
            lease, generation, position, result, identity=identity, prior_s=prior_s
        )


def run_decoder(lease: Lease, *, engine: Engine | None = None) -> None:
    """Make one image of kept embeddings and keep it as an asset. Safe to run twice.

    Raises:
        JobFailedError: the engine can never do this, or a filter refuses the image.
        JobCancelledError, LostLeaseError: this worker must stop.
        SafetyFilterError: the filter can't be asked.
        StorageError: a file can't be read or kept.
    """
    engine = engine or _open_engine()
    decoding = Decoding.objects.select_related(
        "candidate__generation__brand",
        "candidate__generation__brand_kit",
        "candidate__generation__preset_version__preset",
        "candidate__generation__source",
        "requested_by",
    ).get(id=lease.subject_id)
    if decoding.asset_id is not None:
        return
    started = monotonic()
    try:
        pixels = make_pixels(
            engine,
            decoding,
            get_store().read(decoding.candidate.embeddings_sha256),
            on_step=_report_decoder(lease, decoding),
        )
    except FOR_GOOD as error:
        raise JobFailedError(str(error)) from error
    decoder_s = monotonic() - started
    _require_allowed(lease, decoding, pixels)
    identity = engine.identity()
    data = finish_image(pixels, decoding, identity)
    # Pixels and files take long; the row that makes them count is written last, by the
    # lease's holder alone. Whoever runs this again gets the same bytes and asset.
    lease.renew(message="Keeping the image")
    asset = _keep_image(decoding, data, identity)
    with lease.keeping():
        Decoding.objects.filter(id=decoding.id, asset=None).update(
            asset=asset, model_identity=as_json(identity), decoder_s=decoder_s
        )


def _open_engine() -> Engine:
    """Return this process's engine.

    Raises:
        JobFailedError: there is none, and trying again would find none.
    """
    try:
        return get_engine()
    except EngineError as error:
        raise JobFailedError(
            f"The image model can't be opened. Ask an admin to look at it. {error}"
        ) from error


def _say_lost(lost: Mapping[int, NonFiniteError]) -> str:
    """Say which seeds became no picture, and why the first did not."""
    seeds = [str(seed) for seed in lost]
    more = f" and {len(seeds) - 4} more" if len(seeds) > 4 else ""
    which = "Seed" if len(seeds) == 1 else "Seeds"
    return f"{which} {', '.join(seeds[:4])}{more}: {next(iter(lost.values()))}"


def _require_allowed(lease: Lease, decoding: Decoding, pixels: Pixels) -> None:
    """Let the installation's filter look at an image before anything keeps it.

    Raises:
        JobFailedError: the filter says no; the refusal is on record.
    """
    generation = decoding.candidate.generation
    try:
        require_allowed_image(
            lease=lease,
            pixels=pixels,
            brand=generation.brand,
            prompt=generation.prompt,
            by=decoding.requested_by,
            at=timezone.now(),
        )
    except ImageRefusedError as error:
        raise JobFailedError(str(error)) from error


def as_json(identity: ModelIdentity) -> dict[str, Any]:
    """Return a model's identity as rows keep it."""
    data = asdict(identity)
    return data | {
        "weights_sha256": dict(identity.weights_sha256),
        "libraries": dict(identity.libraries),
    }


def _show_sampling(
    lease: Lease, generation: Generation, positions: Sequence[int], waiting: int
) -> OnStep:
    """Report each step of some candidates, and show what they look like by now."""
    shown_at = 0.0
    total = len(generation.seeds)
    done = total - waiting
    span = f"{done + 1}"
    if len(positions) > 1:
        span += f" to {done + len(positions)}"

    def on_step(step: Step) -> None:
        nonlocal shown_at
        lease.report_step(
            stage=step.stage,
            step=done * step.of + step.index * len(positions),
            steps=total * step.of,
            message=f"Sketching {span} of {total}",
        )
        if not step.previews or monotonic() - shown_at < SHOW_EVERY_S:
            return
        pictures = [encode_preview(preview) for preview in step.previews]
        with lease.keeping():
            for position, picture in zip(positions, pictures, strict=True):
                SamplingPreview.objects.update_or_create(
                    generation=generation,
                    position=position,
                    defaults={"step": step.index, "steps": step.of, "picture": picture},
                )
        shown_at = monotonic()

    return on_step


def _report_decoder(lease: Lease, decoding: Decoding) -> OnStep:
    def on_step(step: Step) -> None:
        is_last_stage = step.stage == "A"
        lease.report_step(
            stage=step.stage,
            step=decoding.steps + 1 if is_last_stage else step.index,
            steps=decoding.steps + 1,
            message="Finishing the image",
        )

    return on_step


def _keep_candidate(
    lease: Lease,
    generation: Generation,
    position: int,
    result: PriorResult,
    *,
    identity: dict[str, Any],
    prior_s: float,
) -> None:
    """Keep one seed's embeddings and preview, and queue its decoding if asked for."""
    embeddings_sha256 = get_store().keep(result.embeddings)
    preview_sha256 = get_store().keep(encode_preview(result.preview))
    at = timezone.now()
    with lease.keeping():
        candidate, _ = Candidate.objects.get_or_create(
            generation=generation,
            position=position,
            defaults={
                "seed": generation.seeds[position],
                "embeddings_sha256": embeddings_sha256,
                "preview_sha256": preview_sha256,
                "model_identity": identity,
                "prior_s": prior_s,
                "created_at": at,
            },
        )
        generation.sampling_previews.filter(position=position).delete()
        if generation.is_decoding_all:
            _queue_decoding(candidate, at)


def _queue_decoding(candidate: Candidate, at: datetime) -> None:
    """Queue the finishing of a candidate; where the queue is full, pick it instead."""
    try:
        queue_decoding(
            candidate=candidate,
            seed=candidate.seed,
            requested_by=candidate.generation.requested_by,
            at=at,
        )
    except TooManyJobsError:
        Candidate.objects.filter(id=candidate.id).update(is_picked=True)


def _keep_image(decoding: Decoding, data: bytes, identity: ModelIdentity) -> Asset:
    generation = decoding.candidate.generation
    parents = find_parents(generation)
    license_name, is_commercial = rights_of(
        identity.license, parents, generation.read_inputs().adapters
    )
    return keep_asset(
        brand=generation.brand,
        brand_kit=generation.brand_kit,
        kind=Asset.Kind.GENERATED,
        data=data,
        mime="image/png",
        title=decoding.image_title,
        created_by=decoding.requested_by,
        at=timezone.now(),
        parents=parents,
        digital_source_type=source_type_of(generation),
        license_name=license_name,
        is_commercial_use_allowed=is_commercial,
        preset_name=generation.preset.name if generation.preset else "",
        prompt=generation.prompt,
        alt_text=generation.prompt[:500],
        focal=find_focal(generation),
    )
