"""Pictures, and the collections they lie in."""

import io
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from PIL import Image

from brandgen.accounts.models import Brand
from brandgen.lib.storage import get_store
from brandgen.library.models import Asset, Collection
from brandgen.provenance import Provenance, build_packet, embed_xmp
from tests.factories.base import NOW, make_picture, numbers
from tests.factories.kits import current_kit
from tests.factories.people import make_brand, make_user


def make_asset(**fields: Any) -> Asset:
    """Make an asset with a real file in storage."""
    number = next(numbers)
    data = fields.pop("data", None) or make_picture(seed=number)
    with Image.open(io.BytesIO(data)) as picture:
        width_px, height_px = picture.size
    brand = fields.pop("brand", None) or make_brand()
    if fields.get("state") == Asset.State.APPROVED:
        fields.setdefault("approved_at", NOW)
    defaults: dict[str, Any] = {
        "brand_kit": fields.pop("brand_kit", None) or current_kit(brand),
        "kind": Asset.Kind.GENERATED,
        "title": f"Picture {number}",
        "sha256": get_store().keep(data),
        "mime": "image/png",
        "size_bytes": len(data),
        "width_px": width_px,
        "height_px": height_px,
        "license_name": "Apache-2.0",
        "is_commercial_use_allowed": True,
        "created_by": fields.pop("created_by", None) or make_user(brand=brand),
        "created_at": NOW + timedelta(seconds=number),
    }
    return Asset.objects.create(brand=brand, **(defaults | fields))


def make_marked_asset(**fields: Any) -> Asset:
    """Make an approved asset whose file says how it was made."""
    number = next(numbers)
    source_type = fields.setdefault("digital_source_type", "trainedAlgorithmicMedia")
    packet = build_packet(Provenance(source_type=source_type, title="A picture"))
    data = fields.pop("data", None) or make_picture(seed=1000 + number)
    fields.setdefault("state", Asset.State.APPROVED)
    if fields["state"] == Asset.State.APPROVED:
        fields.setdefault("approved_at", NOW)
    return make_asset(data=embed_xmp(data, packet), **fields)


def make_collection(
    *, assets: Sequence[Asset] = (), brand: Brand | None = None, **fields: Any
) -> Collection:
    """Make a collection with some pictures in it."""
    brand = brand or make_brand()
    by = make_user(brand=brand)
    number = next(numbers)
    defaults = {
        "name": f"Collection {number}",
        "key": f"collection-{number}",
        "created_by": by,
        "created_at": NOW,
    }
    collection = Collection.objects.create(brand=brand, **(defaults | fields))
    for asset in assets:
        collection.items.create(asset=asset, added_by=by, added_at=NOW)
    return collection
