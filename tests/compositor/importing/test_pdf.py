"""Pages of PDFs as templates: texts, outlines, places of pictures; strangers' files."""

import time
from typing import Any

import numpy as np
import pypdfium2
import pytest

from brandgen.compositor import Encoding, ImageSource, render_creative
from brandgen.compositor.document import TextSlot
from brandgen.compositor.examples.northwind import SPRING, northwind_style
from brandgen.compositor.examples.scene import SUN, draw_scene
from brandgen.compositor.importing import workers
from brandgen.compositor.importing.errors import ImportedFileError
from brandgen.compositor.importing.kinds import import_file
from brandgen.compositor.loading import load_document
from brandgen.compositor.pictures import decode
from brandgen.compositor.svg.importing import Imported
from brandgen.compositor.svg.notes import SvgError
from tests.compositor.importing.pdfs import make_pdf, stream, words

PICTURE = stream(
    b"\x80\x40\x20",
    "/Type/XObject/Subtype/Image/Width 1/Height 1/ColorSpace/DeviceRGB"
    "/BitsPerComponent 8",
)


def imported(content: Any, page: int = 1, **options: Any) -> Imported:
    return import_file(make_pdf(content, **options), brand=northwind_style(), page=page)


def layers(found: Imported, kind: str) -> list[dict[str, Any]]:
    return [one for one in found.data["layers"] if one["type"] == kind]


def said(found: Imported) -> list[str]:
    slots = found.data["slots"].values()
    return [slot["example"] for slot in slots if slot["type"] == "text"]


class TestTexts:
    def test_becomes_a_slot_with_its_words_and_size(self) -> None:
        found = imported(words("Made for mornings", 81, 600, size=81))

        [text] = layers(found, "text")
        assert said(found) == ["Made for mornings"]
        assert text["largest"] == "10%"
        assert found.data["tokens"]["fonts"][text["font"]]["weight"] == 400

    def test_takes_weight_and_color_of_its_font(self) -> None:
        content = "0.957 0.502 0.235 rg " + words("Sale", 81, 600, font="F2")

        found = imported(content)

        [text] = layers(found, "text")
        assert found.data["tokens"]["fonts"][text["font"]]["weight"] == 700
        assert text["color"] == "accent"
        assert [n for n in found.notes if "'Helvetica-Bold'" in n.problem]

    def test_joins_pieces_of_a_line_and_lines_of_a_text(self) -> None:
        pieces = (
            "BT /F1 24 Tf 81 600 Td [(Stone)-20(ware)-300(that)] TJ ET "
            + words("keeps its warmth", 81, 570)
            + words("in six new colors.", 81, 540)
        )

        [text] = said(imported(pieces))

        assert text.replace("\n", " ") == (
            "Stoneware that keeps its warmth in six new colors."
        )

    def test_parts_columns_sizes_and_what_stands_apart(self) -> None:
        content = (
            words("Left column", 81, 600)
            + words("Right column", 500, 600)
            + words("A headline", 81, 700, size=60)
            + words("Far below", 81, 300)
        )

        found = imported(content)

        assert sorted(said(found)) == [
            "A headline",
            "Far below",
            "Left column",
            "Right column",
        ]

    def test_keeps_letters_apart_that_are_set_so(self) -> None:
        spaced = "6 Tc " + words("SUMMER EDITION", 81, 600, size=24)

        found = imported(spaced)

        assert said(found) == ["SUMMER EDITION"]
        [text] = layers(found, "text")
        assert text["letter_spacing_em"] == pytest.approx(0.25, abs=0.02)

    def test_centers_what_stands_in_the_middle_of_its_button(self) -> None:
        button = "0.957 0.502 0.235 rg 255 400 300 90 re f 0 g "
        width = 24 * 4.2  # of these letters in Helvetica, about

        found = imported(button + words("See colors", 405 - width / 2 - 9, 436))

        [text] = layers(found, "text")
        assert text["align"] == "center"
        assert text["box"]["x"]["to"] == layers(found, "shape")[0]["id"]

    def test_emphasizes_words_in_another_look(self) -> None:
        content = (
            "BT /F1 24 Tf 81 600 Td (Now with a ) Tj /F2 24 Tf (new glaze) Tj "
            "/F1 24 Tf ( for all of the year) Tj ET"
        )

        [text] = said(imported(content))

        assert text == "Now with a *new glaze* for all of the year"

    def test_sets_what_is_turned_upright_and_says_so(self) -> None:
        content = "BT /F1 30 Tf .94 .342 -.342 .94 200 300 Tm (New in) Tj ET"

        found = imported(content)

        assert said(found) == ["New in"]
        assert any("turned by -20 degrees" in note.problem for note in found.notes)

    def test_leaves_out_what_is_not_seen(self) -> None:
        scanned = "BT 3 Tr /F1 24 Tf 81 500 Td (Recognized) Tj ET "

        assert said(imported(words("Seen", 81, 600) + "q " + scanned + "Q")) == ["Seen"]


class TestOutlines:
    def test_tells_rectangles_and_ellipses_among_paths(self) -> None:
        k = 0.5523
        circle = (
            f"400 300 m 400 {300 + 100 * k} {300 + 100 * k} 400 300 400 c "
            f"{300 - 100 * k} 400 200 {300 + 100 * k} 200 300 c "
            f"200 {300 - 100 * k} {300 - 100 * k} 200 300 200 c "
            f"{300 + 100 * k} 200 400 {300 - 100 * k} 400 300 c f "
        )
        pill = (
            "500 560 m 600 560 l "
            f"{600 + 30 * k} 560 630 {590 - 30 * k} 630 590 c "
            f"630 {590 + 30 * k} {600 + 30 * k} 620 600 620 c 500 620 l "
            f"{500 - 30 * k} 620 470 {590 + 30 * k} 470 590 c "
            f"470 {590 - 30 * k} {500 - 30 * k} 560 500 560 c f "
        )
        star = "100 700 m 150 760 l 200 700 l 120 740 l 180 740 l f "

        found = imported("0.043 0.235 0.286 rg " + circle + pill + star)

        ellipse, rect = layers(found, "shape")
        assert ellipse["shape"] == "ellipse"
        assert float(rect["radius"].rstrip("%")) == pytest.approx(3.7, abs=0.05)
        assert len(layers(found, "path")) == 1

    def test_takes_a_ground_as_the_background(self) -> None:
        found = imported("1 0.957 0.89 rg 0 0 810 810 re f " + words("Hi", 81, 600))

        assert found.data["background"] == "background"

    def test_goes_through_nested_forms(self) -> None:
        form = (
            "/Type/XObject/Subtype/Form/BBox[0 0 900 900]/Matrix[1 0 0 1 100 50]"
            "/Resources<</Font<</F1 3 0 R>>>>"
        )
        inner = stream("0.043 0.235 0.286 rg 0 0 90 40 re f", form)

        found = imported("/X Do", resources="/XObject<</X 10 0 R>>", objects=[inner])

        [shape] = layers(found, "shape")
        box = shape["box"]
        assert box["x"]["offset"] == "12.346%"
        assert (box["y"]["anchor"], box["y"]["offset"]) == ("end", "6.173%")

    def test_joins_an_illustration_into_one_drawing(self) -> None:
        petals = "".join(
            f"{n % 3 * 0.4:.1f} 0.5 0.3 rg {200 + 8 * n} 300 m {230 + 8 * n} 380 "
            f"{250 + 8 * n} 360 {260 + 8 * n} 300 c f "
            for n in range(20)
        )

        found = imported(petals + words("Below", 81, 100))

        [drawing] = layers(found, "svg")
        assert drawing["svg"].count("<path") == 20
        assert any("20 paths are one layer" in note.problem for note in found.notes)

    def test_draws_lines_with_their_dashes(self) -> None:
        found = imported("4 w 1 J [12 8] 0 d 100 400 m 700 400 l S")

        [line] = layers(found, "line")
        assert line["line"]["cap"] == "round"
        assert line["line"]["dash"] == ["1.481%", "0.988%"]

    def test_reads_gradients_off_the_page(self) -> None:
        shading = (
            "<</ShadingType 2/ColorSpace/DeviceRGB/Coords[100 0 700 0]/Function"
            "<</FunctionType 2/Domain[0 1]/C0[0.043 0.235 0.286]/C1[0.957 0.502 0.235]"
            "/N 1>>/Extend[true true]>>"
        )
        content = "q 100 200 600 300 re W n /S sh Q"

        found = imported(content, resources="/Shading<</S 10 0 R>>", objects=[shading])

        [shape] = layers(found, "shape")
        fill = shape["fill"]
        assert (fill["type"], fill["angle_deg"]) == ("linear", 0)
        assert [stop["color"] for stop in fill["stops"]] == ["primary", "accent"]
        assert any("read off the page" in note.problem for note in found.notes)


class TestPictures:
    def test_becomes_a_place_for_a_picture(self) -> None:
        found = imported(
            "q 405 0 0 405 0 405 cm /P Do Q",
            resources="/XObject<</P 10 0 R>>",
            objects=[PICTURE],
        )

        [image] = layers(found, "image")
        assert image["box"]["x"] == {"anchor": "start", "size": "50%"}
        assert found.data["slots"][image["slot"]]["type"] == "image"
        assert any(note.kind == "left out" for note in found.notes)

    def test_is_cut_to_a_circle(self) -> None:
        k = 0.5523
        circle = (
            f"q 400 300 m 400 {300 + 100 * k} {300 + 100 * k} 400 300 400 c "
            f"{300 - 100 * k} 400 200 {300 + 100 * k} 200 300 c "
            f"200 {300 - 100 * k} {300 - 100 * k} 200 300 200 c "
            f"{300 + 100 * k} 200 400 {300 - 100 * k} 400 300 c W n "
            "300 0 0 300 150 150 cm /P Do Q"
        )

        found = imported(circle, resources="/XObject<</P 10 0 R>>", objects=[PICTURE])

        [image] = layers(found, "image")
        assert image["mask"] == "ellipse"
        assert image["box"]["x"]["size"] == "24.691%"


class TestFormats:
    @pytest.mark.parametrize(
        ("box", "entries", "format_"),
        [
            ("0 0 810 810", "", {"use": "instagram-square"}),
            ("0 0 1080 1920", "", {"use": "instagram-story"}),
            ("0 0 595.28 841.89", "", {"use": "print-a4"}),
            ("0 0 841.89 595.28", "/Rotate 90", {"use": "print-a4"}),
            (
                "0 0 612.28 858.89",
                "/TrimBox[8.5 8.5 603.78 850.39]",
                {"use": "print-a4"},
            ),
            (
                "0 0 300 150",
                "",
                {"width_px": 400, "height_px": 200, "label": "Custom size"},
            ),
        ],
    )
    def test_is_that_of_the_library_that_is_as_large(
        self, box: str, entries: str, format_: dict[str, Any]
    ) -> None:
        found = imported(words("Hi", 30, 60), box=box, entries=entries)

        assert list(found.data["formats"].values()) == [format_]

    def test_turns_a_turned_page(self) -> None:
        turned = "BT /F1 24 Tf 0 1 -1 0 100 60 Tm (Hello) Tj ET"

        found = imported(turned, box="0 0 810 810", entries="/Rotate 90")

        assert said(found) == ["Hello"]
        [text] = layers(found, "text")
        assert (text["align"], text["box"]["y"]["offset"]) == ("start", "9.49%")

    def test_takes_the_page_that_is_asked_for(self) -> None:
        pages = [words("First", 81, 600), words("Second", 81, 600)]

        found = imported(pages, page=2)

        assert said(found) == ["Second"]
        assert any("2 pages; page 2 was taken" in note.problem for note in found.notes)


class TestRoundTrip:
    def test_looks_as_our_own_pdf_does(self) -> None:
        document = load_document(SPRING.read_bytes())
        picture = ImageSource(draw_scene(), focal=SUN)

        def draw(document: Any, kind: Any) -> bytes:
            slots = document.slots.items()
            texts = {n: s.example for n, s in slots if isinstance(s, TextSlot)}
            images = {n: picture for n in document.slots if n not in texts}
            return render_creative(
                document,
                format=next(iter(document.formats)),
                modifications=texts,
                images=images,
                brand=northwind_style(),
                encoding=Encoding(kind),
            ).data

        pdf = draw(document, "pdf")
        found = import_file(pdf, brand=northwind_style(), name="Again")

        # Without the logo, whose pixels do not come along.
        page = pypdfium2.PdfDocument(pdf)[0].render(scale=96 / 72).to_numpy()
        page = page[160:1080, :1080, 2::-1].astype(int)
        again = decode(draw(found.document, "png"), name="it").pixels
        again = again[160:1080, :1080, :3].astype(int)
        assert np.abs(page - again).mean() < 3
        assert "Made for brighter mornings" in said(found)


class TestRefusal:
    @pytest.mark.parametrize(
        ("data", "words"),
        [
            (b"%PDF-1.7\nnothing", "can't be read"),
            (b"Hello", "neither an SVG, a PDF"),
            (b"%!PS-Adobe-3.0", "PostScript"),
            (b"PK\x03\x04", "archive"),
            (make_pdf(""), "Nothing of the drawing"),
            (make_pdf("", box="0 0 4 4"), "can't become a format"),
            (
                make_pdf("0 0 9 9 re f " * 3001),
                "more than 3,000 parts",
            ),
            (make_pdf(words("a" * 9000, 0, 0, size=1)), "9,000 letters"),
        ],
    )
    def test_names_what_is_wrong(self, data: bytes, words: str) -> None:
        with pytest.raises((ImportedFileError, SvgError), match=words):
            import_file(data, brand=northwind_style())

    def test_names_a_page_that_is_not_there(self) -> None:
        with pytest.raises(ImportedFileError, match="1 page, and no page 2"):
            imported(words("Hi", 81, 600), page=2)

    def test_ends_what_takes_too_long(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(workers, "TIMEOUT_S", 0.05)
        start = time.monotonic()

        with pytest.raises(ImportedFileError, match="took more than"):
            imported(words("Hi", 81, 600))

        assert time.monotonic() - start < 5

    def test_survives_the_end_of_its_process(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(workers, "_MODULE", "brandgen.compositor.no_such_module")

        with pytest.raises(ImportedFileError, match="damaged, or takes more"):
            imported(words("Hi", 81, 600))

    def test_a_form_that_draws_itself_ends(self) -> None:
        form = stream(
            "/X Do 0 0 90 40 re f",
            "/Type/XObject/Subtype/Form/BBox[0 0 900 900]"
            "/Resources<</XObject<</X 10 0 R>>>>",
        )
        content = "/X Do " + words("Hi", 81, 600)

        found = imported(content, resources="/XObject<</X 10 0 R>>", objects=[form])

        assert said(found) == ["Hi"]

    def test_only_names_errors_of_damaged_files(self) -> None:
        random = np.random.default_rng(5)
        whole = make_pdf(
            "0.5 g 100 100 300 300 re f q 1 0 0 1 9 9 cm /P Do Q "
            + words("Hello there", 81, 600),
            resources="/XObject<</P 10 0 R>>",
            objects=[PICTURE],
        )

        for _ in range(12):
            data = np.frombuffer(whole, np.uint8).copy()
            places = random.integers(9, len(data), 40)
            data[places] = random.integers(0, 256, 40)
            try:
                import_file(data.tobytes(), brand=northwind_style())
            except (ImportedFileError, SvgError):
                continue
