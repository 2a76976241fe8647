"""Measure the compositor: creatives a second, against the codecs and other programs.

One creative is a 1080 x 1080 JPEG or PNG from a 1024 x 1024 photo: cover crop, scrim, a
headline set as large as it fits, subline, button and logo. Every round makes one with
each contender, in turn, decoding the photo anew and with words it has not seen; medians
of the wall time are compared, so that a busy machine slows all alike. CPU time is the
mean of the contender's whole process tree.

    python benchmarks/compositor.py [--rounds 40] [--peers all] [--json] [--look FOLDER]

`codec floor` only decodes, scales and encodes. `pillow` makes the same creative with
Pillow alone, as a first version of such a program would. The peers (headless Chromium,
Satori with resvg-js and sharp, Takumi) are installed with npm into a temporary folder
and kept warm in a process each; they are told the headline's size, which ours has to
find. A peer that can't be installed is named as missing. `--look` keeps one creative of
each, to be compared by eye.
"""

import argparse
import contextlib
import io
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
import simplejpeg
from PIL import Image, ImageDraw, ImageFont

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks import peers
from brandgen.compositor import (
    Document,
    Encoding,
    ImageSource,
    lay_out_creative,
    load_document,
    render_creative,
)
from brandgen.compositor.examples.northwind import northwind_style
from brandgen.compositor.pictures import forget_pictures
from brandgen.compositor.typesetting.fonts import FONTS

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
SIZES = {
    "square": (1080, 1080),
    "portrait": (1080, 1350),
    "story": (1080, 1920),
    "landscape": (1200, 628),
    "rectangle": (300, 250),
    "half-page": (300, 600),
    "billboard": (970, 250),
    "wide": (1280, 720),
}
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
    edge = {"anchor": "both", "start": "6.667%", "end": "6.667%"}
    text = {"type": "text", "color": "light"}
    children = [
        {
            **text,
            "id": "headline",
            "slot": "headline",
            "font": "headline",
            "largest": "9.63%",
            "smallest": "3.704%",
            "line_height": 1.1,
        },
        {
            **text,
            "id": "subline",
            "slot": "subline",
            "font": "copy",
            "largest": "3.334%",
        },
        {
            **text,
            "id": "button",
            "slot": "button",
            "font": "headline",
            "color": "ink",
            "largest": "2.963%",
            "plate": {"color": "accent", "radius": 60},
        },
    ]
    whole = {"x": {"anchor": "both"}, "y": {"anchor": "both"}}
    return {
        "schema": 1,
        "name": "Benchmark",
        "formats": {n: {"width_px": w, "height_px": h} for n, (w, h) in SIZES.items()},
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
                    "x": {"anchor": "start", "offset": "6.667%", "size": "22.222%"},
                    "y": {"anchor": "start", "offset": "6.667%", "size": "5.556%"},
                },
            },
            {
                "type": "stack",
                "id": "copy",
                "gap": 24,
                "justify": "end",
                "box": {
                    "x": edge,
                    "y": {"anchor": "end", "offset": "6.667%", "size": "57.407%"},
                },
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

    def render(self, photo: bytes, headline: str, kind: str) -> bytes:
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
        picture.save(buffer, kind.upper(), quality=QUALITY)
        return buffer.getvalue()


@dataclass
class Times:
    """What a contender took: wall milliseconds of each round, and CPU in all."""

    wall_ms: list[float] = field(default_factory=list)
    cpu_ms: float = 0.0

    @property
    def median_ms(self) -> float:
        """The middle wall time."""
        return statistics.median(self.wall_ms)

    @property
    def mean_cpu_ms(self) -> float:
        """The CPU time of one creative."""
        return self.cpu_ms / len(self.wall_ms)


class Bench:
    """The photos, words, template and brand, and ways to make creatives of them."""

    def __init__(self) -> None:
        self.brand = northwind_style()
        self.template: Document = load_document(document())
        self.photos = make_photos()
        self.pillow = PillowOnly(self.brand.logos["reversed"].data)

    def values(self, headline: str) -> dict[str, str]:
        """Give the texts of one creative."""
        return {"headline": headline, "subline": SUBLINE, "button": BUTTON}

    def ours(
        self, photo: bytes, headline: str, kind: str, name: str = "square"
    ) -> bytes:
        """Make one creative with brandgen."""
        return render_creative(
            self.template,
            format=name,
            modifications=self.values(headline),
            images={"photo": ImageSource(photo)},
            brand=self.brand,
            encoding=Encoding(kind, QUALITY),  # type: ignore[arg-type]
        ).data

    def headline_px(self, headline: str) -> int:
        """Give the size at which ours sets a headline, for peers that can't fit."""
        layout = lay_out_creative(
            self.template,
            format="square",
            modifications=self.values(headline),
            images={"photo": ImageSource(self.photos[0])},
            brand=self.brand,
        )
        (item,) = (item for item in layout.items if item.layer == "headline")
        return round(item.text.size_px)

    def local(self) -> dict[str, Callable[[bytes, str], object]]:
        """Name the contenders in this process; each takes a photo and a headline."""
        return {
            "brandgen jpeg": lambda photo, text: self.ours(photo, text, "jpeg"),
            "brandgen png": lambda photo, text: self.ours(photo, text, "png"),
            "codec floor jpeg": lambda photo, _: floor(photo),
            "pillow jpeg": lambda photo, text: self.pillow.render(photo, text, "jpeg"),
            "pillow png": lambda photo, text: self.pillow.render(photo, text, "png"),
            "cached jpeg": lambda _, text: self.ours(self.photos[0], text, "jpeg"),
            "eight formats jpeg": lambda photo, text: [
                self.ours(photo, text, "jpeg", name) for name in SIZES
            ],
        }


def measure(
    bench: Bench, others: Sequence[peers.Peer], rounds: int
) -> dict[str, Times]:
    """Make one creative with each contender in every round; the first three warm up."""
    makers = bench.local()
    times = {name: Times() for name in makers}
    times |= {f"{one.name} {kind}": Times() for one in others for kind in KINDS}
    for number in range(-3, rounds):
        photo = number % len(bench.photos)
        # A number at the end keeps a headline from being one seen before.
        words = f"{HEADLINES[number % len(HEADLINES)]} {number + 100}"
        for name, make in makers.items():
            if name != "cached jpeg":
                forget_pictures()
            else:
                bench.ours(bench.photos[0], words, "jpeg")
            headline = f"{words}{name[0]}{name[-2]}"
            started = time.perf_counter(), time.process_time()
            make(bench.photos[photo], headline)
            if number >= 0:
                wall = time.perf_counter() - started[0]
                times[name].wall_ms.append(wall * 1000)
                times[name].cpu_ms += (time.process_time() - started[1]) * 1000
        for one in others:
            for kind in KINDS:
                request = {
                    "photo": f"photo-{photo}.jpg",
                    "headline": f"{words}{kind}",
                    "size": bench.headline_px(f"{words}{kind}"),
                    "kind": kind,
                    "unique": f"{number}{kind}",
                }
                started = time.perf_counter(), one.cpu_s()
                one.render(request)
                if number >= 0:
                    wall = time.perf_counter() - started[0]
                    times[f"{one.name} {kind}"].wall_ms.append(wall * 1000)
                    spent = one.cpu_s() - started[1]
                    times[f"{one.name} {kind}"].cpu_ms += spent * 1000
    return times


KINDS = ("jpeg", "png")


@contextlib.contextmanager
def started_peers(
    names: Sequence[str], bench: Bench, folder: Path
) -> Iterator[tuple[list[peers.Peer], dict[str, str]]]:
    """Install and start peers; those that can't are given with the reason."""
    for number, photo in enumerate(bench.photos):
        (folder / f"photo-{number}.jpg").write_bytes(photo)
    logo = Image.open(io.BytesIO(bench.brand.logos["reversed"].data))
    logo.resize((240, 45)).save(folder / "logo.png")
    (folder / "package.json").write_text('{"private": true}')
    if names:
        peers.write_fonts(folder)
    found: list[peers.Peer] = []
    missing: dict[str, str] = {}
    for name in names:
        print(f"Installing {name} ...", file=sys.stderr)
        try:
            peers.install(name, folder)
            found.append(peers.Peer(name, folder))
        except peers.PeerMissingError as error:
            missing[name] = str(error)
            print(f"{name} is missing: {error}", file=sys.stderr)
    try:
        yield found, missing
    finally:
        for one in found:
            one.stop()


def summarize(times: dict[str, Times]) -> dict[str, object]:
    """Give the ratios: how many times as long as ours each other one takes."""
    ratios: dict[str, dict[str, float]] = {}
    for kind in KINDS:
        own = times[f"brandgen {kind}"]
        others = {
            name.split()[0]: one
            for name, one in times.items()
            if name.endswith(kind) and name.split()[0] in (*peers.NAMES, "pillow")
        }
        ratios[f"{kind}_ratio"] = {
            name: round(one.median_ms / own.median_ms, 2)
            for name, one in others.items()
        }
        ratios[f"{kind}_ratio_cpu"] = {
            name: round(one.mean_cpu_ms / own.mean_cpu_ms, 2)
            for name, one in others.items()
        }
    own, least = times["brandgen jpeg"], times["codec floor jpeg"]
    return {
        **ratios,
        "floor_ratio": round(own.median_ms / least.median_ms, 2),
        "floor_ratio_cpu": round(own.mean_cpu_ms / least.mean_cpu_ms, 2),
        "jpeg_per_s": round(1000 / own.median_ms, 1),
        "jpeg_per_cpu_s": round(1000 / own.mean_cpu_ms, 1),
        "cached_per_s": round(1000 / times["cached jpeg"].median_ms, 1),
        "cached_per_cpu_s": round(1000 / times["cached jpeg"].mean_cpu_ms, 1),
        "eight_formats_ms": round(times["eight formats jpeg"].median_ms, 1),
        "eight_formats_cpu_ms": round(times["eight formats jpeg"].mean_cpu_ms, 1),
    }


def keep_looks(bench: Bench, others: Sequence[peers.Peer], folder: Path) -> None:
    """Keep the same creative of each contender as a file."""
    folder.mkdir(parents=True, exist_ok=True)
    words = HEADLINES[0]
    (folder / "brandgen.jpg").write_bytes(bench.ours(bench.photos[0], words, "jpeg"))
    pillow = bench.pillow.render(bench.photos[0], words, "jpeg")
    (folder / "pillow.jpg").write_bytes(pillow)
    for one in others:
        one.render(
            {
                "photo": "photo-0.jpg",
                "headline": words,
                "size": bench.headline_px(words),
                "kind": "jpeg",
                "unique": "look",
                "out": str((folder / f"{one.name}.jpg").resolve()),
            }
        )


def main() -> None:
    """Print a table, or with --json one object as the last line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--peers", default="all", help="all, none, or names")
    parser.add_argument("--look", type=Path, metavar="FOLDER")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    names = {"all": ",".join(peers.NAMES), "none": ""}.get(options.peers, options.peers)
    bench = Bench()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        chosen = [one for one in names.split(",") if one]
        with started_peers(chosen, bench, folder) as (others, missing):
            found = peers.versions(folder)
            if options.look:
                keep_looks(bench, others, options.look)
            times = measure(bench, others, options.rounds)
    print(f"{'':20}{'wall ms':>9}{'CPU ms':>9}{'per s':>8}{'to ours':>9}")
    for name, one in times.items():
        own = times["brandgen png" if name.endswith("png") else "brandgen jpeg"]
        print(
            f"{name:20}{one.median_ms:9.1f}{one.mean_cpu_ms:9.1f}"
            f"{1000 / one.median_ms:8.1f}{one.median_ms / own.median_ms:9.2f}"
        )
    for name, version in found.items():
        print(f"{name} {version}")
    if options.json:
        print(json.dumps({**summarize(times), "missing": missing, "versions": found}))


if __name__ == "__main__":
    main()
