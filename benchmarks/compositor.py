"""Measure the compositor: creatives a second, against the codecs and against Pillow.

One creative is a 1080 x 1080 JPEG from a 1024 x 1024 photo: cover crop, scrim, a
headline set as large as it fits, subline, button and logo. Every round makes one with
each contender, in turn, decoding the photo anew and with words it has not seen; medians
are compared, so that a busy machine slows all alike.

    python benchmarks/compositor.py [--rounds 40] [--json]

`codec floor` only decodes, scales and encodes. `pillow` makes the same creative with
Pillow alone, as a first version of such a program would.
"""

import argparse
import io
import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import simplejpeg
from PIL import Image, ImageDraw, ImageFont

sys.path.insert(0, str(Path(__file__).parents[1]))

from brandgen.compositor import Encoding, ImageSource, load_document, render_creative
from brandgen.compositor.examples.northwind import northwind_style
from brandgen.compositor.text import FONTS

SIDE = 1080
QUALITY = 85
HEADLINES = [
    "Made for brighter mornings",
    "The all-new trail collection",
    "Warm hands, clear head",
    "Six colors for a long spring",
    "Slow coffee, fast friends",
    "Stoneware that keeps its warmth all through the day",
    "Bring the harbor home",
    "New: the everyday set",
    "Forty cups, one kiln",
    "Save 20 % until Sunday",
    "Breakfast is a place",
    "Glazed by hand, made to last for generations",
]
SUBLINE = "Stoneware from the workshop by the harbor."
BUTTON = "See the colors"


def make_photos() -> list[bytes]:
    """Make eight noisy pictures, because flat ones would flatter the codecs."""
    chance = np.random.default_rng(1)
    photos = []
    for _ in range(8):
        small = chance.integers(0, 255, (12, 12, 3), np.uint8)
        smooth = cv2.resize(small, (1024, 1024), interpolation=cv2.INTER_CUBIC)
        noise = chance.normal(0, 6, smooth.shape)
        pixels = np.clip(smooth + noise, 0, 255).astype(np.uint8)
        photos.append(
            simplejpeg.encode_jpeg(pixels, quality=92, colorsubsampling="444")
        )
    return photos


def document() -> dict[str, object]:
    """Write the benchmark's template."""
    edge = {"anchor": "both", "start": 72, "end": 72}
    text = {"type": "text", "color": "light"}
    children = [
        {
            **text,
            "id": "headline",
            "slot": "headline",
            "font": "headline",
            "largest": 104,
            "smallest": 40,
            "line_height": 1.1,
        },
        {**text, "id": "subline", "slot": "subline", "font": "copy", "largest": 36},
        {
            **text,
            "id": "button",
            "slot": "button",
            "font": "headline",
            "color": "ink",
            "largest": 32,
            "plate": {"color": "accent", "radius": 60},
        },
    ]
    whole = {"x": {"anchor": "both"}, "y": {"anchor": "both"}}
    return {
        "schema": 1,
        "name": "Benchmark",
        "formats": {"square": {"width_px": SIDE, "height_px": SIDE}},
        "tokens": {
            "colors": {"light": "white", "ink": "ink", "accent": "accent"},
            "fonts": {"headline": {"weight": 800}, "copy": {"weight": 500}},
        },
        "slots": {
            "photo": {"type": "image"},
            **{name: {"type": "text"} for name in ("headline", "subline", "button")},
        },
        "layers": [
            {"type": "image", "id": "photo", "slot": "photo", "box": whole},
            {
                "type": "shape",
                "id": "scrim",
                "fill": {"type": "scrim", "color": "ink", "opacity": 0.6},
                "box": whole,
            },
            {
                "type": "logo",
                "id": "logo",
                "variant": "reversed",
                "box": {
                    "x": {"anchor": "start", "offset": 72, "size": 240},
                    "y": {"anchor": "start", "offset": 72, "size": 60},
                },
            },
            {
                "type": "stack",
                "id": "copy",
                "gap": 24,
                "justify": "end",
                "box": {"x": edge, "y": {"anchor": "end", "offset": 72, "size": 620}},
                "children": children,
            },
        ],
    }


def floor(photo: bytes) -> bytes:
    """Decode, scale and encode; nothing is drawn."""
    pixels = simplejpeg.decode_jpeg(photo, colorspace="RGBA")
    scaled = cv2.resize(pixels, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)
    data: bytes = simplejpeg.encode_jpeg(
        scaled, quality=QUALITY, colorspace="RGBA", colorsubsampling="420"
    )
    return data


class PillowOnly:
    """The same creative with nothing but Pillow; fonts, scrim and logo kept warm."""

    def __init__(self, logo: bytes) -> None:
        path = str(FONTS / "InterVariable.ttf")
        self.fonts: dict[tuple[int, int], ImageFont.FreeTypeFont] = {}
        self.path = path
        self.logo = Image.open(io.BytesIO(logo)).resize((240, 45))
        shade = np.linspace(0, 153, SIDE, dtype=np.uint8)[:, None].repeat(SIDE, axis=1)
        self.shade = Image.fromarray(shade)
        self.ink = Image.new("RGB", (SIDE, SIDE), "#0a2a33")

    def font(self, size: int, weight: int) -> ImageFont.FreeTypeFont:
        """Open a size of the font once."""
        if (size, weight) not in self.fonts:
            font = ImageFont.truetype(self.path, size)
            font.set_variation_by_axes([32, weight])
            self.fonts[size, weight] = font
        return self.fonts[size, weight]

    def wrap(self, text: str, font: ImageFont.FreeTypeFont) -> list[str]:
        """Break lines greedily at spaces."""
        lines = [""]
        for word in text.split():
            longer = f"{lines[-1]} {word}".strip()
            if font.getlength(longer) <= SIDE - 144:
                lines[-1] = longer
            else:
                lines.append(word)
        return lines

    def render(self, photo: bytes, headline: str) -> bytes:
        """Make one creative."""
        picture = Image.open(io.BytesIO(photo)).convert("RGB")
        picture = picture.resize((SIDE, SIDE), Image.Resampling.BICUBIC)
        picture.paste(self.ink, (0, 0), self.shade)
        low, high = 40, 104
        while low < high:
            middle = (low + high + 1) // 2
            fits = len(self.wrap(headline, self.font(middle, 800))) <= 3
            low, high = (middle, high) if fits else (low, middle - 1)
        font = self.font(low, 800)
        lines = self.wrap(headline, font)
        draw = ImageDraw.Draw(picture)
        y = 1008 - 60 - 24 - 44 - 24 - round(len(lines) * low * 1.1)
        for line in lines:
            draw.text((72, y), line, "#ffffff", font)
            y += round(low * 1.1)
        draw.text((72, y + 24), SUBLINE, "#ffffff", self.font(36, 500))
        draw.rounded_rectangle((72, 948, 360, 1008), 30, "#f4803c")
        draw.text((96, 958), BUTTON, "#0a2a33", self.font(32, 800))
        picture.paste(self.logo, (72, 80), self.logo)
        buffer = io.BytesIO()
        picture.save(buffer, "JPEG", quality=QUALITY)
        return buffer.getvalue()


def contenders() -> dict[str, Callable[[bytes, str], bytes]]:
    """Name every way to make a creative; each takes a photo and a headline."""
    brand = northwind_style()
    template = load_document(document())
    pillow = PillowOnly(brand.logos["reversed"].data)

    def ours(kind: str) -> Callable[[bytes, str], bytes]:
        encoding = Encoding(kind, QUALITY)  # type: ignore[arg-type]
        return lambda photo, headline: (
            render_creative(
                template,
                format="square",
                modifications={
                    "headline": headline,
                    "subline": SUBLINE,
                    "button": BUTTON,
                },
                images={"photo": ImageSource(photo)},
                brand=brand,
                encoding=encoding,
            ).data
        )

    return {
        "brandgen jpeg": ours("jpeg"),
        "brandgen png": ours("png"),
        "codec floor": lambda photo, headline: floor(photo),
        "pillow": pillow.render,
    }


def measure(rounds: int) -> dict[str, tuple[float, float]]:
    """Give each contender's median wall and CPU milliseconds."""
    photos, makers = make_photos(), contenders()
    wall: dict[str, list[float]] = {name: [] for name in makers}
    cpu: dict[str, list[float]] = {name: [] for name in makers}
    for number in range(-3, rounds):
        for name, make in makers.items():
            # A number at the end keeps a headline from being one seen before.
            words = HEADLINES[number % len(HEADLINES)]
            headline = f"{words} {number + 100}{name[-1]}"
            started = time.perf_counter(), time.process_time()
            make(photos[number % len(photos)], headline)
            if number >= 0:
                wall[name].append((time.perf_counter() - started[0]) * 1000)
                cpu[name].append((time.process_time() - started[1]) * 1000)
    return {n: (statistics.median(wall[n]), statistics.median(cpu[n])) for n in makers}


def main() -> None:
    """Print a table, or with --json one object as the last line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    found = measure(options.rounds)
    own = found["brandgen jpeg"]
    print(f"{'':16}{'wall ms':>9}{'CPU ms':>9}{'per s':>8}{'to jpeg, CPU':>14}")
    for name, (wall, cpu) in found.items():
        print(f"{name:16}{wall:9.1f}{cpu:9.1f}{1000 / wall:8.1f}{cpu / own[1]:14.2f}")
    if options.json:
        print(
            json.dumps(
                {
                    "jpeg_per_s": round(1000 / own[0], 1),
                    "jpeg_ratio": {"pillow": round(found["pillow"][0] / own[0], 2)},
                    "jpeg_ratio_cpu": {"pillow": round(found["pillow"][1] / own[1], 2)},
                    "floor_ratio": round(own[0] / found["codec floor"][0], 2),
                    "floor_ratio_cpu": round(own[1] / found["codec floor"][1], 2),
                }
            )
        )


if __name__ == "__main__":
    main()
