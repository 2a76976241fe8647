"""Whole creatives: equal bytes, right sizes, and findings that see what is wrong."""

import contextlib
import io
import json
import random
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pypdf import PdfReader

from brandgen.compositor import (
    BrandStyle,
    BrandStyleError,
    Document,
    Encoding,
    FileSizeError,
    ImageSource,
    ImageSourceError,
    ModificationError,
    Rendered,
    RenderOptionError,
    TemplateDocumentError,
    UnknownFormatError,
    Verdict,
    load_document,
    render_creative,
)
from brandgen.compositor.examples.northwind import load_spring, northwind_style
from scripts.draw_layers import LAYERS
from tests.compositor.pictures import (
    COPY,
    make_photo,
    plain_document,
    spring_data,
    text_layer,
)

PHOTO = make_photo()
BRAND = northwind_style()


def render(format: str = "square", **fields: Any) -> Rendered:  # noqa: A002
    options: dict[str, Any] = {
        "modifications": COPY,
        "images": {"hero": ImageSource(PHOTO)},
        "brand": BRAND,
        "encoding": Encoding("png"),
        **fields,
    }
    return render_creative(load_spring(), format=format, **options)


def pixels_of(rendered: Rendered) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(rendered.data)).convert("RGB"))


def verdicts(rendered: Rendered, rule: str) -> dict[str, Verdict]:
    return {f.place: f.verdict for f in rendered.findings if f.rule == rule}


class TestRenderCreative:
    @pytest.mark.parametrize(
        ("name", "size"),
        [("square", (1080, 1080)), ("story", (1080, 1920)), ("landscape", (1200, 628))],
    )
    def test_passes_every_check_in_each_format(
        self, name: str, size: tuple[int, int]
    ) -> None:
        rendered = render(name)

        assert pixels_of(rendered).shape == (size[1], size[0], 3)
        assert (rendered.width_px, rendered.height_px) == size
        assert {f.verdict for f in rendered.findings} == {Verdict.PASS}

    @pytest.mark.parametrize("kind", ["jpeg", "png", "webp"])
    def test_gives_equal_bytes_for_equal_input(self, kind: Any) -> None:
        encoding = Encoding(kind, xmp=b"<x:xmpmeta xmlns:x='adobe:ns:meta/'/>")

        # Drawn into the picture itself, into a copy, and into one of what is kept.
        first, *others = (render(encoding=encoding) for _ in range(4))

        assert {other.data for other in others} == {first.data}

    def test_leaves_a_transparent_ground_clear(self) -> None:
        document = load_document(plain_document(text_layer()))
        options: dict[str, Any] = {
            "format": "banner",
            "modifications": {"line": "Hello"},
            "images": {},
            "brand": BRAND,
        }
        read = {}
        for is_clear in (True, False):
            encoding = Encoding("png", transparent=is_clear)
            rendered = render_creative(document, encoding=encoding, **options)
            read[is_clear] = Image.open(io.BytesIO(rendered.data)).convert("RGBA")

        paper = Image.new("RGBA", read[True].size, "#ffffff")
        paper.alpha_composite(read[True])

        assert read[True].getpixel((5, 5))[3] == 0
        assert np.abs(np.asarray(paper, int) - np.asarray(read[False])).max() <= 1

    @pytest.mark.parametrize("scale", [1, 2, 3, 4])
    def test_grows_with_the_scale(self, scale: int) -> None:
        rendered = render(scale=scale, encoding=Encoding("jpeg"))

        assert (rendered.width_px, rendered.height_px) == (1080 * scale, 1080 * scale)
        assert rendered.boxes == render().boxes

    def test_meets_the_largest_file_of_its_format(self) -> None:
        data = spring_data()
        data["formats"]["square"]["max_bytes"] = 40_000
        document = load_document(data)
        options: dict[str, Any] = {
            "format": "square",
            "modifications": COPY,
            "images": {"hero": ImageSource(PHOTO)},
            "brand": BRAND,
        }

        capped, asked = (
            render_creative(
                document, encoding=Encoding("jpeg", most_bytes=n), **options
            )
            for n in (None, 900_000)
        )

        assert capped.data == asked.data
        assert len(render(encoding=Encoding("jpeg")).data) > 40_000
        assert len(capped.data) <= 40_000
        assert verdicts(capped, "file-size") == {"": Verdict.PASS}

    @pytest.mark.parametrize(
        ("fields", "kind", "scale", "words"),
        [
            ({}, "jpeg", 5, "between 0.05 and 4"),
            ({"width_px": 5000, "height_px": 4000}, "jpeg", 2, "64 megapixels"),
            ({"width_px": 5000, "height_px": 200}, "webp", 4, "16,383 a side"),
        ],
    )
    def test_refuses_more_pixels_than_there_can_be(
        self, fields: dict[str, int], kind: Any, scale: float, words: str
    ) -> None:
        formats = {"wide": {"width_px": 100, "height_px": 100, **fields}}

        with pytest.raises(RenderOptionError, match=words) as error:
            render_creative(
                load_document(plain_document(text_layer(), formats=formats)),
                format="wide",
                modifications={"line": "Hello"},
                images={},
                brand=BRAND,
                encoding=Encoding(kind),
                scale=scale,
            )

        assert error.value.option == "scale"

    def test_takes_the_density_and_bleed_of_a_format_on_paper(self) -> None:
        document = load_document(
            plain_document(
                text_layer(),
                formats={"card": {"width_mm": 85, "height_mm": 55, "bleed_mm": 2}},
            )
        )
        made = {
            kind: render_creative(
                document,
                format="card",
                modifications={"line": "Hello"},
                images={},
                brand=BRAND,
                encoding=Encoding(kind),
            ).data
            for kind in ("png", "pdf")
        }

        picture = Image.open(io.BytesIO(made["png"]))
        picture.load()
        (page,) = PdfReader(io.BytesIO(made["pdf"])).pages

        assert round(picture.info["dpi"][0]) == 300
        assert float(page.trimbox.width) == pytest.approx(85 / 25.4 * 72, abs=0.2)
        assert float(page.mediabox.width) == pytest.approx(89 / 25.4 * 72, abs=0.2)

    def test_breaks_lines_alike_in_a_preview(self) -> None:
        full, half = render(), render(scale=0.5)

        assert (half.width_px, half.height_px) == (540, 540)
        assert half.boxes == full.boxes
        small = Image.fromarray(pixels_of(full)).resize(
            (540, 540), Image.Resampling.BOX
        )
        difference = np.abs(np.asarray(small, int) - pixels_of(half)).mean()
        assert difference < 1.5

    def test_keeps_the_focal_point_in_view(self) -> None:
        seen = {}
        for y in (0.1, 0.72):
            image = ImageSource(PHOTO, focal=(0.5, y))
            seen[y] = pixels_of(render(images={"hero": image}))[:632]

        reds = {
            y: (p[..., 0].astype(int) - p[..., 1] > 100).sum() for y, p in seen.items()
        }

        assert reds[0.72] > reds[0.1] * 2

    def test_leaves_no_gap_for_an_empty_slot(self) -> None:
        without = {name: text for name, text in COPY.items() if name != "kicker"}

        boxes = render(modifications=without).boxes

        assert "kicker" not in boxes
        assert boxes["headline"].y == pytest.approx(
            1080 - 44 - 360 + (360 - sum_height(boxes)) / 2, abs=1
        )

    def test_shrinks_all_texts_of_a_full_stack_together(self) -> None:
        longest = {
            "kicker": "Spring collection of the northern isles",
            "headline": "Made by hand for brighter mornings and for every long evening",
            "subline": "Stoneware that keeps its warmth and its color, in six new "
            "glazes from the workshop by the harbor.",
            "cta": "See all of the colors",
        }

        rendered = render("landscape", modifications=longest)

        assert verdicts(rendered, "stack-fit") == {}
        assert set(verdicts(rendered, "text-fit").values()) == {Verdict.PASS}
        assert set(verdicts(rendered, "safe-zone").values()) == set()

    def test_finds_a_text_that_does_not_stand_out(self) -> None:
        dim = BrandStyle({**BRAND.palette, "ink": "#e8dcc8"}, logos=BRAND.logos)

        found = verdicts(render(brand=dim), "text-contrast")

        assert found["headline"] == Verdict.FAIL

    def test_finds_a_picture_that_is_too_small(self) -> None:
        tiny = ImageSource(make_photo(320, 320))

        for scale in (1.0, 0.1):
            found = verdicts(
                render(images={"hero": tiny}, scale=scale), "image-resolution"
            )
            assert found == {"hero": Verdict.WARN}

    @pytest.mark.parametrize(
        ("side_px", "verdict", "measured"),
        [
            (480, Verdict.PASS, "240 pixels per inch"),
            (450, Verdict.PASS, "225"),
            (448, Verdict.WARN, "224"),
            (300, Verdict.WARN, "150"),
            (298, Verdict.FAIL, "149"),
        ],
    )
    def test_counts_the_pixels_of_a_picture_on_paper(
        self, side_px: int, verdict: Verdict, measured: str
    ) -> None:
        # Two inches of 300 dots each way.
        paper = {"width_mm": 50.8, "height_mm": 50.8, "bleed_mm": 0}
        edge = {"anchor": "both"}
        photo = {
            "type": "image", "id": "photo", "slot": "photo",
            "box": {"x": edge, "y": edge},
        }  # fmt: skip

        fill = {"type": "solid", "color": "ink"}
        shape = {"type": "shape", "id": "shape", "fill": fill, "box": photo["box"]}

        # As the ground, into which all else is drawn, and upon another layer.
        for below in ([], [shape]):
            rendered = render_creative(
                load_document(plain_document(*below, photo, formats={"banner": paper})),
                format="banner",
                modifications={},
                images={"photo": ImageSource(make_photo(side_px, side_px))},
                brand=BRAND,
                encoding=Encoding("png"),
            )

            (found,) = (f for f in rendered.findings if f.rule == "image-resolution")
            assert found.verdict == verdict
            assert found.measured.startswith(measured)
            assert found.allowed == "at least 225 of 300"

    def test_finds_characters_that_no_font_has(self) -> None:
        rendered = render(modifications={**COPY, "headline": "Hello 👋 世界"})

        found = [f for f in rendered.findings if f.rule == "missing-glyph"]

        assert rendered.is_blocked
        assert found[0].measured == "3 characters"
        assert "U+1F44B" in found[0].message

    @pytest.mark.parametrize(
        ("fields", "error", "words"),
        [
            ({"format": "sqare"}, UnknownFormatError, "Did you mean 'square'?"),
            ({"modifications": {}}, ModificationError, "Headline is needed"),
            (
                {"modifications": {**COPY, "headlin": "x"}},
                ModificationError,
                "Did you mean 'headline'?",
            ),
            (
                {"modifications": {**COPY, "cta": "x" * 25}},
                ModificationError,
                "Button has 25 characters; 24 are allowed",
            ),
            ({"images": {}}, ModificationError, "Picture is needed"),
            (
                {"images": {"hero": ImageSource(b"GIF89a")}},
                ImageSourceError,
                "'hero' can't be read",
            ),
            (
                {"images": {"hero": ImageSource(PHOTO[:4000])}},
                ImageSourceError,
                "'hero' can't be read",
            ),
            ({"brand": BrandStyle({})}, BrandStyleError, "does not have"),
            (
                {
                    "brand": BrandStyle(
                        {**BRAND.palette, "ink": "blue"}, logos=BRAND.logos
                    )
                },
                BrandStyleError,
                "is not a color",
            ),
        ],
    )
    def test_refuses_what_does_not_belong(
        self, fields: dict[str, Any], error: type[Exception], words: str
    ) -> None:
        with pytest.raises(error, match=words.replace("?", r"\?")):
            render(**fields)


def sum_height(boxes: Any) -> float:
    """Give the height of the copy stack without its kicker."""
    heights = [boxes[name].height for name in ("headline", "subline", "cta")]
    return sum(heights) + 20 + 34


class TestChecksOfALayout:
    def test_finds_a_logo_without_room(self) -> None:
        logo = {
            "type": "logo",
            "id": "logo",
            "box": {
                "x": {"anchor": "start", "size": 200},
                "y": {"anchor": "start", "size": 60},
            },
        }
        document = load_document(plain_document(text_layer(), logo))

        rendered = render_creative(
            document,
            format="banner",
            modifications={"line": "Close"},
            images={},
            brand=BRAND,
            encoding=Encoding("png"),
        )

        clear = next(f for f in rendered.findings if f.rule == "logo-clear-space")
        assert clear.verdict == Verdict.FAIL
        assert "line" in clear.measured
        assert "the edge" in clear.measured

    def test_finds_a_logo_that_is_too_small(self) -> None:
        logo = {
            "type": "logo",
            "id": "logo",
            "box": {
                "x": {"anchor": "center", "size": 60},
                "y": {"anchor": "center", "size": 60},
            },
        }

        rendered = render_creative(
            load_document(plain_document(logo)),
            format="banner",
            modifications={},
            images={},
            brand=BRAND,
            encoding=Encoding("png"),
        )

        assert verdicts(rendered, "logo-size") == {"logo": Verdict.FAIL}


class TestFileSize:
    @pytest.mark.parametrize(
        ("cap", "scale", "found"),
        [
            (1000, 1.0, [Verdict.FAIL]),
            (10_000_000, 1.0, [Verdict.PASS]),
            (1000, 0.1, []),
            (0, 1.0, []),
        ],
    )
    def test_of_a_pdf_is_judged_by_the_cap_of_the_format(
        self, cap: int, scale: float, found: list[Verdict]
    ) -> None:
        formats = {"banner": {"width_px": 400, "height_px": 200, "max_bytes": cap}}

        rendered = render_creative(
            load_document(plain_document(text_layer(), formats=formats)),
            format="banner",
            modifications={"line": "Hello"},
            images={},
            brand=BRAND,
            encoding=Encoding("pdf"),
            scale=scale,
        )

        sizes = [f.verdict for f in rendered.findings if f.rule == "file-size"]
        assert sizes == found

    def test_of_a_picture_meets_the_cap_or_is_refused(self) -> None:
        formats = {"banner": {"width_px": 400, "height_px": 200, "max_bytes": 900}}

        with pytest.raises(FileSizeError, match="900 bytes"):
            render_creative(
                load_document(plain_document(text_layer(), formats=formats)),
                format="banner",
                modifications={"line": "Hello"},
                images={},
                brand=BRAND,
                encoding=Encoding("png"),
            )


class TestStrangeDocuments:
    def test_meet_named_errors_only_in_bounded_time(self) -> None:
        chance = random.Random(11)  # noqa: S311 - not a secret
        named = (
            TemplateDocumentError,
            ModificationError,
            BrandStyleError,
            FileSizeError,
        )
        small = ImageSource(make_photo(120, 90), focal=(1, 0), is_ai_made=True)
        sources = [path.read_bytes() for path in sorted(LAYERS.glob("*.json"))]
        drawn, slowest = 0, 0.0

        for number in range(400):
            data = (
                json.loads(sources[number % len(sources)])
                if number % 2
                else spring_data()
            )
            for _ in range(chance.randint(1, 4)):
                holder, key = chance.choice(list(numbers_in(data)))
                holder[key] = chance.choice(STRANGE)
            started = time.process_time()
            with contextlib.suppress(*named):
                document = load_document(data)
                render_creative(
                    document,
                    format=chance.choice(list(document.formats)),
                    modifications={n: COPY.get(n, "x") for n in texts_of(document)},
                    images=dict.fromkeys(
                        set(document.slots) - texts_of(document), small
                    ),
                    brand=BRAND,
                    encoding=Encoding("jpeg"),
                    scale=0.1,
                    locale=chance.choice(["", *document.locales]),
                )
                drawn += 1
            slowest = max(slowest, time.process_time() - started)

        assert drawn > 50
        assert slowest < 2


STRANGE = [0, 1, -1, -5000, 16384, 0.001, "-999%", "9999.999%", 40, 2000, 0.5]


def texts_of(document: Document) -> set[str]:
    """Name the slots that take text."""
    return {name for name, slot in document.slots.items() if slot.type == "text"}


def numbers_in(data: Any) -> Iterator[tuple[Any, Any]]:
    """Give every place in a document that holds a number."""
    for key, value in data.items() if isinstance(data, dict) else enumerate(data):
        if isinstance(value, dict | list):
            yield from numbers_in(value)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            yield data, key
