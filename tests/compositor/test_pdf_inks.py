"""A PDF for print: nothing in it but inks, and it looks as the screen does."""

import io
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pypdfium2
import pytest
from PIL import Image
from pypdf import PdfReader

from brandgen.compositor import (
    BrandStyle,
    Encoding,
    ImageSource,
    Rendered,
    load_document,
    render_creative,
)
from brandgen.compositor.examples.northwind import load_spring, northwind_style
from brandgen.compositor.fills import Blend
from brandgen.compositor.profiles import GENERIC, load_profile
from brandgen.compositor.separation import Separation
from scripts.draw_layers import LAYERS, render_example
from tests.compositor.pictures import COPY, make_photo, plain_document, text_layer
from tests.compositor.press import find_foreign_colors

PROFILE = load_profile(GENERIC)
PRINT = Encoding("pdf", 90, profile=PROFILE)
BRAND = replace(northwind_style(), fonts_folder=Path(__file__).parent / "fonts")
COLORS = ("primary", "accent", "ink", "white", "black", "neutral")
WHOLE = {"x": {"anchor": "both"}, "y": {"anchor": "both"}}
has_poppler = pytest.mark.skipif(
    not shutil.which("pdftoppm"), reason="needs poppler's pdftoppm"
)


def box(x: int, y: int, width: int, height: int) -> dict[str, Any]:
    return {
        "x": {"anchor": "start", "offset": x, "size": width},
        "y": {"anchor": "start", "offset": y, "size": height},
    }


def solid(name: str, color: str, **fields: Any) -> dict[str, Any]:
    fill = {"type": "solid", "color": color}
    return {"type": "shape", "id": name, "fill": fill, "box": WHOLE, **fields}


def gradient(*stops: tuple[float, str, float], **fields: Any) -> dict[str, Any]:
    fill = {
        "type": "linear",
        "angle_deg": fields.pop("angle_deg", 0),
        "stops": [{"at": at, "color": c, "opacity": o} for at, c, o in stops],
    }
    return {"type": "shape", "id": "gradient", "fill": fill, "box": WHOLE, **fields}


def photo(**fields: Any) -> dict[str, Any]:
    return {"type": "image", "id": "photo", "slot": "photo", "box": WHOLE, **fields}


def group(*children: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"type": "group", "id": "group", "box": WHOLE, "children": children} | fields


def words(text: str, **fields: Any) -> dict[str, Any]:
    return text_layer(slot=None, text=text, **fields)


CASES: dict[str, list[dict[str, Any]]] = {
    "solid": [solid("a", "accent", box=box(0, 0, 200, 200))],
    "see-through": [solid("a", "primary", opacity=0.4)],
    "gradient": [gradient((0, "primary", 1), (0.4, "accent", 1), (1, "white", 1))],
    "hard stop": [
        gradient((0, "primary", 1), (0.5, "primary", 1), (0.5, "accent", 1),
                 (1, "accent", 1)),
    ],
    "fading gradient": [photo(), gradient((0, "primary", 1), (1, "accent", 0))],
    "slanting gradient": [gradient((0, "ink", 1), (1, "accent", 1), angle_deg=30)],
    "scrim": [photo(), {"type": "shape", "id": "s", "box": WHOLE,
                        "fill": {"type": "scrim", "color": "black"}}],
    "photo": [photo()],
    "masked photo": [photo(mask="circle", box=box(100, 0, 200, 200))],
    "faded photo": [photo(opacity=0.5)],
    "gray photo": [photo(filters={"grayscale": 1})],
    "multiply": [photo(), solid("m", "accent", blend="multiply")],
    "screen": [photo(), solid("m", "primary", blend="screen")],
    "group": [solid("g", "primary"), group(photo(), words("Spring"), opacity=0.5,
                                           clip="ellipse")],
    "gradient in a group": [
        group(photo(), gradient((0, "ink", 0.9), (1, "accent", 0.1)), opacity=0.7),
    ],
    "logo": [{"type": "logo", "id": "logo", "box": box(100, 50, 200, 100)}],
    "code": [{"type": "qr", "id": "qr", "text": "https://example.com",
              "color": "black", "box": box(100, 0, 200, 200)}],
    "words": [words("Brighter mornings")],
    "emoji": [words("Party 🎉 ❤ 👩")],
    "line": [{"type": "line", "id": "line", "box": box(40, 40, 300, 100),
              "line": {"color": "accent", "width": 12, "dash": [30, 20]}}],
}  # fmt: skip


def draw(
    layers: list[dict[str, Any]],
    encoding: Encoding = PRINT,
    brand: BrandStyle = BRAND,
) -> Rendered:
    document = plain_document(
        *layers,
        tokens={
            "colors": {name: name for name in COLORS} | {"paper": "white"},
            "fonts": {"copy": {"weight": 500}},
        },
        slots={"photo": {"type": "image"}},
        background="white",
    )
    return render_creative(
        load_document(document),
        format="banner",
        modifications={},
        images={"photo": ImageSource(make_photo())},
        brand=brand,
        encoding=encoding,
    )


def print_spring(encoding: Encoding = PRINT, **fields: Any) -> Rendered:
    return render_creative(
        load_spring(),
        format="landscape",
        modifications=COPY,
        images={"hero": ImageSource(make_photo(), (0.5, 0.72))},
        brand=BRAND,
        encoding=encoding,
        **fields,
    )


def pixels_of(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"), int)


def inks_of(data: bytes, folder: Path, dpi: int = 96) -> np.ndarray:
    """Draw the first page in inks by poppler, `(h, w, 4)` from 0 to 255."""
    file = folder / "page.pdf"
    file.write_bytes(data)
    command = ["pdftoppm", "-r", str(dpi), "-jpegcmyk", "-jpegopt", "quality=100"]
    subprocess.run([*command, "-singlefile", file, folder / "page"], check=True)
    return np.asarray(Image.open(folder / "page.jpg"))


def look_of(inks: np.ndarray) -> np.ndarray:
    """Give how inks look on the paper, `(h, w, 3)`."""
    return Separation(PROFILE).look(inks).astype(int)


class TestSeparatePdf:
    @pytest.mark.parametrize("name", CASES)
    def test_leaves_nothing_but_inks(self, name: str) -> None:
        assert find_foreign_colors(draw(CASES[name]).data) == []
        # The checker can fail.
        assert find_foreign_colors(draw(CASES[name], Encoding("pdf")).data)

    @has_poppler
    @pytest.mark.parametrize("name", CASES)
    def test_looks_like_the_screen(self, name: str, tmp_path: Path) -> None:
        printed = look_of(inks_of(draw(CASES[name]).data, tmp_path))

        expected = pixels_of(draw(CASES[name], Encoding("png")).data)
        # Smoothed edges differ from one program to the next.
        apart = np.abs(printed - expected).max(axis=-1)
        # What is seen through is mixed of inks, a little darker than of light.
        assert np.median(apart) <= (16 if name == "see-through" else 8)
        assert np.quantile(apart, 0.9) <= 24

    @pytest.mark.parametrize("name", ["solid", "photo", "group", "emoji", "gradient"])
    def test_is_drawn_by_other_programs_too(self, name: str) -> None:
        page = pypdfium2.PdfDocument(draw(CASES[name]).data)[0]
        drawn = page.render(scale=96 / 72).to_pil().convert("RGB")

        expected = pixels_of(draw(CASES[name], Encoding("png")).data)
        apart = np.abs(np.asarray(drawn, int) - expected)
        # It knows no profile, and guesses what inks look like.
        assert apart.mean() < 25

    @pytest.mark.parametrize(
        "path", sorted(LAYERS.glob("*.json")), ids=lambda p: p.stem
    )
    def test_leaves_nothing_but_inks_of_any_layer(self, path: Path) -> None:
        rendered = render_example(path, replace(PRINT, bleed_mm=3, marks=True))

        assert find_foreign_colors(rendered.data) == []

    @has_poppler
    @pytest.mark.parametrize("blend", get_args(Blend))
    def test_blends_as_on_the_screen(self, blend: str, tmp_path: Path) -> None:
        disc = solid("m", "primary", blend=blend, shape="ellipse",
                     box=box(50, 20, 300, 160))  # fmt: skip
        rendered = draw([photo(), disc])

        inks = inks_of(rendered.data, tmp_path)

        expected = pixels_of(draw([photo(), disc], Encoding("png")).data)
        apart = np.abs(look_of(inks) - expected).max(axis=-1)
        assert np.median(apart) <= 5
        # JPEG and smoothed edges go a little over the profile's limit.
        assert np.quantile(inks.sum(axis=-1, dtype=int), 0.99) / 2.55 <= 302

    def test_keeps_multiplied_words_as_text(self) -> None:
        layer = words("Spring sale", color="primary", blend="multiply")
        rendered = draw([photo(), layer])

        page = PdfReader(io.BytesIO(rendered.data)).pages[0]

        assert page.extract_text().split() == ["Spring", "sale"]
        assert find_foreign_colors(rendered.data) == []

    @has_poppler
    def test_prints_black_shapes_in_all_inks(self, tmp_path: Path) -> None:
        inks = inks_of(draw([solid("a", "black")]).data, tmp_path)

        assert 250 < inks[100, 200].sum(dtype=int) / 2.55 <= 301

    @has_poppler
    def test_prints_black_shapes_in_the_brands_own(self, tmp_path: Path) -> None:
        brand = replace(BRAND, inks={"#000000": (60, 40, 40, 100)})

        inks = inks_of(draw([solid("a", "black")], brand=brand).data, tmp_path)

        assert inks[100, 200] / 2.55 == pytest.approx([60, 40, 40, 100], abs=1)

    @has_poppler
    def test_prints_codes_in_black_alone(self, tmp_path: Path) -> None:
        inks = inks_of(draw(CASES["code"]).data, tmp_path, dpi=300)

        assert inks[..., :3].max() <= 3
        assert set(np.unique(np.rint(inks[..., 3] / 255).astype(int))) == {0, 1}

    @has_poppler
    def test_prints_black_words_in_black_alone(self, tmp_path: Path) -> None:
        layer = words("Terms apply", color="black")

        inks = inks_of(draw([layer]).data, tmp_path, dpi=300)

        assert inks[..., :3].max() <= 3
        assert inks[..., 3].max() >= 253

    @has_poppler
    def test_prints_the_brands_own_inks(self, tmp_path: Path) -> None:
        brand = replace(BRAND, inks={"#F4803C": (0, 60, 90, 5)})

        inks = inks_of(draw([solid("a", "accent")], brand=brand).data, tmp_path)

        assert inks[100, 200] / 2.55 == pytest.approx([0, 60, 90, 5], abs=1)

    @has_poppler
    def test_leads_gradients_to_the_brands_own_inks(self, tmp_path: Path) -> None:
        brand = replace(BRAND, inks={"#f4803c": (10, 60, 90, 5)})
        layer = gradient((0, "white", 1), (1, "accent", 1))

        inks = inks_of(draw([layer], brand=brand).data, tmp_path)

        assert inks[100, 1] / 2.55 == pytest.approx([0, 0, 0, 0], abs=2)
        assert inks[100, -1] / 2.55 == pytest.approx([10, 60, 90, 5], abs=2)

    def test_keeps_pictures_as_jpeg_and_soft_masks_without_loss(self) -> None:
        rendered = print_spring()

        pictures = PdfReader(io.BytesIO(rendered.data)).pages[0]["/Resources"][
            "/XObject"
        ]
        kinds = {
            str(p.get_object()["/Filter"]): "/SMask" in p.get_object()
            for p in pictures.values()
        }

        assert kinds == {"/DCTDecode": False, "/FlateDecode": True}

    def test_is_smaller_at_a_lower_quality(self) -> None:
        sizes = [
            len(draw(CASES["photo"], replace(PRINT, quality=quality)).data)
            for quality in (40, 95)
        ]

        assert sizes[0] < sizes[1]

    def test_keeps_words_links_and_boxes(self) -> None:
        encoding = replace(PRINT, bleed_mm=3, marks=True)
        address = "https://example.com/spring"
        rendered = print_spring(encoding, links={"cta": address})
        plain = print_spring(replace(encoding, profile=None), links={"cta": address})

        pages = [PdfReader(io.BytesIO(r.data)).pages[0] for r in (rendered, plain)]

        assert "Made for brighter mornings" in " ".join(pages[0].extract_text().split())
        assert pages[0].extract_text() == pages[1].extract_text()
        assert pages[0]["/Annots"][0].get_object()["/A"]["/URI"] == address
        for name in ("/TrimBox", "/BleedBox", "/MediaBox"):
            assert pages[0][name] == pages[1][name]
        assert find_foreign_colors(rendered.data) == []

    def test_says_which_print_it_is_for(self) -> None:
        reader = PdfReader(io.BytesIO(print_spring().data))

        (intent,) = reader.trailer["/Root"]["/OutputIntents"]
        intent = intent.get_object()

        assert intent["/S"] == "/GTS_PDFX"
        assert intent["/OutputConditionIdentifier"] == "FOGRA39"
        assert intent["/DestOutputProfile"].get_data() == PROFILE.data
        assert intent["/DestOutputProfile"]["/N"] == 4
        assert reader.trailer["/Info"]["/Trapped"] == "/False"
        assert reader.pdf_header == "%PDF-1.6"

    def test_marks_what_nobody_approved(self) -> None:
        rendered = print_spring(replace(PRINT, watermark="NOT APPROVED"))

        assert find_foreign_colors(rendered.data) == []

    def test_gives_equal_bytes_for_equal_input(self) -> None:
        encoding = replace(PRINT, bleed_mm=2, marks=True, xmp=b"<x:xmpmeta/>")

        first, second = (print_spring(encoding).data for _ in "ab")

        assert first == second
