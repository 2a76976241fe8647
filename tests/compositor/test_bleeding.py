"""What reaches an edge of the page goes on into the bleed, and stays as it is on it."""

import io
from typing import Any

import numpy as np
import pypdfium2
import pytest
from PIL import Image
from pypdf import PdfReader

from brandgen.compositor import Encoding, ImageSource, load_document, render_creative
from brandgen.compositor.examples.northwind import northwind_style
from brandgen.compositor.sides import Sides
from tests.compositor.pictures import make_photo, plain_document

MM = 72 / 25.4
SIZE, PAPER = 400, (255, 255, 255)
WHOLE = {
    "x": {"anchor": "both", "start": 0, "end": 0},
    "y": {"anchor": "both", "start": 0, "end": 0},
}


def draw(*layers: dict[str, Any], bleed: Any = 3, marks: bool = False) -> bytes:
    document = plain_document(*layers, formats={"one": _square()})
    return render_creative(
        load_document(document),
        format="one",
        modifications={},
        images={"photo": ImageSource(make_photo())},
        brand=northwind_style(),
        encoding=Encoding("pdf", 95, bleed_mm=bleed, marks=marks),
    ).data


def _square() -> dict[str, int]:
    return {"width_px": SIZE, "height_px": SIZE}


def look(data: bytes, scale: float = 4 / 3) -> Image.Image:
    """Draw the paper, a pixel for each of the format."""
    return pypdfium2.PdfDocument(data)[0].render(scale=scale).to_pil().convert("RGB")


def path(data: str, **fields: Any) -> dict[str, Any]:
    return {
        "id": "path",
        "type": "path",
        "data": data,
        "view": [0, 0, 100, 100],
        "fit": "stretch",
        "fill": {"type": "solid", "color": "ink"},
        "box": WHOLE,
        **fields,
    }


def group(*children: dict[str, Any], clip: str = "rect") -> dict[str, Any]:
    return {
        "id": "group",
        "type": "group",
        "clip": clip,
        "children": list(children),
        "box": WHOLE,
    }


def shape(**fields: Any) -> dict[str, Any]:
    fill = {"type": "solid", "color": "ink"}
    return {"id": "shape", "type": "shape", "fill": fill, "box": WHOLE, **fields}


BLEED_PX = 3 / 25.4 * 96


def edges(picture: Image.Image, distance: int = 3) -> list[tuple[int, ...]]:
    """Return the colors in the middle of each side, this far from the paper's end."""
    width, height = picture.size
    points = [
        (width // 2, distance),
        (width - 1 - distance, height // 2),
        (width // 2, height - 1 - distance),
        (distance, height // 2),
    ]
    return [picture.getpixel(point) for point in points]


class TestPaths:
    def test_that_fill_the_page_fill_the_bleed(self) -> None:
        picture = look(draw(path("M0 0H100V100H0Z")))

        color = picture.getpixel((200, 200))
        assert set(edges(picture)) == {color} != {PAPER}
        corners = [(3, 3), (picture.width - 4, 3), (3, picture.height - 4)]
        assert {picture.getpixel(corner) for corner in corners} == {color}

    def test_go_on_only_where_they_reach_an_edge(self) -> None:
        # A band along the bottom whose upper edge slopes.
        picture = look(draw(path("M0 60L100 80V100H0Z")))

        top, right, bottom, left = edges(picture)
        assert (top, right) == (PAPER, PAPER)
        assert bottom == picture.getpixel((200, 400)) != PAPER
        assert left == PAPER
        low = round(BLEED_PX + 0.7 * SIZE)
        assert picture.getpixel((3, low)) == bottom
        assert picture.getpixel((picture.width - 4, low)) == PAPER

    def test_stay_as_they_are_on_the_trimmed_page(self) -> None:
        layer = path("M0 30C40 0 60 90 100 60V100H0Z")
        margin = BLEED_PX * 3 / 4

        bare, bled = (draw(layer, bleed=bleed) for bleed in (0, 3))

        page = pypdfium2.PdfDocument(bled)[0]
        inner = page.render(scale=4, crop=(margin,) * 4).to_pil().convert("L")
        outer = look(bare, scale=4).convert("L")
        inner = inner.resize(outer.size)
        difference = np.abs(np.asarray(inner, int) - np.asarray(outer, int))
        assert (difference > 60).mean() < 0.002

    def test_in_groups_that_cut_off_go_on(self) -> None:
        picture = look(draw(group(path("M0 0H100V100H0Z"))))

        assert set(edges(picture)) == {picture.getpixel((200, 200))} != {PAPER}

    def test_that_end_before_an_edge_do_not(self) -> None:
        picture = look(draw(path("M2 2H98V98H2Z")))

        assert set(edges(picture)) == {PAPER}


class TestBoxes:
    @pytest.mark.parametrize(
        "layer",
        [
            shape(),
            {"id": "photo", "type": "image", "image": "photo", "box": WHOLE},
        ],
    )
    def test_in_groups_that_cut_off_go_on(self, layer: dict[str, Any]) -> None:
        picture = look(draw(group(layer)))

        assert PAPER not in edges(picture)

    def test_of_ellipses_keep_their_shape(self) -> None:
        circle = shape(shape="ellipse")

        bare, bled = look(draw(circle, bleed=0)), look(draw(circle))

        color = bare.getpixel((200, 200))
        assert set(edges(bled)) == {PAPER}
        row = [bled.getpixel((x, bled.height // 2)) == color for x in range(bled.width)]
        assert abs(sum(row) - SIZE) <= 2


class TestSides:
    def test_of_a_page_differ(self) -> None:
        data = draw(shape(), bleed=Sides(top=2, right=4, bottom=6, left=0), marks=True)

        (page,) = PdfReader(io.BytesIO(data)).pages
        trim, bleed = page.trimbox, page.bleedbox
        given = [
            bleed.top - trim.top,
            bleed.right - trim.right,
            trim.bottom - bleed.bottom,
            trim.left - bleed.left,
        ]
        assert [float(one) / MM for one in given] == pytest.approx(
            [2, 4, 6, 0], abs=0.01
        )
        assert float(trim.width) == pytest.approx(SIZE * 0.75)
        # Marks stand 3 mm away at least, and take 5.
        assert float(trim.left) == pytest.approx(8 * MM, abs=0.01)
        assert float(page.mediabox.top - trim.top) == pytest.approx(8 * MM, abs=0.01)

    def test_are_filled_to_their_ends(self) -> None:
        data = draw(shape(), bleed=Sides(top=2, right=4, bottom=6, left=0))

        picture = look(data)

        assert picture.width == pytest.approx(SIZE + 4 / 25.4 * 96, abs=2)
        assert PAPER not in edges(picture, distance=2)
