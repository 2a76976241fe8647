"""Ask for a decision, answer it, change one's mind: each step once, under any race."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F

from brandgen.accounts.access import Action, require
from brandgen.accounts.models import User
from brandgen.audit.models import record
from brandgen.library.models import Asset
from brandgen.review.findings import check_asset
from brandgen.review.models import Decision, Flow, Review

UNDO_WINDOW = timedelta(minutes=10)
OUTCOMES = {
    Decision.Verdict.APPROVE: Review.State.APPROVED,
    Decision.Verdict.REQUEST_CHANGES: Review.State.CHANGES_REQUESTED,
    Decision.Verdict.REJECT: Review.State.REJECTED,
}


class CannotSubmitError(Exception):
    """Some of the assets can't be sent to review now. Fit to show; nothing was sent."""


class StaleReviewError(Exception):
    """The review moved on since the page was drawn. Says who did what; fit to show."""


class MissingReasonError(Exception):
    """A no without a reason. The message is fit to show."""


class OwnWorkError(Exception):
    """The flow asks for four eyes, and this person made or sent it. Fit to show."""


class CannotUndoError(Exception):
    """It is too late to take back a decision or a request. Fit to show."""


def submit_for_review(
    *, assets: Sequence[Asset], by: User, message: str = "", at: datetime
) -> list[Review]:
    """Check the pictures, then open a review for each, all or none.

    Raises:
        CannotSubmitError: at least one is neither a draft nor waiting for changes.
        PermissionDenied: the person may not send pictures of that brand to review.
    """
    for asset in assets:
        require(by, Action.SUBMIT, asset.brand)
    findings = [check_asset(asset) for asset in assets]
    with transaction.atomic():
        return _open_reviews(assets, findings, by, message, at)


def _open_reviews(
    assets: Sequence[Asset],
    findings: Sequence[list[dict[str, Any]]],
    by: User,
    message: str,
    at: datetime,
) -> list[Review]:
    reviews = []
    for asset, found in zip(assets, findings, strict=True):
        flow = Flow.objects.get_of(asset.brand)
        if not asset.move(
            Asset.State.IN_REVIEW, when_in=Asset.SUBMITTABLE, approved_at=None
        ):
            asset.refresh_from_db(fields=["state"])
            raise CannotSubmitError(
                f"“{asset.title}” can’t be sent to review: it is "
                f"{asset.get_state_display().lower()}. Take it out of the selection; "
                "nothing was sent."
            )
        review = Review.objects.create(
            brand=asset.brand,
            asset=asset,
            sha256=asset.sha256,
            message=message.strip()[:500],
            findings=found,
            approvals_required=flow.approvals_required,
            submitted_by=by,
            submitted_at=at,
            due_at=at + timedelta(days=flow.days_to_decide),
        )
        reviews.append(review)
    for review in reviews:
        data = {"review": str(review.id), "message": review.message}
        record(by, "asset.submitted", review.asset, at=at, data=data)
    return reviews


def decide(
    *,
    review: Review,
    reviewer: User,
    verdict: Decision.Verdict,
    reason: str = "",
    comment: str = "",
    seen_sha256: str,
    at: datetime,
) -> Decision:
    """Record one reviewer's answer to the file that was seen, and close the review.

    A no closes the review at once; a yes closes it when enough have said so.

    Raises:
        MissingReasonError: a no without a reason.
        OwnWorkError: the person made or sent the asset, and the flow forbids that.
        StaleReviewError: closed by somebody else, answered already, or another file.
        PermissionDenied: the person may not decide in this brand.
    """
    require(reviewer, Action.DECIDE, review.brand)
    _require_reason(verdict, reason, comment)
    with transaction.atomic():
        # This conditional UPDATE is the door: it locks the row, and of two who come at
        # once the second finds it closed, changed, or its own answer there already.
        is_ours = Review.objects.filter(
            id=review.id, state=Review.State.OPEN, sha256=seen_sha256
        ).update(changes=F("changes") + 1)
        review.refresh_from_db()
        if not is_ours:
            raise StaleReviewError(_tell_what_happened(review, seen_sha256))
        _require_four_eyes(review, reviewer)
        decision = _keep_decision(review, reviewer, verdict, reason, comment, at)
        is_closed = _settle(review, at=at)
        record(
            reviewer,
            f"review.{OUTCOMES[verdict]}",
            review.asset,
            at=at,
            data={
                "review": str(review.id),
                "reason": reason,
                "comment": decision.comment,
                "sha256": seen_sha256,
                "closes": is_closed,
            },
        )
    return decision


def _require_reason(verdict: Decision.Verdict, reason: str, comment: str) -> None:
    if verdict == Decision.Verdict.APPROVE:
        return
    if reason not in Decision.Reason.values:
        raise MissingReasonError("Choose a reason, so that the next version is better.")
    if reason == Decision.Reason.OTHER and not comment.strip():
        raise MissingReasonError("Say in a few words what should be different.")


def _require_four_eyes(review: Review, reviewer: User) -> None:
    is_own = reviewer.id in {review.submitted_by_id, review.asset.created_by_id}
    if is_own and not Flow.objects.get_of(review.brand).is_self_approval_allowed:
        raise OwnWorkError(
            f"You made or sent “{review.asset.title}” yourself, and {review.brand} "
            "asks for a second pair of eyes. Another reviewer must decide."
        )


def _keep_decision(
    review: Review,
    reviewer: User,
    verdict: Decision.Verdict,
    reason: str,
    comment: str,
    at: datetime,
) -> Decision:
    try:
        with transaction.atomic():
            return Decision.objects.create(
                review=review,
                reviewer=reviewer,
                verdict=verdict,
                reason="" if verdict == Decision.Verdict.APPROVE else reason,
                comment=comment.strip()[:2000],
                sha256=review.sha256,
                decided_at=at,
            )
    except IntegrityError as error:
        mine = review.decisions.live().filter(reviewer=reviewer).first()
        if mine is None:
            raise
        raise StaleReviewError(
            f"You have answered this already: {mine.get_verdict_display().lower()}. "
            "Undo that answer to give another."
        ) from error


def _settle(review: Review, *, at: datetime) -> bool:
    """Bring review and asset where the live decisions put them; say if it is closed.

    The caller holds the review's row.
    """
    verdicts = list(review.decisions.live().values_list("verdict", flat=True))
    noes = [verdict for verdict in verdicts if verdict != Decision.Verdict.APPROVE]
    is_approved = not noes and len(verdicts) >= review.approvals_required
    before = review.state
    if noes:
        review.state = OUTCOMES[Decision.Verdict(noes[0])]
    else:
        review.state = Review.State.APPROVED if is_approved else Review.State.OPEN
    is_open = review.state == Review.State.OPEN
    review.closed_at = None if is_open else (review.closed_at or at)
    review.save(update_fields=["state", "closed_at"])
    if review.state != before:
        was, now = _asset_state(before), _asset_state(review.state)
        moved = review.asset.move(
            now, when_in=(was,), approved_at=at if is_approved else None
        )
        if not moved:
            raise StaleReviewError(
                f"“{review.asset.title}” was moved meanwhile. Reload the page."
            )
    return not is_open


def _asset_state(state: str) -> Asset.State:
    is_open = state == Review.State.OPEN
    return Asset.State.IN_REVIEW if is_open else Asset.State(state)


def _tell_what_happened(review: Review, seen_sha256: str) -> str:
    """Return who did what to a review that is not as the page had it."""
    title = review.asset.title
    if review.sha256 != seen_sha256:
        return f"“{title}” is another file than the one you saw. Reload the page."
    if review.state == Review.State.WITHDRAWN:
        return f"{review.submitted_by} has withdrawn “{title}”. Nothing is left to do."
    last = review.decisions.live().select_related("reviewer").last()
    if last is None:
        return f"“{title}” is no longer open. Reload the page."
    why = f" ({last.why})" if last.why else ""
    return (
        f"{last.reviewer} decided on “{title}” first: "
        f"{review.get_state_display().lower()}{why}. Your answer was not recorded."
    )


@transaction.atomic
def undo_decision(*, decision: Decision, by: User, at: datetime) -> Review:
    """Withdraw one's own answer while it is fresh and nothing was built on it.

    Raises:
        CannotUndoError: somebody else's, too old, or the asset was used meanwhile.
    """
    review = decision.review
    if decision.reviewer_id != by.id:
        raise CannotUndoError(f"Only {decision.reviewer} can undo this answer.")
    if at - decision.decided_at > UNDO_WINDOW:
        minutes = UNDO_WINDOW.seconds // 60
        raise CannotUndoError(
            f"An answer can be undone for {minutes} minutes. Send the picture to "
            "review again, or archive it."
        )
    Review.objects.filter(id=review.id).update(changes=F("changes") + 1)
    if review.asset.is_used():
        raise CannotUndoError(
            f"“{review.asset.title}” was used or exported meanwhile, so the answer "
            "stands. Archive the picture to stop further use."
        )
    is_withdrawn = Decision.objects.filter(id=decision.id, withdrawn_at=None).update(
        withdrawn_at=at
    )
    if not is_withdrawn:
        raise CannotUndoError("This answer was undone already.")
    review.refresh_from_db()
    try:
        with transaction.atomic():
            _settle(review, at=at)
    except (StaleReviewError, IntegrityError) as error:
        raise CannotUndoError(
            f"“{review.asset.title}” has moved on since, so the answer stands."
        ) from error
    decision.withdrawn_at = at
    data = {"review": str(review.id), "verdict": decision.verdict}
    record(by, "review.answer_withdrawn", review.asset, at=at, data=data)
    return review


@transaction.atomic
def withdraw_review(*, review: Review, by: User, at: datetime) -> None:
    """Take back one's own request; the asset is a draft again.

    Raises:
        CannotUndoError: somebody else's request, or decided already.
    """
    if review.submitted_by_id != by.id:
        raise CannotUndoError(f"Only {review.submitted_by} can withdraw this request.")
    is_withdrawn = Review.objects.filter(id=review.id, state=Review.State.OPEN).update(
        state=Review.State.WITHDRAWN, closed_at=at
    )
    if not is_withdrawn:
        review.refresh_from_db()
        raise CannotUndoError(_tell_what_happened(review, review.sha256))
    review.refresh_from_db()
    review.asset.move(
        Asset.State.DRAFT, when_in=(Asset.State.IN_REVIEW,), approved_at=None
    )
    data = {"review": str(review.id)}
    record(by, "asset.withdrawn_from_review", review.asset, at=at, data=data)
