"""Each type of layer: its example in the reference, and what bad values do."""

import io
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from brandgen.compositor import (
    Encoding,
    ImageSource,
    Rendered,
    Verdict,
    load_document,
    render_creative,
)
from brandgen.compositor.examples.northwind import northwind_style
from brandgen.compositor.examples.scene import draw_scene
from brandgen.compositor.layers import Layer, LayerBase
from scripts.draw_layers import LAYERS, render_example
from tests.compositor.pictures import plain_document, text_layer

BRAND = northwind_style()
WHOLE = {"x": {"anchor": "both"}, "y": {"anchor": "both"}}
LAID = ("formats", "locales", "locale")
REFERENCE = LAYERS.parent / "templates.md"


def render(*layers: dict[str, Any], **fields: Any) -> Rendered:
    options = {
        name: fields.pop(name)
        for name in ("modifications", "images", "locale", "data")
        if name in fields
    }
    return render_creative(
        load_document(plain_document(*layers, **fields)),
        format="banner",
        **{"modifications": {"line": "Hi"}, "images": {}, **options},
        brand=BRAND,
        encoding=Encoding("png"),
    )


def pixels(rendered: Rendered) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(rendered.data)).convert("RGB"), int)


def fill(color: str = "ink", **fields: Any) -> dict[str, Any]:
    return {"type": "solid", "color": color, **fields}


def shape(id_: str, color: str = "ink", **fields: Any) -> dict[str, Any]:
    base = {"type": "shape", "id": id_, "fill": fill(color), "box": WHOLE}
    return {**base, **fields}


def photo_layer(**fields: Any) -> dict[str, Any]:
    return {"type": "image", "id": "photo", "slot": "photo", "box": WHOLE, **fields}


def with_photo(*layers: dict[str, Any], **fields: Any) -> Rendered:
    return render(*layers, images={"photo": ImageSource(draw_scene())}, **fields)


def failures(rendered: Rendered) -> dict[str, str]:
    return {f.rule: f.message for f in rendered.findings if f.verdict == Verdict.FAIL}


class TestExamples:
    @pytest.mark.parametrize(
        "path", sorted(LAYERS.glob("*.json")), ids=lambda p: p.stem
    )
    def test_pass_every_check_and_look_as_they_did(self, path: Path) -> None:
        rendered = render_example(path)

        kept = Image.open(path.with_suffix(".webp")).convert("RGB")
        assert {f.verdict for f in rendered.findings} <= {Verdict.PASS}
        difference = np.abs(pixels(rendered) - np.asarray(kept, int)).mean()
        assert difference < 1, "Run: python scripts/draw_layers.py, and look at it."

    def test_show_every_type_of_layer(self) -> None:
        text = "".join(path.read_text() for path in LAYERS.glob("*.json"))
        names = set(re.findall(r'"type": "(\w+)"', text))

        kinds: tuple[type[LayerBase], ...] = Layer.__args__  # type: ignore[attr-defined]
        for kind in kinds:
            (name,) = kind.__annotations__["type"].__args__
            assert name in names, f"{name} has no example."

    def test_are_pictured_in_the_reference(self) -> None:
        text = REFERENCE.read_text()

        for path in LAYERS.glob("*.json"):
            assert f"layers/{path.stem}.webp" in text


class TestImage:
    def test_is_cut_to_a_circle(self) -> None:
        seen = pixels(with_photo(photo_layer(mask="circle")))

        assert (seen[5, 105] == 255).all()
        assert not (seen[100, 200] == 255).all()

    def test_turns_gray_and_darker(self) -> None:
        plain = pixels(with_photo(photo_layer()))
        filters = {"grayscale": 1, "brightness": 0.5}

        seen = pixels(with_photo(photo_layer(filters=filters)))

        assert np.ptp(seen, axis=-1).max() <= 1
        assert seen.mean() == pytest.approx(plain.mean() * 0.5, rel=0.1)

    def test_blurs_alike_at_any_size(self) -> None:
        rough = pixels(with_photo(photo_layer()))
        soft = pixels(with_photo(photo_layer(filters={"blur": 12})))

        assert (
            np.abs(np.diff(soft, axis=0)).max() < np.abs(np.diff(rough, axis=0)).max()
        )
        assert soft.mean() == pytest.approx(rough.mean(), rel=0.03)


class TestAlign:
    """A square picture of 200 px in a box of 400 × 200, or of 200 × 400."""

    def find_picture(self, **fields: Any) -> tuple[int, int]:
        """Return where the picture begins: x and y."""
        square = Image.new("RGB", (300, 300), "black")
        file = io.BytesIO()
        square.save(file, "PNG")
        focal = fields.pop("own", None)
        options = {name: fields.pop(name) for name in LAID if name in fields}
        layer = photo_layer(fit="contain", **fields)
        image = ImageSource(file.getvalue(), focal=focal)
        seen = pixels(render(layer, images={"photo": image}, **options))
        rows, columns = np.nonzero(seen.max(axis=-1) < 100)
        return int(columns.min()), int(rows.min())

    @pytest.mark.parametrize(
        ("fields", "x"),
        [
            ({}, 100),
            ({"align": "start"}, 0),
            ({"align": "end"}, 200),
            ({"align": "focal"}, 100),
            ({"align": "focal", "own": (0.75, 0.5)}, 50),
            ({"align": "focal", "focal": [0, 0]}, 200),
        ],
    )
    def test_says_where_a_contained_picture_sits(
        self, fields: dict[str, Any], x: int
    ) -> None:
        assert self.find_picture(**fields) == (x, 0)

    def test_says_nothing_of_one_that_fills_its_box(self) -> None:
        filled = with_photo(photo_layer(align="end", valign="start"))

        assert filled.data == with_photo(photo_layer()).data

    @pytest.mark.parametrize(
        ("valign", "y"), [("start", 0), ("center", 100), ("end", 200)]
    )
    def test_says_so_along_the_height_too(self, valign: str, y: int) -> None:
        tall = {"banner": {"width_px": 200, "height_px": 400}}

        assert self.find_picture(valign=valign, formats=tall) == (0, y)

    def test_turns_around_where_the_layer_is_mirrored(self) -> None:
        arabic = {"locales": {"ar": {"direction": "rtl"}}, "locale": "ar"}

        assert self.find_picture(align="start", **arabic) == (200, 0)
        assert self.find_picture(align="start", mirror=False, **arabic) == (0, 0)

    def test_differs_by_format(self) -> None:
        own = {"overrides": {"formats": {"banner": {"align": "end"}}}}

        assert self.find_picture(align="start", **own) == (200, 0)


class TestBlend:
    def test_multiplies_with_what_lies_below(self) -> None:
        below = shape("below", "accent")
        above = shape("above", "accent", blend="multiply")

        colors = {"colors": {"accent": "accent", "paper": "white"}}
        seen = pixels(render(below, above, tokens=colors))

        accent = np.array([0xF4, 0x80, 0x3C])
        assert seen[100, 200] == pytest.approx(accent * accent / 255, abs=2)


class TestGroup:
    def test_fades_as_one(self) -> None:
        group = {
            "type": "group",
            "id": "group",
            "opacity": 0.5,
            "box": WHOLE,
            "children": [shape("one"), shape("two")],
        }

        seen = pixels(render(group))

        ink = np.array([0x0A, 0x2A, 0x33])
        assert seen[100, 200] == pytest.approx((ink + 255) / 2, abs=2)

    def test_judges_a_text_against_the_ground_inside(self) -> None:
        group = {
            "type": "group",
            "id": "group",
            "clip": "rect",
            "radius": 20,
            "box": WHOLE,
            "children": [shape("ground"), text_layer(color="paper")],
        }

        assert "text-contrast" not in failures(render(group))

    def test_clips_what_reaches_out(self) -> None:
        left = {"x": {"anchor": "start", "size": 100}, "y": {"anchor": "both"}}
        wide = {"x": {"anchor": "start", "size": 300}, "y": {"anchor": "both"}}
        group = {
            "type": "group",
            "id": "group",
            "clip": "rect",
            "box": left,
            "children": [shape("wide", box=wide)],
        }

        seen = pixels(render(group))

        assert seen[100, 50].max() < 60
        assert (seen[100, 150] == 255).all()


class TestLogo:
    def test_takes_the_first_variant_that_stands_out(self) -> None:
        logo = {"type": "logo", "id": "logo", "variant": "auto", "box": WHOLE}

        on_light, on_dark = render(logo), render(shape("dark"), logo)

        seen = [f.measured for r in (on_light, on_dark) for f in r.findings
                if f.rule == "logo-contrast"]  # fmt: skip
        assert [text.split(", ")[1] for text in seen] == ["primary", "reversed"]


class TestRating:
    def rating(self, text: str, **fields: Any) -> dict[str, Any]:
        return {
            "type": "rating",
            "id": "rating",
            "text": text,
            "color": "ink",
            "empty_color": "paper",
            "box": WHOLE,
            **fields,
        }

    def share(self, text: str, step: str) -> float:
        dark = (pixels(render(self.rating(text, step=step, shape="dot"))) < 128).sum()
        full = (pixels(render(self.rating("5", shape="dot"))) < 128).sum()
        return float(dark / full * 5)

    @pytest.mark.parametrize(
        ("text", "step", "shown"),
        [("4.5", "half", 4.5), ("4,3", "half", 4.5), ("4.2", "half", 4.0),
         ("4.6", "whole", 5.0), ("0", "half", 0.0)],
    )  # fmt: skip
    def test_rounds_to_its_step(self, text: str, step: str, shown: float) -> None:
        assert self.share(text, step) == pytest.approx(shown, abs=0.03)

    @pytest.mark.parametrize("text", ["6", "-1", "many", "nan", "inf", "1e400"])
    def test_reports_what_is_no_score(self, text: str) -> None:
        assert "is no score" in failures(render(self.rating(text)))["rating"]


class TestCodes:
    def test_reports_a_wrong_check_digit(self) -> None:
        layer = {
            "type": "barcode",
            "id": "ean",
            "slot": "line",
            "color": "ink",
            "box": WHOLE,
        }

        rendered = render(layer, modifications={"line": "4006381333930"})

        assert "must be 1" in failures(rendered)["code"]

    def test_reports_colors_that_cameras_do_not_read(self) -> None:
        layer = {"type": "qr", "id": "qr", "text": "x", "color": "paper",
                 "ground": "ink", "box": WHOLE}  # fmt: skip

        assert "code-contrast" in failures(render(layer))


class TestTable:
    def table(self, **fields: Any) -> dict[str, Any]:
        return {
            "type": "table",
            "id": "table",
            "columns": [{}, {"align": "end"}],
            "font": "copy",
            "color": "ink",
            "largest": 30,
            "smallest": 10,
            "box": WHOLE,
            **fields,
        }

    def test_reads_rows_from_the_lines_of_a_slot(self) -> None:
        rendered = render(
            self.table(slot="line"), modifications={"line": "Mug | 24\n\nJug | 58"}
        )

        assert not failures(rendered)
        (fit,) = [f for f in rendered.findings if f.rule == "table-fit"]
        assert fit.measured.startswith("2 rows")

    def test_shrinks_all_cells_together_until_they_fit(self) -> None:
        few = render(self.table(rows=[["A", "1"]] * 2))
        many = render(self.table(rows=[["A", "1"]] * 7))

        assert not failures(few)
        assert not failures(many)
        assert many.boxes["table"].height <= 200.5

    def test_reports_rows_that_do_not_fit_and_cells_too_many(self) -> None:
        assert "table-fit" in failures(render(self.table(rows=[["A"]] * 20)))
        wide = render(self.table(slot="line"), modifications={"line": "a|b|c"})
        assert "2 are allowed" in failures(wide)["table"]


class TestAiLabel:
    label = {
        "type": "ai_label",
        "id": "ai",
        "texts": {"default": "Made with AI", "eu": "AI-generated"},
        "font": "copy",
        "color": "ink",
        "largest": 20,
        "box": WHOLE,
    }
    locales = {"de": {"market": "eu"}, "us": {}}

    @pytest.mark.parametrize("is_ai", [True, False])
    def test_shows_when_a_picture_was_made_by_ai(self, is_ai: bool) -> None:
        images = {"photo": ImageSource(draw_scene(), is_ai_made=is_ai)}

        rendered = render(self.label, images=images)

        assert ("ai" in rendered.boxes) is is_ai

    def test_speaks_the_words_of_the_market(self) -> None:
        layer = {**self.label, "show": "always"}

        german, american = (
            render(layer, locales=self.locales, locale=locale).boxes["ai"].width
            for locale in ("de", "us")
        )

        assert german != american


class TestBindingsInLayers:
    def test_fill_texts_with_data_and_its_examples(self) -> None:
        layer = text_layer(slot=None, text="{{ product.name }} for {{ product.price }}")
        data = {"product": {"name": "Mug", "price": "24"}}

        example = render_bound(layer, data, {})
        wide = render_bound(layer, data, {"product": {"name": "A very long mug"}})

        assert not failures(example)
        assert wide.boxes["line"].width > example.boxes["line"].width

    def test_hide_layers_by_a_condition(self) -> None:
        layers = [
            shape("sale", visible_if="line == 'Sale' and not photo"),
            shape("always"),
        ]

        shown = [
            "sale" in render(*layers, modifications={"line": text}).boxes
            for text in ("Sale", "Hi")
        ]

        assert shown == [True, False]


def render_bound(
    layer: dict[str, Any], examples: dict[str, Any], data: dict[str, Any]
) -> Rendered:
    document = load_document(plain_document(layer, data=examples))
    return render_creative(
        document,
        format="banner",
        modifications={},
        images={},
        brand=BRAND,
        encoding=Encoding("png"),
        data=data,
    )
