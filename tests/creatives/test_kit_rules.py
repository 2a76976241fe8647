"""A template takes its fonts from the brand kit, and from nowhere else."""

import json

import pytest

from brandgen.compositor.examples.northwind import SPRING
from brandgen.compositor.typesetting.fonts import FONTS
from brandgen.creatives.kit_rules import find_foreign
from brandgen.creatives.models import TemplateVersion
from brandgen.creatives.services import TemplateError, publish_template
from tests.factories import (
    NOW,
    add_font,
    make_layout_kit,
    make_manager,
    make_template_version,
    make_torture_test,
)

pytestmark = pytest.mark.django_db
ACME = (FONTS / "InterVariable.ttf").read_bytes()


def make_version(family: str) -> TemplateVersion:
    document = json.loads(SPRING.read_bytes())
    document["tokens"]["fonts"]["headline"]["family"] = family
    return make_template_version(published_at=None, document=document)


class TestFindForeign:
    def test_names_what_the_kit_has(self) -> None:
        kit = make_layout_kit()
        add_font(kit, "Acme", ACME)
        add_font(kit, "Acme Serif", ACME)

        found = find_foreign(kit, make_version("Inter").load())

        assert list(found) == ["headline"]
        assert "Inter is no font of the brand kit" in found["headline"]
        assert "(Acme, Acme Serif)" in found["headline"]

    @pytest.mark.parametrize("family", ["brand", "Acme"])
    def test_lets_the_kits_own_be_named(self, family: str) -> None:
        kit = make_layout_kit()
        add_font(kit, "Acme", ACME)

        assert not find_foreign(kit, make_version(family).load())

    @pytest.mark.parametrize("family", ["Inter", "Noto Sans"])
    def test_lets_ours_be_named_where_the_kit_has_none(self, family: str) -> None:
        assert not find_foreign(make_layout_kit(), make_version(family).load())


class TestPublishTemplate:
    def test_refuses_a_font_that_the_kit_does_not_have(self) -> None:
        add_font(make_layout_kit(), "Acme", ACME)
        version = make_version("Inter")
        make_torture_test(version)

        with pytest.raises(TemplateError, match=r"'headline': Inter .*Acme") as refused:
            publish_template(version=version, by=make_manager(), at=NOW)

        assert refused.value.pointer == "/tokens/fonts/headline/family"
        assert not version.template.find_published()
