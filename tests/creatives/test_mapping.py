import json

import pytest

from brandgen.compositor import Document, load_document
from brandgen.compositor.examples.northwind import SPRING
from brandgen.creatives.mapping import (
    list_targets,
    suggest_locales,
    suggest_sources,
)
from brandgen.creatives.planning import Source

LANGUAGES = {"en": {"label": "English"}, "de": {"label": "Deutsch"}}
DATA = {"product": {"name": "Sea mug", "sku": "NW-1"}}


def make_document(**changes: object) -> Document:
    return load_document(json.loads(SPRING.read_bytes()) | changes)


def columns_of(sources: dict[str, Source]) -> dict[str, str]:
    return {key: source.column for key, source in sources.items()}


class TestListTargets:
    def test_names_slots_then_data_then_languages(self) -> None:
        document = make_document(locales=LANGUAGES, data=DATA)

        keys = [target.key for target in list_targets(document, ["de"])]

        assert keys == [
            "hero", "kicker", "headline", "subline", "cta",
            "product.name", "product.sku", "#label", "#locale",
            "kicker@de", "headline@de", "subline@de", "cta@de",
        ]  # fmt: skip

    def test_asks_for_no_language_where_there_is_none(self) -> None:
        keys = [target.key for target in list_targets(make_document(), [])]

        assert "#locale" not in keys


class TestSuggestSources:
    @pytest.mark.parametrize(
        ("column", "key"),
        [
            ("headline", "headline"),
            ("HEAD-LINE", "headline"),
            ("Button", "cta"),
            ("Headline (DE)", "headline@de"),
            ("de_headline", "headline@de"),
            ("Button Deutsch", "cta@de"),
            ("Headline EN", "headline"),
            ("Photo", "hero"),
            ("product name", "product.name"),
            ("SKU", "product.sku"),
            ("Title", "#label"),
            ("Lang", "#locale"),
        ],
    )
    def test_knows_a_column_by_its_name(self, column: str, key: str) -> None:
        document = make_document(locales=LANGUAGES, data=DATA)

        assert columns_of(suggest_sources(document, [column], {})) == {key: column}

    def test_suggests_a_column_once(self) -> None:
        found = suggest_sources(make_document(), ["Headline", "head line"], {})

        assert columns_of(found) == {"headline": "Headline"}

    def test_prefers_what_was_chosen_the_last_time(self) -> None:
        remembered = {
            "headline": Source(column="Claim"),
            "cta": Source(fixed="See more"),
            "kicker": Source(column="Gone"),
        }

        found = suggest_sources(make_document(), ["Claim", "Headline"], remembered)

        assert found == {
            "headline": Source(column="Claim"),
            "cta": Source(fixed="See more"),
        }


class TestSuggestLocales:
    def test_takes_the_first_and_those_that_have_columns(self) -> None:
        three = LANGUAGES | {"fr": {"label": "Français"}}
        document = make_document(locales=three)

        found = suggest_locales(document, {"headline@fr": Source(column="FR")})

        assert found == ("en", "fr")

    def test_takes_all_where_each_row_has_its_own(self) -> None:
        document = make_document(locales=LANGUAGES)

        assert suggest_locales(document, {"#locale": Source(column="l")}) == (
            "en",
            "de",
        )
