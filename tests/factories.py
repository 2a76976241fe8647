"""Rows for tests: ``make_<noun>`` fills in what a test does not care about."""

import hashlib
import io
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from brandgen.accounts.models import Brand, Membership, User
from brandgen.brands.models import BrandKit, PaletteColor
from brandgen.compositor.examples.northwind import (
    PALETTE,
    SPRING,
    draw_northwind_logo,
)
from brandgen.creatives.batches import Cell, Filling, create_batch
from brandgen.creatives.feeds import upload_feed
from brandgen.creatives.models import (
    Batch,
    Feed,
    Template,
    TemplateVersion,
    TortureTest,
)
from brandgen.creatives.planning import Plan
from brandgen.creatives.torture import content_key
from brandgen.exports.models import Destination
from brandgen.generation.models import Candidate, Decoding, Generation
from brandgen.jobs.lease import Lease
from brandgen.jobs.models import Job
from brandgen.jobs.worker import run_next
from brandgen.lib.storage import get_store
from brandgen.library.models import Asset, Collection
from brandgen.links.models import SignedAddress
from brandgen.links.services import Drawn, Terms, create_address
from brandgen.model_registry.models import AddedModel, CommercialLicense, ModelState
from brandgen.presets.models import Preset, PresetVersion
from brandgen.provenance import Provenance, build_packet, embed_xmp
from brandgen.review.models import Flow, Review
from brandgen.safety.models import Refusal

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
PASSWORD = "northwind-2026"
_numbers = count(1)


def make_brand(**fields: Any) -> Brand:
    """Make a brand with its review flow; Northwind unless named."""
    name = fields.setdefault("name", "Northwind")
    fields.setdefault("slug", name.lower().replace(" ", "-"))
    brand, _ = Brand.objects.get_or_create(slug=fields["slug"], defaults=fields)
    Flow.objects.get_or_create(brand=brand)
    return brand


def make_user(
    name: str = "Mara",
    *,
    brand: Brand | None = None,
    role: str | None = Membership.Role.MARKETER,
    **fields: Any,
) -> User:
    """Make a person with a role in a brand; ``role=None`` makes a stranger."""
    email = fields.pop("email", f"{name.lower()}@northwind.example")
    user = User.objects.filter(email=email).first() or User.objects.create_user(
        email, PASSWORD, name=name, **fields
    )
    if role is not None and not user.is_superuser:
        Membership.objects.get_or_create(
            user=user, brand=brand or make_brand(), defaults={"role": role}
        )
    return user


def make_reviewer(name: str = "Ravi", *, brand: Brand | None = None) -> User:
    """Make a reviewer."""
    return make_user(name, brand=brand, role=Membership.Role.REVIEWER)


def make_manager(name: str = "Bea", *, brand: Brand | None = None) -> User:
    """Make a brand manager."""
    return make_user(name, brand=brand, role=Membership.Role.BRAND_MANAGER)


def make_admin(name: str = "Ari") -> User:
    """Make an admin."""
    return make_user(name, role=None, is_superuser=True, is_staff=True)


def make_kit(*, brand: Brand | None = None, **fields: Any) -> BrandKit:
    """Make the next version of a brand kit, published, with Northwind's palette."""
    brand = brand or make_brand()
    last = brand.kits.order_by("-version").first()
    fields.setdefault("version", last.version + 1 if last else 1)
    fields.setdefault("published_at", NOW)
    kit = BrandKit.objects.create(brand=brand, **fields)
    colors = [
        ("Deep sea", "teal", "#0f4c5c", PaletteColor.Role.PRIMARY, 40),
        ("Ember", "orange", "#e36414", PaletteColor.Role.ACCENT, 15),
        ("Sand", "cream", "#fbe9d0", PaletteColor.Role.BACKGROUND, 45),
    ]
    for position, (name, word, hex_, role, share) in enumerate(colors):
        kit.colors.create(
            name=name,
            prompt_name=word,
            hex=hex_,
            role=role,
            share_percent=share,
            position=position,
        )
    return kit


def current_kit(brand: Brand) -> BrandKit:
    """Return the brand's published kit; make one if there is none."""
    return BrandKit.objects.find_current(brand) or make_kit(brand=brand)


def make_picture(width_px: int = 256, height_px: int = 256, *, seed: int = 0) -> bytes:
    """Draw a PNG: a soft gradient that differs by seed."""
    x, y = np.meshgrid(np.linspace(0, 1, width_px), np.linspace(0, 1, height_px))
    base = np.random.default_rng(seed).uniform(40, 160, 3)
    pixels = base + 60 * np.stack([x, y, (x + y) / 2], axis=-1)
    file = io.BytesIO()
    Image.fromarray(pixels.astype(np.uint8)).save(file, "PNG")
    return file.getvalue()


def make_asset(**fields: Any) -> Asset:
    """Make an asset with a real file in storage."""
    number = next(_numbers)
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


def make_preset_version(*, brand: Brand | None = None, **fields: Any) -> PresetVersion:
    """Make a published preset with one text and one color variable."""
    brand = brand or make_brand()
    current_kit(brand)
    preset = Preset.objects.create(
        brand=brand, name=fields.pop("name", f"Backdrop {next(_numbers)}")
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
        or make_preset_version(brand=brand),
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
        "refused_at": NOW + timedelta(seconds=next(_numbers)),
    }
    return Refusal.objects.create(**(defaults | fields))


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


def make_job(**fields: Any) -> Job:
    """Make a waiting job."""
    defaults: dict[str, Any] = {
        "queue": "default",
        "work": "brandgen.jobs.runner.do_nothing",
        "subject_id": str(next(_numbers)),
        "title": "A piece of work",
        "not_before": NOW - timedelta(days=365),
        "created_at": NOW,
        "changed_at": NOW,
    }
    return Job.objects.create(**(defaults | fields))


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


def make_lease(subject: Any, **fields: Any) -> Lease:
    """Make a running job for a subject and the lease that holds it."""
    job = make_job(
        subject_id=str(subject.pk),
        state=Job.State.RUNNING,
        attempt=1,
        worker="tester",
        lease_until=NOW + timedelta(days=3650),
        **fields,
    )
    return Lease(job_id=job.id, attempt=1, subject_id=str(subject.pk))


def make_marked_asset(**fields: Any) -> Asset:
    """Make an approved asset whose file says how it was made."""
    number = next(_numbers)
    source_type = fields.setdefault("digital_source_type", "trainedAlgorithmicMedia")
    packet = build_packet(Provenance(source_type=source_type, title="A picture"))
    data = fields.pop("data", None) or make_picture(seed=1000 + number)
    fields.setdefault("state", Asset.State.APPROVED)
    if fields["state"] == Asset.State.APPROVED:
        fields.setdefault("approved_at", NOW)
    return make_asset(data=embed_xmp(data, packet), **fields)


def make_destination(**fields: Any) -> Destination:
    """Make a folder destination."""
    brand = fields.pop("brand", None) or make_brand()
    defaults: dict[str, Any] = {
        "name": f"Folder {next(_numbers)}",
        "kind": "folder",
        "config": {"folder": "out"},
    }
    return Destination.objects.create(brand=brand, **(defaults | fields))


def run_jobs() -> list[Job]:
    """Run what waits, as a worker would, until nothing does; return it as it ended.

    Back-off and start times are not waited for: NOW may lie in the future.
    """
    ran: list[int] = []
    while True:
        waiting = Job.objects.filter(state=Job.State.WAITING).exclude(id__in=ran)
        waiting.update(not_before=NOW - timedelta(days=365))
        queues = list(waiting.order_by("id").values_list("queue", flat=True)[:1])
        if not queues or (job := run_next(queue=queues[0], worker="tester")) is None:
            return list(Job.objects.filter(id__in=ran).order_by("id"))
        ran.append(job.id)


def make_layout_kit(*, brand: Brand | None = None, **fields: Any) -> BrandKit:
    """Make a published kit with all color roles and logos, as layouts need them."""
    kit = make_kit(brand=brand, **fields)
    kit.colors.all().delete()
    for position, (role, hex_) in enumerate(PALETTE.items()):
        kit.colors.create(name=role.title(), hex=hex_, role=role, position=position)
    for variant, hex_ in (("primary", PALETTE["primary"]), ("reversed", "#ffffff")):
        data = _draw_logo(hex_)
        with Image.open(io.BytesIO(data)) as picture:
            width_px, height_px = picture.size
        kit.logos.create(
            variant=variant,
            sha256=get_store().keep(data),
            width_px=width_px,
            height_px=height_px,
        )
    return kit


@cache
def _draw_logo(hex_: str) -> bytes:
    return draw_northwind_logo(hex_, 400)


def make_template_version(
    *, brand: Brand | None = None, **fields: Any
) -> TemplateVersion:
    """Make a published version of the spring template: square, story, landscape.

    `collection` is the key of the only one that its picture may be of.
    """
    brand = brand or make_brand()
    name = fields.pop("name", f"Spring {next(_numbers)}")
    template = Template.objects.create(brand=brand, name=name)
    document = json.loads(SPRING.read_bytes())
    if collection := fields.pop("collection", ""):
        document["slots"]["hero"]["collection"] = collection
    defaults: dict[str, Any] = {
        "version": 1,
        "document": document,
        "published_at": NOW,
    }
    return TemplateVersion.objects.create(template=template, **(defaults | fields))


def make_torture_test(version: TemplateVersion, **fields: Any) -> TortureTest:
    """Make the result of a torture test that a version passed, as it is now."""
    kit = BrandKit.objects.find_current(version.template.brand)
    assert kit is not None
    defaults: dict[str, Any] = {
        "content_key": content_key(version, kit),
        "report": {"cases": [], "cells": []},
        "cell_count": 21,
        "fail_count": 0,
        "warn_count": 0,
        "duration_s": 0.4,
        "tested_at": NOW,
    }
    return TortureTest.objects.create(version=version, **(defaults | fields))


def make_collection(
    *, assets: Sequence[Asset] = (), brand: Brand | None = None, **fields: Any
) -> Collection:
    """Make a collection with some pictures in it."""
    brand = brand or make_brand()
    by = make_user(brand=brand)
    number = next(_numbers)
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


def make_signed_address(
    *,
    images: dict[str, Asset] | None = None,
    format_name: str = "square",
    most_pictures: int = 100,
    most_visits: int | None = None,
    **fields: Any,
) -> tuple[SignedAddress, str]:
    """Make a signed address of the spring template that never expires, and its key.

    The picture is fixed unless `images` are given.
    """
    brand = fields.pop("brand", None) or make_brand()
    if BrandKit.objects.find_current(brand) is None:
        make_layout_kit(brand=brand)
    if images is None:
        images = {"hero": make_marked_asset(brand=brand)}
    defaults: dict[str, Any] = {
        "version": fields.pop("version", None) or make_template_version(brand=brand),
        "name": "Newsletter",
        "drawn": Drawn(format_name),
        "terms": Terms(NOW + timedelta(days=700), most_pictures, most_visits),
        "by": fields.pop("by", None) or make_manager(brand=brand),
        "at": NOW,
    }
    return create_address(images=images, **(defaults | fields))
