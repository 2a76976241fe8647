"""Measure the editor's preview: from the changed document to its picture and boxes.

The whole round trip of the page, but for the network: request, reading and checking the
document, drawing by the final renderer, JPEG, JSON. Every request changes the document,
as an editor does; the picture behind stays. ``python benchmarks/preview.py [--json]``
"""

import argparse
import copy
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

BAR_MS = 150.0


def main() -> None:
    """Print a table, and with ``--json`` the figures as the last line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="one object at the end")
    parser.add_argument("--rounds", type=int, default=60, help="requests a row")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="brandgen-preview-") as folder:
        ask, documents = prepare(Path(folder))
        rows = {}
        for name, document in documents.items():
            rows |= measure(name, document, ask, rounds=options.rounds)
    print(f"{'template, format':34} {'median':>9} {'p95':>9} {'CPU':>9} {'bytes':>9}")
    for name, row in rows.items():
        print(
            f"{name:34} {row['median_ms']:6.1f} ms {row['p95_ms']:6.1f} ms "
            f"{row['cpu_ms']:6.1f} ms {row['bytes']:>9,}"
        )
    worst = max(row["p95_ms"] for row in rows.values())
    print(f"slowest p95: {worst:.1f} ms, {worst / BAR_MS:.2f} x of the {BAR_MS:.0f} ms")
    if options.json:
        figures = {"worst_p95_ms": worst, "bar_ratio": worst / BAR_MS, "rows": rows}
        print(json.dumps(figures))


def prepare(folder: Path) -> tuple[Callable[..., Any], dict[str, dict[str, Any]]]:
    """Make an installation with the demo's brand and a large approved picture."""
    os.environ["BRANDGEN_DATA_DIR"] = str(folder)
    os.environ["DJANGO_SETTINGS_MODULE"] = "brandgen.config.settings"
    import django

    django.setup()
    from django.core.management import call_command
    from django.test import Client
    from django.test.utils import setup_test_environment
    from django.urls import reverse

    call_command("migrate", verbosity=0)
    setup_test_environment()
    from brandgen.config.demo.northwind import make_northwind
    from brandgen.library.models import Asset
    from tests.factories import make_marked_asset

    brand, people = make_northwind()
    make_marked_asset(
        brand=brand, width_px=1536, height_px=1536, state=Asset.State.APPROVED
    )
    client = Client()
    client.force_login(people["Bea"])

    def ask(template_id: str, **fields: str) -> Any:
        url = reverse("creatives:draft-preview", args=[brand.slug, template_id])
        answer = client.post(url, fields)
        if answer.status_code != 200:
            raise SystemExit(answer.content.decode())
        return answer

    documents = {
        template.name: {
            "id": str(template.id),
            "document": template.find_newest().document,
        }
        for template in brand.templates.all()
    }
    return ask, documents


def measure(
    name: str, template: dict[str, Any], ask: Callable[..., Any], *, rounds: int
) -> dict[str, dict[str, float]]:
    """Time one template in its first three formats, with the copy of every slot."""
    document = copy.deepcopy(template["document"])
    found = {}
    for format_name in list(document["formats"])[:3]:
        walls, cpus, sizes = [], [], []
        for turn in range(rounds + 5):
            change(document, turn)
            source = json.dumps(document)
            texts = {
                f"t-{slot}": one["example"]
                for slot, one in document["slots"].items()
                if one["type"] == "text"
            }
            wall, cpu = time.perf_counter(), time.process_time()
            answer = ask(
                template["id"],
                document=source,
                format=format_name,
                scale="0.5",
                **texts,
            )
            walls.append((time.perf_counter() - wall) * 1000)
            cpus.append((time.process_time() - cpu) * 1000)
            sizes.append(len(answer.content))
        del walls[:5], cpus[:5]  # the first ones read fonts and the picture
        found[f"{name}, {format_name}"] = {
            "median_ms": round(statistics.median(walls), 1),
            "p95_ms": round(statistics.quantiles(walls, n=20)[-1], 1),
            "cpu_ms": round(statistics.mean(cpus), 1),
            "bytes": max(sizes),
        }
    return found


def change(document: dict[str, Any], turn: int) -> None:
    """Move a layer and write another text, as a designer would."""
    box = document["layers"][-1]["box"]["x"]
    for key in ("offset", "start", "gap"):
        if key in box or (key == "offset" and "size" in box):
            box[key] = turn % 40 if box["anchor"] != "scale" else 0.01 * (turn % 10)
            break
    for slot in document["slots"].values():
        if slot["type"] == "text":
            slot["example"] = f"{slot.get('example', 'Text')[:24]} {turn}"[
                : slot.get("max_chars", 200)
            ]


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    main()
