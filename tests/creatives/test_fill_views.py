import json

import pytest

from brandgen.compositor.examples.northwind import SPRING
from brandgen.creatives.models import Batch, TemplateVersion
from brandgen.lib.finding_rules import explain
from brandgen.library.models import Asset
from tests.creatives.pages import address
from tests.factories import (
    make_asset,
    make_brand,
    make_layout_kit,
    make_manager,
    make_marked_asset,
    make_template_version,
)
from tests.pages import enter

pytestmark = pytest.mark.django_db

LOCALES = {"de": {"label": "Deutsch"}, "ar": {"direction": "rtl"}}


def make_version(
    *, locales: dict | None = None, must_change: bool = False
) -> TemplateVersion:
    document = json.loads(SPRING.read_bytes())
    document["locales"] = locales or {}
    document["slots"]["headline"]["change_required"] = must_change
    return make_template_version(document=document)


def filled(photo: Asset, **changes: object) -> dict[str, object]:
    return {
        "t-headline": "Brighter mornings",
        "t-cta": "See more",
        "i-hero": str(photo.id),
        "formats": ["square", "landscape"],
        "name": "Spring",
        "file_type": "jpeg",
        **changes,
    }


class TestFill:
    def test_chooses_the_picture_that_one_came_with(self) -> None:
        make_layout_kit()
        version, photo = make_template_version(), make_marked_asset()

        page = enter().get(address("fill", version.template_id), {"image": photo.id})

        assert f'value="{photo.id}" checked' in page.content.decode()
        assert f"i-hero={photo.id}" in page.content.decode()

    def test_shows_the_draft_to_those_who_may_change_it(self) -> None:
        make_layout_kit()
        version = make_template_version(published_at=None)
        url = address("fill", version.template_id)

        page = enter(make_manager()).get(url, {"draft": "1"})
        refused = enter(make_manager()).post(
            f"{url}?draft=1", filled(make_marked_asset())
        )

        assert "as marketers will see it" in page.content.decode()
        assert "is a draft. Publish it first." in refused.content.decode()
        assert enter().get(url, {"draft": "1"}).status_code == 302

    def test_chooses_the_only_picture_there_is(self) -> None:
        make_layout_kit()
        version, photo = make_template_version(), make_marked_asset()

        page = enter().get(address("fill", version.template_id)).content.decode()
        make_marked_asset()
        of_two = enter().get(address("fill", version.template_id)).content.decode()

        assert f'value="{photo.id}" checked' in page
        assert f'value="{photo.id}" checked' not in of_two

    def test_makes_the_creatives(self) -> None:
        make_layout_kit()
        version, photo = make_template_version(), make_marked_asset()

        answer = enter().post(address("fill", version.template_id), filled(photo))

        batch = Batch.objects.get()
        assert answer.url == address("batch", batch.id)
        assert [c.format for c in batch.creatives.all()] == ["square", "landscape"]
        assert batch.rows.get().images.get().asset == photo

    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"t-headline": ""}, "Headline is needed"),
            ({"t-headline": "x" * 99}, "at most 70 characters"),
            ({"i-hero": ""}, "Picture is needed"),
            ({"i-hero": "nonsense"}, "not approved, or not of this brand"),
            ({"formats": []}, "Choose at least one format"),
            ({"formats": ["poster"]}, "poster is not one of the available choices"),
            ({"t-headline": "So cheap"}, "does not allow cheap"),
        ],
    )
    def test_says_at_the_field_what_is_wrong(self, changes: dict, message: str) -> None:
        make_layout_kit().banned_terms.create(term="cheap")
        version = make_template_version()

        answer = enter().post(
            address("fill", version.template_id), filled(make_marked_asset(), **changes)
        )

        assert answer.status_code == 422
        assert message in answer.content.decode()
        assert not Batch.objects.exists()

    def test_makes_a_creative_for_each_language_with_copy_of_its_own(self) -> None:
        make_layout_kit()
        version, photo = make_version(locales=LOCALES), make_marked_asset()
        own = {"t-headline": "", "t-headline@de": "Morgen", "t-headline@ar": "صباح"}

        enter().post(
            address("fill", version.template_id),
            filled(photo, locales=["de", "ar"], **own),
        )

        batch = Batch.objects.get()
        assert [f"{c.locale} {c.format}" for c in batch.creatives.all()] == [
            "de square", "de landscape", "ar square", "ar landscape"
        ]  # fmt: skip
        assert batch.rows.get().texts_in("ar")["headline"] == "صباح"
        assert batch.rows.get().texts_in("ar")["cta"] == "See more"

    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"locales": []}, "Choose at least one language"),
            ({"locales": ["fr"]}, "fr is not one of the available choices"),
            ({"t-headline": ""}, "Headline is needed"),
            ({"t-headline@de": "x" * 99}, "at most 70 characters"),
            ({"t-headline@de": "So cheap"}, "does not allow cheap"),
        ],
    )
    def test_minds_every_chosen_language(self, changes: dict, message: str) -> None:
        make_layout_kit().banned_terms.create(term="cheap")
        version, photo = make_version(locales=LOCALES), make_marked_asset()
        data = filled(photo, **({"locales": ["de"]} | changes))

        answer = enter().post(address("fill", version.template_id), data)

        assert answer.status_code == 422
        assert message in answer.content.decode()
        assert not Batch.objects.exists()

    def test_keeps_what_was_typed_when_one_only_looks(self) -> None:
        make_layout_kit()
        version, photo = make_template_version(), make_marked_asset()
        data = filled(photo, look="1", **{"t-headline": "Almost there"}, name="")

        page = enter().post(address("fill", version.template_id), data)

        text = page.content.decode()
        assert page.status_code == 200
        assert 'value="Almost there"' in text
        assert "t-headline=Almost+there" in text
        assert "errorlist" not in text
        assert not Batch.objects.exists()

    def test_offers_approved_pictures_only(self) -> None:
        make_layout_kit()
        version = make_template_version()
        good, draft = make_marked_asset(), make_asset()

        page = enter().get(address("fill", version.template_id)).content.decode()

        assert str(good.id) in page
        assert str(draft.id) not in page

    def test_is_closed_to_another_brand(self) -> None:
        version = make_template_version(brand=make_brand(name="Southwind"))

        answer = enter().get(address("fill", version.template_id))

        assert answer.status_code == 404


class TestLook:
    def look(self, version: TemplateVersion, format_name: str = "square", **data: str):
        return enter().post(address("look", version.id, format_name), data)

    def test_gives_the_picture_and_what_checks_found(self) -> None:
        make_layout_kit()
        version = make_version(must_change=True)
        small = make_marked_asset(width_px=64, height_px=64)
        example = version.document["slots"]["headline"]["example"]

        told = self.look(
            version, **{"t-headline": example, "i-hero": str(small.id)}
        ).json()
        better = self.look(version, **{"t-headline": "Own words"}).json()

        assert told["picture"].startswith("data:image/jpeg;base64,/9j/")
        assert (told["errors"], told["warnings"]) == (1, 1)
        assert "still says what the template says" in told["findings"]
        assert "<b>Examples replaced</b>" in told["findings"]
        assert explain("placeholder") in told["findings"]
        assert "Measured enlarged 4.22 times" in told["findings"]
        assert better["errors"] == 0
        assert "<li>" not in better["findings"]

    def test_says_nothing_of_what_is_not_filled_in_yet(self) -> None:
        make_layout_kit()

        told = self.look(make_version(must_change=True)).json()

        assert told["errors"] == 0

    def test_draws_a_language_with_its_own_copy(self) -> None:
        make_layout_kit()
        version = make_version(locales=LOCALES)

        pictures = [
            self.look(version, **data).json()["picture"]
            for data in (
                {"t-headline": "One"},
                {"t-headline": "One", "locale": "de"},
                {"t-headline": "One", "locale": "de", "t-headline@de": "Eins"},
            )
        ]

        assert pictures[0] == pictures[1] != pictures[2]

    @pytest.mark.parametrize(
        ("data", "field"),
        [
            ({"t-headline": "x" * 99}, "t-headline"),
            ({"t-headline": "x" * 99, "locale": "de"}, "t-headline"),
            ({"t-headline@de": "x" * 99, "locale": "de"}, "t-headline@de"),
            ({"t-cta@de": "cheap", "locale": "de"}, "t-cta@de"),
            ({"locale": "fr"}, ""),
        ],
    )
    def test_names_the_field_that_can_not_be_drawn(
        self, data: dict[str, str], field: str
    ) -> None:
        make_layout_kit().banned_terms.create(term="cheap")

        answer = self.look(make_version(locales=LOCALES), **data)

        assert answer.status_code == 422
        assert answer.json()["field"] == field
        assert answer.json()["problem"]

    def test_is_closed_to_another_brand(self) -> None:
        version = make_template_version(brand=make_brand(name="Southwind"))

        assert self.look(version).status_code == 404
