import re

import pytest

from brandgen.brands.models import BrandKit
from brandgen.lib.colors import contrast_of
from brandgen.links.brand_look import LEAST_CONTRAST, mix, readable, write_colors
from tests.factories import make_kit

pytestmark = pytest.mark.django_db

SHADES = ["#ffffff", "#000000", "#f2e94e", "#0b3c49", "#777777", "#ff00aa", "#00ff00"]


class TestReadable:
    @pytest.mark.parametrize("color", SHADES)
    def test_stands_out_on_any_ground(self, color: str) -> None:
        for ground, towards in (("#ffffff", "#000000"), ("#1c1c1c", "#ffffff")):
            moved = readable(color, on=ground, towards=towards)

            assert contrast_of(moved, ground) >= LEAST_CONTRAST

    def test_leaves_what_stands_out_already(self) -> None:
        assert readable("#0b3c49", on="#ffffff", towards="#000000") == "#0b3c49"


class TestWriteColors:
    @pytest.mark.parametrize("color", SHADES)
    def test_gives_words_enough_contrast_in_light_and_dark(self, color: str) -> None:
        kit = make_kit()
        kit.colors.filter(role="primary").update(hex=color)

        pairs = {
            name: (light, dark)
            for name, light, dark in re.findall(
                r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)", write_colors(kit)
            )
        }

        for scheme, surface in ((0, "#ffffff"), (1, "#1c1c1c")):
            accent = pairs["accent"][scheme]
            assert contrast_of(accent, surface) >= 4.5
            assert contrast_of(accent, pairs["on-accent"][scheme]) >= 4.5
            hover = pairs["accent-hover"][scheme]
            assert contrast_of(hover, pairs["on-accent"][scheme]) >= 4.5
            soft = pairs["accent-soft"][scheme]
            assert contrast_of(pairs["accent-ink"][scheme], soft) >= 4.5

    def test_leaves_the_pages_color_to_a_brand_without_any(self) -> None:
        kit = make_kit()
        kit.colors.all().delete()

        assert write_colors(BrandKit.objects.get()) == ""
        assert write_colors(None) == ""


class TestMix:
    def test_takes_a_share(self) -> None:
        assert mix("#000000", "#ffffff", 0.5) == "#808080"
