"""Queues the two kinds of work, for people's services and for the worker alike."""

from datetime import datetime

from django.db import transaction

from brandgen.accounts.models import User
from brandgen.generation.models import (
    RUN_DECODER,
    RUN_PRIOR,
    Candidate,
    Decoding,
    Generation,
)
from brandgen.jobs import services as jobs


def queue_prior(*, generation: Generation, requested_by: User, at: datetime) -> None:
    """Queue the candidates that a contact sheet lacks; harmless while that runs.

    Raises:
        TooManyJobsError: the brand's queue is full.
    """
    jobs.enqueue(
        queue="prior",
        work=RUN_PRIOR,
        subject_id=generation.id,
        title=f"Contact sheet: {generation.title}",
        brand=generation.brand,
        requested_by=requested_by,
        at=at,
    )


@transaction.atomic
def queue_decoding(
    *,
    candidate: Candidate,
    seed: int,
    requested_by: User,
    at: datetime,
    steps: int | None = None,
    guidance_scale: float | None = None,
) -> Decoding:
    """Insert one decoding with its job; harmless where it is there or running.

    Steps and guidance are those of the generation unless given.

    Raises:
        TooManyJobsError: the brand's queue is full; nothing was inserted.
    """
    generation = candidate.generation
    decoding, _ = Decoding.objects.get_or_create(
        candidate=candidate,
        seed=seed,
        steps=generation.decoder_steps if steps is None else steps,
        guidance_scale=generation.decoder_guidance_scale
        if guidance_scale is None
        else guidance_scale,
        defaults={"requested_by": requested_by, "requested_at": at},
    )
    if decoding.asset_id is None:
        jobs.enqueue(
            queue="decoder",
            work=RUN_DECODER,
            subject_id=decoding.id,
            title=f"Image {candidate.position + 1}: {generation.title}",
            brand=generation.brand,
            requested_by=requested_by,
            at=at,
        )
    return decoding
