"""What the page of a feed shows: choices, costs, problems, and the first rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from brandgen.compositor import Document
from brandgen.creatives.content import require_kit
from brandgen.creatives.estimates import Cost, estimate
from brandgen.creatives.feed_forms import FROM_COLUMN, SAME, TargetField
from brandgen.creatives.feeds import choose_for, load_table
from brandgen.creatives.file_options import list_file_types
from brandgen.creatives.grid import read_position
from brandgen.creatives.mapping import Target, list_targets
from brandgen.creatives.models import Batch, Feed
from brandgen.creatives.pictures import Offer, offer_by_slot
from brandgen.creatives.planning import MOST_RULES, TESTS, Plan, Rule
from brandgen.creatives.rows import Reading, read_rows
from brandgen.lib.feeds import Row, Table

SHOWN_PROBLEMS = 50
SHOWN_ROWS = 8
SHOWN_FORMATS = 8
OFFERED_PICTURES = 60


@dataclass(frozen=True)
class ShownRow:
    """One row of the table as it will be used."""

    number: int
    values: tuple[str, ...]
    is_bad: bool
    is_out: bool


def build_page(
    feed: Feed, query: Mapping[str, str], *, seen_version: int = 0
) -> dict[str, Any]:
    """Return everything that the page of a feed shows.

    `seen_version` is that of the template that the page showed before; 0 if none.

    Raises:
        BatchError: the template is not published, or there is no brand kit.
        TemplateDocumentError: this version of brandgen reads the template otherwise.
        StorageError: the table can't be read.
    """
    choice = choose_for(feed, seen=seen_version)
    version = choice.version
    kit, document = require_kit(version), version.load()
    table, plan = load_table(feed), Plan.from_json(feed.plan)
    reading = read_rows(table, plan, document=document, kit=kit)
    targets = list_targets(document, plan.locales)
    titles, offers = _titles(reading), _offer(feed, document, plan)
    return {
        "choice": choice,
        "version": version,
        "document": document,
        "plan": plan,
        "reading": reading,
        "notes": table.notes,
        "groups": _groups(document, targets, plan, table, titles, offers),
        "from_column": FROM_COLUMN,
        "same": SAME,
        "file_types": list_file_types(document, Batch.FileType.choices),
        "file_options": plan.read_file_options(document),
        "tests": [(name, words) for name, (words, _) in TESTS.items()],
        "rules": [*plan.rules, *([Rule()] if len(plan.rules) < MOST_RULES else [])],
        "cost": _cost(feed, plan, document, reading),
        "used_rows": len({cell.filling for cell in reading.cells}),
        "problems": reading.row_problems[:SHOWN_PROBLEMS],
        "hidden_problems": max(0, len(reading.row_problems) - SHOWN_PROBLEMS),
        "batches": feed.batches.order_by("-requested_at")[:5],
        **_rows(targets, plan, table, reading, titles, query),
        **_look(document, plan, reading, query),
    }


def _titles(reading: Reading) -> dict[str, str]:
    """Return the titles of the pictures that the rows use, by id."""
    return {
        str(asset.id): asset.title
        for filling in reading.fillings
        for asset in filling.images.values()
    }


def _groups(
    document: Document,
    targets: Sequence[Target],
    plan: Plan,
    table: Table,
    titles: Mapping[str, str],
    offers: Mapping[str, Offer],
) -> list[dict[str, Any]]:
    """Return the targets in groups: the template's slots, then a group a language."""
    first = dict(zip(table.columns, table.rows[0].cells, strict=True))
    groups: dict[str, list[TargetField]] = {"": []}
    for target in targets:
        source = plan.sources.get(target.key)
        sample = first.get(source.column, "") if source else ""
        sample = titles.get(sample, sample)
        field = TargetField(target, source, sample, offers.get(target.key))
        groups.setdefault(target.locale, []).append(field)
    return [
        {
            "locale": locale,
            "label": document.locales[locale].label or locale if locale else "",
            "fields": fields,
            "own": sum(bool(field.choice) for field in fields),
        }
        for locale, fields in groups.items()
    ]


def _offer(feed: Feed, document: Document, plan: Plan) -> dict[str, Offer]:
    """Return pictures to choose once for all rows, by slot."""
    fixed = {source.fixed for source in plan.sources.values()}
    return offer_by_slot(feed.brand, document, most=OFFERED_PICTURES, chosen=fixed)


def _cost(feed: Feed, plan: Plan, document: Document, reading: Reading) -> Cost:
    scale = plan.read_file_options(document).options.scale
    areas = {
        n: s.width_px * s.height_px * scale**2 for n, s in document.formats.items()
    }
    return estimate(
        feed.brand_id,
        creatives=len(reading.cells),
        pixels=sum(areas[cell.format] for cell in reading.cells),
        file_type=plan.file_type,
    )


def _rows(
    targets: Sequence[Target],
    plan: Plan,
    table: Table,
    reading: Reading,
    titles: Mapping[str, str],
    query: Mapping[str, str],
) -> dict[str, Any]:
    """Return some rows, each with the values that are used of it."""
    start = read_position(query.get("start", ""), most=len(table.rows) - 1)
    start -= start % SHOWN_ROWS
    places = {name: at for at, name in enumerate(table.columns)}
    shown = [
        (target.label if not target.locale else f"{target.label}, {target.locale}", at)
        for target in targets
        if (source := plan.sources.get(target.key))
        and (at := places.get(source.column)) is not None
    ]
    used = {filling.number for filling in reading.fillings}

    def show(row: Row) -> ShownRow:
        cells = (row.cells[at] for _, at in shown)
        values = tuple(titles.get(cell, cell) for cell in cells)
        is_bad = row.number in reading.bad_rows
        is_out = not is_bad and row.number not in used
        return ShownRow(row.number, values, is_bad, is_out)

    more = start + SHOWN_ROWS < len(table.rows)
    return {
        "shown_columns": [label for label, _ in shown],
        "shown_rows": [show(row) for row in table.rows[start : start + SHOWN_ROWS]],
        "first_shown": start + 1,
        "last_shown": min(start + SHOWN_ROWS, len(table.rows)),
        "newer_url": start and f"?start={start - SHOWN_ROWS}#rows",
        "older_url": more and f"?start={start + SHOWN_ROWS}#rows",
    }


def _look(
    document: Document, plan: Plan, reading: Reading, query: Mapping[str, str]
) -> dict[str, Any]:
    """Return which row is drawn, in which formats and in which language."""
    wanted = read_position(query.get("row", ""), most=10**8)
    numbers = [filling.number for filling in reading.fillings]
    number = wanted if wanted in numbers else next(iter(numbers), 0)
    locale = query.get("locale", "")
    if locale not in plan.locales:
        locale = next((tag for tag in document.locales if tag in plan.locales), "")
    formats = [(n, s) for n, s in document.formats.items() if n in plan.formats]
    return {
        "look_row": number,
        "look_locale": locale,
        "look_formats": formats[:SHOWN_FORMATS] if number else [],
    }
