import pytest

from brandgen.creatives.models import Batch
from brandgen.creatives.submitting import BlockedCreativeError, submit_creatives
from brandgen.library.models import Asset
from brandgen.review.models import Review
from tests.factories import (
    NOW,
    make_batch,
    make_user,
    run_jobs,
)

pytestmark = pytest.mark.django_db


class TestSubmitCreatives:
    def test_sends_all_to_review(self) -> None:
        batch = make_batch()
        run_jobs()

        submit_creatives(creatives=list(batch.creatives.all()), by=make_user(), at=NOW)

        assert Review.objects.count() == 2
        states = set(Asset.objects.filter(kind="creative").values_list("state"))
        assert states == {("in_review",)}

    def test_waits_until_something_is_rendered(self) -> None:
        batch = make_batch()

        with pytest.raises(BlockedCreativeError, match="None of these is rendered"):
            submit_creatives(
                creatives=list(batch.creatives.all()), by=make_user(), at=NOW
            )

    def test_refuses_what_failed_a_check(self) -> None:
        batch = make_batch(formats=["square"])
        run_jobs()
        batch.creatives.update(verdict="fail")

        with pytest.raises(BlockedCreativeError, match="Square post"):
            submit_creatives(
                creatives=list(batch.creatives.all()), by=make_user(), at=NOW
            )

        assert not Review.objects.exists()

    def test_leaves_many_to_a_worker(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("brandgen.creatives.submitting.SUBMIT_AT_ONCE", 3)
        monkeypatch.setattr("brandgen.creatives.runner.SUBMIT_GROUP", 2)
        batch = make_batch(rows=3)
        run_jobs()
        batch.creatives.filter(position=0).update(verdict="fail")
        good = batch.creatives.exclude(position=0).select_related("asset")
        sent = submit_creatives(creatives=list(good), by=make_user(), at=NOW)
        before = Review.objects.count()

        run_jobs()

        assert (sent, before, Review.objects.count()) == (5, 0, 5)
        reviewed = Review.objects.values_list("asset__creatives__position", flat=True)
        assert sorted(reviewed) == [1, 2, 3, 4, 5]

    def test_sends_the_rest_where_one_was_sent_meanwhile(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("brandgen.creatives.submitting.SUBMIT_AT_ONCE", 1)
        batch = make_batch()
        run_jobs()
        creatives = list(batch.creatives.select_related("asset__brand"))
        submit_creatives(creatives=creatives, by=make_user(), at=NOW)
        submit_creatives(creatives=creatives[:1], by=make_user(), at=NOW)

        run_jobs()

        assert Review.objects.count() == 2


def states(batch: Batch) -> list[str]:
    return list(batch.creatives.order_by("position").values_list("state", flat=True))
