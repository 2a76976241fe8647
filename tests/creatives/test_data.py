"""A template's data on its way into creatives: form, variants, table, file."""

from typing import Any

import pytest

from brandgen.creatives.batches import request_batch
from brandgen.creatives.content import BannedCopyError, BatchError
from brandgen.creatives.feeds import read_feed_rows
from brandgen.creatives.marking import content_of, key_of
from brandgen.creatives.matrix import make_matrix_feed
from brandgen.creatives.models import Batch, BatchRow, Creative, TemplateVersion
from brandgen.library.models import Asset
from tests.creatives.pages import address
from tests.factories import (
    NOW,
    make_layout_kit,
    make_marked_asset,
    make_priced_version,
    make_user,
    run_jobs,
)
from tests.pages import enter

pytestmark = pytest.mark.django_db

LOCALES = {"en": {"label": "English"}, "de": {"label": "Deutsch"}}
PRICE = "t-product.price"


def order(version: TemplateVersion, **changes: Any) -> Batch:
    kwargs: dict[str, Any] = {
        "images": {"hero": make_marked_asset(alt_text="A mug.")},
        "modifications": {"headline": "Brighter mornings"},
        "formats": ["square"],
        "name": "Spring",
        "by": make_user(),
        "at": NOW,
    }
    return request_batch(template_version=version, **(kwargs | changes))


def rendered(batch: Batch) -> list[Creative]:
    run_jobs()
    return list(batch.creatives.select_related("asset", "row"))


class TestRequestBatch:
    @pytest.mark.parametrize("data", [{}, {"product": {"price": "  "}}])
    def test_refuses_data_that_is_needed_and_empty(self, data: Any) -> None:
        make_layout_kit()

        with pytest.raises(BatchError, match="Product price is needed") as caught:
            order(make_priced_version(), data=data)

        assert caught.value.slot == "product.price"
        assert not Batch.objects.exists()

    def test_draws_the_value_and_says_it_in_words(self) -> None:
        make_layout_kit()
        version = make_priced_version()

        own, other = (
            rendered(order(version, data={"product": {"price": price}}))[0]
            for price in ("$20", "$30")
        )

        assert own.asset.sha256 != other.asset.sha256
        assert own.asset.alt_text == "A mug. Text: Brighter mornings. Only $20 today"
        assert not [f for f in own.findings if f["rule"] == "placeholder"]

    def test_leaves_optional_data_empty(self) -> None:
        make_layout_kit()
        version = make_priced_version(visible_if="product.price")

        (creative,) = rendered(order(version))

        assert creative.row.data == {"product": {"price": ""}}
        assert "Only" not in creative.asset.alt_text

    def test_takes_data_of_its_own_for_a_language(self) -> None:
        make_layout_kit()
        version = make_priced_version(locales=LOCALES)

        batch = order(
            version,
            locales=["en", "de"],
            data={"product": {"price": "$20"}},
            localized={"de": {"product.price": "20 €"}},
        )

        said = {c.locale: c.asset.alt_text for c in rendered(batch)}
        assert said["en"].endswith("Only $20 today")
        assert said["de"].endswith("Only 20 € today")
        assert batch.rows.get().texts_in("de") == {"headline": "Brighter mornings"}

    def test_does_without_the_general_value_where_every_language_has_its_own(
        self,
    ) -> None:
        make_layout_kit()
        version = make_priced_version(locales=LOCALES)

        batch = order(
            version, locales=["de"], localized={"de": {"product.price": "20 €"}}
        )

        assert batch.creatives.count() == 1

    def test_refuses_banned_words_in_data(self) -> None:
        make_layout_kit().banned_terms.create(term="cheap")

        with pytest.raises(BannedCopyError, match="Reword “Product price”"):
            order(make_priced_version(), data={"product": {"price": "cheap"}})

    def test_never_shows_the_example_of_rows_that_were_made_before(self) -> None:
        make_layout_kit()
        batch = order(make_priced_version(), data={"product": {"price": "$20"}})
        batch.rows.update(data={})

        (creative,) = rendered(batch)

        assert "$49" not in creative.asset.alt_text
        assert ("placeholder", "fail") in [
            (f["rule"], f["verdict"]) for f in creative.findings
        ]


class TestContentKey:
    def test_of_creatives_without_data_stays(self) -> None:
        batch = Batch(template_version_id=1, brand_kit_id=2, file_type="jpeg")
        batch.name = "Spring"
        creative = Creative(batch=batch, format="square", label="Square", locale="de")
        creative.row = BatchRow(
            modifications={"headline": "Hello"},
            localized={"de": {"headline": "Hallo"}},
        )

        assert content_of(creative, {}).data == {}
        assert key_of(creative, {}) == (
            "22526f33d1813d2a5f5361d30f20d8f0cee56c6247df19236e14264bc25b9cd6"
        )


class TestForm:
    def fill(self, version: TemplateVersion, photo: Asset, **changes: Any) -> Any:
        values = {
            "t-headline": "Brighter mornings",
            "i-hero": str(photo.id),
            "formats": ["square"],
            "name": "Spring",
            "file_type": "jpeg",
        }
        return enter().post(address("fill", version.template_id), values | changes)

    def test_asks_for_data_with_its_example(self) -> None:
        make_layout_kit()
        version = make_priced_version()

        page = enter().get(address("fill", version.template_id)).content.decode()

        assert 'name="t-product.price"' in page
        assert 'placeholder="$49"' in page
        assert "Previews show the example until it is filled in" in page

    def test_refuses_to_make_anything_from_the_example(self) -> None:
        make_layout_kit()
        version, photo = make_priced_version(), make_marked_asset()

        answer = self.fill(version, photo)

        assert answer.status_code == 422
        assert "Product price is needed. Fill it in." in answer.content.decode()
        assert not Batch.objects.exists()

    def test_makes_creatives_with_the_values(self) -> None:
        make_layout_kit()
        version = make_priced_version(locales=LOCALES)
        own = {PRICE: "$20", f"{PRICE}@de": "20 €", "locales": ["en", "de"]}

        answer = self.fill(version, make_marked_asset(), **own)

        assert answer.status_code == 302
        row = Batch.objects.get().rows.get()
        assert row.data_in("en") == {"product": {"price": "$20"}}
        assert row.data_in("de") == {"product": {"price": "20 €"}}

    def test_does_not_ask_for_what_no_layer_shows(self) -> None:
        make_layout_kit()
        data = {"product": {"price": "$49", "sku": "M-1"}}
        version = make_priced_version(data=data)

        page = enter().get(address("fill", version.template_id)).content.decode()

        assert "t-product.sku" not in page

    def test_draws_the_values_while_one_types(self) -> None:
        make_layout_kit()
        version = make_priced_version()
        url = address("look", version.id, "square")

        untouched, like_example, own = (
            enter().post(url, {"t-headline": "Hi", **data}).json()
            for data in ({}, {PRICE: "$49"}, {PRICE: "$20"})
        )

        assert untouched["picture"] == like_example["picture"] != own["picture"]
        assert untouched["errors"] == untouched["warnings"] == 0
        assert "All of “product” says what the template" in like_example["findings"]

    def test_shows_the_values_without_a_script(self) -> None:
        make_layout_kit()
        version = make_priced_version()
        url = address("preview", version.id, "square")

        example, own = (
            enter().get(url, {"t-headline": "Hi", **data}).content
            for data in ({}, {PRICE: "$20"})
        )

        assert example != own

    def test_names_the_field_of_banned_words(self) -> None:
        make_layout_kit().banned_terms.create(term="cheap")
        version = make_priced_version()

        answer = enter().post(address("look", version.id, "square"), {PRICE: "cheap"})

        assert (answer.status_code, answer.json()["field"]) == (422, PRICE)


class TestVariants:
    def feed(self, *variants: dict[str, str]) -> Any:
        make_layout_kit()
        return make_matrix_feed(
            template=make_priced_version(locales=LOCALES).template,
            variants=variants,
            images={"hero": [make_marked_asset(title="Mug")]},
            by=make_user(),
            at=NOW,
        )

    def test_fill_data_too(self) -> None:
        feed = self.feed(
            {"headline": "Mug", "product.price": "$20", "product.price@de": "20 €"}
        )

        reading = read_feed_rows(feed)

        (filling,) = reading.fillings
        assert reading.problems == []
        assert filling.data_in("en") == {"product": {"price": "$20"}}
        assert filling.data_in("de") == {"product": {"price": "20 €"}}
        assert filling.texts_in("de") == {"headline": "Mug"}

    def test_name_the_row_that_lacks_a_value(self) -> None:
        feed = self.feed(
            {"headline": "Mug", "product.price": "$20"}, {"headline": "Bowl"}
        )

        reading = read_feed_rows(feed)

        assert [(p.row, p.key, p.message) for p in reading.problems] == [
            (2, "product.price", "Product price is needed. Fill it in.")
        ]
        assert {cell.filling for cell in reading.cells} == {0}

    def test_page_asks_for_data(self) -> None:
        make_layout_kit()
        version = make_priced_version()

        page = enter().get(address("matrix", version.template_id)).content.decode()

        assert 'name="v0-product.price"' in page
        assert "Product price" in page
