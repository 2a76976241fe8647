import pytest

from brandgen.review.models import Flow, Review
from brandgen.review.services import decide, undo_decision
from tests.factories import (
    NOW,
    make_asset,
    make_manager,
    make_review,
    make_reviewer,
)

pytestmark = pytest.mark.django_db


class TestWaitingFor:
    def test_keeps_what_the_person_has_not_answered(self) -> None:
        review, ravi = make_review(approvals_required=2), make_reviewer()
        decide(
            review=review,
            reviewer=make_manager(),
            verdict="approve",
            seen_sha256=review.sha256,
            at=NOW,
        )

        assert list(Review.objects.waiting_for(ravi)) == [review]
        assert not Review.objects.waiting_for(make_manager()).exists()

    def test_counts_a_withdrawn_answer_as_none(self) -> None:
        review, ravi = make_review(approvals_required=2), make_reviewer()
        decision = decide(
            review=review,
            reviewer=ravi,
            verdict="approve",
            seen_sha256=review.sha256,
            at=NOW,
        )
        undo_decision(decision=decision, by=ravi, at=NOW)
        decide(
            review=review,
            reviewer=make_manager(),
            verdict="approve",
            seen_sha256=review.sha256,
            at=NOW,
        )

        assert list(Review.objects.waiting_for(ravi)) == [review]

    def test_leaves_out_ones_own_work_unless_the_flow_allows_it(self) -> None:
        bea = make_manager()
        review = make_review(asset=make_asset(created_by=bea, state="in_review"))

        strict = list(Review.objects.waiting_for(bea))
        Flow.objects.update(is_self_approval_allowed=True)

        assert strict == []
        assert list(Review.objects.waiting_for(bea)) == [review]
