"""A PDF: letters that can be selected, links, bleed and marks, and the same picture."""

import io
from typing import Any

import numpy as np
import pypdfium2
import pytest
from PIL import Image
from pypdf import PdfReader

from brandgen.compositor import (
    Encoding,
    FileSizeError,
    ImageSource,
    Rendered,
    RenderOptionError,
    load_document,
    render_creative,
)
from brandgen.compositor.examples.northwind import load_spring, northwind_style
from tests.compositor.pictures import (
    COPY,
    make_photo,
    plain_document,
    spring_data,
    text_layer,
)

BRAND = northwind_style()
IMAGES = {"hero": ImageSource(make_photo(), (0.5, 0.72))}
MM = 72 / 25.4


def render(kind: Any = "pdf", *, links: Any = None, scale: float = 1.0) -> Rendered:
    encoding = kind if isinstance(kind, Encoding) else Encoding(kind, 90)
    return render_creative(
        load_spring(),
        format="landscape",
        modifications=COPY,
        images=IMAGES,
        brand=BRAND,
        encoding=encoding,
        links=links or {},
        scale=scale,
    )


def page_of(rendered: Rendered) -> Any:
    return PdfReader(io.BytesIO(rendered.data)).pages[0]


class TestWritePdf:
    def test_looks_like_the_pixels(self) -> None:
        page = pypdfium2.PdfDocument(render().data)[0]
        drawn = page.render(scale=96 / 72).to_pil().convert("RGB")

        pixels = Image.open(io.BytesIO(render("png").data)).convert("RGB")

        assert drawn.size == pixels.size
        difference = np.abs(np.asarray(drawn, int) - np.asarray(pixels))
        assert difference.mean() < 2
        assert (difference.max(axis=-1) > 60).mean() < 0.01

    def test_keeps_text_as_text(self) -> None:
        page = page_of(render())

        words = " ".join(page.extract_text().split())

        assert "Made for brighter mornings" in words
        assert "SPRING COLLECTION" in words
        # Only the photo and the logo are pictures.
        assert len(page.images) == 2

    @pytest.mark.parametrize("blend", ["normal", "multiply"])
    @pytest.mark.parametrize(
        "text",
        [
            "Office efficient, 49 %",
            "सुबह के लिए क्षत्रिय विशेष",
            "สวัสดีชาวโลก น้ำ",
            "Mùa xuân rực rỡ",
            "מבצע אביב: 50% הנחה",
            "مجموعة الربيع",
        ],
    )
    def test_can_be_read_and_copied(self, text: str, blend: str) -> None:
        layer = text_layer(font="noto", text=text, slot=None, blend=blend, max_lines=1)
        rendered = render_creative(
            load_document(plain_document(layer)),
            format="banner",
            modifications={},
            images={},
            brand=BRAND,
            encoding=Encoding("pdf"),
        )

        page = pypdfium2.PdfDocument(rendered.data)[0]

        assert page.get_textpage().get_text_range().strip() == text

    def test_embeds_only_the_letters_it_needs(self) -> None:
        document = load_document(plain_document(text_layer(font="noto")))
        rendered = render_creative(
            document,
            format="banner",
            modifications={"line": "Việt Nam"},
            images={},
            brand=BRAND,
            encoding=Encoding("pdf"),
        )

        fonts = page_of(rendered)["/Resources"]["/Font"].values()

        names = [str(font.get_object().get("/BaseFont")) for font in fonts]
        assert any("+NotoSans-" in name for name in names)
        assert len(rendered.data) < 40_000

    def test_embeds_each_cut_of_a_variable_font_as_a_font_of_its_own(self) -> None:
        fonts = page_of(render())["/Resources"]["/Font"].values()
        faces = [font.get_object() for font in fonts]

        assert {face["/Subtype"] for face in faces} == {"/Type0"}
        names = {str(face["/BaseFont"]).partition("+")[2] for face in faces}
        cuts = ("14opsz_500wght", "32opsz_700wght", "32opsz_800wght")
        assert names == {f"InterVariable_{cut}" for cut in cuts}

    def test_is_as_large_as_its_dpi_says(self) -> None:
        size = page_of(render(Encoding("pdf", dpi=300))).mediabox

        assert [float(size.width), float(size.height)] == pytest.approx(
            [1200 * 72 / 300, 628 * 72 / 300], abs=0.001
        )

    def test_has_bleed_and_marks_around_the_trimmed_page(self) -> None:
        rendered = render(Encoding("pdf", bleed_mm=3, marks=True))

        page = page_of(rendered)
        drawn = pypdfium2.PdfDocument(rendered.data)[0].render().to_pil()
        edges = {
            name: float(page[name][0] - page["/MediaBox"][0])
            for name in ("/TrimBox", "/BleedBox")
        }
        width = float(page.trimbox.width)

        assert width == pytest.approx(900, abs=0.001)
        assert edges["/TrimBox"] == pytest.approx(8 * MM, abs=0.001)
        assert edges["/BleedBox"] == pytest.approx(5 * MM, abs=0.001)
        # In the bleed, left: the panel's cream; outside of it: paper.
        colors = [drawn.convert("RGB").getpixel((x, 300)) for x in (18, 8)]
        assert colors == [(255, 244, 227), (255, 255, 255)]
        # The mark's hairline, above the trimmed corner.
        assert drawn.convert("L").crop((20, 2, 26, 8)).getextrema()[0] < 200

    def test_links_a_layer(self) -> None:
        rendered = render(links={"cta": "https://example.com/spring?a=1"})

        (link,) = page_of(rendered)["/Annots"]

        box, rect = (
            rendered.boxes["cta"],
            [float(x) for x in link.get_object()["/Rect"]],
        )
        assert link.get_object()["/A"]["/URI"] == "https://example.com/spring?a=1"
        assert rect[0] == pytest.approx(box.x * 0.75, abs=0.01)
        assert rect[3] == pytest.approx(471 - box.y * 0.75, abs=0.01)

    @pytest.mark.parametrize(
        ("links", "words"),
        [
            ({"ctaa": "https://example.com"}, "Did you mean 'cta'"),
            ({"cta": "javascript:alert(1)"}, "not an address"),
            ({"cta": "https://example.com/ x"}, "not an address"),
        ],
    )
    def test_refuses_a_link_it_can_not_make(self, links: Any, words: str) -> None:
        with pytest.raises(RenderOptionError, match=words):
            render(links=links)

    def test_says_that_its_colors_are_srgb_and_carries_metadata(self) -> None:
        reader = PdfReader(
            io.BytesIO(render(Encoding("pdf", xmp=b"<x:xmpmeta/>")).data)
        )

        (intent,) = reader.trailer["/Root"]["/OutputIntents"]

        assert intent.get_object()["/OutputConditionIdentifier"].startswith("sRGB")
        assert reader.trailer["/Root"]["/Metadata"].get_data() == b"<x:xmpmeta/>"

    def test_gives_equal_bytes_for_equal_input(self) -> None:
        encoding = Encoding("pdf", bleed_mm=2, marks=True, dpi=150)

        first, second = (render(encoding, links={"cta": "mailto:a@b.c"}) for _ in "ab")

        assert first.data == second.data

    def test_keeps_more_of_a_picture_at_a_higher_scale(self) -> None:
        sizes = [len(render(scale=scale).data) for scale in (1, 2)]

        assert sizes[1] > sizes[0] * 1.2
        assert {f.rule for f in render().findings} == {
            f.rule for f in render("png").findings
        }

    def test_is_made_as_small_as_asked_by_its_pictures(self) -> None:
        whole = render(Encoding("pdf", 95))
        most = len(whole.data) * 2 // 3

        small = render(Encoding("pdf", 95, most_bytes=most))

        assert most * 0.8 < len(small.data) <= most
        (told,) = [one for one in small.findings if one.rule == "file-size"]
        assert "pictures of quality" in told.measured
        words = [
            pypdfium2.PdfDocument(one.data)[0].get_textpage().get_text_range()
            for one in (whole, small)
        ]
        assert words[0] == words[1]
        roomy = Encoding("pdf", 95, most_bytes=len(whole.data))
        assert render(roomy).data == whole.data

    def test_says_how_small_it_can_get(self) -> None:
        with pytest.raises(FileSizeError, match="with pictures of quality 30") as error:
            render(Encoding("pdf", 95, most_bytes=2_000))

        assert error.value.reached_bytes == len(render(Encoding("pdf", 30)).data)

    def test_bleeds_nothing_that_does_not_touch_an_edge(self) -> None:
        data = spring_data()
        document = load_document(data)
        options: dict[str, Any] = {
            "format": "square",
            "modifications": COPY,
            "images": IMAGES,
            "brand": BRAND,
        }
        drawn = []
        for bleed in (0.0, 3.0):
            encoding = Encoding("pdf", bleed_mm=bleed)
            rendered = render_creative(document, encoding=encoding, **options)
            page = pypdfium2.PdfDocument(rendered.data)[0]
            margin = (page.get_width() - 810) / 2
            picture = page.render(crop=(margin,) * 4).to_pil().convert("RGB")
            drawn.append(picture.crop((60, 640, 400, 780)))

        assert np.abs(np.asarray(drawn[0], int) - np.asarray(drawn[1])).mean() < 3
