"""One complete story, told through the services and workers that people use."""

import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from django.utils import timezone

from brandgen.accounts.models import Brand, User
from brandgen.config.demo.northwind import COPY, DESTINATION, STORY_PRESET, TEMPLATE
from brandgen.config.demo.workers import StoryError, wait_for
from brandgen.creatives.batches import find_jobs, request_batch
from brandgen.creatives.models import Batch
from brandgen.creatives.submitting import submit_creatives
from brandgen.exports import services as exports
from brandgen.exports.models import Export, ExportItem
from brandgen.generation import services as generation
from brandgen.generation.models import Decoding, Generation
from brandgen.lib.storage import get_store
from brandgen.library.models import Asset
from brandgen.review import services as review
from brandgen.review.models import Decision, Review

CANDIDATES = 4
FIRST_SEED = 7
FORMATS = ("square", "story", "landscape")
VALUES = {"scene": "Waves", "ground": "Shell", "color": "Deep sea"}


class Tell(Protocol):
    """Says one line of the story to whoever watches."""

    def __call__(self, line: str) -> None:
        """Say it."""
        ...


@dataclass(frozen=True)
class Story:
    """What one telling made."""

    generation: Generation
    assets: list[Asset]
    batch: Batch
    export: Export
    seconds: dict[str, float]

    def as_json(self) -> dict[str, Any]:
        """Return what ``demo --json`` prints."""
        return {
            "generation": str(self.generation.id),
            "candidates": self.generation.candidates.count(),
            "assets": [
                {
                    "sha256": asset.sha256,
                    "path": get_store().locate(asset.sha256),
                    "width_px": asset.width_px,
                    "height_px": asset.height_px,
                    "state": asset.state,
                }
                for asset in self.assets
            ],
            "creatives": [
                {
                    "format": creative.format,
                    "path": get_store().locate(creative.asset.sha256),
                    "sha256": creative.asset.sha256,
                }
                for creative in self.batch.creatives.select_related("asset")
                if creative.asset
            ],
            "export": {
                "destination": self.export.destination.name,
                "files": [
                    *(
                        item.receipt.location
                        for item in self.export.items.select_related("receipt")
                    ),
                    *(file["location"] for file in self.export.manifest),
                ],
            },
            "seconds": {name: round(value, 3) for name, value in self.seconds.items()},
        }


def tell_story(*, brand: Brand, people: dict[str, User], tell: Tell) -> Story:
    """Generate, review, place, approve and export, as Mara and Ravi would.

    Raises:
        StoryError: a job failed or took too long; what was made so far stays.
    """
    started = time.monotonic()
    mara, ravi = people["Mara"], people["Ravi"]
    sheet = _sketch(brand, mara, tell)
    images = _finish(sheet, mara, tell)
    _review_images(images, mara, ravi, tell)
    batch = _place(brand, images[0], mara, tell)
    rendered = _approve_creatives(batch, mara, ravi, tell)
    export, export_s = _export(brand, rendered, mara, tell)
    decodings = Decoding.objects.filter(candidate__generation=sheet)
    seconds = {
        "prior": sum(c.prior_s for c in sheet.candidates.all()),
        "decoder": sum(d.decoder_s or 0 for d in decodings),
        "render": sum(c.render_s or 0 for c in batch.creatives.all()),
        "export": export_s,
        "total": time.monotonic() - started,
    }
    for image in images:
        image.refresh_from_db()
    return Story(sheet, images, batch, export, seconds)


def find_story(brand: Brand) -> Export | None:
    """Return the export that ended an earlier telling; None before the first."""
    return (
        Export.objects.filter(brand=brand, completed_at__isnull=False)
        .order_by("requested_at")
        .first()
    )


def _sketch(brand: Brand, mara: User, tell: Tell) -> Generation:
    preset = brand.presets.get(name=STORY_PRESET).find_published()
    if preset is None:
        raise StoryError(f"The preset {STORY_PRESET} has no published version.")
    # Other seeds each time: a second story makes new images, not the same once more.
    told = Generation.objects.filter(brand=brand).count()
    first = FIRST_SEED + CANDIDATES * told
    sheet = generation.request_generation(
        preset=preset,
        values=VALUES,
        seeds=range(first, first + CANDIDATES),
        requested_by=mara,
        at=timezone.now(),
    )
    tell(f"Mara asks for {CANDIDATES} sketches: “{sheet.prompt}”")
    wait_for([sheet.id])
    return sheet


def _finish(sheet: Generation, mara: User, tell: Tell) -> list[Asset]:
    decodings = generation.request_decodings(
        generation=sheet, positions=[0, 1], requested_by=mara, at=timezone.now()
    )
    tell("She finishes two of them")
    wait_for([decoding.id for decoding in decodings])
    found = Decoding.objects.filter(id__in=[d.id for d in decodings])
    return [
        decoding.asset
        for decoding in found.select_related("asset").order_by("candidate__position")
        if decoding.asset
    ]


def _review_images(images: list[Asset], mara: User, ravi: User, tell: Tell) -> None:
    first, second = review.submit_for_review(
        assets=images,
        by=mara,
        message="For the spring launch. Which one carries the headline?",
        at=timezone.now(),
    )
    review.decide(
        review=first,
        reviewer=ravi,
        verdict=Decision.Verdict.APPROVE,
        seen_sha256=first.sha256,
        at=timezone.now(),
    )
    review.decide(
        review=second,
        reviewer=ravi,
        verdict=Decision.Verdict.REQUEST_CHANGES,
        reason=Decision.Reason.COMPOSITION,
        comment="The waves sit too high for the headline. Try one with more room.",
        seen_sha256=second.sha256,
        at=timezone.now(),
    )
    tell("Ravi approves one and asks for changes on the other")


def _place(brand: Brand, image: Asset, mara: User, tell: Tell) -> Batch:
    version = brand.templates.get(name=TEMPLATE).find_published()
    if version is None:
        raise StoryError(f"The template {TEMPLATE} has no published version.")
    image.refresh_from_db()
    batch = request_batch(
        template_version=version,
        images={"hero": image},
        modifications=COPY,
        formats=FORMATS,
        name="Spring launch",
        by=mara,
        at=timezone.now(),
    )
    tell(f"Mara places it in the template {TEMPLATE}, in three formats")
    wait_for([job.subject_id for job in find_jobs(batch)])
    return batch


def _approve_creatives(batch: Batch, mara: User, ravi: User, tell: Tell) -> list[Asset]:
    submit_creatives(
        creatives=list(batch.creatives.select_related("asset__brand", "batch__brand")),
        by=mara,
        at=timezone.now(),
    )
    reviews = list(Review.objects.open().filter(asset__creatives__batch=batch))
    for open_review in reviews:
        review.decide(
            review=open_review,
            reviewer=ravi,
            verdict=Decision.Verdict.APPROVE,
            seen_sha256=open_review.sha256,
            at=timezone.now(),
        )
    tell("Ravi approves the creatives")
    return [open_review.asset for open_review in reviews]


def _export(
    brand: Brand, assets: list[Asset], mara: User, tell: Tell
) -> tuple[Export, float]:
    destination = brand.destinations.get(name=DESTINATION)
    for asset in assets:
        asset.refresh_from_db()
    export = exports.request_export(
        assets=assets, destination=destination, by=mara, at=timezone.now()
    )
    tell(f"Mara exports them to {DESTINATION}")
    (job,) = wait_for([export.id])
    export.refresh_from_db()
    held = export.items.exclude(state=ExportItem.State.DONE).first()
    if held is not None:
        raise StoryError(f"{held.path} was not delivered: {held.error}")
    return export, _duration_s(job.started_at, job.finished_at)


def _duration_s(started_at: datetime | None, finished_at: datetime | None) -> float:
    if started_at is None or finished_at is None:
        return 0.0
    return (finished_at - started_at).total_seconds()
