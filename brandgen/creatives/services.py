"""Keep templates, and fill them with approved pictures and copy."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import IntegrityError, transaction

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
    TemplateDocumentError,
    UnknownFormatError,
    load_document,
)
from brandgen.compositor.document import ImageSlot, TextSlot
from brandgen.compositor.layers import ImageLayer, each_layer
from brandgen.creatives import rendering, runner, torture
from brandgen.creatives.models import (
    Batch,
    BatchImage,
    Creative,
    Template,
    TemplateVersion,
    TortureTest,
)
from brandgen.creatives.torture import TemplateError as TemplateError
from brandgen.creatives.torture import get_kit
from brandgen.jobs.models import Job
from brandgen.jobs.services import enqueue
from brandgen.jobs.services import retry as retry_job
from brandgen.library.models import Asset
from brandgen.review.models import Review
from brandgen.review.services import submit_for_review

MOST_TEXT = 2000


class BatchError(Exception):
    """Creatives can't be made so; ``slot`` names the field. Fit to show."""

    def __init__(self, message: str, *, slot: str = "") -> None:
        super().__init__(message)
        self.slot = slot


class BannedCopyError(BatchError):
    """The copy uses words that the brand kit bans."""


class BlockedCreativeError(Exception):
    """A check forbids to use some of the creatives. The message is fit to show."""


def import_template(
    *, brand: Brand, source: str | bytes, by: User, at: datetime, name: str = ""
) -> TemplateVersion:
    """Make a template of a document; its first version is a draft.

    Raises:
        PermissionDenied: the person may not change this brand's templates.
        TemplateError: the document is wrong, or its name is taken.
    """
    require(by, Action.MANAGE_TEMPLATES, brand)
    document, data = _read(source)
    title = (name.strip() or document.name)[:80]
    try:
        with transaction.atomic():
            template = Template.objects.create(brand=brand, name=title)
            version = template.versions.create(version=1, document=data)
            record(by, "template.imported", template, at=at, data={"version": 1})
    except IntegrityError as error:
        raise TemplateError(
            f"{brand.name} has a template called {title} already. Open it to add a new "
            "version, or give this one another name."
        ) from error
    return version


@transaction.atomic
def save_template_version(
    *, template: Template, source: str | bytes, by: User, at: datetime
) -> TemplateVersion:
    """Change the draft of a template; start one after the last published version.

    Raises:
        PermissionDenied: the person may not change this brand's templates.
        TemplateError: the document is wrong.
    """
    require(by, Action.MANAGE_TEMPLATES, template.brand)
    _, data = _read(source)
    draft = template.find_draft()
    if draft is None:
        last = template.versions.order_by("-version").first()
        number = last.version + 1 if last else 1
        draft = TemplateVersion(template=template, version=number)
    draft.document = data
    draft.save()
    record(by, "template.saved", template, at=at, data={"version": draft.version})
    return draft


@transaction.atomic
def publish_template(
    *,
    version: TemplateVersion,
    by: User,
    at: datetime,
    despite_warnings: bool = False,
) -> bool:
    """Freeze a version and let people use it; False if somebody else did it first.

    Raises:
        PermissionDenied: the person may not change this brand's templates.
        UntestedTemplateError: it was not tried as it is now; see `torture`.
        TortureFailedError, TortureWarningError: something was found when it was.
        TemplateError: the brand has no published brand kit.
    """
    template = version.template
    require(by, Action.MANAGE_TEMPLATES, template.brand)
    # What is tested is what is published, though somebody saves a draft meanwhile.
    TemplateVersion.objects.select_for_update().get(id=version.id)
    version.refresh_from_db()
    if version.published_at is not None:
        return False
    torture.require_passed(version, despite_warnings=despite_warnings)
    version.publish(by=by, at=at)
    record(by, "template.published", template, at=at, data={"version": version.version})
    return True


@transaction.atomic
def run_torture_test(
    *, version: TemplateVersion, by: User, at: datetime
) -> TortureTest:
    """Run the torture test here and now, for those who have no worker: the demo.

    Raises:
        PermissionDenied: the person may not change this brand's templates.
        TemplateError: the brand has no published brand kit.
    """
    require(by, Action.MANAGE_TEMPLATES, version.template.brand)
    kit = get_kit(version)
    key = torture.content_key(version, kit)
    return torture.keep_test(version, key, torture.run_test(version, kit), at=at)


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
    if template_version.published_at is None:
        raise BatchError(f"{template_version} is a draft. Publish it first.")
    try:
        kit = get_kit(template_version)
    except TemplateError as error:
        raise BatchError(str(error)) from error
    document = template_version.load()
    texts = {slot: text.strip() for slot, text in modifications.items() if text.strip()}
    chosen = _check_formats(document, formats)
    _check_images(brand, images)
    refuse_banned_terms(kit, document, texts)
    _check_layout(document, kit, chosen, texts, images)
    with transaction.atomic():
        batch = Batch.objects.create(
            brand=brand,
            brand_kit=kit,
            template_version=template_version,
            name=name.strip()[:120] or template_version.template.name,
            modifications=texts,
            file_type=file_type,
            requested_by=by,
            requested_at=at,
        )
        BatchImage.objects.bulk_create(
            BatchImage(batch=batch, slot=slot, asset=asset)
            for slot, asset in images.items()
        )
        for position, format_name in enumerate(chosen):
            shape = document.formats[format_name]
            creative = batch.creatives.create(
                format=format_name,
                label=shape.label or format_name,
                width_px=shape.width_px,
                height_px=shape.height_px,
                position=position,
            )
            enqueue_render(creative, by=by, at=at)
        record(
            by,
            "batch.requested",
            batch,
            at=at,
            data={"formats": chosen, "images": [str(a.id) for a in images.values()]},
        )
    return batch


def enqueue_render(creative: Creative, *, by: User, at: datetime) -> Job:
    """Queue the rendering of one creative."""
    return enqueue(
        queue="render",
        work=runner.RUN_RENDER,
        subject_id=creative.id,
        title=str(creative),
        brand=creative.batch.brand,
        requested_by=by,
        at=at,
    )


def retry_creative(*, creative: Creative, by: User, at: datetime) -> bool:
    """Queue a creative again that failed or was stopped; False if there is no need."""
    require(by, Action.MAKE_CREATIVES, creative.batch.brand)
    if creative.asset_id is not None:
        return False
    job = find_jobs([creative]).get(creative.id)
    return retry_job(job=job, at=at) if job else False


def find_jobs(creatives: Sequence[Creative]) -> dict[object, Job]:
    """Return the newest job of each creative, by the creative's id."""
    ids = {str(creative.id): creative.id for creative in creatives}
    jobs = Job.objects.filter(work=runner.RUN_RENDER, subject_id__in=ids).order_by("id")
    return {ids[job.subject_id]: job for job in jobs}


def submit_creatives(
    *,
    creatives: Sequence[Creative],
    by: User,
    at: datetime,
    message: str = "",
) -> list[Review]:
    """Send rendered creatives to review, all or none.

    Raises:
        BlockedCreativeError: none is rendered, or a check forbids one of them.
        CannotSubmitError: one is in review or decided already.
        PermissionDenied: the person may not send this brand's pictures to review.
    """
    ready = [creative for creative in creatives if creative.asset is not None]
    if not ready:
        raise BlockedCreativeError(
            "None of these is rendered yet. Wait until they are done."
        )
    blocked = [creative for creative in ready if creative.is_blocked]
    if blocked:
        names = ", ".join(creative.label for creative in blocked)
        raise BlockedCreativeError(
            f"A check failed for {names}. Change the copy or leave it out; nothing was "
            "sent."
        )
    assets = {c.asset.id: c.asset for c in ready if c.asset is not None}
    return submit_for_review(
        assets=list(assets.values()), by=by, message=message, at=at
    )


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
            known = document.slots.get(slot)
            label = known.label if known and known.label else slot
            raise BannedCopyError(
                f"{kit.brand.name} does not allow {', '.join(found)}. "
                f"Reword “{label}”.",
                slot=slot,
            )


def _read(source: str | bytes) -> tuple[Document, dict[str, object]]:
    """Read a document strictly; return it with its plain data."""
    try:
        document = load_document(source)
    except TemplateDocumentError as error:
        raise TemplateError(str(error)) from error
    for _, layer, _ in each_layer(document.layers):
        if isinstance(layer, ImageLayer) and layer.image:
            raise TemplateError(
                f"The layer {layer.id!r} shows a fixed picture, {layer.image!r}, which "
                "is not kept with templates yet. Give it a slot instead."
            )
    for name, slot in document.slots.items():
        if isinstance(slot, ImageSlot) and slot.collection:
            raise TemplateError(
                f"The slot {name!r} takes pictures of the collection "
                f"{slot.collection!r} only, and the library has no collections yet. "
                "Leave it out: every slot takes approved pictures only."
            )
    data: dict[str, object] = json.loads(source)
    return document, data


def _check_formats(document: Document, formats: Sequence[str]) -> list[str]:
    if not formats:
        raise BatchError("No format was chosen. Choose at least one.", slot="formats")
    unknown = [name for name in formats if name not in document.formats]
    if unknown:
        raise BatchError(
            f"The template has no format {unknown[0]!r}. It has "
            f"{', '.join(document.formats)}.",
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
