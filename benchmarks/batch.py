"""Measure a batch of creatives through the queue against the bare renderer.

Each cell is a 1080 x 1080 JPEG of the demo's template Product with words of its own and
one of many photos of 1024 x 1024, each read, decoded and scaled anew because more lie
between two uses than are kept. The batch goes the whole way: jobs claimed from the
table, rows read, the mark written into the file, the file in storage and flushed, the
asset with its lineage and its line in the audit trail, on SQLite and a local folder,
with DEBUG off: else Django would keep every query. The bare renderer makes equal cells,
words of their own too, from files in memory, and throws them away.

The two take turns, a job of the batch and then some cells bare, in one process, so that
a busy machine slows both alike; what is compared is the wall time of a cell over the
whole run, and CPU time beside it.

    python benchmarks/batch.py [--cells 10000] [--bare 4] [--json]
"""

import argparse
import base64
import json
import os
import secrets
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

BAR = 0.85
FORMAT = "square"
PHOTOS = 240
PHOTO_PX = 1024
WORDS = ("brighter", "slower", "warmer", "longer", "quieter", "earlier", "softer")


@dataclass
class Clock:
    """Adds up what one side took."""

    cells: int = 0
    wall_s: float = 0.0
    cpu_s: float = 0.0

    @contextmanager
    def running(self) -> Iterator[None]:
        """Count the time of what is inside."""
        wall, cpu = time.perf_counter(), time.process_time()
        yield
        self.wall_s += time.perf_counter() - wall
        self.cpu_s += time.process_time() - cpu

    @property
    def rate(self) -> float:
        """Cells a second."""
        return self.cells / self.wall_s

    @property
    def cpu_ms(self) -> float:
        """CPU time of a cell."""
        return 1000 * self.cpu_s / self.cells


def main(arguments: list[str] | None = None) -> None:
    """Print a table, and with ``--json`` the figures as the last line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="one object at the end")
    parser.add_argument("--cells", type=int, default=10_000, help="of the batch")
    parser.add_argument("--bare", type=int, default=4, help="one cell of so many")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="brandgen-batch-") as folder:
        open_installation(Path(folder))
        version, by = make_northwind_version()
        report = measure(version, by, options.cells, options.bare)
    print(f"{'':12} {'cells':>7} {'cells/s':>9} {'CPU/cell':>10}")
    for name in ("queue", "bare"):
        side = report[name]
        print(
            f"{name:12} {side['cells']:7,} {side['rate']:9.1f} {side['cpu_ms']:7.1f} ms"
        )
    print(
        f"the queue renders at {report['ratio']:.0%} of the bare renderer's rate "
        f"(bar {BAR:.0%}), {report['cpu_ratio']:.0%} by CPU time; the batch was "
        f"written in {report['request_s']:.1f} s"
    )
    if options.json:
        print(json.dumps(report))


def open_installation(folder: Path) -> None:
    """Make an empty installation in a folder, and Django ready for it."""
    os.environ |= {
        "BRANDGEN_DATA_DIR": str(folder),
        "DEBUG": "false",
        "PUBLIC_URL": "https://brandgen.example",
        "ALLOWED_HOSTS": "brandgen.example",
        "SECRET_KEY": secrets.token_urlsafe(60),
        "ENCRYPTION_KEYS": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "LOG_LEVEL": "WARNING",
        "DJANGO_SETTINGS_MODULE": "brandgen.config.settings",
    }
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


def make_northwind_version() -> tuple[Any, Any]:
    """Make the demo's brand; return its template Product and who works with it."""
    from brandgen.config.demo.northwind import make_northwind

    brand, people = make_northwind()
    return brand.templates.get(name="Product").find_published(), people["Mara"]


def measure(version: Any, by: Any, cells: int, share: int) -> dict[str, Any]:
    """Render a batch of a template and equal cells bare, by turns; say what each took.

    The template has the picture hero and the texts headline, subline and cta.
    """
    from brandgen.jobs.worker import run_next

    started = time.perf_counter()
    batch, written_s = make_batch(version, by, cells)
    bare = bare_cells(batch)
    queue, alone = Clock(), Clock()
    # Fonts, logos and code are warm on both sides before anything counts.
    for render in islice(bare, 8):
        render()
    done = 0
    while done < cells:
        with queue.running():
            job = run_next(queue="render", worker="benchmark")
        if job is None:
            raise SystemExit(f"Only {done} of {cells} cells were rendered.")
        now = batch.creatives.filter(state="rendered").count()
        made, done = now - done, now
        queue.cells += made
        some = list(islice(bare, -(-made // share)))
        with alone.running():
            for render in some:
                render()
        alone.cells += len(some)
    return {
        "cells": cells,
        "format": "1080 x 1080 JPEG",
        "ratio": queue.rate / alone.rate,
        "cpu_ratio": alone.cpu_ms / queue.cpu_ms,
        "queue": describe(queue),
        "bare": describe(alone),
        "request_s": written_s,
        "total_s": time.perf_counter() - started,
    }


def describe(clock: Clock) -> dict[str, float]:
    """Return a side's figures."""
    return {"cells": clock.cells, "rate": clock.rate, "cpu_ms": clock.cpu_ms}


def make_batch(version: Any, by: Any, cells: int) -> tuple[Any, float]:
    """Make photos and the batch; return it, and how long it took to write."""
    from django.utils import timezone

    from brandgen.creatives.batches import Cell, Filling, create_batch
    from brandgen.creatives.torture import get_kit

    photos = make_photos(version.template.brand, min(cells, PHOTOS))
    fillings = [
        Filling(
            number=number,
            label=f"Mug {number}",
            texts=words(number),
            images={"hero": photos[number % len(photos)]},
        )
        for number in range(1, cells + 1)
    ]
    started = time.perf_counter()
    batch = create_batch(
        template_version=version,
        kit=get_kit(version),
        name="Benchmark",
        fillings=fillings,
        cells=[Cell(position, FORMAT) for position in range(cells)],
        by=by,
        at=timezone.now(),
    )
    return batch, time.perf_counter() - started


def words(number: int) -> dict[str, str]:
    """Return copy that no other cell has."""
    word = WORDS[number % len(WORDS)]
    return {
        "headline": f"Made for {word} morning {number:,}",
        "subline": f"Stoneware number {number:,} that keeps its warmth.",
        "cta": "See the colors",
    }


def make_photos(brand: Any, count: int) -> list[Any]:
    """Keep noisy photos as approved assets, a JPEG each."""
    import cv2
    import numpy as np
    import simplejpeg

    from tests.factories import make_marked_asset

    chance = np.random.default_rng(1)
    photos = []
    for number in range(count):
        small = chance.integers(0, 255, (12, 12, 3), np.uint8)
        size = (PHOTO_PX, PHOTO_PX)
        smooth = cv2.resize(small, size, interpolation=cv2.INTER_CUBIC)
        noise = cv2.resize(chance.normal(0, 6, (256, 256, 3)), size)
        pixels = np.clip(smooth + noise, 0, 255).astype(np.uint8)
        data = simplejpeg.encode_jpeg(pixels, quality=92, colorsubsampling="420")
        photos.append(
            make_marked_asset(
                brand=brand, data=data, mime="image/jpeg", title=f"Photo {number}"
            )
        )
    return photos


def bare_cells(batch: Any) -> Iterator[Callable[[], Any]]:
    """Yield renders like those of the batch, with words that no other cell has."""
    from brandgen.compositor import Encoding, render_creative
    from brandgen.creatives.rendering import QUALITY, image_source
    from brandgen.creatives.style import style_of

    document = batch.template_version.load()
    style = style_of(batch.brand_kit)
    images = [image_source(row.images.get().asset) for row in batch.rows.all()[:PHOTOS]]
    number = 10**6

    def render(number: int) -> Any:
        return render_creative(
            document,
            format=FORMAT,
            modifications=words(number),
            images={"hero": images[number % len(images)]},
            brand=style,
            encoding=Encoding(kind="jpeg", quality=QUALITY),
        )

    while True:
        number += 1
        yield lambda number=number: render(number)


if __name__ == "__main__":
    main()
