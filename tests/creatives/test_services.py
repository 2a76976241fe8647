import json

import pytest
from django.core.exceptions import PermissionDenied

from brandgen.audit.models import Entry
from brandgen.compositor.examples.northwind import SPRING
from brandgen.creatives.models import Batch, Template, TemplateVersion
from brandgen.creatives.runner import RUN_RENDER, run_render
from brandgen.creatives.services import (
    BannedCopyError,
    BatchError,
    BlockedCreativeError,
    TemplateError,
    import_template,
    publish_template,
    request_batch,
    retry_creative,
    save_template_version,
    submit_creatives,
)
from brandgen.creatives.torture import (
    TortureFailedError,
    TortureWarningError,
    UntestedTemplateError,
)
from brandgen.jobs.models import Job
from brandgen.library.models import Asset
from brandgen.review.models import Review
from tests.factories import (
    NOW,
    make_asset,
    make_brand,
    make_kit,
    make_layout_kit,
    make_manager,
    make_marked_asset,
    make_template_version,
    make_torture_test,
    make_user,
)
from tests.jobs_for import hold_job

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


def spring(**changes: object) -> str:
    return json.dumps(json.loads(SPRING.read_bytes()) | changes)


class TestImportTemplate:
    def test_keeps_a_draft(self) -> None:
        version = import_template(
            brand=make_brand(), source=SPRING.read_bytes(), by=make_manager(), at=NOW
        )

        assert version.template.name == "Northwind Spring"
        assert version.published_at is None
        assert set(version.load().formats) == {"square", "story", "landscape"}

    def test_says_where_the_document_is_wrong(self) -> None:
        with pytest.raises(TemplateError, match=r"at /formats/square"):
            import_template(
                brand=make_brand(),
                source=spring(formats={"square": {"width_px": "wide"}}),
                by=make_manager(),
                at=NOW,
            )

        assert not Template.objects.exists()

    @pytest.mark.parametrize("source", ["", "{", "[]", "\0", "{}", "x" * 600_000])
    def test_refuses_what_is_no_document(self, source: str) -> None:
        with pytest.raises(TemplateError):
            import_template(
                brand=make_brand(), source=source, by=make_manager(), at=NOW
            )

    def test_refuses_a_name_that_is_taken(self) -> None:
        kwargs = {"brand": make_brand(), "by": make_manager(), "at": NOW}
        import_template(source=spring(), **kwargs)

        with pytest.raises(TemplateError, match="add a new version"):
            import_template(source=spring(), **kwargs)

    def test_is_for_brand_managers(self) -> None:
        with pytest.raises(PermissionDenied):
            import_template(brand=make_brand(), source=spring(), by=make_user(), at=NOW)


class TestSaveTemplateVersion:
    def test_starts_a_draft_after_the_published_version(self) -> None:
        published = make_template_version()

        draft = save_template_version(
            template=published.template,
            source=spring(name="New"),
            by=make_manager(),
            at=NOW,
        )

        assert (draft.version, draft.published_at) == (2, None)
        published.refresh_from_db()
        assert published.document["name"] == "Northwind Spring"

    def test_changes_the_draft_that_there_is(self) -> None:
        template = make_template_version().template
        for name in ("One", "Two"):
            save_template_version(
                template=template, source=spring(name=name), by=make_manager(), at=NOW
            )

        assert template.versions.count() == 2
        assert template.find_draft().document["name"] == "Two"


class TestPublishTemplate:
    def test_freezes_the_version_once(self) -> None:
        make_layout_kit()
        version = make_template_version(published_at=None)
        make_torture_test(version)

        assert publish_template(version=version, by=make_manager(), at=NOW)
        assert not publish_template(version=version, by=make_manager(), at=NOW)

        assert version.template.find_published() == version
        assert Entry.objects.filter(action="template.published").count() == 1

    def test_needs_a_brand_kit(self) -> None:
        version = make_template_version(published_at=None)

        with pytest.raises(TemplateError, match="no published brand kit"):
            publish_template(version=version, by=make_manager(), at=NOW)

    def test_refuses_what_was_not_tried(self) -> None:
        make_layout_kit()
        version = make_template_version(published_at=None)

        with pytest.raises(UntestedTemplateError, match="not tried"):
            publish_template(version=version, by=make_manager(), at=NOW)

        version.refresh_from_db()
        assert version.published_at is None

    def test_refuses_a_draft_that_was_changed_since(self) -> None:
        make_layout_kit()
        version = make_template_version(published_at=None)
        make_torture_test(version)
        changed = TemplateVersion.objects.filter(id=version.id)
        changed.update(document=version.document | {"name": "Changed"})

        with pytest.raises(UntestedTemplateError):
            publish_template(version=version, by=make_manager(), at=NOW)

    def test_refuses_a_result_of_another_brand_kit(self) -> None:
        make_layout_kit()
        version = make_template_version(published_at=None)
        make_torture_test(version)
        make_layout_kit(brand=version.template.brand, version=2)

        with pytest.raises(UntestedTemplateError):
            publish_template(version=version, by=make_manager(), at=NOW)

    def test_refuses_what_failed_whatever_one_says(self) -> None:
        make_layout_kit()
        version = make_template_version(published_at=None)
        make_torture_test(version, fail_count=2)

        with pytest.raises(TortureFailedError, match="2 of 21"):
            publish_template(
                version=version, by=make_manager(), at=NOW, despite_warnings=True
            )

    def test_wants_warnings_to_be_seen(self) -> None:
        make_layout_kit()
        version = make_template_version(published_at=None)
        make_torture_test(version, warn_count=1)

        with pytest.raises(TortureWarningError, match="1 of 21"):
            publish_template(version=version, by=make_manager(), at=NOW)
        assert publish_template(
            version=version, by=make_manager(), at=NOW, despite_warnings=True
        )


class TestRequestBatch:
    def test_queues_one_creative_a_format(self) -> None:
        kit = make_layout_kit()

        batch = request()

        assert [c.format for c in batch.creatives.all()] == [
            "square", "story", "landscape",
        ]  # fmt: skip
        jobs = Job.objects.filter(work=RUN_RENDER, queue="render")
        assert {job.subject_id for job in jobs} == {
            str(c.id) for c in batch.creatives.all()
        }
        assert batch.brand_kit == kit
        assert batch.modifications == COPY

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


def render_all(batch: Batch) -> None:
    for creative in batch.creatives.all():
        run_render(hold_job(creative))


class TestSubmitCreatives:
    def test_sends_all_to_review(self) -> None:
        make_layout_kit()
        batch = request(formats=["square", "landscape"])
        render_all(batch)

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
        render_all(batch)
        failed = {"rule": "overflow", "verdict": "fail", "message": "Too long."}
        batch.creatives.update(findings=[failed])

        with pytest.raises(BlockedCreativeError, match="Square post"):
            submit_creatives(
                creatives=list(batch.creatives.all()), by=make_user(), at=NOW
            )

        assert not Review.objects.exists()


class TestRetryCreative:
    def test_queues_what_failed(self) -> None:
        make_layout_kit()
        creative = request(formats=["square"]).creatives.get()
        Job.objects.update(state=Job.State.FAILED)

        assert retry_creative(creative=creative, by=make_user(), at=NOW)

        assert Job.objects.get().state == Job.State.WAITING

    def test_leaves_what_is_done(self) -> None:
        make_layout_kit()
        batch = request(formats=["square"])
        render_all(batch)

        creative = batch.creatives.get()
        assert not retry_creative(creative=creative, by=make_user(), at=NOW)
