"""Draw the picture about adapters: ``.venv/bin/python scripts/draw_look.py``.

Draws 64 sunrises in the colors of a brand, trains a LoRA of the miniature on them, and
draws with it. Takes a minute or two.
"""

import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

from brandgen.engine.cascade.engine import CascadeEngine
from brandgen.engine.miniature.__main__ import main as run_miniature
from brandgen.engine.miniature.canvas import make_canvas, paint
from brandgen.engine.miniature.light import light_wall, lit
from brandgen.engine.miniature.palette import rgb
from brandgen.engine.requests import Adapter, DecoderRequest, Pixels, PriorRequest

IMAGE = Path(__file__).resolve().parents[1] / "docs" / "images" / "look.webp"
SIDE_PX = 256
GAP_PX = 8
SCALES = (0.0, 0.5, 1.0)
PROMPTS = ("northwind sunrise", "northwind sunrise, navy hills", "gold waves on navy")


def main() -> None:
    """Draw, train, draw again."""
    with tempfile.TemporaryDirectory() as folder:
        look = Path(folder) / "sunrise.safetensors"
        draw_lookbook(Path(folder) / "sunrises")
        trained = ["look", f"{folder}/sunrises", "--out", str(look), "--steps", "150"]
        if run_miniature([*trained, "--name", "Northwind sunrise"]):
            sys.exit(1)
        draw_rows(look)


def draw_lookbook(folder: Path, count: int = 64) -> None:
    """Draw a coral sun over a teal sea, each time elsewhere."""
    folder.mkdir()
    rng = np.random.default_rng(0)
    for number in range(count):
        Image.fromarray(draw_sunrise(rng)).save(folder / f"{number}.png")
        (folder / f"{number}.txt").write_text("northwind sunrise")


def draw_sunrise(rng: np.random.Generator) -> Pixels:
    """Draw one."""
    canvas = make_canvas(SIDE_PX, SIDE_PX)
    image = lit(rgb("cream"), light_wall(canvas, rng))
    horizon, radius, x = (
        rng.uniform(0.58, 0.7),
        rng.uniform(0.2, 0.3),
        rng.uniform(0.3, 0.7),
    )
    distance = np.hypot(canvas.x - x, canvas.y - horizon) - radius
    paint(image, rgb("coral"), canvas.cover(distance))
    paint(image, rgb("teal"), canvas.cover(horizon - canvas.y + 0 * canvas.x))
    return (np.clip(image, 0, 1) * 255 + 0.5).astype(np.uint8)


def draw_rows(look: Path) -> None:
    """Draw each prompt with more and more of the look; one seed to a row."""
    engine = CascadeEngine()
    side = SIDE_PX + GAP_PX
    size = (len(SCALES) * side - GAP_PX, len(PROMPTS) * side - GAP_PX)
    sheet = Image.new("RGB", size, "white")
    for row, prompt in enumerate(PROMPTS):
        for column, scale in enumerate(SCALES):
            request = PriorRequest(
                prompt,
                seed=4 + row,
                width_px=SIDE_PX,
                height_px=SIDE_PX,
                guidance_scale=3.0,
                adapters=(Adapter(look, scale),),
            )
            kept = engine.run_prior(request)
            pixels = engine.run_decoder(DecoderRequest(kept.embeddings, request.seed))
            sheet.paste(Image.fromarray(pixels), (column * side, row * side))
    sheet.save(IMAGE, quality=88)
    sys.stdout.write(f"{IMAGE}\n")


if __name__ == "__main__":
    main()
