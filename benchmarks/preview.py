"""Measure the editor's preview: from the changed document to its picture and boxes.

First in one process: request, reading and checking the document, drawing by the final
renderer, JPEG, JSON. Then, with ``--browser``, in the page of a real installation: from
the moment at which Chromium sends the request to the frame that shows the picture.
Every request changes the document, as an editor does; the picture behind stays.
``python benchmarks/preview.py [--browser] [--json]``
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
WARM_UP = 5
"""Requests that are not counted: the first ones read fonts and the picture."""
FORMATS = 3
MAKE_PICTURE = """
from brandgen.accounts.models import Brand
from brandgen.library.models import Asset
from tests.factories import make_marked_asset
make_marked_asset(brand=Brand.objects.get(), width_px=1536, height_px=1536,
                  state=Asset.State.APPROVED)
"""
# Half-size pictures are counted, as they come while one drags; the sharp one that
# follows once nothing moves is not.
WATCH = """
() => {
    const picture = document.querySelector(".ed-sheet img"), send = window.fetch;
    window.times = [];
    let sent = null;
    window.fetch = (...question) => {
        const body = question[1]?.body;
        const isHalf = body instanceof FormData && body.get("scale") === "0.5";
        sent = isHalf ? performance.now() : null;
        return send(...question);
    };
    new MutationObserver(async () => {
        const began = sent;
        sent = null;
        if (began === null) return;
        await picture.decode();
        requestAnimationFrame(() => requestAnimationFrame(
            () => window.times.push(performance.now() - began)));
    }).observe(picture, { attributeFilter: ["src"] });
}
"""
MOVE = """
turn => {
    const field = document.querySelector('[data-part=panel] [data-field="rect/x"]');
    field.value = Number(field.value) + (turn % 2 ? -7 : 7);
    for (const name of ["input", "change"])
        field.dispatchEvent(new Event(name, { bubbles: true }));
}
"""


def main() -> None:
    """Print a table, and with ``--json`` the figures as the last line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="one object at the end")
    parser.add_argument("--rounds", type=int, default=60, help="requests a row")
    parser.add_argument("--browser", action="store_true", help="in Chromium as well")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="brandgen-preview-") as folder:
        ask, documents = prepare(Path(folder))
        rows = {}
        for name, document in documents.items():
            rows |= measure(name, document, ask, rounds=options.rounds)
    figures = show("in one process", rows)
    if options.browser:
        with tempfile.TemporaryDirectory(prefix="brandgen-preview-") as folder:
            rows = measure_in_browser(Path(folder), rounds=options.rounds)
        figures["browser"] = show("in the browser", rows)
    if options.json:
        print(json.dumps(figures))


def show(title: str, rows: dict[str, dict[str, float]]) -> dict[str, Any]:
    """Print a table and return its figures."""
    print(f"{title:34} {'median':>9} {'p95':>9} {'CPU':>9} {'bytes':>9}")
    for name, row in rows.items():
        cpu = f"{row['cpu_ms']:6.1f} ms" if "cpu_ms" in row else ""
        size = f"{row['bytes']:,}" if "bytes" in row else ""
        print(
            f"{name:34} {row['median_ms']:6.1f} ms {row['p95_ms']:6.1f} ms "
            f"{cpu:>9} {size:>9}"
        )
    worst = max(row["p95_ms"] for row in rows.values())
    print(f"slowest p95: {worst:.1f} ms, {worst / BAR_MS:.2f} x of the {BAR_MS:.0f} ms")
    return {"worst_p95_ms": worst, "bar_ratio": worst / BAR_MS, "rows": rows}


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
    for format_name in list(document["formats"])[:FORMATS]:
        walls, cpus, sizes = [], [], []
        for turn in range(rounds + WARM_UP):
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
        del walls[:WARM_UP], cpus[:WARM_UP]
        found[f"{name}, {format_name}"] = summarize(walls) | {
            "cpu_ms": round(statistics.mean(cpus), 1),
            "bytes": max(sizes),
        }
    return found


def summarize(times_ms: list[float]) -> dict[str, float]:
    """Return median and 95th percentile."""
    return {
        "median_ms": round(statistics.median(times_ms), 1),
        "p95_ms": round(statistics.quantiles(times_ms, n=20)[-1], 1),
    }


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


def measure_in_browser(folder: Path, *, rounds: int) -> dict[str, dict[str, float]]:
    """Move a layer of each template by its number field, again and again, in Chromium.

    Waiting for the next key, 120 ms, is the page's choice and not counted.
    """
    from brandgen.config.demo.people import PEOPLE
    from tests.browser.served import install, served
    from tests.chromium import running_chromium
    from tests.databases import migrate_sqlite

    migrated = folder / "migrated"
    migrated.mkdir()
    own = folder / "own"
    own.mkdir()
    here = install(own, migrate_sqlite(migrated))
    made = here.run("shell", "--no-imports", "-c", MAKE_PICTURE)
    if made.returncode:
        raise SystemExit(made.stderr)
    bea = next(person for person in PEOPLE if person.name == "Bea")
    found = {}
    with served(here) as address, running_chromium() as chromium:
        page = chromium.new_page(viewport={"width": 1440, "height": 900})
        page.goto(address)
        page.get_by_label("E-mail").fill(bea.email)
        page.get_by_label("Password").fill(bea.password)
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("heading", name="Home", exact=True).wait_for()
        for name in ("Offer", "Product", "Quote"):
            page.goto(f"{address}/b/northwind/templates/")
            link = page.get_by_role("heading", name=name).get_by_role("link")
            path = link.get_attribute("href").rstrip("/")
            page.goto(f"{address}{path}/edit")
            page.wait_for_selector(".ed-sheet img[src]")
            page.locator(".ed-row").first.click()
            page.evaluate(WATCH)
            for turn in range(rounds + WARM_UP):
                page.evaluate(MOVE, turn)
                page.wait_for_function("count => times.length > count", arg=turn)
            found[f"{name}, square"] = summarize(page.evaluate("times")[WARM_UP:])
    return found


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    main()
