"""Reviews."""

from datetime import timedelta
from typing import Any

from brandgen.library.models import Asset
from brandgen.review.models import Review
from tests.factories.base import NOW
from tests.factories.library import make_asset


def make_review(**fields: Any) -> Review:
    """Make an open review of an asset in review."""
    asset = fields.pop("asset", None) or make_asset(state=Asset.State.IN_REVIEW)
    defaults: dict[str, Any] = {
        "brand": asset.brand,
        "sha256": asset.sha256,
        "submitted_by": asset.created_by,
        "submitted_at": NOW,
        "due_at": NOW + timedelta(days=2),
    }
    return Review.objects.create(asset=asset, **(defaults | fields))
