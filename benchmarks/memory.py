"""Measure the memory of a worker that renders creatives, and what each part adds.

    python benchmarks/memory.py [--fonts FOLDER]

Each row is one more step in one process: `resident` counts libraries and fonts that are
mapped from files, as far as they were touched; `own` is what no other process can
share, so that of n workers each adds about that much. Linux only.
"""

import argparse
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "brandgen.config.settings")

LIMIT_MB = 200
SCRIPTS = {
    "Arabic, Hebrew, Devanagari": "مجموعة الربيع, מבצע אביב, उजली सुबहों",
    "Thai, broken by dictionary": "แก้วเซรามิกที่เก็บความร้อนได้ตลอดทั้งวัน",
}
FURTHER = "明るい朝のためのマグカップ 🎉"


def memory_mb() -> tuple[float, float]:
    """Give the resident memory of this process, and what of it is its own."""
    sizes = {}
    for line in Path("/proc/self/smaps_rollup").read_text().splitlines()[1:]:
        name, size, _ = line.split()
        sizes[name] = int(size) / 1024
    return sizes["Rss:"], sizes["Private_Clean:"] + sizes["Private_Dirty:"]


def show(step: str) -> float:
    """Print a row, and give the resident memory."""
    resident, own = memory_mb()
    print(f"| {step} | {resident:.0f} MB | {own:.0f} MB |")
    return resident


def start_worker() -> None:
    """Load what a worker loads before its first job."""
    import importlib

    import django

    django.setup()
    importlib.import_module("brandgen.creatives.runner")


def render(headline: str, formats: int, fonts: Path | None = None) -> None:
    """Render the demo's template as JPEG in some of its formats."""
    from dataclasses import replace

    from brandgen.compositor import (
        Encoding,
        ImageSource,
        load_document,
        render_creative,
    )
    from brandgen.compositor.examples.northwind import DESIGNS, northwind_style
    from brandgen.compositor.examples.scene import draw_scene

    document = load_document(DESIGNS["product"].read_bytes())
    for name in list(document.formats)[:formats]:
        render_creative(
            document,
            format=name,
            modifications={"headline": headline},
            images={"hero": ImageSource(draw_scene())},
            brand=replace(northwind_style(), fonts_folder=fonts),
            encoding=Encoding("jpeg"),
        )


def main() -> None:
    """Print the table; 1 if Latin creatives take more than the limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fonts", type=Path, help="a folder for FONTS_DIR")
    options = parser.parse_args()
    print("| after | resident | own |\n| --- | --- | --- |")
    show("Python")
    start_worker()
    show("Django, Celery and all libraries")
    render("Made for brighter mornings", 1)
    show("one creative")
    render("Made for brighter mornings", 40)
    latin = show("eight formats, one after the other")
    for name, text in SCRIPTS.items():
        render(text, 1)
        show(name)
    if options.fonts:
        render(FURTHER, 1, options.fonts)
        show("Japanese and emoji of a folder")
    verdict = "under" if latin < LIMIT_MB else "above"
    print(f"\nLatin creatives: {latin:.0f} MB, {verdict} {LIMIT_MB} MB.")
    sys.exit(latin >= LIMIT_MB)


if __name__ == "__main__":
    main()
