"""What a worker does with the creatives of a batch, and with a template on trial."""

import uuid
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from time import monotonic

from django.db.models import Prefetch
from django.utils import timezone

from brandgen.compositor import (
    BrandStyleError,
    FileSizeError,
    ImageSourceError,
    ModificationError,
    Rendered,
    RenderOptionError,
    TemplateDocumentError,
    UnknownFormatError,
)
from brandgen.compositor.profiles import ProfileError
from brandgen.compositor.torture import Cell
from brandgen.creatives import torture
from brandgen.creatives.bench import Bench, describe_file, judge
from brandgen.creatives.marking import key_of
from brandgen.creatives.models import (
    Batch,
    BatchImage,
    BatchSubmission,
    Creative,
    ExtendedImage,
    TemplateVersion,
)
from brandgen.jobs.lease import JobFailedError, Lease, RetryLaterError
from brandgen.lib.storage import MissingBlobError, get_store
from brandgen.library.models import Asset
from brandgen.library.services import add_assets
from brandgen.provenance import XmpError
from brandgen.review.services import CannotSubmitError, submit_for_review

RUN_RENDER = "brandgen.creatives.runner.run_render"
RUN_SUBMIT = "brandgen.creatives.runner.run_submit"
GROUP = 50
"""Cells that are kept in one transaction: a worker that is killed loses no more."""
RESULT = (
    "state",
    "asset",
    "content_key",
    "render_s",
    "error",
    "findings",
    "verdict",
    "problems",
)
"""Columns of a creative that rendering fills in."""
SUBMIT_GROUP = 50
CANT_RENDER = (
    BrandStyleError,
    FileSizeError,
    ImageSourceError,
    MissingBlobError,
    ModificationError,
    ProfileError,
    RenderOptionError,
    UnknownFormatError,
    XmpError,
)


class NotApprovedError(Exception):
    """A picture lost its approval while the job waited. Fit to show."""


@dataclass(frozen=True)
class Made:
    """A cell that is rendered, its file on the way to storage; or why there is none."""

    creative: Creative
    images: dict[str, Asset]
    dropped: tuple[ExtendedImage, ...] = ()
    render_s: float = 0.0
    rendered: Rendered | None = None
    alt_text: str = ""
    sha256: Future[str] | None = None
    error: str = ""


def run_render(lease: Lease) -> None:
    """Render what waits in one chunk of a batch, and keep it. Safe to run twice.

    Equal content gives equal bytes, so whoever runs this again finds the same assets. A
    cell that can't be rendered says why, and the others go on.

    Raises:
        JobFailedError: no cell can be rendered however often it is tried.
        JobCancelledError, LostLeaseError, WorkerStoppingError: this worker must stop.
        StorageError: a file can't be read or kept.
    """
    batch, chunk = _find_chunk(lease.subject_id)
    cells = batch.creatives.filter(chunk=chunk).exclude(state=Creative.State.LEFT_OUT)
    waiting = cells.filter(state=Creative.State.WAITING)
    steps = cells.count()
    step = steps - waiting.count()
    if step == steps:
        return
    try:
        bench = Bench(batch)
    except TemplateDocumentError as error:
        raise JobFailedError(str(error)) from error
    images = BatchImage.objects.select_related("asset")
    extended = ExtendedImage.objects.filter(is_used=True).select_related("asset")
    group_query = waiting.select_related("row").prefetch_related(
        Prefetch("row__images", images), Prefetch("extended_images", extended)
    )
    with ThreadPoolExecutor(1, thread_name_prefix="files") as files:
        while group := list(group_query[:GROUP]):
            if not Batch.objects.filter(id=batch.id, state=Batch.State.OPEN).exists():
                return
            bench.read_ahead(chain(bench.fixed.values(), _pictures_of(group)), files)
            made: list[Made] = []
            try:
                for creative in group:
                    creative.batch = batch
                    lease.report_step(
                        stage="render", step=step, steps=steps, message=str(creative)
                    )
                    made.append(_make(bench, creative, files))
                    step += 1
            finally:
                # Also when this worker must stop: what is whole is kept.
                _keep(lease, batch, made)
            if len(group) < GROUP:
                return


def _pictures_of(group: list[Creative]) -> Iterator[Asset]:
    for creative in group:
        yield from (image.asset for image in creative.row.images.all())
        yield from (image.asset for image in creative.extended_images.all())


def _find_chunk(subject_id: str) -> tuple[Batch, int]:
    """Read "batch:round:chunk"; a job of an older version names a creative."""
    batches = Batch.objects.select_related(
        "brand", "brand_kit", "template_version__template", "requested_by"
    )
    batch_id, _, rest = subject_id.partition(":")
    if rest:
        return batches.get(id=batch_id), int(rest.rpartition(":")[2])
    creative = Creative.objects.get(id=batch_id)
    return batches.get(id=creative.batch_id), creative.chunk


def _make(bench: Bench, creative: Creative, files: Executor) -> Made:
    rows = creative.row.images.all()
    chosen = bench.fixed | {image.slot: image.picture for image in rows}
    images, dropped = _extend(creative, chosen)
    started = monotonic()
    try:
        _require_approved(chosen)
        rendered, alt_text = bench.render(creative, images)
    except (NotApprovedError, *CANT_RENDER) as error:
        return Made(creative, images, dropped, error=str(error))
    return Made(
        creative,
        images,
        dropped,
        render_s=monotonic() - started,
        rendered=rendered,
        alt_text=alt_text,
        sha256=files.submit(get_store().keep, rendered.data),
    )


def _extend(
    creative: Creative, images: dict[str, Asset]
) -> tuple[dict[str, Asset], tuple[ExtendedImage, ...]]:
    """Put a cell's extended pictures in; return what lost its approval beside it.

    In the place of that stands the row's picture: the cell has another content then.
    """
    extended = list(creative.extended_images.all())
    is_good = {one.id: one.asset.state == Asset.State.APPROVED for one in extended}
    used = {one.slot: one.asset for one in extended if is_good[one.id]}
    dropped = tuple(one for one in extended if not is_good[one.id])
    if dropped:
        creative.content_key = key_of(creative, images | used)
    return images | used, dropped


def _keep(lease: Lease, batch: Batch, made: list[Made]) -> None:
    """Write the assets and the cells, once their files are in storage."""
    if not made:
        return
    whole = list(_whole(made))
    at = timezone.now()
    with lease.keeping():
        assets = add_assets(
            brand=batch.brand,
            brand_kit=batch.brand_kit,
            kind=Asset.Kind.CREATIVE,
            files=[
                describe_file(
                    one.creative,
                    one.images,
                    rendered,
                    sha256=sha256,
                    alt_text=one.alt_text,
                )
                for one, rendered, sha256 in whole
            ],
            created_by=batch.requested_by,
            at=at,
        )
        for (one, rendered, _), asset in zip(whole, assets, strict=True):
            one.creative.state = Creative.State.RENDERED
            one.creative.asset = asset
            one.creative.render_s = one.render_s
            for column, value in judge(rendered).items():
                setattr(one.creative, column, value)
        for one in made:
            if one.error:
                one.creative.state = Creative.State.FAILED
            one.creative.error = one.error[:500]
        written = _write([one.creative for one in made])
        dropped = [
            i.id for one in made for i in one.dropped if i.creative_id in written
        ]
        ExtendedImage.objects.filter(id__in=dropped).update(is_used=False)


def _write(creatives: Sequence[Creative]) -> set[uuid.UUID]:
    """Write what came of creatives, and return whose; others wait no more."""
    rows = Creative.objects.filter(
        id__in=[creative.id for creative in creatives], state=Creative.State.WAITING
    )
    waiting = set(rows.select_for_update().values_list("id", flat=True))
    # One statement for all: rows that are there, so nothing is inserted.
    Creative.objects.bulk_create(
        [creative for creative in creatives if creative.id in waiting],
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=RESULT,
    )
    return waiting


def _whole(made: list[Made]) -> Iterator[tuple[Made, Rendered, str]]:
    for one in made:
        if one.rendered is not None and one.sha256 is not None:
            yield one, one.rendered, one.sha256.result()


def _require_approved(images: dict[str, Asset]) -> None:
    """Refuse pictures that lost their approval while the job waited.

    Raises:
        NotApprovedError: names the picture and where it stands.
    """
    for asset in images.values():
        if asset.state != Asset.State.APPROVED:
            raise NotApprovedError(
                f"“{asset.title}” is {asset.get_state_display().lower()} now. "
                "Creatives take approved pictures only: choose another."
            )


def run_submit(lease: Lease) -> None:
    """Send many creatives of a batch to review, in groups. Safe to run twice.

    Raises:
        JobCancelledError, LostLeaseError: this worker must stop.
    """
    rows = BatchSubmission.objects.select_related("batch", "requested_by")
    submission = rows.get(id=lease.subject_id)
    ids = submission.creative_ids
    for step in range(0, len(ids), SUBMIT_GROUP):
        lease.report_step(stage="submit", step=step, steps=len(ids))
        creatives = Creative.objects.submittable().filter(
            batch=submission.batch, id__in=ids[step : step + SUBMIT_GROUP]
        )
        found = creatives.select_related("asset__brand")
        assets = {c.asset.id: c.asset for c in found if c.asset is not None}
        try:
            with lease.keeping():
                submit_for_review(
                    assets=list(assets.values()),
                    by=submission.requested_by,
                    message=submission.message,
                    at=timezone.now(),
                )
        except CannotSubmitError as error:
            # Somebody sent one of them just now: the next try leaves it out.
            raise RetryLaterError(str(error), not_before=timezone.now()) from error


def run_torture(lease: Lease) -> None:
    """Try a template version with the texts that break layouts. Safe to run twice.

    The result is kept for the document as it was when the run began; a draft that was
    changed meanwhile is one that was not tried.

    Raises:
        JobFailedError: there is no brand kit, or the document can't be read.
        JobCancelledError, LostLeaseError: this worker must stop.
        StorageError: a file of the kit can't be read.
    """
    rows = TemplateVersion.objects.select_related("template__brand")
    version = rows.get(id=lease.subject_id)

    def tell(cell: Cell, step: int, steps: int) -> None:
        message = f"{cell.case.label}, {cell.format}"
        lease.report_step(stage="torture", step=step, steps=steps, message=message)

    try:
        kit = torture.get_kit(version)
        key = torture.content_key(version, kit)
        if torture.find_test(version, kit) is not None:
            return
        fields = torture.run_test(version, kit, on_cell=tell)
    except (torture.TemplateError, TemplateDocumentError) as error:
        raise JobFailedError(str(error)) from error
    with lease.keeping():
        torture.keep_test(version, key, fields, at=timezone.now())
