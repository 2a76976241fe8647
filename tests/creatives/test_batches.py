import pytest
from django.core.exceptions import PermissionDenied

from brandgen.audit.models import Entry
from brandgen.creatives.batches import (
    BannedCopyError,
    BatchError,
    BlockedCreativeError,
    Cell,
    Filling,
    cancel_batch,
    create_batch,
    find_jobs,
    leave_out,
    pause_batch,
    put_back,
    request_batch,
    resume_batch,
    submit_creatives,
)
from brandgen.creatives.models import Batch
from brandgen.jobs.models import Job
from brandgen.jobs.services import TooManyJobsError
from brandgen.library.models import Asset
from brandgen.review.models import Review
from tests.factories import (
    NOW,
    current_kit,
    make_asset,
    make_batch,
    make_brand,
    make_kit,
    make_layout_kit,
    make_marked_asset,
    make_template_version,
    make_user,
    run_jobs,
)

pytestmark = pytest.mark.django_db
COPY = {"headline": "Made for brighter mornings", "cta": "See the colors"}


def request(**changes: object) -> Batch:
    kwargs: dict = {
        "template_version": changes.pop("template_version", None)
        or make_template_version(),
        "modifications": COPY,
        "formats": ["square", "story", "landscape"],
        "name": "Spring mugs",
        "by": make_user(),
        "at": NOW,
    }
    if "images" not in changes:
        kwargs["images"] = {"hero": make_marked_asset()}
    return request_batch(**(kwargs | changes))


class TestRequestBatch:
    def test_queues_one_creative_a_format(self) -> None:
        kit = make_layout_kit()

        batch = request()

        assert [c.format for c in batch.creatives.all()] == [
            "square", "story", "landscape",
        ]  # fmt: skip
        (job,) = find_jobs(batch)
        assert (job.queue, job.subject_id) == ("render", f"{batch.id}:0:0")
        assert batch.brand_kit == kit
        assert batch.rows.get().modifications == COPY

    @pytest.mark.parametrize(
        ("changes", "slot", "message"),
        [
            ({"formats": []}, "formats", "No format was chosen"),
            ({"formats": ["poster"]}, "formats", "no format 'poster'"),
            ({"modifications": {}}, "headline", "Headline is needed"),
            (
                {"modifications": {"headline": "x" * 71}},
                "headline",
                "71 characters; 70 are allowed",
            ),
            (
                {"modifications": COPY | {"price": "1"}},
                "price",
                "no text slot 'price'",
            ),
            ({"images": {}}, "hero", "Picture is needed"),
        ],
    )
    def test_names_the_field_that_is_wrong(
        self, changes: dict, slot: str, message: str
    ) -> None:
        make_layout_kit()

        with pytest.raises(BatchError, match=message) as caught:
            request(**changes)

        assert caught.value.slot == slot
        assert not Batch.objects.exists()
        assert not Job.objects.exists()

    @pytest.mark.parametrize("state", ["draft", "in_review", "rejected"])
    def test_takes_approved_pictures_only(self, state: str) -> None:
        make_layout_kit()

        with pytest.raises(BatchError, match="approved pictures only") as caught:
            request(images={"hero": make_asset(state=state)})

        assert caught.value.slot == "hero"

    def test_refuses_another_brands_picture(self) -> None:
        make_layout_kit()
        other = make_marked_asset(brand=make_brand(name="Southwind"))

        with pytest.raises(BatchError, match="does not belong to Northwind"):
            request(images={"hero": other})

    @pytest.mark.parametrize("word", ["cheap", "ch\u0435ap", "c.h.e.a.p"])
    def test_refuses_banned_words_in_any_disguise(self, word: str) -> None:
        make_layout_kit().banned_terms.create(term="cheap")

        with pytest.raises(BannedCopyError, match="does not allow cheap") as caught:
            request(modifications={"headline": f"So {word} today"})

        assert caught.value.slot == "headline"

    def test_refuses_a_draft_template(self) -> None:
        make_layout_kit()

        with pytest.raises(BatchError, match="is a draft"):
            request(template_version=make_template_version(published_at=None))

    def test_needs_a_brand_kit_that_has_what_the_template_uses(self) -> None:
        make_kit()

        with pytest.raises(BatchError, match="brand kit does not have"):
            request()


class TestSubmitCreatives:
    def test_sends_all_to_review(self) -> None:
        make_layout_kit()
        batch = request(formats=["square", "landscape"])
        run_jobs()

        submit_creatives(creatives=list(batch.creatives.all()), by=make_user(), at=NOW)

        assert Review.objects.count() == 2
        states = set(Asset.objects.filter(kind="creative").values_list("state"))
        assert states == {("in_review",)}

    def test_waits_until_something_is_rendered(self) -> None:
        make_layout_kit()
        batch = request()

        with pytest.raises(BlockedCreativeError, match="None of these is rendered"):
            submit_creatives(
                creatives=list(batch.creatives.all()), by=make_user(), at=NOW
            )

    def test_refuses_what_failed_a_check(self) -> None:
        make_layout_kit()
        batch = request(formats=["square"])
        run_jobs()
        batch.creatives.update(verdict="fail")

        with pytest.raises(BlockedCreativeError, match="Square post"):
            submit_creatives(
                creatives=list(batch.creatives.all()), by=make_user(), at=NOW
            )

        assert not Review.objects.exists()

    def test_leaves_many_to_a_worker(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("brandgen.creatives.batches.SUBMIT_AT_ONCE", 3)
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
        monkeypatch.setattr("brandgen.creatives.batches.SUBMIT_AT_ONCE", 1)
        batch = make_batch()
        run_jobs()
        creatives = list(batch.creatives.select_related("asset__brand"))
        submit_creatives(creatives=creatives, by=make_user(), at=NOW)
        submit_creatives(creatives=creatives[:1], by=make_user(), at=NOW)

        run_jobs()

        assert Review.objects.count() == 2


def states(batch: Batch) -> list[str]:
    return list(batch.creatives.order_by("position").values_list("state", flat=True))


class TestCreateBatch:
    def test_cuts_many_creatives_into_few_jobs(self) -> None:
        batch = make_batch(rows=60)

        titles = [job.title for job in reversed(find_jobs(batch))]

        assert titles == [
            "Spring, creatives 1 to 48",
            "Spring, creatives 49 to 96",
            "Spring, creatives 97 to 120",
        ]

    def test_renders_only_what_changed(self) -> None:
        version, image = make_template_version(), make_marked_asset()
        kwargs: dict = {"template_version": version, "images": {"hero": image}}
        make_layout_kit()
        first = make_batch(rows=3, **kwargs)
        run_jobs()

        second = make_batch(rows=4, **kwargs)

        assert states(second) == ["rendered"] * 6 + ["waiting"] * 2
        before = list(first.creatives.values_list("asset", "findings", "verdict"))
        after = second.creatives.filter(state="rendered")
        assert list(after.values_list("asset", "findings", "verdict")) == before

    @pytest.mark.parametrize("change", ["texts", "images", "version", "kit", "type"])
    def test_renders_all_where_all_changed(self, change: str) -> None:
        make_layout_kit()
        kwargs: dict = {
            "template_version": make_template_version(),
            "images": {"hero": make_marked_asset()},
        }
        make_batch(**kwargs)
        run_jobs()
        if change == "texts":
            kwargs["texts"] = {"cta": "Now"}
        elif change == "images":
            kwargs["images"] = {"hero": make_marked_asset()}
        elif change == "version":
            kwargs["template_version"] = make_template_version()
        elif change == "kit":
            kwargs["kit"] = make_layout_kit()
        else:
            kwargs["file_type"] = "png"

        batch = make_batch(**kwargs)

        assert states(batch) == ["waiting", "waiting"]

    def test_writes_nothing_where_the_queue_is_full(self, settings) -> None:
        settings.JOB_MAX_WAITING_PER_BRAND = 1
        fillings = [Filling(number=n, texts={"headline": str(n)}) for n in range(1, 99)]

        with pytest.raises(TooManyJobsError):
            create_batch(
                template_version=make_template_version(),
                kit=current_kit(make_brand()),
                name="Spring",
                fillings=fillings,
                cells=[Cell(n, "square") for n in range(98)],
                by=make_user(),
                at=NOW,
            )

        assert not Batch.objects.exists()
        assert not Job.objects.exists()


class TestSteering:
    def test_pauses_and_goes_on(self) -> None:
        batch = make_batch(rows=2)

        assert pause_batch(batch=batch, by=make_user(), at=NOW)
        assert not pause_batch(batch=batch, by=make_user(), at=NOW)
        run_jobs()
        paused = states(batch)
        assert resume_batch(batch=batch, by=make_user(), at=NOW)
        run_jobs()

        assert set(paused) == {"waiting"}
        assert set(states(batch)) == {"rendered"}
        actions = Entry.objects.about(batch).values_list("action", flat=True)
        assert list(actions) == ["batch.requested", "batch.paused", "batch.resumed"]

    def test_goes_on_though_the_old_job_is_only_just_stopping(self) -> None:
        batch = make_batch(rows=2)
        Job.objects.update(state=Job.State.RUNNING, attempt=1, worker="slow")

        pause_batch(batch=batch, by=make_user(), at=NOW)
        resume_batch(batch=batch, by=make_user(), at=NOW)
        run_jobs()

        assert set(states(batch)) == {"rendered"}

    def test_keeps_what_is_rendered_when_it_is_cancelled(self) -> None:
        batch = make_batch(rows=2)
        run_jobs()
        batch.creatives.filter(position=3).update(state="waiting", asset=None)

        assert cancel_batch(batch=batch, by=make_user(), at=NOW)

        assert states(batch) == ["rendered"] * 3 + ["waiting"]
        assert not cancel_batch(batch=batch, by=make_user(), at=NOW)

    def test_tries_what_failed_again(self) -> None:
        batch = make_batch()
        run_jobs()
        batch.creatives.filter(position=1).update(
            state="failed", asset=None, error="No room"
        )

        resume_batch(batch=batch, by=make_user(), at=NOW)
        run_jobs()

        assert states(batch) == ["rendered", "rendered"]
        assert set(batch.creatives.values_list("error", flat=True)) == {""}

    def test_has_nothing_to_do_where_all_is_rendered(self) -> None:
        batch = make_batch()
        run_jobs()

        assert not pause_batch(batch=batch, by=make_user(), at=NOW)
        assert not resume_batch(batch=batch, by=make_user(), at=NOW)

    @pytest.mark.parametrize("step", [pause_batch, resume_batch, cancel_batch])
    def test_is_for_those_who_make_creatives(self, step) -> None:
        batch = make_batch()
        viewer = make_user("Vic", role="viewer")

        with pytest.raises(PermissionDenied):
            step(batch=batch, by=viewer, at=NOW)


class TestLeaveOut:
    def test_takes_out_and_puts_back(self) -> None:
        batch = make_batch()
        run_jobs()
        ids = list(batch.creatives.values_list("id", flat=True))[:1]

        assert leave_out(batch=batch, creative_ids=ids, by=make_user(), at=NOW) == 1
        out = states(batch)
        assert put_back(batch=batch, creative_ids=ids, by=make_user(), at=NOW) == 1

        assert out == ["left_out", "rendered"]
        assert states(batch) == ["rendered", "rendered"]

    def test_renders_what_it_puts_back_where_it_never_was(self) -> None:
        batch = make_batch()
        ids = list(batch.creatives.values_list("id", flat=True))[:1]
        leave_out(batch=batch, creative_ids=ids, by=make_user(), at=NOW)
        run_jobs()

        put_back(batch=batch, creative_ids=ids, by=make_user(), at=NOW)
        run_jobs()

        assert states(batch) == ["rendered", "rendered"]

    def test_leaves_other_batches_alone(self) -> None:
        batch, other = make_batch(), make_batch(name="Autumn")
        ids = list(other.creatives.values_list("id", flat=True))

        assert leave_out(batch=batch, creative_ids=ids, by=make_user(), at=NOW) == 0
