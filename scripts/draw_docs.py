"""Draw the pictures of the documentation: ``.venv/bin/python scripts/draw_docs.py``.

Strips of pictures go to ``docs/images``. Takes about four minutes with the miniature.
"""

import io
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from brandgen.compositor import Encoding, ImageSource, render_creative
from brandgen.compositor.examples.northwind import load_spring, northwind_style
from brandgen.engine.canvas import extend
from brandgen.engine.commands.colors import read_palette
from brandgen.engine.edits import DETAIL_STRENGTH
from brandgen.engine.fidelity import measure
from brandgen.engine.miniature.artist import make_sheet
from brandgen.engine.miniature.reading import read_caption
from brandgen.engine.miniature.scenes import draw_scene
from brandgen.engine.protocol import Engine, Step
from brandgen.engine.registry import open_engine
from brandgen.engine.requests import (
    DecoderRequest,
    EncodeRequest,
    PaletteColor,
    PaletteGoal,
    Pixels,
    PriorRequest,
    Start,
    TextBox,
)

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs" / "images"
FONT = ROOT / "brandgen" / "compositor" / "fonts" / "InterVariable.ttf"
SIDE_PX = 240
GAP_PX = 8
QUALITY = 88

HILLS = PriorRequest(
    prompt="cream sky over teal hills", seed=60, width_px=512, height_px=512,
    guidance_scale=3.0,
)  # fmt: skip
DECODER_STEPS = (1, 2, 3, 5, 10)
DECODER_SEEDS = (60, 61, 62, 63, 64)

PALETTES = (
    "#0f3b4c:55,#f4e9d8:30,#f97f5f:15",
    "#3b1f5b:50,#f2b8c6:35,#ffd166:15",
    "#20462e:45,#dfe8c9:40,#c2572b:15",
)
DRAWINGS = (
    "gradient from peach to coral to purple",
    "teal and navy waves on cream",
    "forest hills under a peach sky",
    "coral and gold layered paper on cream",
    "teal and coral terrazzo on white",
    "sky light beams on navy, night",
    "lavender and pink blobs on white, bold",
    "white dots on mint, copy space above",
    "burgundy and gold rings on peach",
    "plain lavender wall, sunny",
    "teal bottle with a cream label on a coral podium, plain cream wall, on the left",
    "red can on a white square podium, plain sky wall, on the right",
    "large forest jar with a cream label, white glow on peach",
    "burgundy tube with a peach label on a pink podium, pink blobs on white",
    "large orange sphere on a navy square podium, plain sky wall, sunny",
)
STRENGTHS = (0.0, 0.35, 0.7, 1.0)
PODIUM = PriorRequest(
    prompt="orange bottle on a cream podium, plain teal background", seed=8,
    width_px=512, height_px=512, guidance_scale=3.0,
)  # fmt: skip
OTHER_PROMPT = "green box on a cream podium, plain teal background"
AROUND = "plain teal wall"
AREA = (slice(120, 380), slice(150, 360))
MARK = (255, 80, 60)
DETAIL = (slice(230, 330), slice(180, 280))

ROOM = TextBox(0.07, 0.1, 0.75, 0.45, contrast=4.5)


def main() -> None:
    """Draw every strip."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    draw_drawings()
    engine = open_engine()
    draw_stages(engine)
    draw_palettes(engine)
    draw_rooms(engine)
    draw_edits(engine)
    draw_copies(engine)


def draw_drawings() -> None:
    """Show what the miniature is trained on."""
    rng = np.random.default_rng(5)
    scenes = [read_caption(text) for text in DRAWINGS]
    drawn = [draw_scene(scene, rng, 512, 512) for scene in scenes]
    sheet = make_sheet(np.stack(drawn), columns=5, side_px=SIDE_PX)
    sheet.save(IMAGES / "miniature-drawings.webp", quality=QUALITY)


def draw_stages(engine: Engine) -> None:
    """Show what each stage adds to one picture."""
    seen: list[Pixels] = []

    def keep(step: Step) -> None:
        if step.previews:
            seen.append(step.previews[0])

    kept = engine.run_prior(HILLS, on_step=keep)
    request = DecoderRequest(kept.embeddings, HILLS.seed)
    save(
        "stages-prior",
        [
            enlarge(seen[index])
            for index in np.linspace(0, len(seen) - 1, 5).astype(int)
        ],
    )
    save(
        "stages-decoder",
        [engine.run_decoder(replace(request, steps=n)) for n in DECODER_STEPS],
    )
    save(
        "stages-again",
        [engine.run_decoder(replace(request, seed=seed)) for seed in DECODER_SEEDS],
    )


def draw_palettes(engine: Engine) -> None:
    """Pull one picture to several palettes, ever stronger."""
    for number, words in enumerate(PALETTES, 1):
        colors = read_palette(words)
        pulled = [
            draw(engine, replace(HILLS, palette=PaletteGoal(colors, strength)))
            for strength in STRENGTHS
        ]
        save(f"palette-{number}", [show_palette(colors), *pulled])


def draw_rooms(engine: Engine) -> None:
    """Show a headline on a picture as it comes, and on those made for it."""
    request = replace(HILLS, prompt="pink blobs on a cream background", seed=11)
    dark = (23, 23, 23)
    either = replace(ROOM, other_color=dark)
    save(
        "room",
        [
            write_on(draw(engine, request), ROOM, ROOM.text_color),
            write_on(
                draw(engine, replace(request, text_boxes=(ROOM,))),
                ROOM,
                ROOM.text_color,
            ),
            write_on(draw(engine, replace(request, text_boxes=(either,))), ROOM, dark),
        ],
    )


def draw_edits(engine: Engine) -> None:
    """Vary a picture, change an area of one, and extend it."""
    kept = engine.run_prior(HILLS)
    hills = engine.run_decoder(DecoderRequest(kept.embeddings, HILLS.seed))
    varied = [
        draw(engine, replace(HILLS, seed=seed, start=Start(kept.embeddings, strength)))
        for seed, strength in enumerate((0.35, 0.35, 0.7, 0.7), 101)
    ]
    save("edits-vary", [hills, *varied])

    podium = draw(engine, PODIUM)
    mask = np.zeros(podium.shape[:2], np.uint8)
    mask[AREA] = 255
    start = Start(podium, 1.0, mask)
    marked = np.where(mask[..., None] > 0, (podium // 2 + np.array(MARK) // 2), podium)
    changed = [
        draw(engine, replace(PODIUM, prompt=OTHER_PROMPT, seed=seed, start=start))
        for seed in (201, 202)
    ]
    save("edits-area", [podium, marked.astype(np.uint8), *changed])

    wide = extend(hills, right_px=256, feather_px=0)
    start = Start(wide.pixels, 1.0, wide.mask)
    extended = [
        draw(engine, replace(HILLS, seed=seed, width_px=768, start=start))
        for seed in (301, 304)
    ]
    save("edits-extend", [hills, *extended])
    save("extended-in-a-format", [place(podium), place(grow(engine, podium))])


def grow(engine: Engine, podium: Pixels) -> Pixels:
    """Extend the podium on both sides, so that a square post shows all of it."""
    wide = extend(podium, left_px=128, right_px=256, feather_px=0)
    start = Start(wide.pixels, 1.0, wide.mask)
    request = replace(PODIUM, prompt=AROUND, seed=305, width_px=896, start=start)
    return draw(engine, request)


def place(pixels: Pixels) -> Pixels:
    """Put a picture into the square post of the spring template."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    rendered = render_creative(
        load_spring(),
        format="square",
        modifications={"headline": "Brighter mornings"},
        images={"hero": ImageSource(file.getvalue())},
        brand=northwind_style(),
        encoding=Encoding(kind="png"),
    )
    with Image.open(io.BytesIO(rendered.data)) as creative:
        return np.asarray(creative.convert("RGB"))


def draw_copies(engine: Engine) -> None:
    """Enlarge a picture, and show how faithfully the model draws one again."""
    podium = draw(engine, PODIUM)
    larger = np.asarray(Image.fromarray(podium).resize((1024, 1024)))
    encoded = engine.encode_image(EncodeRequest(larger, 1024, 1024, PODIUM.prompt))
    start = Start(larger, DETAIL_STRENGTH)
    drawn = engine.run_decoder(DecoderRequest(encoded.embeddings, 1, start=start))
    rows, columns = (slice(2 * each.start, 2 * each.stop) for each in DETAIL)
    save("edits-enlarge", [podium, enlarge(podium[DETAIL]), drawn[rows, columns]])

    encoded = engine.encode_image(EncodeRequest(podium, 512, 512, PODIUM.prompt))
    again = engine.run_decoder(DecoderRequest(encoded.embeddings, 1))
    with Image.open(io.BytesIO(measure(podium, again).draw_map())) as errors:
        save("edits-fidelity", [podium, again, np.asarray(errors)])


def draw(engine: Engine, request: PriorRequest) -> Pixels:
    """Draw a picture by both stages; what a mask keeps stays."""
    kept = engine.run_prior(request)
    is_held = request.start is not None and request.start.mask is not None
    return engine.run_decoder(
        DecoderRequest(
            kept.embeddings, request.seed, start=request.start if is_held else None
        )
    )


def enlarge(preview: Pixels) -> Pixels:
    """Enlarge a preview without smoothing: each cell of Stage C stays to be seen."""
    size = (SIDE_PX, SIDE_PX)
    return np.asarray(Image.fromarray(preview).resize(size, Image.Resampling.NEAREST))


def show_palette(colors: Sequence[PaletteColor]) -> Pixels:
    """Paint each color as wide as its share."""
    swatches = np.empty((SIDE_PX, SIDE_PX, 3), np.uint8)
    total, left = sum(color.share for color in colors), 0.0
    for color in colors:
        right = left + color.share / total * SIDE_PX
        swatches[:, round(left) : round(right)] = color.red, color.green, color.blue
        left = right
    return swatches


def write_on(pixels: Pixels, box: TextBox, color: tuple[int, int, int]) -> Pixels:
    """Set a headline in a text box."""
    picture = Image.fromarray(pixels)
    font = ImageFont.truetype(str(FONT), picture.height // 10)
    font.set_variation_by_axes([32, 700])
    place = (int(box.left * picture.width) + 12, int(box.top * picture.height) + 12)
    ImageDraw.Draw(picture).text(
        place, "Made for\nbrighter days", fill=color, font=font, spacing=10
    )
    return np.asarray(picture)


def save(name: str, pictures: Sequence[Pixels]) -> None:
    """Write pictures of one height side by side to `docs/images`."""
    widths = [SIDE_PX * each.shape[1] // each.shape[0] for each in pictures]
    strip = Image.new("RGBA", (sum(widths) + GAP_PX * (len(widths) - 1), SIDE_PX))
    left = 0
    for pixels, width in zip(pictures, widths, strict=True):
        strip.paste(Image.fromarray(pixels).resize((width, SIDE_PX)), (left, 0))
        left += width + GAP_PX
    path = IMAGES / f"{name}.webp"
    strip.save(path, quality=QUALITY, method=6)
    sys.stdout.write(f"{path.relative_to(ROOT)}, {path.stat().st_size / 1000:.0f} kB\n")


if __name__ == "__main__":
    main()
