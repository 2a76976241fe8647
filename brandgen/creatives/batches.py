"""Make batches, and queue what must be rendered."""

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from django.db import transaction
from django.db.models import Max, Min

from brandgen.accounts.access import Action, require
from brandgen.accounts.models import User
from brandgen.audit.models import record
from brandgen.brands.models import BrandKit
from brandgen.compositor.parts import (
    Data,
    complete_data,
    flat_data,
    merge_data,
    texts_in,
)
from brandgen.creatives import marking, runner
from brandgen.creatives.content import (
    BatchError,
    check_data,
    check_files,
    check_formats,
    check_images,
    check_layout,
    check_locales,
    refuse_banned_terms,
    require_kit,
)
from brandgen.creatives.extending import Extender, swapped
from brandgen.creatives.file_options import USUAL, FileOptions
from brandgen.creatives.fixed_pictures import FixedPictureError, require_fixed
from brandgen.creatives.models import (
    Batch,
    BatchImage,
    BatchRow,
    Creative,
    ExtendedImage,
    Feed,
    Template,
    TemplateVersion,
)
from brandgen.jobs.models import Job
from brandgen.jobs.services import enqueue
from brandgen.library.models import Asset

CHUNK = 48
"""Cells that one job renders, at least: a few seconds, so that brands take turns."""
MOST_CHUNKS = 100
AT_A_TIME = 500


@dataclass(frozen=True)
class Filling:
    """What one row puts into a template: copy, copy by locale, data, pictures.

    `localized` has a locale's own copy by slot, and its own data as ``product.price``.
    """

    number: int = 1
    label: str = ""
    texts: Mapping[str, str] = field(default_factory=dict)
    localized: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    data: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    images: Mapping[str, Asset] = field(default_factory=dict)

    def texts_in(self, locale: str) -> dict[str, str]:
        """Return the copy for a locale by slot."""
        return texts_in(self.texts, self.localized, locale)

    def data_in(self, locale: str) -> dict[str, dict[str, str]]:
        """Return the data for a locale, part by name."""
        return merge_data(self.data, self.localized.get(locale, {}))


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
    file_options: FileOptions = USUAL,
    locales: Sequence[str] = (),
    localized: Mapping[str, Mapping[str, str]] = MappingProxyType({}),
    data: Data = MappingProxyType({}),
    uses_extensions: bool = False,
) -> Batch:
    """Record a filling of a template and queue one creative per format and locale.

    Args:
        template_version: what is filled, published.
        images: approved pictures by slot.
        modifications: copy by slot, for every locale that has none of its own.
        formats: which to make.
        name: what the files are called.
        by: who asks.
        at: when.
        file_type: one of `Batch.FileType`.
        file_options: how files of this type are written.
        locales: which to make; none makes each format once, in no named locale.
        localized: copy by slot, and data as ``product.price``, for single locales; of
            others it is passed over.
        data: what bindings name, part by name; the template's examples are never used.
        uses_extensions: whether a format takes an approved extension of a picture
            where that shows more of it.

    Raises:
        PermissionDenied: the person may not make creatives for this brand.
        BannedCopyError: the copy uses words that the brand kit bans.
        BatchError: a draft, a picture that is not approved, a slot that is empty or
            too full, data that is needed and empty, no format, a brand kit that lacks
            what the template needs, or options that such files do not have.
        TooManyJobsError: the brand's queue is full.
    """
    brand = template_version.template.brand
    require(by, Action.MAKE_CREATIVES, brand)
    kit = require_kit(template_version)
    document = template_version.load()
    chosen, tags = check_formats(document, formats), check_locales(document, locales)
    check_files(document, chosen, file_type, file_options)
    filling = Filling(
        texts=_strip(modifications),
        localized={tag: _strip(localized[tag]) for tag in tags if tag in localized},
        data=complete_data(
            document.parts, {name: _strip(parts) for name, parts in data.items()}
        ),
        images=images,
    )
    check_images(brand, document, images.items())
    for tag in tags:
        texts, values = filling.texts_in(tag), filling.data_in(tag)
        check_data(document, values)
        refuse_banned_terms(kit, document, {**texts, **flat_data(values)})
        check_layout(document, kit, chosen, texts, images, tag, values)
    return create_batch(
        template_version=template_version,
        kit=kit,
        name=name,
        file_type=file_type,
        file_options=file_options,
        fillings=[filling],
        cells=[Cell(0, format_name, tag) for tag in tags for format_name in chosen],
        by=by,
        at=at,
        uses_extensions=uses_extensions,
    )


def _strip(texts: Mapping[str, str]) -> dict[str, str]:
    return {slot: text.strip() for slot, text in texts.items() if text.strip()}


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
    file_options: FileOptions = USUAL,
    feed: Feed | None = None,
    batch_id: uuid.UUID | None = None,
    uses_extensions: bool = False,
) -> Batch:
    """Write a batch that was checked before, and queue what must be rendered.

    A cell whose content the brand has rendered already takes over that file: of a
    changed feed, copy or template version only what changed is rendered. How files are
    written is remembered for the template.

    Raises:
        BatchError: a picture that the template always shows can't be used.
        TooManyJobsError: the brand's queue is full; nothing is written.
        StorageError: extensions are asked for, and a file of the kit can't be read.
    """
    try:
        fixed = require_fixed(template_version.template.brand, template_version.load())
    except FixedPictureError as error:
        raise BatchError(str(error)) from error
    batch = Batch.objects.create(
        id=batch_id or uuid.uuid4(),
        brand=template_version.template.brand,
        brand_kit=kit,
        template_version=template_version,
        feed=feed,
        plan=feed.plan if feed else {},
        name=name.strip()[:120] or template_version.template.name,
        file_type=file_type,
        file_options=file_options.as_json(),
        uses_extensions=uses_extensions,
        requested_by=by,
        requested_at=at,
    )
    Template.objects.filter(id=template_version.template_id).update(
        file_options={"file_type": file_type, **file_options.as_json()}
    )
    rows = _create_rows(batch, fillings)
    built = list(_build_creatives(batch, rows, fillings, cells, fixed))
    creatives = [creative for creative, _ in built]
    _take_over(batch, creatives)
    Creative.objects.bulk_create(creatives, batch_size=AT_A_TIME)
    extended = ExtendedImage.objects.bulk_create(
        (image for _, images in built for image in images), batch_size=AT_A_TIME
    )
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
            **({"extended": len(extended)} if uses_extensions else {}),
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
            BatchImage(
                row=row,
                slot=slot,
                asset=asset,
                focal_x=asset.crop[0] if asset.crop else None,
                focal_y=asset.crop[1] if asset.crop else None,
            )
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
    fixed: Mapping[str, Asset],
) -> Iterator[tuple[Creative, list[ExtendedImage]]]:
    """Yield the cells, each with the extended pictures that it takes."""
    document = batch.template_version.load()
    shapes, extender = document.formats, None
    scale = FileOptions.from_json(batch.file_options).scale
    if batch.uses_extensions:
        pictures = (asset for one in fillings for asset in one.images.values())
        extender = Extender(document, batch.brand_kit, pictures)
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
            width_px=shape.width_px * scale,
            height_px=shape.height_px * scale,
            position=position,
            chunk=position // chunk,
        )
        images = fillings[cell.filling].images
        swaps = (
            extender.find_swaps(images, cell.format, cell.locale) if extender else {}
        )
        creative.content_key = marking.key_of(
            creative, {**fixed, **swapped(images, swaps)}
        )
        yield (
            creative,
            [
                ExtendedImage(creative=creative, slot=slot, asset=swap.asset)
                for slot, swap in swaps.items()
            ],
        )


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
