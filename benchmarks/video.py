"""Measure how fast the frames of a moving creative are drawn and written.

What stands still is drawn once and kept; against it stands drawing every frame anew by
the renderer of stills. ``python benchmarks/video.py [--json]``
"""

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

from brandgen.compositor import Encoding, ImageSource, lay_out_creative, load_document
from brandgen.compositor.draw import draw
from brandgen.compositor.examples.northwind import SPRING, northwind_style
from brandgen.compositor.moving import at_moment
from brandgen.compositor.moving_render import MovingPicture, render_video
from brandgen.compositor.text import load_text_engine
from tests.compositor.pictures import COPY, make_photo

# Comes one after the other, then stands; the picture zooms all the time, or not.
MOVES: dict[str, dict[str, Any]] = {
    "tab": {"enter": {"type": "slide", "side": "top", "delay_s": 0.3}},
    "logo": {"enter": {"type": "scale", "delay_s": 0.6, "easing": "overshoot"}},
    "kicker": {"enter": {"type": "wipe", "delay_s": 0.6}},
    "headline": {"enter": {"type": "typewriter", "delay_s": 0.8, "duration_s": 1.2}},
    "subline": {"enter": {"type": "fade", "delay_s": 2}},
    "cta": {
        "enter": {"type": "scale", "delay_s": 2.3, "easing": "overshoot"},
        "loop": {"type": "pulse", "duration_s": 1.2},
    },
}
ZOOM = {"hero": {"loop": {"type": "ken_burns", "zoom": 1.2}}}
ROUNDS = 3


def main() -> None:
    """Print a table, and with ``--json`` the figures as the last line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="one object at the end")
    options = parser.parse_args()
    figures = {}
    print(f"{'spring, 6 s at 25':24} {'anew':>9} {'kept':>9} {'ratio':>6} {'MP4':>9}")
    for name, moves in {"texts move": MOVES, "picture zooms": MOVES | ZOOM}.items():
        for shape in ("square", "story"):
            row = measure(moves, shape)
            figures[f"{name}, {shape}"] = row
            print(
                f"{name + ', ' + shape:24} {row['anew_fps']:7.1f}/s "
                f"{row['kept_fps']:7.1f}/s {row['ratio']:5.1f}x {row['mp4_fps']:7.1f}/s"
            )
    if options.json:
        sys.stdout.write(json.dumps(figures) + "\n")


def measure(moves: dict[str, Any], shape: str) -> dict[str, float]:
    """Give frames a second: drawn anew, from what was kept, and written as MP4."""
    data = json.loads(SPRING.read_bytes())
    data["motion"] = {"duration_s": 6, "fps": 25}
    _add(data["layers"], moves)
    document, brand = load_document(data), northwind_style()
    images = {"hero": ImageSource(make_photo(1600, 1600))}
    engine = load_text_engine(brand.fonts, brand.fonts_folder)
    layout = lay_out_creative(
        document, format=shape, modifications=COPY, images=images, brand=brand
    )
    material: dict[str, Any] = {"images": images, "brand": brand, "engine": engine}

    def prepare() -> MovingPicture:
        return MovingPicture(document, layout, format=shape, locale="", **material)

    moving = prepare()
    times = [number / 25 for number in range(150)]

    def anew() -> None:
        for at_s in times[::5]:
            draw(at_moment(moving.layout, moving.nodes, at_s), **material)

    def kept() -> None:
        for _ in prepare().draw_frames(25):
            pass

    def written() -> None:
        render_video(prepare(), Encoding("mp4"))

    rates = {
        "anew_fps": len(times[::5]) / median_s(anew),
        "kept_fps": len(times) / median_s(kept),
        "mp4_fps": len(times) / median_s(written),
    }
    return {**rates, "ratio": rates["kept_fps"] / rates["anew_fps"]}


def median_s(work: Callable[[], None]) -> float:
    """Give the median time of some rounds, after one that is not counted."""
    work()
    seconds = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - started)
    return statistics.median(seconds)


def _add(layers: list[dict[str, Any]], moves: dict[str, Any]) -> None:
    for layer in layers:
        if layer["id"] in moves:
            layer["motion"] = moves[layer["id"]]
        _add(layer.get("children", []), moves)


if __name__ == "__main__":
    main()
