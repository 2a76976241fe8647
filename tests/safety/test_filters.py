import numpy as np
import pytest
from pytest_django import Settings

from brandgen.safety.filters import (
    SafetyFilterError,
    Verdict,
    check_image,
    check_prompt,
    check_settings,
)
from tests.safety.filters import HERE

PIXELS = np.full((8, 8, 3), 50, np.uint8)


class TestCheckPrompt:
    def test_is_off_unless_configured(self) -> None:
        assert check_prompt("a dagger") is None

    def test_returns_what_the_filter_says(self, settings: Settings) -> None:
        settings.SAFETY_PROMPT_FILTER = f"{HERE}.refuse_weapons"

        assert check_prompt("a cup") == Verdict(True)
        assert check_prompt("a dagger") == Verdict(False, "It asks for a weapon")

    @pytest.mark.parametrize(
        ("name", "said"),
        [
            ("crash", "ConnectionError: the classifier does not answer"),
            ("say_nothing", "answered NoneType, not a Verdict"),
            ("NOT_CALLABLE", "is no callable"),
            ("nothing_of_that_name", "can't be loaded"),
        ],
    )
    def test_lets_nothing_pass_where_the_filter_is_broken(
        self, settings: Settings, name: str, said: str
    ) -> None:
        settings.SAFETY_PROMPT_FILTER = f"{HERE}.{name}"

        with pytest.raises(SafetyFilterError, match=said):
            check_prompt("a cup")


class TestCheckImage:
    def test_is_off_unless_configured(self) -> None:
        assert check_image(PIXELS) is None

    def test_returns_what_the_filter_says(self, settings: Settings) -> None:
        settings.SAFETY_IMAGE_FILTER = f"{HERE}.refuse_dark"

        verdict = check_image(PIXELS)

        assert verdict == Verdict(False, "It is too dark to be ours.")

    def test_shows_pixels_that_can_not_be_rewritten(self, settings: Settings) -> None:
        settings.SAFETY_IMAGE_FILTER = f"{HERE}.paint_over"
        pixels = PIXELS.copy()

        with pytest.raises(SafetyFilterError, match="read-only"):
            check_image(pixels)

        assert (pixels == 50).all()
        assert pixels.flags.writeable


class TestCheckSettings:
    def test_finds_nothing_wrong_with_good_names(self, settings: Settings) -> None:
        settings.SAFETY_PROMPT_FILTER = f"{HERE}.refuse_weapons"
        settings.SAFETY_IMAGE_FILTER = f"{HERE}.refuse_dark"

        assert list(check_settings(None)) == []

    def test_names_the_setting_that_is_wrong(self, settings: Settings) -> None:
        settings.SAFETY_PROMPT_FILTER = "nowhere.to_be_found"
        settings.SAFETY_IMAGE_FILTER = "nothing"

        assert [one.id for one in check_settings(None)] == [
            "safety.E001",
            "safety.E002",
        ]

    def test_leaves_the_image_filter_to_the_workers(self, settings: Settings) -> None:
        settings.SAFETY_IMAGE_FILTER = "nowhere.to_be_found"

        assert list(check_settings(None)) == []
