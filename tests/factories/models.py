"""Models that were added, and their licenses."""

from pathlib import Path
from typing import Any

from brandgen.library.models import Asset
from brandgen.model_registry.models import AddedModel, CommercialLicense, ModelState
from tests.factories.base import NOW
from tests.factories.generation import make_candidate, make_decoding, make_generation
from tests.factories.library import make_marked_asset
from tests.factories.people import make_admin, make_brand

STABLE_CASCADE: dict[str, Any] = {
    "name": "Stable Cascade",
    "family": "stable-cascade",
    "license": {
        "name": "Stability AI Non-Commercial Research Community License",
        "url": "https://huggingface.co/stabilityai/stable-cascade/blob/main/LICENSE",
        "is_commercial_use_allowed": False,
    },
}


def make_researched_asset(**fields: Any) -> Asset:
    """Make an approved image that the published Stable Cascade weights have made."""
    identity = fields.pop("model_identity", STABLE_CASCADE)
    license_ = identity["license"]
    asset = make_marked_asset(
        **{
            "license_name": license_["name"],
            "is_commercial_use_allowed": license_["is_commercial_use_allowed"],
        }
        | fields
    )
    candidate = make_candidate(
        generation=make_generation(brand=asset.brand), model_identity=identity
    )
    make_decoding(candidate=candidate, asset=asset, model_identity=identity)
    return asset


def make_commercial_license(**fields: Any) -> CommercialLicense:
    """Record a license of Northwind for Stable Cascade, without end."""
    defaults: dict[str, Any] = {
        "brand": fields.pop("brand", None) or make_brand(),
        "model_key": "stable-cascade",
        "model_name": "Stable Cascade",
        "family": "stable-cascade",
        "license_name": STABLE_CASCADE["license"]["name"],
        "holder": "Northwind Ltd",
        "reference": "SAI-2026-0815",
        "recorded_by": fields.pop("recorded_by", None) or make_admin(),
        "recorded_at": NOW,
    }
    return CommercialLicense.objects.create(**(defaults | fields))


def make_adapter(**fields: Any) -> AddedModel:
    """Register an adapter whose file was found whole; it may not be sold with."""
    sha256 = fields.pop("sha256", "a" * 64)
    defaults: dict[str, Any] = {
        "key": "glass",
        "name": "Glass",
        "kind": "adapter",
        "family": "stable-cascade-miniature",
        "folder": "/models/glass.safetensors",
        "license_name": "CC BY-NC 4.0",
        "license_purpose": "non-commercial purposes",
        "is_commercial_use_allowed": False,
        "are_derivatives_allowed": True,
        "added_at": NOW,
    }
    row = AddedModel.objects.create(**(defaults | fields))
    file = {"sha256": sha256, "size_bytes": 10}
    ModelState.objects.create(
        key=row.key,
        folder=row.folder,
        host="here",
        files={Path(row.folder).name: file},
        checked_at=NOW,
    )
    return row
