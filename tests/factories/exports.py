"""Destinations."""

from typing import Any

from brandgen.exports.models import Destination
from tests.factories.base import numbers
from tests.factories.people import make_brand


def make_destination(**fields: Any) -> Destination:
    """Make a folder destination."""
    brand = fields.pop("brand", None) or make_brand()
    defaults: dict[str, Any] = {
        "name": f"Folder {next(numbers)}",
        "kind": "folder",
        "config": {"folder": "out"},
    }
    return Destination.objects.create(brand=brand, **(defaults | fields))
