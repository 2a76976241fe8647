import argparse
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from brandgen.engine.__main__ import main
from brandgen.engine.commands.colors import (
    add_color_options,
    read_color_options,
    read_palette,
    read_text_box,
)
from brandgen.engine.errors import InvalidRequestError
from brandgen.engine.requests import PaletteColor, TextBox


class TestReadPalette:
    def test_takes_shares_of_any_scale(self) -> None:
        assert read_palette("#0b3d91:60, f4f1ea:30,#ff6b35:10") == (
            PaletteColor(11, 61, 145, 0.6),
            PaletteColor(244, 241, 234, 0.3),
            PaletteColor(255, 107, 53, 0.1),
        )

    def test_gives_equal_shares_where_none_are_named(self) -> None:
        assert [color.share for color in read_palette("#000000,#ffffff")] == [0.5, 0.5]

    @pytest.mark.parametrize("text", ["", "teal:3", "#0b3d91:much", "#0b3d91:-1"])
    def test_refuses_what_is_no_palette(self, text: str) -> None:
        with pytest.raises(InvalidRequestError):
            read_palette(text)


class TestReadTextBox:
    def test_reads_sides_color_and_contrast(self) -> None:
        assert read_text_box("0.05,0.1,0.5,0.9:#111827:7") == TextBox(
            0.05, 0.1, 0.5, 0.9, (17, 24, 39), 7.0
        )

    def test_takes_white_text_at_4_5_where_nothing_is_said(self) -> None:
        assert read_text_box("0,0,1,0.5") == TextBox(0, 0, 1, 0.5)

    def test_reads_two_colors_of_which_one_is_taken(self) -> None:
        box = read_text_box("0,0,1,0.5:#ffffff/#111827")

        assert box == TextBox(0, 0, 1, 0.5, other_color=(17, 24, 39))

    @pytest.mark.parametrize(
        "text",
        ["0,0,1", "0,0,1,x", "0,0,1,1:white", "1,0,0,1", "0,0,1,1:#fff/#000/#fff"],
    )
    def test_refuses_what_is_no_box(self, text: str) -> None:
        with pytest.raises(InvalidRequestError, match="text box"):
            read_text_box(text)


class TestReadColorOptions:
    def test_asks_for_nothing_where_nothing_is_said(self) -> None:
        assert read([]) == {"palette": None, "text_boxes": ()}

    def test_reads_a_subject_from_a_picture(self, tmp_path: Path) -> None:
        mask = np.zeros((8, 8), np.uint8)
        mask[:4] = 255
        Image.fromarray(mask).save(tmp_path / "mask.png")

        found = read(["--palette", "#0b3d91", "--subject", str(tmp_path / "mask.png")])[
            "palette"
        ]

        assert np.array_equal(found.subject, mask)
        assert found.strength == 0.5


class TestGenerate:
    def test_guides_a_picture_from_the_command_line(self, tmp_path: Path) -> None:
        out = tmp_path / "x.png"
        size = ["--width", "256", "--height", "256", "--steps", "6", "--seed", "3"]
        colors = ["--palette", "#0b3d91:60,#f4f1ea:40", "--palette-strength", "0.9"]
        box = ["--text-box", "0,0,1,0.5:#ffffff:4.5"]
        asked = ["generate", "--prompt", "soft gradient background", *size]

        code = main([*asked, *colors, *box, "--out", str(out)])

        assert code == 0
        picture = np.asarray(Image.open(out)).astype(int)
        assert (picture[..., 2] - picture[..., 0]).mean() > 20

    def test_says_what_is_wrong_with_a_box(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        out = str(tmp_path / "x.png")
        asked = ["generate", "--prompt", "x", "--seed", "3", "--out", out]

        code = main([*asked, "--text-box", "left"])

        assert code == 2
        assert "The text box 'left' can't be read" in capsys.readouterr().err


def read(arguments: list[str]) -> dict:
    parser = argparse.ArgumentParser()
    add_color_options(parser)
    return read_color_options(parser.parse_args(arguments))
