import pytest

from brandgen.creatives.batches import (
    Cell,
    Filling,
    create_batch,
    find_jobs,
    request_batch,
)
from brandgen.creatives.content import BannedCopyError, BatchError
from brandgen.creatives.models import Batch
from brandgen.jobs.models import Job
from brandgen.jobs.services import TooManyJobsError
from tests.factories import (
    NOW,
    current_kit,
    find_states,
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

        assert find_states(second) == ["rendered"] * 6 + ["waiting"] * 2
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

        assert find_states(batch) == ["waiting", "waiting"]

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
