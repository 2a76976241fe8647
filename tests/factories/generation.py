"""Presets, and what is drawn with them."""

import hashlib
from datetime import timedelta
from typing import Any

from brandgen.accounts.models import Brand
from brandgen.engine.extending import Extension
from brandgen.engine.framing import find_fit
from brandgen.generation.extensions import find_focal
from brandgen.generation.inputs import Inputs, SourceInput
from brandgen.generation.models import Candidate, Decoding, Generation
from brandgen.lib.storage import get_store
from brandgen.library.models import Asset
from brandgen.presets.models import Preset, PresetVersion
from brandgen.safety.models import Refusal
from tests.factories.base import NOW, make_picture, numbers
from tests.factories.kits import current_kit
from tests.factories.library import make_marked_asset
from tests.factories.people import make_brand, make_user


def make_preset_version(*, brand: Brand | None = None, **fields: Any) -> PresetVersion:
    """Make a published preset with one text and one color variable."""
    brand = brand or make_brand()
    current_kit(brand)
    preset = Preset.objects.create(
        brand=brand, name=fields.pop("name", f"Backdrop {next(numbers)}")
    )
    defaults: dict[str, Any] = {
        "version": 1,
        "prompt_template": "{{ subject }} on a {{ ground }} background",
        "negative_prompt_template": "text, watermark",
        "variables": [
            {
                "name": "subject",
                "label": "Subject",
                "type": "text",
                "max_length": 60,
                "is_required": True,
            },
            {"name": "ground", "label": "Ground", "type": "color"},
        ],
        "engine_settings": {},
        "published_at": NOW,
    }
    return PresetVersion.objects.create(preset=preset, **(defaults | fields))


def make_generation(*, seeds: list[int] | None = None, **fields: Any) -> Generation:
    """Make a generation that has not run yet."""
    brand = fields.pop("brand", None) or make_brand()
    defaults: dict[str, Any] = {
        "brand_kit": current_kit(brand),
        "preset_version": fields.pop("preset_version", None)
        or (None if "source" in fields else make_preset_version(brand=brand)),
        "values": {"subject": "teal waves", "ground": "Sand"},
        "prompt": "teal waves on a cream background",
        "negative_prompt": "text",
        "width_px": 256,
        "height_px": 256,
        "prior_steps": 4,
        "prior_guidance_scale": 3.0,
        "decoder_steps": 2,
        "decoder_guidance_scale": 0.0,
        "seeds": seeds or [7, 8],
        "requested_by": fields.pop("requested_by", None) or make_user(brand=brand),
        "requested_at": NOW,
    }
    return Generation.objects.create(brand=brand, **(defaults | fields))


def make_candidate(**fields: Any) -> Candidate:
    """Make a candidate whose embeddings were kept."""
    generation = fields.pop("generation", None) or make_generation()
    position = fields.setdefault("position", generation.candidates.count())
    store = get_store()
    defaults: dict[str, Any] = {
        "seed": generation.seeds[position],
        "embeddings_sha256": store.keep(f"embeddings {position}".encode()),
        "preview_sha256": store.keep(make_picture(96, 96, seed=position)),
        "model_identity": {"name": "Fake", "family": "fake"},
        "prior_s": 0.1,
        "created_at": NOW,
    }
    return Candidate.objects.create(generation=generation, **(defaults | fields))


def make_decoding(**fields: Any) -> Decoding:
    """Make a decoding that has not run yet."""
    candidate = fields.pop("candidate", None) or make_candidate()
    defaults: dict[str, Any] = {
        "seed": 1,
        "steps": 2,
        "guidance_scale": 0.0,
        "requested_by": candidate.generation.requested_by,
        "requested_at": NOW,
    }
    return Decoding.objects.create(candidate=candidate, **(defaults | fields))


def make_extended_asset(original: Asset, **fields: Any) -> Asset:
    """Make an approved picture that extends another by `left`, `top`, … px."""
    names = ("left", "top", "right", "bottom")
    sides = {name: fields.pop(name) for name in names if name in fields}
    extension = Extension(find_fit(original.width_px, original.height_px), **sides)
    width_px, height_px = extension.size
    source = SourceInput("0" * 64, **{f"{name}_px": px for name, px in sides.items()})
    generation = make_generation(
        brand=original.brand,
        operation="outpaint",
        source=original,
        inputs=Inputs(source=source).as_json(),
        width_px=width_px,
        height_px=height_px,
        seeds=[next(numbers)],
    )
    focal = find_focal(generation)
    assert focal is not None
    asset = make_marked_asset(
        brand=original.brand,
        data=make_picture(width_px, height_px, seed=next(numbers)),
        title=f"{original.title} · extended",
        focal_x=focal.x,
        focal_y=focal.y,
        focal_source=focal.source,
        **fields,
    )
    asset.parent_links.create(parent=original, role="source")
    candidate = make_candidate(generation=generation)
    make_decoding(candidate=candidate, asset=asset, model_identity={"name": "Fake"})
    return asset


def make_refusal(**fields: Any) -> Refusal:
    """Make a refused prompt that nobody has looked at."""
    prompt = fields.setdefault("prompt", "a dagger on a cream background")
    defaults: dict[str, Any] = {
        "brand": fields.pop("brand", None) or make_brand(),
        "kind": Refusal.Kind.PROMPT,
        "prompt_sha256": hashlib.sha256(prompt.encode()).hexdigest(),
        "filter": "northwind.filters.refuse_weapons",
        "reason": "It asks for a weapon.",
        "requested_by": fields.pop("requested_by", None) or make_user(),
        "refused_at": NOW + timedelta(seconds=next(numbers)),
    }
    return Refusal.objects.create(**(defaults | fields))
