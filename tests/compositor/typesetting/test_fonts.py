"""Font files: cuts, coverage, choice by weight, and files that lie."""

import io
import time
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from brandgen.compositor.brand import BrandStyleError, FontFace
from brandgen.compositor.typesetting.fonts import FONTS, Library, Look
from tests.brands.test_fonts import convert, make_font

NOTO = (FONTS / "NotoSans-Regular.ttf").read_bytes()


def weights(library: Library, family: str, asked: int) -> int:
    return library.chain(Look(family, asked))[0].face.weight


class TestLibrary:
    def test_asks_the_looks_family_first_and_then_ours(self) -> None:
        library = Library([FontFace("House", 400, False, NOTO)])

        families = [cut.face.family for cut in library.chain(Look("House"))]

        assert families[:3] == ["House", "Inter", "Noto Sans"]
        assert len(families) == len(set(families)) == len(library.families)

    @pytest.mark.parametrize(
        ("asked", "given"),
        [(100, 300), (300, 300), (400, 300), (500, 300), (600, 700), (900, 700)],
    )
    def test_chooses_the_nearest_weight(self, asked: int, given: int) -> None:
        faces = [FontFace("House", weight, False, NOTO) for weight in (300, 700)]

        assert weights(Library(faces), "House", asked) == given

    def test_reads_woff2(self) -> None:
        face = FontFace("House", 400, False, convert(make_font(), "woff2"))

        cut = Library([face]).chain(Look("House"))[0]

        assert cut.glyph(ord("A"))
        assert not cut.glyph(ord("z"))

    def test_moves_along_the_axes_of_a_variable_font(self) -> None:
        library = Library(())
        wide, narrow = (
            library.chain(Look("Inter", 450, axes=(("opsz", size),)))[0]
            for size in (14, 32)
        )

        glyph = wide.glyph(ord("n"))

        assert narrow.font.get_glyph_h_advance(glyph) < wide.font.get_glyph_h_advance(
            glyph
        )
        assert narrow.outline(glyph).getBounds() != wide.outline(glyph).getBounds()

    def test_reads_a_folder_of_fonts(self, tmp_path: Path) -> None:
        (tmp_path / "house.ttf").write_bytes(make_font())
        (tmp_path / "notes.txt").write_text("No font.")

        library = Library((), tmp_path)

        assert list(library.families)[-1] == "Northwind Sans"
        assert library.families["Northwind Sans"][0].weight == 700

    def test_names_a_file_of_the_folder_that_is_no_font(self, tmp_path: Path) -> None:
        (tmp_path / "broken.otf").write_bytes(b"no font")

        with pytest.raises(BrandStyleError, match=r"broken\.otf is no font"):
            Library((), tmp_path)

    def test_names_a_folder_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(BrandStyleError, match="can't be read"):
            Library((), tmp_path / "none")


class TestLyingFonts:
    def test_takes_an_empty_glyph_for_none(self) -> None:
        font, file = TTFont(io.BytesIO(make_font())), io.BytesIO()
        font["glyf"]["A"].numberOfContours = 0
        font["glyf"]["A"].endPtsOfContours = []
        font.save(file)
        cut = Library([FontFace("House", 400, False, file.getvalue())]).chain(
            Look("House")
        )[0]

        assert not cut.draws("A")
        assert cut.draws("B")

    @pytest.mark.parametrize("cut_at", [13, 100, 400])
    def test_refuses_what_was_cut_off(self, cut_at: int) -> None:
        face = FontFace("Torn", 400, False, make_font()[:cut_at])

        with pytest.raises(BrandStyleError, match="font file of Torn 400"):
            Library([face])

    def test_draws_glyphs_that_are_made_of_each_other_in_bounded_time(self) -> None:
        face = FontFace("Loop", 400, False, make_font(is_looping=True))
        started = time.process_time()

        cut = Library([face]).chain(Look("Loop"))[0]
        outline = cut.outline(1)

        assert time.process_time() - started < 2
        assert not cut.draws("A") or outline is not None
