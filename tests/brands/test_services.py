from typing import Any

import pytest

from brandgen.audit.models import Entry
from brandgen.brands.diff import compare_kits
from brandgen.brands.fonts import FontError
from brandgen.brands.models import (
    BrandKit,
    FrozenKitError,
    ImageryRule,
    PaletteColor,
)
from brandgen.brands.services import (
    KitError,
    add_font,
    add_logo,
    ban_terms,
    change_words,
    keep_part,
    publish_kit,
    remove_part,
    start_draft,
)
from brandgen.lib.storage import get_store
from tests.brands.test_fonts import make_font
from tests.brands.test_logos import make_logo
from tests.factories import NOW, make_brand, make_kit, make_manager

pytestmark = pytest.mark.django_db


def who() -> dict[str, Any]:
    return {"by": make_manager(), "at": NOW}


def make_draft() -> BrandKit:
    make_kit()
    return start_draft(brand=make_brand(), **who())


class TestStartDraft:
    def test_copies_every_part_of_the_last_version(self) -> None:
        kit = make_kit(voice="Calm.")
        kit.banned_terms.create(term="cheap")
        kit.imagery_rules.create(is_do=True, text="Soft light")

        draft = start_draft(brand=kit.brand, **who())

        assert (draft.version, draft.voice) == (2, "Calm.")
        assert compare_kits(kit, draft) == []
        assert kit.colors.count() == draft.colors.count() == 3

    def test_goes_on_with_the_draft_that_is_there(self) -> None:
        draft = make_draft()

        assert start_draft(brand=draft.brand, **who()) == draft

    def test_starts_empty_for_a_new_brand(self) -> None:
        draft = start_draft(brand=make_brand(), **who())

        assert (draft.version, draft.colors.count()) == (1, 0)


class TestKeepPart:
    def test_leaves_the_version_before_as_it_was(self) -> None:
        draft = make_draft()
        color = draft.colors.get(name="Sand")
        color.hex = "#ffffff"

        keep_part(kit=draft, part=color, **who())

        before = draft.find_previous()
        assert before is not None
        assert before.colors.get(name="Sand").hex == "#fbe9d0"
        assert Entry.objects.first().action == "brand_kit.palettecolor_changed"  # type: ignore[union-attr]

    def test_refuses_a_published_kit(self) -> None:
        with pytest.raises(FrozenKitError, match="Start a new draft"):
            keep_part(kit=make_kit(), part=ImageryRule(is_do=True, text="x"), **who())

    def test_refuses_a_name_twice(self) -> None:
        color = PaletteColor(name="Sand", hex="#000000", role="ink")

        with pytest.raises(KitError, match="has “Sand” already"):
            keep_part(kit=make_draft(), part=color, **who())


class TestRemovePart:
    def test_takes_it_out_of_the_draft_only(self) -> None:
        draft = make_draft()

        remove_part(kit=draft, part=draft.colors.get(name="Sand"), **who())

        assert draft.colors.count() == 2
        assert PaletteColor.objects.filter(name="Sand").count() == 1


class TestAddFont:
    def test_keeps_file_facts_and_license(self) -> None:
        data = make_font()

        font = add_font(kit=make_draft(), data=data, license_name="OFL 1.1", **who())

        assert (font.family, font.weight, font.file_format) == (
            "Northwind Sans",
            700,
            "ttf",
        )
        assert get_store().read(font.sha256) == data
        assert font.license_name == "OFL 1.1"

    def test_writes_nothing_for_what_is_no_font(self) -> None:
        draft = make_draft()

        with pytest.raises(FontError):
            add_font(kit=draft, data=b"no", license_name="x", **who())

        assert not draft.fonts.exists()


class TestAddLogo:
    def test_replaces_the_variant_that_was_there(self) -> None:
        draft = make_draft()
        fields: dict[str, Any] = {"variant": "primary", "smallest_width_px": 80}
        for percent in (10, 20):
            add_logo(
                kit=draft,
                data=make_logo(),
                clear_space_percent=percent,
                **fields,
                **who(),
            )

        assert draft.logos.get().clear_space_percent == 20


class TestBanTerms:
    def test_adds_each_term_once(self) -> None:
        draft = make_draft()

        added = ban_terms(
            kit=draft, terms=["cheap", " best  price ", "Cheap", ""], **who()
        )

        assert added == ["cheap", "best price"]
        assert ban_terms(kit=draft, terms=["CHEAP"], **who()) == []

    def test_refuses_a_term_that_nobody_could_find_and_adds_none(self) -> None:
        draft = make_draft()

        with pytest.raises(KitError, match="can't be sought"):
            ban_terms(kit=draft, terms=["good", "!?"], **who())

        assert not draft.banned_terms.exists()


class TestPublishKit:
    def test_freezes_the_draft_and_puts_it_in_force(self) -> None:
        draft = make_draft()

        publish_kit(kit=draft, note="New sand", **who())

        assert BrandKit.objects.find_current(draft.brand) == draft
        with pytest.raises(FrozenKitError):
            change_words(kit=draft, voice="", credit_line="", rights_line="", **who())

    def test_refuses_to_publish_twice(self) -> None:
        draft = make_draft()
        publish_kit(kit=draft, note="", **who())

        with pytest.raises(FrozenKitError):
            publish_kit(kit=draft, note="", **who())

    def test_refuses_an_empty_palette(self) -> None:
        draft = start_draft(brand=make_brand(), **who())

        with pytest.raises(KitError, match="palette is empty"):
            publish_kit(kit=draft, note="", **who())

    def test_refuses_shares_beyond_the_whole(self) -> None:
        draft = make_draft()
        draft.colors.update(share_percent=50)

        with pytest.raises(KitError, match="150 %"):
            publish_kit(kit=draft, note="", **who())


class TestCompareKits:
    def test_names_what_was_added_removed_and_changed(self) -> None:
        draft = make_draft()
        draft.colors.filter(name="Sand").update(hex="#ffffff")
        draft.colors.filter(name="Ember").delete()
        draft.banned_terms.create(term="cheap", reason="We say good value.")
        draft.disclaimers.create(name="Stocks", wordings={"": "While stocks last."})
        draft.voice = "Calm."

        changes = compare_kits(draft.find_previous(), draft)

        assert [(c.part, c.kind, c.name) for c in changes] == [
            ("Palette", "removed", "Ember"),
            ("Palette", "changed", "Sand"),
            ("Banned terms", "added", "cheap"),
            ("Disclaimers", "added", "Stocks"),
            ("Words", "added", "Tone of voice"),
        ]
        assert changes[1].before.startswith("#fbe9d0")
        assert changes[1].after.startswith("#ffffff")
