"""Send the creatives of a batch to review."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from brandgen.accounts.access import Action, require
from brandgen.accounts.models import User
from brandgen.audit.models import record
from brandgen.creatives import runner
from brandgen.creatives.models import BatchSubmission, Creative
from brandgen.jobs.services import enqueue
from brandgen.review.services import submit_for_review

SUBMIT_AT_ONCE = 100
"""More go to review by a worker: each writes rows and a line of the audit trail."""


class BlockedCreativeError(Exception):
    """A check forbids to use some of the creatives. The message is fit to show."""


def submit_creatives(
    *,
    creatives: Sequence[Creative],
    by: User,
    at: datetime,
    message: str = "",
) -> int:
    """Send rendered creatives of a batch to review; many at once go by a worker.

    Returns how many are sent, or will be.

    Raises:
        BlockedCreativeError: none is rendered, or a check forbids one of them.
        CannotSubmitError: one is in review or decided already; nothing was sent.
        PermissionDenied: the person may not send this brand's pictures to review.
    """
    ready = [c for c in creatives if c.state == Creative.State.RENDERED]
    if not ready:
        raise BlockedCreativeError(
            "None of these is rendered yet. Wait until they are done."
        )
    blocked = [creative for creative in ready if creative.is_blocked]
    if blocked:
        names = ", ".join(creative.label for creative in blocked[:5])
        more = f" and {len(blocked) - 5:,} more" if len(blocked) > 5 else ""
        raise BlockedCreativeError(
            f"A check failed for {names}{more}. Change the copy or leave it out; "
            "nothing was sent."
        )
    if len(ready) > SUBMIT_AT_ONCE:
        _submit_later(ready, by, at, message)
        return len(ready)
    assets = {c.asset.id: c.asset for c in ready if c.asset is not None}
    return len(
        submit_for_review(assets=list(assets.values()), by=by, message=message, at=at)
    )


@transaction.atomic
def _submit_later(
    creatives: Sequence[Creative], by: User, at: datetime, message: str
) -> None:
    batch = creatives[0].batch
    require(by, Action.SUBMIT, batch.brand)
    submission = BatchSubmission.objects.create(
        batch=batch,
        creative_ids=[str(creative.id) for creative in creatives],
        message=message.strip()[:500],
        requested_by=by,
        requested_at=at,
    )
    enqueue(
        queue="default",
        work=runner.RUN_SUBMIT,
        subject_id=submission.id,
        title=str(submission),
        brand=batch.brand,
        requested_by=by,
        at=at,
    )
    data = {"creatives": len(creatives)}
    record(by, "batch.submitted", batch, at=at, data=data)
