"""A brand kit as the compositor sees it."""

import pytest
from pytest_django import Settings

from brandgen.compositor.brand import Disclaimer
from brandgen.compositor.examples.northwind import PALETTE
from brandgen.creatives.style import style_of
from tests.compositor.typesetting.samples import FURTHER
from tests.factories import make_layout_kit


@pytest.mark.django_db
class TestStyleOf:
    def test_takes_further_fonts_from_the_settings(self, settings: Settings) -> None:
        kit = make_layout_kit()
        before = style_of(kit)
        settings.FONTS_DIR = FURTHER

        after = style_of(kit)

        assert (before.fonts_folder, after.fonts_folder) == (None, FURTHER)

    def test_names_every_color_of_the_kit(self) -> None:
        kit = make_layout_kit()
        kit.colors.create(name="Rust", hex="#a33b12", role="accent", position=20)
        kit.colors.create(name="Rose", hex="#e07a5f", role="accent", position=30)

        palette = style_of(kit).palette

        assert len(palette) == kit.colors.count()
        assert palette["accent"] == PALETTE["accent"]
        assert (palette["accent-2"], palette["accent-3"]) == ("#a33b12", "#e07a5f")

    def test_takes_the_colors_for_print(self) -> None:
        kit = make_layout_kit()
        first, second = kit.colors.all()[:2]
        kit.colors.filter(id=first.id).update(inks="0 60 85 0")
        kit.colors.filter(id=second.id).update(hex=first.hex, inks="1 2 3 4")

        style = style_of(kit)

        assert style.inks == {first.hex: (0, 60, 85, 0)}

    def test_takes_what_creatives_must_say(self) -> None:
        kit = make_layout_kit()
        kit.disclaimers.create(
            name="Stocks", wordings={"de": "Nur heute."}, triggers=["%"], smallest_pt=7
        )

        (disclaimer,) = style_of(kit).disclaimers

        assert disclaimer == Disclaimer(
            "Stocks", {"de": "Nur heute."}, ("%",), smallest_px=8, smallest_pt=7
        )
