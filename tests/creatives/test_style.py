"""A brand kit as the compositor sees it."""

import pytest
from pytest_django import Settings

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
