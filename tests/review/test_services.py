from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from brandgen.audit.models import Entry
from brandgen.library import services as library
from brandgen.library.models import Asset, AssetParent
from brandgen.review.models import Decision, Review
from brandgen.review.services import (
    CannotSubmitError,
    CannotUndoError,
    MissingReasonError,
    OwnWorkError,
    StaleReviewError,
    decide,
    submit_for_review,
    undo_decision,
    withdraw_review,
)
from tests.factories import (
    NOW,
    make_asset,
    make_brand,
    make_manager,
    make_review,
    make_reviewer,
    make_user,
)

pytestmark = pytest.mark.django_db
APPROVE = Decision.Verdict.APPROVE
REJECT = Decision.Verdict.REJECT
CHANGES = Decision.Verdict.REQUEST_CHANGES


def answer(
    review: Review, verdict: Decision.Verdict = APPROVE, **fields: Any
) -> Decision:
    no = verdict != APPROVE
    defaults = {
        "reviewer": fields.pop("reviewer", None) or make_reviewer(),
        "seen_sha256": review.sha256,
        "reason": "colors" if no else "",
        "at": NOW,
    }
    return decide(review=review, verdict=verdict, **(defaults | fields))


def state_of(asset: Asset) -> str:
    return Asset.objects.get(id=asset.id).state


class TestSubmitForReview:
    def test_opens_a_review_of_each_with_a_deadline(self) -> None:
        assets, mara = [make_asset(), make_asset()], make_user()

        reviews = submit_for_review(assets=assets, by=mara, message=" Hi ", at=NOW)

        assert [r.asset_id for r in reviews] == [a.id for a in assets]
        assert {r.due_at for r in reviews} == {NOW + timedelta(days=2)}
        assert [r.message for r in reviews] == ["Hi", "Hi"]
        assert {state_of(a) for a in assets} == {"in_review"}
        actions = Entry.objects.filter(action="asset.submitted")
        assert {e.subject_id for e in actions} == {str(a.id) for a in assets}

    @pytest.mark.parametrize("state", ["approved", "in_review", "rejected"])
    def test_sends_none_when_one_can_not_be_sent(self, state: str) -> None:
        good, bad = make_asset(), make_asset(state=state, title="Odd one")

        with pytest.raises(CannotSubmitError, match="“Odd one” can’t be sent"):
            submit_for_review(assets=[good, bad], by=make_user(), at=NOW)

        assert state_of(good) == "draft"
        assert not Review.objects.exists()

    def test_asks_again_after_changes_were_requested(self) -> None:
        review = make_review()
        answer(review, CHANGES)

        again = submit_for_review(assets=[review.asset], by=make_user(), at=NOW)

        assert again[0].state == "open"

    def test_refuses_those_who_may_not(self) -> None:
        with pytest.raises(PermissionDenied, match="send pictures to review"):
            submit_for_review(assets=[make_asset()], by=make_reviewer(), at=NOW)


class TestDecide:
    @pytest.mark.parametrize(
        ("verdict", "state"),
        [(APPROVE, "approved"), (CHANGES, "changes_requested"), (REJECT, "rejected")],
    )
    def test_closes_the_review_and_moves_the_asset(
        self, verdict: Decision.Verdict, state: str
    ) -> None:
        review = make_review()

        decision = answer(review, verdict, comment=" Too dark ")

        review.refresh_from_db()
        asset = Asset.objects.get(id=review.asset_id)
        assert (review.state, review.closed_at) == (state, NOW)
        assert asset.state == state
        assert asset.approved_at == (NOW if verdict == APPROVE else None)
        assert (decision.comment, decision.sha256) == ("Too dark", review.sha256)
        entry = Entry.objects.about(asset).last()
        assert entry is not None
        assert (entry.action, entry.data["closes"]) == (f"review.{state}", True)

    def test_waits_for_as_many_as_the_flow_asks(self) -> None:
        review = make_review(approvals_required=2)

        answer(review)
        first = state_of(review.asset)
        answer(review, reviewer=make_manager())

        assert (first, state_of(review.asset)) == ("in_review", "approved")

    def test_closes_at_the_first_no_of_several(self) -> None:
        review = make_review(approvals_required=2)

        answer(review)
        answer(review, REJECT, reviewer=make_manager())

        assert state_of(review.asset) == "rejected"

    @pytest.mark.parametrize(
        ("reason", "comment"), [("", ""), ("nonsense", "x"), ("other", "  ")]
    )
    def test_asks_for_a_reason_for_a_no(self, reason: str, comment: str) -> None:
        review = make_review()

        with pytest.raises(MissingReasonError):
            answer(review, REJECT, reason=reason, comment=comment)

        assert not Decision.objects.exists()

    def test_says_who_came_first(self) -> None:
        review = make_review()
        answer(review, CHANGES, comment="More air")

        with pytest.raises(
            StaleReviewError,
            match=r"Ravi decided .* first: changes requested \(Colors: More air\)",
        ):
            answer(review, reviewer=make_manager())

        assert Decision.objects.count() == 1

    def test_refuses_a_second_answer_of_one_person(self) -> None:
        review = make_review(approvals_required=2)
        answer(review)

        with pytest.raises(StaleReviewError, match="answered this already: approve"):
            answer(review, REJECT)

        assert state_of(review.asset) == "in_review"

    def test_refuses_an_answer_to_other_bytes(self) -> None:
        review = make_review()

        with pytest.raises(StaleReviewError, match="another file"):
            answer(review, seen_sha256="0" * 64)

    def test_refuses_judging_ones_own_work(self) -> None:
        bea = make_manager()
        made = make_review(asset=make_asset(created_by=bea, state="in_review"))
        made_by_mara = make_asset(state="in_review")
        sent = make_review(asset=made_by_mara, submitted_by=bea)

        for review in (made, sent):
            with pytest.raises(OwnWorkError, match="second pair of eyes"):
                answer(review, reviewer=bea)

        assert not Decision.objects.exists()

    def test_allows_it_where_the_flow_does(self) -> None:
        bea = make_manager()
        make_brand().flow.__class__.objects.update(is_self_approval_allowed=True)
        review = make_review(asset=make_asset(created_by=bea, state="in_review"))

        answer(review, reviewer=bea)

        assert state_of(review.asset) == "approved"

    def test_refuses_those_who_may_not(self) -> None:
        with pytest.raises(PermissionDenied, match="decide on reviews"):
            answer(make_review(), reviewer=make_user("Max"))


class TestUndoDecision:
    @pytest.mark.parametrize("verdict", [APPROVE, CHANGES, REJECT])
    def test_opens_the_review_again(self, verdict: Decision.Verdict) -> None:
        review = make_review()
        decision = answer(review, verdict)

        undo_decision(decision=decision, by=decision.reviewer, at=NOW)

        asset = Asset.objects.get(id=review.asset_id)
        review.refresh_from_db()
        assert (review.state, review.closed_at) == ("open", None)
        assert (asset.state, asset.approved_at) == ("in_review", None)
        assert Decision.objects.get().withdrawn_at == NOW

    def test_lets_the_person_answer_again(self) -> None:
        review = make_review()
        decision = answer(review, REJECT)
        undo_decision(decision=decision, by=decision.reviewer, at=NOW)

        answer(review)

        assert state_of(review.asset) == "approved"
        assert review.decisions.count() == 2

    def test_refuses_others(self) -> None:
        decision = answer(make_review())

        with pytest.raises(CannotUndoError, match="Only Ravi"):
            undo_decision(decision=decision, by=make_manager(), at=NOW)

    def test_refuses_after_ten_minutes(self) -> None:
        decision = answer(make_review())

        with pytest.raises(CannotUndoError, match="10 minutes"):
            undo_decision(
                decision=decision,
                by=decision.reviewer,
                at=NOW + timedelta(minutes=10, seconds=1),
            )

    def test_refuses_a_second_undo(self) -> None:
        decision = answer(make_review())
        undo_decision(decision=decision, by=decision.reviewer, at=NOW)

        with pytest.raises(CannotUndoError, match="undone already"):
            undo_decision(decision=decision, by=decision.reviewer, at=NOW)

    def test_refuses_once_something_was_made_with_it(self) -> None:
        decision = answer(make_review())
        AssetParent.objects.create(
            asset=make_asset(), parent=decision.review.asset, role="image"
        )

        with pytest.raises(CannotUndoError, match="used or exported"):
            undo_decision(decision=decision, by=decision.reviewer, at=NOW)

        assert state_of(decision.review.asset) == "approved"

    def test_refuses_once_it_was_sent_again(self) -> None:
        decision = answer(make_review(), CHANGES)
        asset = Asset.objects.get(id=decision.review.asset_id)
        submit_for_review(assets=[asset], by=make_user(), at=NOW)

        with (
            pytest.raises(CannotUndoError, match="moved on"),
            transaction.atomic(),
        ):
            undo_decision(decision=decision, by=decision.reviewer, at=NOW)

        assert Decision.objects.get().withdrawn_at is None

    def test_keeps_a_no_of_somebody_else(self) -> None:
        review = make_review(approvals_required=2)
        yes = answer(review)
        answer(review, REJECT, reviewer=make_manager())

        undo_decision(decision=yes, by=yes.reviewer, at=NOW)

        assert state_of(review.asset) == "rejected"


class TestWithdrawReview:
    def test_makes_it_a_draft_again(self) -> None:
        review = make_review()

        withdraw_review(review=review, by=review.submitted_by, at=NOW)

        assert state_of(review.asset) == "draft"
        assert Review.objects.get().state == "withdrawn"

    def test_refuses_others(self) -> None:
        with pytest.raises(CannotUndoError, match="Only Mara"):
            withdraw_review(review=make_review(), by=make_reviewer(), at=NOW)

    def test_refuses_after_a_decision(self) -> None:
        review = make_review()
        answer(review)

        with pytest.raises(CannotUndoError, match="Ravi decided"):
            withdraw_review(review=review, by=review.submitted_by, at=NOW)


class TestApprovedIsImmutable:
    def test_every_service_refuses_or_leaves_it(self) -> None:
        review = make_review()
        answer(review)
        asset = Asset.objects.get(id=review.asset_id)
        before = Asset.objects.values().get(id=asset.id)
        mara = make_user()
        attempts: list[tuple[type[Exception], Any]] = [
            (
                library.FrozenAssetError,
                lambda: library.describe_asset(
                    asset=asset, title="X", alt_text="", by=mara, at=NOW
                ),
            ),
            (
                library.FrozenAssetError,
                lambda: library.set_focal_point(
                    asset=asset, focal_x=0.1, focal_y=0.1, by=mara, at=NOW
                ),
            ),
            (
                CannotSubmitError,
                lambda: submit_for_review(assets=[asset], by=mara, at=NOW),
            ),
            (
                CannotUndoError,
                lambda: withdraw_review(review=review, by=mara, at=NOW),
            ),
            (
                StaleReviewError,
                lambda: answer(review, REJECT, reviewer=make_manager()),
            ),
        ]

        for error, attempt in attempts:
            with pytest.raises(error):
                attempt()

        assert Asset.objects.values().get(id=asset.id) == before

    @pytest.mark.parametrize(
        "fields",
        [{"title": "X"}, {"alt_text": "X"}, {"focal_x": 0.1}, {"focal_source": "set"}],
    )
    def test_the_database_refuses_too(self, fields: dict[str, Any]) -> None:
        asset = make_asset(state="approved")

        with pytest.raises(IntegrityError), transaction.atomic():
            Asset.objects.filter(id=asset.id).update(**fields)

    def test_only_the_archive_takes_it_and_gives_it_back(self) -> None:
        asset = make_asset(state="approved")
        mara = make_user()

        library.archive_assets(assets=[asset], by=mara, at=NOW)
        away = state_of(asset)
        library.restore_assets(assets=[asset], by=mara, at=NOW)

        assert (away, state_of(asset)) == ("archived", "approved")


class TestDecisionRows:
    @pytest.mark.parametrize(
        "fields", [{"verdict": "reject"}, {"comment": "x"}, {"sha256": "0" * 64}]
    )
    def test_never_change(self, fields: dict[str, Any]) -> None:
        answer(make_review())

        with pytest.raises(IntegrityError), transaction.atomic():
            Decision.objects.update(**fields)

    def test_are_never_counted_again_once_withdrawn(self) -> None:
        decision = answer(make_review())
        undo_decision(decision=decision, by=decision.reviewer, at=NOW)

        with pytest.raises(IntegrityError), transaction.atomic():
            Decision.objects.update(withdrawn_at=None)
