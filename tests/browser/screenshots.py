"""Make the pictures of the docs: ``python -m tests.browser.screenshots``.

A fresh installation tells one story and a few more sheets with fixed seeds; then the
pages are taken as people see them. Needs Chromium and two minutes.
"""

import contextlib
import io
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
IMAGES = ROOT / "docs" / "images"
WINDOW = {"width": 1440, "height": 900}
MOST_BYTES = 400_000
WHOSE = {"review": "Ravi", "editor": "Bea"}
"""Whose page it is; Mara's where none is named."""


@dataclass(frozen=True)
class Sheet:
    """A sheet to ask for: its values, size, first seed, and what becomes of it."""

    values: dict[str, str]
    size_px: tuple[int, int]
    seed: int
    count: int
    finished: tuple[int, ...]
    approved: int
    """How many of the finished, from the first, Ravi says yes to."""


def ask(scene: str, ground: str, color: str) -> dict[str, str]:
    """Return the values of the preset Backdrop."""
    return {"scene": scene, "ground": ground, "color": color}


SHEETS = (
    Sheet(ask("Hills", "Shell", "Deep sea"), (512, 512), 7, 4, (0, 1, 2), 2),
    Sheet(ask("Glow", "Night", "Lagoon"), (768, 512), 7, 3, (0, 2), 2),
    Sheet(ask("Waves", "Lagoon", "Shell"), (512, 512), 7, 3, (0, 2), 2),
    Sheet(ask("Glow", "Shell", "Apricot"), (512, 512), 41, 3, (0, 1), 1),
    Sheet(ask("Gradient", "Shell", "Apricot"), (512, 768), 7, 3, (0, 1), 1),
    Sheet(ask("Waves", "Shell", "Night"), (768, 512), 9, 3, (0, 1), 2),
)
SHOWN = Sheet(ask("Hills", "Shell", "Lagoon"), (512, 512), 60, 12, (2,), 0)
PICKED = (0, 4, 7)


def seed_installation() -> dict[str, str]:
    """Tell the stories through services and one worker; return the pages' paths."""
    from brandgen.config.demo.northwind import make_northwind
    from brandgen.config.demo.story import tell_story
    from brandgen.config.demo.workers import some_worker

    brand, people = make_northwind()
    with some_worker():
        story = tell_story(brand=brand, people=people, tell=say)
        for sheet in SHEETS:
            make_sheet(sheet, brand, people)
        shown = make_sheet(SHOWN, brand, people)
    shown.candidates.filter(position__in=PICKED).update(is_picked=True)
    root = f"/b/{brand.slug}/"
    return {
        "create": f"{root}create/sheets/{shown.id}/",
        "review": f"{root}review/",
        "library": f"{root}library/",
        "creatives": f"{root}templates/batches/{story.batch.id}/",
        "editor": f"{root}templates/{brand.templates.get(name='Product').id}/edit",
    }


def make_sheet(sheet: Sheet, brand: Any, people: dict[str, Any]) -> Any:
    """Sketch, finish, send to review and answer, as Mara and Ravi would."""
    from django.utils import timezone

    from brandgen.config.demo.northwind import STORY_PRESET
    from brandgen.config.demo.workers import wait_for
    from brandgen.generation import services as generation
    from brandgen.generation.models import Decoding
    from brandgen.review import services as review
    from brandgen.review.models import Decision

    mara, ravi = people["Mara"], people["Ravi"]
    asked = generation.request_generation(
        preset=brand.presets.get(name=STORY_PRESET).find_published(),
        values=sheet.values,
        seeds=range(sheet.seed, sheet.seed + sheet.count),
        size_px=sheet.size_px,
        requested_by=mara,
        at=timezone.now(),
    )
    say(f"{asked.prompt}, {sheet.size_px}")
    wait_for([asked.id])
    decodings = generation.request_decodings(
        generation=asked, positions=sheet.finished, requested_by=mara, at=timezone.now()
    )
    wait_for([one.id for one in decodings])
    if sheet is SHOWN:
        return asked
    made = Decoding.objects.filter(id__in=[one.id for one in decodings])
    assets = [
        one.asset
        for one in made.select_related("asset").order_by("candidate__position")
        if one.asset
    ]
    opened = review.submit_for_review(
        assets=assets,
        by=mara,
        message="For the spring launch. Which one leaves room for the headline?",
        at=timezone.now() - timedelta(hours=3),
    )
    for one in opened[: sheet.approved]:
        review.decide(
            review=one,
            reviewer=ravi,
            verdict=Decision.Verdict.APPROVE,
            seen_sha256=one.sha256,
            at=timezone.now(),
        )
    return asked


def take(address: str, paths: dict[str, str]) -> None:
    """Photograph each page as the person whose page it is."""
    from brandgen.config.demo.people import PEOPLE
    from tests.chromium import running_chromium

    with running_chromium() as browser:
        for name in ("Mara", *WHOSE.values()):
            person = next(person for person in PEOPLE if person.name == name)
            context = browser.new_context(viewport=WINDOW, reduced_motion="reduce")
            page = context.new_page()
            page.goto(address)
            page.get_by_label("E-mail").fill(person.email)
            page.get_by_label("Password").fill(person.password)
            page.get_by_role("button", name="Sign in").click()
            page.get_by_role("heading", name="Home", exact=True).wait_for()
            for picture, path in paths.items():
                if name == WHOSE.get(picture, "Mara"):
                    page.goto(address + path)
                    if picture == "editor":
                        choose_headline(page)
                    save(page, picture)
            context.close()


def choose_headline(page: Any) -> None:
    """Choose a layer in the editor, and wait until all formats are drawn."""
    formats = page.locator(".ed-format").count()
    page.wait_for_function(
        f"() => document.querySelectorAll('.ed-thumb img').length === {formats}"
    )
    page.locator(".ed-row", has_text="Headline").click()


def save(page: Any, name: str) -> None:
    """Write what is in the window to ``docs/images``, in as many colors as fit."""
    from PIL import Image

    # The stream of progress stays open, so the network never falls silent.
    page.evaluate(
        "Promise.all([...document.images].filter((i) => i.loading !== 'lazy' "
        "|| i.getBoundingClientRect().top < innerHeight).map((i) => i.decode()"
        ".catch(() => {}))).then(() => document.fonts.ready).then(() => true)"
    )
    shot = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    path = IMAGES / f"{name}.png"
    shot.save(path, optimize=True)
    colors = 256
    while path.stat().st_size > MOST_BYTES and colors >= 64:
        reduced = shot.quantize(colors, dither=Image.Dither.FLOYDSTEINBERG)
        reduced.save(path, optimize=True)
        colors //= 2
    say(f"{path.relative_to(ROOT)}, {path.stat().st_size / 1000:.0f} kB")


def say(line: str) -> None:
    """Tell whoever watches."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


@contextlib.contextmanager
def own_installation() -> Iterator[Any]:
    """Point this process and its workers at a data folder of their own."""
    with tempfile.TemporaryDirectory(prefix="brandgen-screenshots-") as folder:
        os.environ["BRANDGEN_DATA_DIR"] = folder
        os.environ["DJANGO_SETTINGS_MODULE"] = "brandgen.config.settings"
        import django

        django.setup()
        from tests.databases import migrate_sqlite
        from tests.installation import Installation

        migrate_sqlite(Path(folder))
        yield Installation(Path(folder))


def main(arguments: Sequence[str] = ()) -> None:
    """Seed an installation, serve it and take the pictures."""
    from tests.browser.served import served

    IMAGES.mkdir(parents=True, exist_ok=True)
    with own_installation() as here:
        paths = seed_installation()
        with served(here) as address:
            take(address, paths)


if __name__ == "__main__":
    main(sys.argv[1:])
