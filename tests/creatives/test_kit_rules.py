"""A template takes fonts and colors from the brand kit, and from nowhere else."""

import json
from typing import Any

import pytest

from brandgen.compositor.examples.northwind import SPRING
from brandgen.compositor.typesetting.fonts import FONTS
from brandgen.creatives.kit_rules import find_foreign, find_painted
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
ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">'
    '<circle cx="4" cy="4" r="4" fill="#00ff00"/></svg>'
)
ACME = (FONTS / "InterVariable.ttf").read_bytes()


def make_version(family: str) -> TemplateVersion:
    document = json.loads(SPRING.read_bytes())
    document["tokens"]["fonts"]["headline"]["family"] = family
    return make_template_version(published_at=None, document=document)


def make_drawn_version(svg: str, **layer: Any) -> TemplateVersion:
    document = json.loads(SPRING.read_bytes())
    box = {axis: {"anchor": "start", "size": 100} for axis in "xy"}
    drawing = {"type": "svg", "id": "icon", "svg": svg, "box": box, **layer}
    document["layers"].append(drawing)
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


class TestFindPainted:
    def test_names_the_drawing_its_color_and_the_nearest(self) -> None:
        kit = make_layout_kit()
        version = make_drawn_version(ICON, label="Leaf")

        [found] = find_painted(kit, version.load())

        last = len(version.document["layers"]) - 1
        assert (found.layer, found.pointer) == ("Leaf", f"/layers/{last}")
        assert "#00ff00" in found.message
        assert "nearest: " in found.message

    def test_lets_mapped_colors_and_white_be(self) -> None:
        kit = make_layout_kit()
        token = next(iter(json.loads(SPRING.read_bytes())["tokens"]["colors"]))

        for version in (
            make_drawn_version(ICON, colors={"#00ff00": token}),
            make_drawn_version(ICON, color=token),
            make_drawn_version(ICON.replace("#00ff00", "white")),
        ):
            assert find_painted(kit, version.load()) == []

    def test_looks_at_what_differs_in_a_format(self) -> None:
        kit = make_layout_kit()
        document = json.loads(SPRING.read_bytes())
        plain, name = ICON.replace("#00ff00", "black"), next(iter(document["formats"]))
        other = {"formats": {name: {"svg": ICON}}}
        version = make_drawn_version(plain, overrides=other)

        assert len(find_painted(kit, version.load())) == 1


class TestPublishTemplate:
    def test_refuses_a_drawing_in_a_color_that_the_kit_does_not_have(self) -> None:
        make_layout_kit()
        version = make_drawn_version(ICON)
        make_torture_test(version)

        with pytest.raises(TemplateError, match=r"'icon': .*#00ff00") as refused:
            publish_template(version=version, by=make_manager(), at=NOW)

        assert refused.value.pointer.endswith("/svg")
        assert not version.template.find_published()

    def test_refuses_a_font_that_the_kit_does_not_have(self) -> None:
        add_font(make_layout_kit(), "Acme", ACME)
        version = make_version("Inter")
        make_torture_test(version)

        with pytest.raises(TemplateError, match=r"'headline': Inter .*Acme") as refused:
            publish_template(version=version, by=make_manager(), at=NOW)

        assert refused.value.pointer == "/tokens/fonts/headline/family"
        assert not version.template.find_published()
