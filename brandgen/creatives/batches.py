"""Make batches, and steer them: render, pause, cancel, leave out, send to review."""

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from django.db import transaction
from django.db.models import Max, Min

from brandgen.accounts.access import Action, require
from brandgen.accounts.models import Brand, User
from brandgen.audit.models import record
from brandgen.brands.banned import find_banned_terms
from brandgen.brands.models import BrandKit
from brandgen.compositor import (
    BrandStyleError,
    Document,
    ImageSource,
    ModificationError,
    UnknownFormatError,
)
from brandgen.compositor.document import TextSlot
from brandgen.creatives import marking, rendering, runner
from brandgen.creatives.models import (
    Batch,
    BatchImage,
    BatchRow,
    BatchSubmission,
    Creative,
    Feed,
    TemplateVersion,
)
from brandgen.creatives.torture import TemplateError, get_kit
from brandgen.jobs.models import Job
from brandgen.jobs.services import enqueue, request_cancel
from brandgen.library.models import Asset
from brandgen.review.services import submit_for_review

MOST_TEXT = 2000
CHUNK = 48
"""Cells that one job renders, at least: a few seconds, so that brands take turns."""
MOST_CHUNKS = 100
SUBMIT_AT_ONCE = 100
"""More go to review by a worker: each writes rows and a line of the audit trail."""
AT_A_TIME = 500


class BatchError(Exception):
    """Creatives can't be made so; ``slot`` names the field. Fit to show."""

    def __init__(self, message: str, *, slot: str = "") -> None:
        super().__init__(message)
        self.slot = slot


class BannedCopyError(BatchError):
    """The copy uses words that the brand kit bans."""


class BlockedCreativeError(Exception):
    """A check forbids to use some of the creatives. The message is fit to show."""


@dataclass(frozen=True)
class Filling:
    """What one row puts into a template: copy, copy by locale, data, pictures."""

    number: int = 1
    label: str = ""
    texts: Mapping[str, str] = field(default_factory=dict)
    localized: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    data: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    images: Mapping[str, Asset] = field(default_factory=dict)

    def texts_in(self, locale: str) -> dict[str, str]:
        """Return the copy for a locale by slot."""
        return {**self.texts, **self.localized.get(locale, {})}


@dataclass(frozen=True)
class Cell:
    """One creative to make: the position of its filling, a format and a locale."""

    filling: int
    format: str
    locale: str = ""


def request_batch(
    *,
    template_version: TemplateVersion,
    images: Mapping[str, Asset],
    modifications: Mapping[str, str],
    formats: Sequence[str],
    name: str,
    by: User,
    at: datetime,
    file_type: str = Batch.FileType.JPEG,
) -> Batch:
    """Record a filling of a template and queue one creative per format.

    Raises:
        PermissionDenied: the person may not make creatives for this brand.
        BannedCopyError: the copy uses words that the brand kit bans.
        BatchError: a draft, a picture that is not approved, a slot that is empty or
            too full, no format, or a brand kit that lacks what the template needs.
        TooManyJobsError: the brand's queue is full.
    """
    brand = template_version.template.brand
    require(by, Action.MAKE_CREATIVES, brand)
    kit = require_kit(template_version)
    document = template_version.load()
    texts = {slot: text.strip() for slot, text in modifications.items() if text.strip()}
    chosen = check_formats(document, formats)
    _check_images(brand, images)
    refuse_banned_terms(kit, document, texts)
    _check_layout(document, kit, chosen, texts, images)
    return create_batch(
        template_version=template_version,
        kit=kit,
        name=name,
        file_type=file_type,
        fillings=[Filling(texts=texts, images=images)],
        cells=[Cell(0, format_name) for format_name in chosen],
        by=by,
        at=at,
    )


def require_kit(version: TemplateVersion) -> BrandKit:
    """Return the kit that creatives of a version are made with.

    Raises:
        BatchError: the version is a draft, or the brand has published no kit.
    """
    if version.published_at is None:
        raise BatchError(f"{version} is a draft. Publish it first.")
    try:
        return get_kit(version)
    except TemplateError as error:
        raise BatchError(str(error)) from error


@transaction.atomic
def create_batch(
    *,
    template_version: TemplateVersion,
    kit: BrandKit,
    name: str,
    fillings: Sequence[Filling],
    cells: Iterable[Cell],
    by: User,
    at: datetime,
    file_type: str = Batch.FileType.JPEG,
    feed: Feed | None = None,
    batch_id: uuid.UUID | None = None,
) -> Batch:
    """Write a batch that was checked before, and queue what must be rendered.

    A cell whose content the brand has rendered already takes over that file: of a
    changed feed, copy or template version only what changed is rendered.

    Raises:
        TooManyJobsError: the brand's queue is full; nothing is written.
    """
    batch = Batch.objects.create(
        id=batch_id or uuid.uuid4(),
        brand=template_version.template.brand,
        brand_kit=kit,
        template_version=template_version,
        feed=feed,
        plan=feed.plan if feed else {},
        name=name.strip()[:120] or template_version.template.name,
        file_type=file_type,
        requested_by=by,
        requested_at=at,
    )
    rows = _create_rows(batch, fillings)
    creatives = list(_build_creatives(batch, rows, fillings, cells))
    _take_over(batch, creatives)
    Creative.objects.bulk_create(creatives, batch_size=AT_A_TIME)
    enqueue_chunks(batch, by=by, at=at)
    formats = {creative.format for creative in creatives}
    locales = {creative.locale for creative in creatives if creative.locale}
    record(
        by,
        "batch.requested",
        batch,
        at=at,
        data={
            "creatives": len(creatives),
            "rows": len(rows),
            "formats": sorted(formats),
            "locales": sorted(locales),
            "feed": str(feed.id) if feed else None,
        },
    )
    return batch


def _create_rows(batch: Batch, fillings: Sequence[Filling]) -> list[BatchRow]:
    rows = BatchRow.objects.bulk_create(
        (
            BatchRow(
                batch=batch,
                number=filling.number,
                label=filling.label,
                modifications=dict(filling.texts),
                localized={tag: dict(t) for tag, t in filling.localized.items()},
                data={name: dict(parts) for name, parts in filling.data.items()},
            )
            for filling in fillings
        ),
        batch_size=AT_A_TIME,
    )
    BatchImage.objects.bulk_create(
        (
            BatchImage(row=row, slot=slot, asset=asset)
            for row, filling in zip(rows, fillings, strict=True)
            for slot, asset in filling.images.items()
        ),
        batch_size=AT_A_TIME,
    )
    return rows


def _build_creatives(
    batch: Batch,
    rows: Sequence[BatchRow],
    fillings: Sequence[Filling],
    cells: Iterable[Cell],
) -> Iterator[Creative]:
    shapes = batch.template_version.load().formats
    listed = list(cells)
    chunk = max(CHUNK, -(-len(listed) // MOST_CHUNKS))
    for position, cell in enumerate(listed):
        shape, row = shapes[cell.format], rows[cell.filling]
        creative = Creative(
            batch=batch,
            row=row,
            format=cell.format,
            label=shape.label or cell.format,
            locale=cell.locale,
            width_px=shape.width_px,
            height_px=shape.height_px,
            position=position,
            chunk=position // chunk,
        )
        images = fillings[cell.filling].images
        creative.content_key = marking.content_key(creative, row, images)
        yield creative


def _take_over(batch: Batch, creatives: Sequence[Creative]) -> None:
    """Fill in what an equal creative of the brand was rendered into."""
    rendered = Creative.objects.of_brand(batch.brand).filter(
        state=Creative.State.RENDERED
    )
    columns = ("asset_id", "findings", "verdict", "problems", "render_s")
    for start in range(0, len(creatives), AT_A_TIME):
        some = creatives[start : start + AT_A_TIME]
        keys = [creative.content_key for creative in some]
        found = {
            key: values
            for key, *values in rendered.filter(content_key__in=keys).values_list(
                "content_key", *columns
            )
        }
        for creative in some:
            if values := found.get(creative.content_key):
                creative.state = Creative.State.RENDERED
                for column, value in zip(columns, values, strict=True):
                    setattr(creative, column, value)


def enqueue_chunks(batch: Batch, *, by: User, at: datetime) -> None:
    """Queue a job for each chunk that has something to render.

    Raises:
        TooManyJobsError: the brand's queue is full.
    """
    waiting = batch.creatives.filter(state=Creative.State.WAITING).order_by()
    chunks = waiting.values_list("chunk").annotate(Min("position"), Max("position"))
    for chunk, first, last in chunks.order_by("chunk"):
        numbers = f"{first + 1:,} to {last + 1:,}" if last > first else f"{first + 1:,}"
        enqueue(
            queue="render",
            work=runner.RUN_RENDER,
            subject_id=f"{batch.id}:{batch.round}:{chunk}",
            title=f"{batch.name[:80]}, creatives {numbers}",
            brand=batch.brand,
            requested_by=by,
            at=at,
        )


def find_jobs(batch: Batch) -> list[Job]:
    """Return the jobs of a batch, the newest first."""
    # A colon is followed by a semicolon: all that begins with the batch's id.
    return list(
        Job.objects.filter(
            work=runner.RUN_RENDER,
            subject_id__gte=f"{batch.id}:",
            subject_id__lt=f"{batch.id};",
        ).order_by("-id")
    )


@transaction.atomic
def pause_batch(*, batch: Batch, by: User, at: datetime) -> bool:
    """Stop rendering until somebody goes on; False if it was not being rendered.

    Raises:
        PermissionDenied: the person may not make creatives for this brand.
    """
    require(by, Action.MAKE_CREATIVES, batch.brand)
    return _stop(batch, Batch.State.PAUSED, (Batch.State.OPEN,), by=by, at=at)


@transaction.atomic
def cancel_batch(*, batch: Batch, by: User, at: datetime) -> bool:
    """Give up what is not rendered yet; what is stays. False if there is nothing.

    Raises:
        PermissionDenied: the person may not make creatives for this brand.
    """
    require(by, Action.MAKE_CREATIVES, batch.brand)
    states = (Batch.State.OPEN, Batch.State.PAUSED)
    return _stop(batch, Batch.State.CANCELLED, states, by=by, at=at)


def _stop(
    batch: Batch,
    to: Batch.State,
    when_in: tuple[Batch.State, ...],
    *,
    by: User,
    at: datetime,
) -> bool:
    if not batch.creatives.filter(state=Creative.State.WAITING).exists():
        return False
    if not batch.move(to, when_in=when_in):
        return False
    for job in find_jobs(batch):
        if not job.is_finished:
            request_cancel(job=job, at=at)
    record(by, f"batch.{to}", batch, at=at)
    return True


@transaction.atomic
def resume_batch(*, batch: Batch, by: User, at: datetime) -> bool:
    """Render what waits, and what failed, again; False if there is nothing to do.

    Jobs of a new round stand beside old ones that are only just stopping, and take
    nothing from them: a cell is kept once.

    Raises:
        PermissionDenied: the person may not make creatives for this brand.
        TooManyJobsError: the brand's queue is full; nothing is changed.
    """
    require(by, Action.MAKE_CREATIVES, batch.brand)
    open_states = (Creative.State.WAITING, Creative.State.FAILED)
    if not batch.creatives.filter(state__in=open_states).exists():
        return False
    batch.move(Batch.State.OPEN, when_in=tuple(Batch.State))
    batch.creatives.filter(state=Creative.State.FAILED).update(
        state=Creative.State.WAITING, error=""
    )
    enqueue_chunks(batch, by=by, at=at)
    record(by, "batch.resumed", batch, at=at)
    return True


@transaction.atomic
def leave_out(
    *, batch: Batch, creative_ids: Sequence[uuid.UUID], by: User, at: datetime
) -> int:
    """Take creatives out of a batch: not rendered, not sent, not downloaded.

    Raises:
        PermissionDenied: the person may not make creatives for this brand.
    """
    require(by, Action.MAKE_CREATIVES, batch.brand)
    cells = batch.creatives.filter(id__in=creative_ids)
    changed = cells.exclude(state=Creative.State.LEFT_OUT).update(
        state=Creative.State.LEFT_OUT
    )
    if changed:
        record(by, "batch.left_out", batch, at=at, data={"creatives": changed})
    return changed


@transaction.atomic
def put_back(
    *, batch: Batch, creative_ids: Sequence[uuid.UUID], by: User, at: datetime
) -> int:
    """Bring back creatives that were left out, and render those that never were.

    Raises:
        PermissionDenied: the person may not make creatives for this brand.
        TooManyJobsError: the brand's queue is full; nothing is changed.
    """
    require(by, Action.MAKE_CREATIVES, batch.brand)
    out = batch.creatives.filter(id__in=creative_ids, state=Creative.State.LEFT_OUT)
    changed = out.filter(asset__isnull=False).update(state=Creative.State.RENDERED)
    waiting = out.update(state=Creative.State.WAITING)
    if waiting and batch.state == Batch.State.OPEN:
        batch.move(Batch.State.OPEN, when_in=(Batch.State.OPEN,))
        enqueue_chunks(batch, by=by, at=at)
    if changed + waiting:
        data = {"creatives": changed + waiting}
        record(by, "batch.put_back", batch, at=at, data=data)
    return changed + waiting


def submit_creatives(
    *,
    creatives: Sequence[Creative],
    by: User,
    at: datetime,
    message: str = "",
) -> int:
    """Send rendered creatives of a batch to review; many at once go by a worker.

    Returns how many are sent, or will be.

    Raises:
        BlockedCreativeError: none is rendered, or a check forbids one of them.
        CannotSubmitError: one is in review or decided already; nothing was sent.
        PermissionDenied: the person may not send this brand's pictures to review.
    """
    ready = [c for c in creatives if c.state == Creative.State.RENDERED]
    if not ready:
        raise BlockedCreativeError(
            "None of these is rendered yet. Wait until they are done."
        )
    blocked = [creative for creative in ready if creative.is_blocked]
    if blocked:
        names = ", ".join(creative.label for creative in blocked[:5])
        more = f" and {len(blocked) - 5:,} more" if len(blocked) > 5 else ""
        raise BlockedCreativeError(
            f"A check failed for {names}{more}. Change the copy or leave it out; "
            "nothing was sent."
        )
    if len(ready) > SUBMIT_AT_ONCE:
        _submit_later(ready, by, at, message)
        return len(ready)
    assets = {c.asset.id: c.asset for c in ready if c.asset is not None}
    return len(
        submit_for_review(assets=list(assets.values()), by=by, message=message, at=at)
    )


@transaction.atomic
def _submit_later(
    creatives: Sequence[Creative], by: User, at: datetime, message: str
) -> None:
    batch = creatives[0].batch
    require(by, Action.SUBMIT, batch.brand)
    submission = BatchSubmission.objects.create(
        batch=batch,
        creative_ids=[str(creative.id) for creative in creatives],
        message=message.strip()[:500],
        requested_by=by,
        requested_at=at,
    )
    enqueue(
        queue="default",
        work=runner.RUN_SUBMIT,
        subject_id=submission.id,
        title=str(submission),
        brand=batch.brand,
        requested_by=by,
        at=at,
    )
    data = {"creatives": len(creatives)}
    record(by, "batch.submitted", batch, at=at, data=data)


def refuse_banned_terms(
    kit: BrandKit, document: Document, texts: Mapping[str, str]
) -> None:
    """Refuse copy that uses words the brand kit bans, in any disguise.

    Raises:
        BannedCopyError: names the words and the slot.
    """
    terms = list(kit.banned_terms.values_list("term", flat=True))
    for slot, text in texts.items():
        if found := find_banned_terms(text[:MOST_TEXT], terms):
            raise BannedCopyError(
                f"{kit.brand.name} does not allow {', '.join(found)}. "
                f"Reword “{label_of(document, slot)}”.",
                slot=slot,
            )


def label_of(document: Document, slot: str) -> str:
    """Return what people call a slot."""
    known = document.slots.get(slot)
    return known.label if known and known.label else slot


def check_formats(document: Document, formats: Sequence[str]) -> list[str]:
    """Return the formats in the document's order.

    Raises:
        BatchError: none is chosen, or one that the template does not have.
    """
    if not formats:
        raise BatchError("No format was chosen. Choose at least one.", slot="formats")
    unknown = [name for name in formats if name not in document.formats]
    if unknown:
        raise BatchError(
            f"The template has no format {unknown[0]!r}. It has "
            f"{', '.join(islice(document.formats, 12))}.",
            slot="formats",
        )
    return [name for name in document.formats if name in formats]


def _check_images(brand: Brand, images: Mapping[str, Asset]) -> None:
    for slot, asset in images.items():
        if asset.brand_id != brand.id:
            raise BatchError(
                f"“{asset.title}” does not belong to {brand.name}.", slot=slot
            )
        if asset.state != Asset.State.APPROVED:
            raise BatchError(
                f"“{asset.title}” is {asset.get_state_display().lower()}. Creatives "
                "take approved pictures only: send it to review or choose another.",
                slot=slot,
            )


def _check_layout(
    document: Document,
    kit: BrandKit,
    formats: Sequence[str],
    texts: Mapping[str, str],
    images: Mapping[str, Asset],
) -> None:
    """Lay every format out, so that what can't be rendered is refused at the door."""
    for slot in texts:
        if not isinstance(document.slots.get(slot), TextSlot):
            raise BatchError(f"The template has no text slot {slot!r}.", slot=slot)
    sources: dict[str, ImageSource] = {
        slot: rendering.image_source(asset) for slot, asset in images.items()
    }
    for format_name in formats:
        try:
            rendering.preflight(
                document=document,
                kit=kit,
                format_name=format_name,
                modifications=texts,
                images=sources,
            )
        except ModificationError as error:
            raise BatchError(str(error), slot=error.slot) from error
        except (BrandStyleError, UnknownFormatError) as error:
            raise BatchError(str(error)) from error
