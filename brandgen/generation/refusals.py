"""Have made what a filter refused by mistake, once a reviewer has said so."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from brandgen.accounts.models import User
from brandgen.generation.edits import request_again
from brandgen.generation.inputs import read_inputs
from brandgen.generation.models import RUN_DECODER, Decoding, Generation
from brandgen.generation.queues import queue_decoding
from brandgen.generation.services import request_generation
from brandgen.jobs import services as jobs
from brandgen.jobs.models import Job
from brandgen.presets.models import PresetVersion
from brandgen.safety.models import Refusal
from brandgen.safety.services import mark_released


@transaction.atomic
def release_refusal(*, refusal: Refusal, by: User, at: datetime) -> Generation:
    """Let a refused prompt or picture pass, and queue it for the person who asked.

    Returns:
        The contact sheet that it belongs to.

    Raises:
        PermissionDenied, CannotReleaseError: this person may not; see `mark_released`.
        TooManyJobsError: the brand's queue is full.
        UnpublishedPresetError and the others of `request_generation`: the request
            can't be made any more, whatever the filter says; nothing was released.
    """
    mark_released(refusal=refusal, by=by, at=at)
    if refusal.kind == Refusal.Kind.IMAGE:
        return _finish_again(refusal, by=by, at=at)
    return _ask_again(refusal.request, refusal, at=at)


def _ask_again(
    request: Mapping[str, Any], refusal: Refusal, *, at: datetime
) -> Generation:
    if "operation" in request:
        return request_again(request, requested_by=refusal.requested_by, at=at)
    size_px = request["size_px"]
    return request_generation(
        preset=PresetVersion.objects.get(id=request["preset_version"]),
        values=request["values"],
        seeds=request["seeds"],
        size_px=(size_px[0], size_px[1]) if size_px else None,
        is_decoding_all=request["is_decoding_all"],
        inputs=read_inputs(request["inputs"]) if "inputs" in request else None,
        requested_by=refusal.requested_by,
        at=at,
    )


def _finish_again(refusal: Refusal, *, by: User, at: datetime) -> Generation:
    decodings = Decoding.objects.select_related("candidate__generation__brand")
    decoding = decodings.get(id=refusal.subject_id)
    candidate = decoding.candidate
    done = Job.objects.filter(work=RUN_DECODER, subject_id=refusal.subject_id)
    job = done.order_by("-id").first()
    if job is None or not jobs.retry(job=job, at=at, by=by):
        queue_decoding(
            candidate=candidate,
            seed=decoding.seed,
            steps=decoding.steps,
            guidance_scale=decoding.guidance_scale,
            requested_by=refusal.requested_by,
            at=at,
        )
    return candidate.generation
