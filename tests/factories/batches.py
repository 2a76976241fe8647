"""Tables and batches of creatives."""

import io
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from brandgen.brands.models import BrandKit
from brandgen.creatives.batches import Cell, Filling, create_batch
from brandgen.creatives.feeds import upload_feed
from brandgen.creatives.models import (
    Batch,
    Feed,
)
from brandgen.creatives.planning import Plan
from tests.factories.base import NOW
from tests.factories.kits import current_kit, make_layout_kit
from tests.factories.library import make_marked_asset
from tests.factories.people import make_brand, make_user
from tests.factories.templates import make_template_version


def make_batch(*, rows: int = 1, formats: Sequence[str] = (), **fields: Any) -> Batch:
    """Make a batch of the spring template whose creatives wait for a worker.

    Each row has a headline of its own; all rows share a picture unless `images` are
    given.
    """
    brand = fields.pop("brand", None) or make_brand()
    if BrandKit.objects.find_current(brand) is None:
        make_layout_kit(brand=brand)
    images = fields.pop("images", None) or {"hero": make_marked_asset(brand=brand)}
    texts = fields.pop("texts", {})
    fillings = [
        Filling(
            number=number,
            label=f"Mug {number}" if rows > 1 else "",
            texts={"headline": f"Morning {number}", "cta": "See more", **texts},
            images=images,
        )
        for number in range(1, rows + 1)
    ]
    defaults: dict[str, Any] = {
        "template_version": fields.pop("template_version", None)
        or make_template_version(brand=brand),
        "kit": current_kit(brand),
        "name": "Spring",
        "by": fields.pop("by", None) or make_user(brand=brand),
        "at": NOW,
    }
    cells = [
        Cell(position, format_name)
        for position in range(rows)
        for format_name in formats or ("square", "landscape")
    ]
    return create_batch(fillings=fillings, cells=cells, **(defaults | fields))


def make_feed(text: str = "", **fields: Any) -> Feed:
    """Make a feed of the spring template from CSV; two mugs with a picture if none."""
    brand = fields.pop("brand", None) or make_brand()
    if BrandKit.objects.find_current(brand) is None:
        make_layout_kit(brand=brand)
    template = (
        fields.pop("template", None) or make_template_version(brand=brand).template
    )
    if not text:
        photo = make_marked_asset(brand=brand)
        text = f"Headline,Picture\nSea mug,{photo.id}\nLagoon mug,{photo.id}\n"
    return upload_feed(
        template=template,
        file=io.BytesIO(text.encode()),
        file_name=fields.pop("file_name", "mugs.csv"),
        by=fields.pop("by", None) or make_user(brand=brand),
        at=NOW,
        **fields,
    )


def change_plan(feed: Feed, **changes: Any) -> Plan:
    """Change what is planned for a feed, as its page does."""
    plan = replace(Plan.from_json(feed.plan), **changes)
    feed.plan = plan.as_json()
    feed.save()
    return plan


def find_states(batch: Batch) -> list[str]:
    """Return how far each creative of a batch is, in the order of the grid."""
    cells = batch.creatives.order_by("position")
    return list(cells.values_list("state", flat=True))
