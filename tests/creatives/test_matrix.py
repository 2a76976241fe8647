import json

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from brandgen.compositor.examples.northwind import SPRING
from brandgen.creatives.content import BatchError
from brandgen.creatives.feeds import load_table, read_feed_rows, save_plan
from brandgen.creatives.matrix import make_matrix_feed, read_matrix
from brandgen.creatives.models import Feed, Template, TemplateVersion
from brandgen.creatives.planning import Plan, Source
from brandgen.library.models import Asset
from tests.factories import (
    NOW,
    make_asset,
    make_layout_kit,
    make_marked_asset,
    make_reviewer,
    make_template_version,
    make_user,
)

pytestmark = pytest.mark.django_db
LANGUAGES = {"en": {"label": "English"}, "de": {"label": "Deutsch"}}
VARIANTS = [
    {"headline": "Sea mug", "headline@de": "Meerbecher", "cta": "See more"},
    {},
    {"headline": "Night mug"},
]


def make_version() -> TemplateVersion:
    make_layout_kit()
    document = json.loads(SPRING.read_bytes()) | {"locales": LANGUAGES}
    return make_template_version(document=document)


def make_feed(
    photos: list[Asset] | None = None,
    template: Template | None = None,
    **changes: object,
) -> Feed:
    kwargs: dict = {
        "template": template or make_version().template,
        "variants": VARIANTS,
        "images": {"hero": photos or [make_marked_asset(title="Mug")]},
        "by": make_user(),
        "at": NOW,
    }
    return make_matrix_feed(**(kwargs | changes))


class TestMakeMatrixFeed:
    def test_puts_every_picture_with_every_variant(self) -> None:
        photos = [make_marked_asset(title="Mug"), make_marked_asset(title="Bowl")]

        feed = make_feed(photos)

        reading = read_feed_rows(feed)
        assert [f.label for f in reading.fillings] == [
            "Variant 1, Mug", "Variant 1, Bowl", "Variant 2, Mug", "Variant 2, Bowl",
        ]  # fmt: skip
        first, last = reading.fillings[0], reading.fillings[-1]
        assert first.texts_in("de") == {"headline": "Meerbecher", "cta": "See more"}
        assert last.texts_in("de") == {"headline": "Night mug"}
        assert last.images["hero"].title == "Bowl"
        assert reading.problems == []
        assert len(reading.cells) == 4 * 3 * 2

    def test_can_be_read_back_to_be_changed(self) -> None:
        photos = [make_marked_asset(title="Mug"), make_marked_asset(title="Bowl")]
        feed = make_feed(photos)
        document = feed.template.find_published().load()

        found = read_matrix(document, load_table(feed))

        assert found.pictures == {"hero": [str(photo.id) for photo in photos]}
        assert [v["headline"] for v in found.variants] == ["Sea mug", "Night mug"]

    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"variants": [{}, {"headline": ""}]}, "Nothing is written yet"),
            ({"images": {}}, "Picture is needed. Choose at least one."),
        ],
    )
    def test_says_what_is_missing(self, changes: dict, message: str) -> None:
        with pytest.raises(BatchError, match=message):
            make_feed(**changes)

        assert not Feed.objects.exists()

    def test_takes_approved_pictures_only(self) -> None:
        with pytest.raises(BatchError, match="approved pictures only"):
            make_feed([make_asset(state="draft")])

    def test_keeps_to_the_limit_of_rows(self, settings) -> None:
        settings.FEED_MAX_ROWS = 1

        with pytest.raises(BatchError, match="These are 2 rows; 1 are allowed"):
            make_feed()

    def test_does_not_change_what_is_remembered_of_tables(self) -> None:
        feed = make_feed()
        before = {"headline": {"column": "Claim", "fixed": ""}}
        Template.objects.update(feed_sources=before)

        plan = Plan(sources={"headline": Source(column="headline")})
        seen = Plan.from_json(feed.plan).mark
        save_plan(feed=feed, plan=plan, seen=seen, by=make_user())

        assert Template.objects.get().feed_sources == before

    def test_is_for_those_who_make_creatives(self) -> None:
        with pytest.raises(PermissionDenied):
            make_feed(by=make_reviewer())


class TestPage:
    def open(self, version: TemplateVersion, **data: object):
        client = Client()
        client.force_login(make_user())
        url = reverse("creatives:matrix", args=["northwind", version.template_id])
        return client.post(url, data) if data else client.get(url)

    def test_begins_with_two_variants(self) -> None:
        page = self.open(make_version()).content.decode()

        assert page.count('id="variant-') == 4
        assert "In Deutsch" in page

    def test_leads_to_the_feed_that_comes_of_it(self) -> None:
        photo = make_marked_asset(title="Mug")

        answer = self.open(
            make_version(),
            **{"count": 2, "i-hero": [photo.id, "x"], "v1-headline": " Sea mug "},
        )

        feed = Feed.objects.get()
        assert answer["Location"].endswith(f"/feeds/{feed.id}/")
        assert load_table(feed).rows[0].cells == (
            "Variant 1, Mug", "Sea mug", str(photo.id),
        )  # fmt: skip

    def test_keeps_what_was_written_when_a_variant_is_added(self) -> None:
        photo = make_marked_asset(title="Mug")

        page = self.open(
            make_version(),
            **{"count": 2, "i-hero": photo.id, "v0-headline": "Sea mug", "add": "1"},
        ).content.decode()

        assert 'id="variant-3"' in page
        assert 'value="Sea mug"' in page
        assert f'value="{photo.id}" checked' in page
        assert not Feed.objects.exists()

    def test_keeps_what_was_written_though_it_is_not_enough(self) -> None:
        answer = self.open(make_version(), **{"count": 1, "v0-headline": "Sea mug"})

        page = answer.content.decode()
        assert answer.status_code == 422
        assert "Picture is needed. Choose at least one." in page
        assert 'value="Sea mug"' in page

    def test_opens_what_was_written_before(self) -> None:
        feed = make_feed()
        client = Client()
        client.force_login(make_user())
        url = reverse("creatives:matrix", args=["northwind", feed.template_id])

        page = client.get(url, {"like": str(feed.id)}).content.decode()

        assert 'value="Meerbecher"' in page
        assert 'value="Night mug"' in page
        assert page.count(" checked") == 1

    def test_calls_pictures_by_their_titles_on_the_page_of_the_feed(self) -> None:
        feed = make_feed()
        client = Client()
        client.force_login(make_user())

        page = client.get(reverse("creatives:feed", args=["northwind", feed.id]))

        shown = page.context["shown_rows"][0].values
        at = page.context["shown_columns"].index("Picture")
        assert shown[at] == "Mug"
