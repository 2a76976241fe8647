"""Draw `docs/images/designs-*.webp`, the demo's templates, and `carousel.webp`.

``.venv/bin/python scripts/draw_designs.py [PICTURE]``; without a picture of your own,
the drawn scene stands in every picture slot.
"""

import io
import sys
from pathlib import Path

from PIL import Image

from brandgen.compositor import (
    Document,
    Encoding,
    ImageSource,
    load_document,
    render_creative,
    suggest_focal,
)
from brandgen.compositor.document import TextSlot
from brandgen.compositor.examples.northwind import (
    CAROUSEL,
    DESIGNS,
    load_copy,
    northwind_style,
)
from brandgen.compositor.examples.scene import SUN, draw_scene

IMAGES = Path(__file__).resolve().parents[1] / "docs" / "images"
CANVAS = "#808080"
GAP_PX = 20
WIDTH_PX = 1600
# Formats that stand side by side, with their height.
ROWS = (
    (("square", 300), ("portrait", 375), ("story", 480), ("skyscraper", 480)),
    (("landscape", 250), ("postcard", 250), ("rectangle", 250)),
    (("leaderboard", 60),),
)
CAROUSEL_ROWS = (("square", 400), ("story", 560), ("landscape", 220))


def main() -> None:
    """Draw a sheet for each design."""
    picture = ImageSource(draw_scene(), focal=SUN, is_ai_made=True)
    if len(sys.argv) > 1:
        data = Path(sys.argv[1]).read_bytes()
        picture = ImageSource(data, suggest_focal(data).point, is_ai_made=True)
    for name, path in DESIGNS.items():
        document = load_document(path.read_bytes())
        sheet = draw_sheet(document, load_copy()[name], picture)
        sheet.save(IMAGES / f"designs-{name}.webp", quality=80, method=6)
    carousel = draw_carousel(load_document(CAROUSEL.read_bytes()), picture)
    carousel.save(IMAGES / "carousel.webp", quality=80, method=6)


def draw_carousel(document: Document, picture: ImageSource) -> Image.Image:
    """Set the pages of three formats side by side, with their examples."""
    slots = document.slots.items()
    texts = {n: slot.example for n, slot in slots if isinstance(slot, TextSlot)}
    pages = [document.on_page(number) for number in document.page_numbers]
    return place(
        [
            [draw(page, name, "en", texts, picture, height) for page in pages]
            for name, height in CAROUSEL_ROWS
        ]
    )


def draw_sheet(
    document: Document, copy: dict[str, dict[str, str]], picture: ImageSource
) -> Image.Image:
    """Set every format in every language side by side."""
    lines = []
    for row in ROWS:
        images = [
            draw(document, name, locale, texts, picture, height)
            for locale, texts in copy.items()
            for name, height in row
        ]
        lines += _in_lines(images)
    return place(lines)


def place(lines: list[list[Image.Image]]) -> Image.Image:
    """Set lines of pictures one below the other."""
    width = max(sum(i.width + GAP_PX for i in line) for line in lines) + GAP_PX
    height = sum(max(i.height for i in line) + GAP_PX for line in lines) + GAP_PX
    sheet, y = Image.new("RGB", (width, height), CANVAS), GAP_PX
    for line in lines:
        x = GAP_PX
        for image in line:
            sheet.paste(image, (x, y))
            x += image.width + GAP_PX
        y += max(image.height for image in line) + GAP_PX
    return sheet


def _in_lines(images: list[Image.Image]) -> list[list[Image.Image]]:
    lines: list[list[Image.Image]] = [[]]
    for image in images:
        if lines[-1] and sum(i.width + GAP_PX for i in lines[-1]) > WIDTH_PX:
            lines.append([])
        lines[-1].append(image)
    return lines


def draw(
    document: Document,
    name: str,
    locale: str,
    texts: dict[str, str],
    picture: ImageSource,
    height_px: int,
) -> Image.Image:
    """Render one format in one language, scaled to a height."""
    slots = document.slots.items()
    rendered = render_creative(
        document,
        format=name,
        modifications=texts,
        images={n: picture for n, slot in slots if not isinstance(slot, TextSlot)},
        brand=northwind_style(),
        encoding=Encoding("png"),
        locale=locale,
    )
    image = Image.open(io.BytesIO(rendered.data)).convert("RGB")
    width_px = round(image.width * height_px / image.height)
    return image.resize((width_px, height_px), Image.Resampling.LANCZOS)


if __name__ == "__main__":
    main()
