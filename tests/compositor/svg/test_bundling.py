"""Illustrations of many paths become one layer; what others stand on does not."""

from typing import Any

import numpy as np
import pytest

from brandgen.compositor import Encoding, render_creative
from brandgen.compositor.examples.northwind import northwind_style
from brandgen.compositor.pictures import decode
from brandgen.compositor.svg import bundling
from brandgen.compositor.svg.importing import Imported, import_svg
from brandgen.compositor.svg.pictures import read_picture

GRADIENT = (
    '<linearGradient id="g"><stop stop-color="#0b3c49"/>'
    '<stop offset="1" stop-color="#f4803c"/></linearGradient>'
)


def petals(count: int, x: float = 40, fill: str = "#f4803c") -> str:
    return "".join(
        f'<path d="M{x + 6 * n} 200q20-60 40 0t40 0z" fill="{fill}"/>'
        for n in range(count)
    )


def imported(inside: str) -> Imported:
    head = '<svg xmlns="http://www.w3.org/2000/svg" width="600" height="400">'
    return import_svg(f"{head}{inside}</svg>".encode(), brand=northwind_style())


def kinds(found: Imported) -> list[str]:
    return [one["type"] for one in found.data["layers"]]


def pixels(found: Imported) -> Any:
    rendered = render_creative(
        found.document,
        format="custom",
        modifications={},
        images={},
        brand=northwind_style(),
        encoding=Encoding("png"),
    )
    return decode(rendered.data, name="it").pixels[..., :3].astype(int)


class TestBundler:
    def test_joins_what_touches_and_tells_of_it(self) -> None:
        found = imported(petals(14) + petals(3, x=400))

        assert kinds(found) == ["svg", "path", "path", "path"]
        [note] = [n for n in found.notes if "one layer" in n.problem]
        assert "14 paths" in note.problem
        assert found.taken == "1 drawing, 3 paths"

    def test_keeps_what_others_stand_on(self) -> None:
        ground = '<rect width="600" height="200" y="40" fill="#0b3c49"/>'

        assert kinds(imported(ground + petals(14))) == ["shape", "svg"]

    def test_joins_small_ones_where_layers_are_too_many(self) -> None:
        flowers = "".join(
            f'<g transform="translate({80 * (n % 7)} {100 * (n // 7) - 50}) scale(.5)">'
            f"{petals(4)}</g>"
            for n in range(21)
        )

        found = imported(flowers)

        assert set(kinds(found)) == {"svg"}
        assert len(kinds(found)) == 21

    def test_looks_the_same(self, monkeypatch: pytest.MonkeyPatch) -> None:
        clip = '<clipPath id="c"><circle cx="120" cy="190" r="60"/></clipPath>'
        inside = (
            GRADIENT
            + clip
            + '<g clip-path="url(#c)" opacity=".8">'
            + petals(8, fill="url(#g)")
            + "</g>"
            + '<ellipse cx="150" cy="210" rx="30" ry="9" fill="#17697b" opacity=".5"/>'
            + '<rect x="60" y="205" width="60" height="20" rx="6" fill="#fff4e3"/>'
            + '<line x1="50" y1="225" x2="200" y2="225" stroke="#0a2a33" '
            'stroke-width="4" stroke-linecap="round" stroke-dasharray="10 6"/>'
        )
        inside += petals(6, x=60, fill="#17697b")

        joined = imported(inside)
        monkeypatch.setattr(bundling, "LEAST_PARTS", 10_000)
        apart = imported(inside)

        assert kinds(joined) == ["svg"]
        assert "svg" not in kinds(apart)
        difference = np.abs(pixels(joined) - pixels(apart))
        assert (pixels(apart) < 250).any()
        assert difference.mean() < 0.1

    def test_follows_the_kit_by_tokens(self) -> None:
        [layer] = imported(petals(14)).data["layers"]

        assert layer["colors"] == {"#f4803c": "accent"}
        assert read_picture(layer["svg"]).colors == ("#f4803c",)
