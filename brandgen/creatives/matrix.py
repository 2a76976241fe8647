"""Rows written by hand: several pictures times several variants of the copy."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import product

from django.conf import settings

from brandgen.accounts.access import Action, require
from brandgen.accounts.models import User
from brandgen.compositor import Document
from brandgen.creatives.content import BatchError, check_images
from brandgen.creatives.feeds import BY_HAND, keep_feed, suggest_files
from brandgen.creatives.mapping import LABEL, suggest_locales
from brandgen.creatives.models import Feed, Template
from brandgen.creatives.planning import Plan, Source
from brandgen.creatives.versions import choose_version
from brandgen.lib.feeds import Row, Table
from brandgen.library.models import Asset

MOST_VARIANTS = 20
LABEL_COLUMN = "row"


@dataclass(frozen=True)
class Matrix:
    """Copy variants, each a text by key (``headline``, ``headline@de``), and pictures.

    Pictures are ids of assets by slot.
    """

    variants: Sequence[Mapping[str, str]] = ()
    pictures: Mapping[str, Sequence[str]] = field(default_factory=dict)


def text_keys(document: Document, locale: str = "") -> list[str]:
    """Return the keys of a variant's texts in one locale, or as they are in all.

    Those of the data that is used stand after the slots': ``product.price``.
    """
    tail = f"@{locale}" if locale else ""
    return [key + tail for key in document.worded]


def make_matrix_feed(
    *,
    template: Template,
    variants: Sequence[Mapping[str, str]],
    images: Mapping[str, Sequence[Asset]],
    by: User,
    at: datetime,
) -> Feed:
    """Keep every picture with every variant as the rows of a feed.

    Raises:
        PermissionDenied: the person may not make creatives for this brand.
        BatchError: nothing was written or chosen, a picture is not approved, there are
            too many rows, or the template is not published.
        StorageError: the rows can't be kept.
    """
    require(by, Action.MAKE_CREATIVES, template.brand)
    document = choose_version(template).version.load()
    placed = ((slot, asset) for slot, some in images.items() for asset in some)
    check_images(template.brand, document, placed)
    table = _build_table(document, variants, images)
    sources = {
        LABEL if column == LABEL_COLUMN else column: Source(column=column)
        for column in table.columns
    }
    plan = Plan(
        name=template.name,
        sources=sources,
        formats=tuple(document.formats),
        locales=suggest_locales(document, sources),
        **suggest_files(template, document),
    )
    name = f"{template.name}, by hand"
    return keep_feed(template=template, table=table, name=name, plan=plan, by=by, at=at)


def _build_table(
    document: Document,
    variants: Sequence[Mapping[str, str]],
    images: Mapping[str, Sequence[Asset]],
) -> Table:
    written = [variant for variant in variants if any(variant.values())]
    if not written:
        raise BatchError("Nothing is written yet. Write at least one variant.")
    slots = [slot for slot in document.image_slots if len(images.get(slot, ()))]
    for name in document.image_slots:
        if document.slots[name].required and name not in slots:
            label = document.slots[name].label or name
            raise BatchError(f"{label} is needed. Choose at least one.", slot=name)
    keys = [
        key
        for locale in ("", *document.locales)
        for key in text_keys(document, locale)
        if any(variant.get(key) for variant in written)
    ]
    rows: list[Row] = []
    for number, variant in enumerate(written, start=1):
        for chosen in product(*(images[slot] for slot in slots)):
            titles = [asset.title for asset in chosen]
            cells = (
                ", ".join([f"Variant {number}", *titles]),
                *(variant.get(key, "") for key in keys),
                *(str(asset.id) for asset in chosen),
            )
            rows.append(Row(len(rows) + 1, cells))
    if len(rows) > settings.FEED_MAX_ROWS:
        raise BatchError(
            f"These are {len(rows):,} rows; {settings.FEED_MAX_ROWS:,} are allowed. "
            "Choose fewer pictures or variants."
        )
    return Table(BY_HAND, (LABEL_COLUMN, *keys, *slots), tuple(rows))


def read_matrix(document: Document, table: Table) -> Matrix:
    """Return the variants and pictures that rows were made of."""
    slots = [slot for slot in document.image_slots if slot in table.columns]
    variants: list[dict[str, str]] = []
    pictures: dict[str, dict[str, None]] = {slot: {} for slot in slots}
    for row in table.rows:
        values = dict(zip(table.columns, row.cells, strict=True))
        for slot in slots:
            pictures[slot][values.pop(slot)] = None
        del values[LABEL_COLUMN]
        if values not in variants:
            variants.append(values)
    return Matrix(variants, {slot: list(ids) for slot, ids in pictures.items()})
