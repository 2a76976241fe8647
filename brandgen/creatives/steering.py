"""Steer a batch: pause it, go on, give up, leave creatives out and put them back."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from brandgen.accounts.access import Action, require
from brandgen.accounts.models import User
from brandgen.audit.models import record
from brandgen.creatives.batches import enqueue_chunks, find_jobs
from brandgen.creatives.models import Batch, Creative
from brandgen.jobs.services import request_cancel


@transaction.atomic
def pause_batch(*, batch: Batch, by: User, at: datetime) -> bool:
    """Stop rendering until somebody goes on; False if it was not being rendered.

    Raises:
        PermissionDenied: the person may not make creatives for this brand.
    """
    require(by, Action.MAKE_CREATIVES, batch.brand)
    return _stop(batch, Batch.State.PAUSED, (Batch.State.OPEN,), by=by, at=at)


@transaction.atomic
def cancel_batch(*, batch: Batch, by: User, at: datetime) -> bool:
    """Give up what is not rendered yet; what is stays. False if there is nothing.

    Raises:
        PermissionDenied: the person may not make creatives for this brand.
    """
    require(by, Action.MAKE_CREATIVES, batch.brand)
    states = (Batch.State.OPEN, Batch.State.PAUSED)
    return _stop(batch, Batch.State.CANCELLED, states, by=by, at=at)


def _stop(
    batch: Batch,
    to: Batch.State,
    when_in: tuple[Batch.State, ...],
    *,
    by: User,
    at: datetime,
) -> bool:
    if not batch.creatives.filter(state=Creative.State.WAITING).exists():
        return False
    if not batch.move(to, when_in=when_in):
        return False
    for job in find_jobs(batch):
        if not job.is_finished:
            request_cancel(job=job, at=at)
    record(by, f"batch.{to}", batch, at=at)
    return True


@transaction.atomic
def resume_batch(*, batch: Batch, by: User, at: datetime) -> bool:
    """Render what waits, and what failed, again; False if there is nothing to do.

    Jobs of a new round stand beside old ones that are only just stopping, and take
    nothing from them: a cell is kept once.

    Raises:
        PermissionDenied: the person may not make creatives for this brand.
        TooManyJobsError: the brand's queue is full; nothing is changed.
    """
    require(by, Action.MAKE_CREATIVES, batch.brand)
    open_states = (Creative.State.WAITING, Creative.State.FAILED)
    if not batch.creatives.filter(state__in=open_states).exists():
        return False
    batch.move(Batch.State.OPEN, when_in=tuple(Batch.State))
    batch.creatives.filter(state=Creative.State.FAILED).update(
        state=Creative.State.WAITING, error=""
    )
    enqueue_chunks(batch, by=by, at=at)
    record(by, "batch.resumed", batch, at=at)
    return True


@transaction.atomic
def leave_out(
    *, batch: Batch, creative_ids: Sequence[uuid.UUID], by: User, at: datetime
) -> int:
    """Take creatives out of a batch: not rendered, not sent, not downloaded.

    Raises:
        PermissionDenied: the person may not make creatives for this brand.
    """
    require(by, Action.MAKE_CREATIVES, batch.brand)
    cells = batch.creatives.filter(id__in=creative_ids)
    changed = cells.exclude(state=Creative.State.LEFT_OUT).update(
        state=Creative.State.LEFT_OUT
    )
    if changed:
        record(by, "batch.left_out", batch, at=at, data={"creatives": changed})
    return changed


@transaction.atomic
def put_back(
    *, batch: Batch, creative_ids: Sequence[uuid.UUID], by: User, at: datetime
) -> int:
    """Bring back creatives that were left out, and render those that never were.

    Raises:
        PermissionDenied: the person may not make creatives for this brand.
        TooManyJobsError: the brand's queue is full; nothing is changed.
    """
    require(by, Action.MAKE_CREATIVES, batch.brand)
    out = batch.creatives.filter(id__in=creative_ids, state=Creative.State.LEFT_OUT)
    changed = out.filter(asset__isnull=False).update(state=Creative.State.RENDERED)
    waiting = out.update(state=Creative.State.WAITING)
    if waiting and batch.state == Batch.State.OPEN:
        batch.move(Batch.State.OPEN, when_in=(Batch.State.OPEN,))
        enqueue_chunks(batch, by=by, at=at)
    if changed + waiting:
        data = {"creatives": changed + waiting}
        record(by, "batch.put_back", batch, at=at, data=data)
    return changed + waiting
