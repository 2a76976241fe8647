"""What a worker does with one creative."""

from dataclasses import asdict
from time import monotonic
from typing import Any

from django.utils import timezone

from brandgen.compositor import (
    BrandStyleError,
    Encoding,
    FileSizeError,
    ImageSource,
    ImageSourceError,
    ModificationError,
    Rendered,
    TemplateDocumentError,
    UnknownFormatError,
    render_creative,
)
from brandgen.compositor.torture import Cell
from brandgen.creatives import marking, torture
from brandgen.creatives.models import Batch, Creative, TemplateVersion
from brandgen.creatives.rendering import QUALITY
from brandgen.creatives.style import style_of
from brandgen.jobs.lease import JobFailedError, Lease
from brandgen.lib.storage import get_store
from brandgen.library.models import Asset
from brandgen.library.services import keep_asset
from brandgen.provenance import XmpError

RUN_RENDER = "brandgen.creatives.runner.run_render"


def run_render(lease: Lease) -> None:
    """Render one creative and keep it as an asset. Safe to run twice.

    Equal content gives equal bytes, so whoever runs this again finds the same asset.

    Raises:
        JobFailedError: it can't be rendered however often it is tried.
        JobCancelledError, LostLeaseError: this worker must stop.
        StorageError: a file can't be read or kept.
    """
    creative = Creative.objects.select_related(
        "batch__brand",
        "batch__brand_kit",
        "batch__template_version__template",
        "batch__requested_by",
    ).get(id=lease.subject_id)
    if creative.asset_id is not None:
        return
    batch = creative.batch
    images = {i.slot: i.asset for i in batch.images.select_related("asset__brand")}
    _require_approved(images)
    lease.report_step(stage="render", step=0, steps=2, message="Laying out")
    started = monotonic()
    files = {slot: get_store().read(asset.sha256) for slot, asset in images.items()}
    try:
        rendered, alt_text = _render(creative, images, files)
    except (
        BrandStyleError,
        FileSizeError,
        ImageSourceError,
        ModificationError,
        TemplateDocumentError,
        UnknownFormatError,
        XmpError,
    ) as error:
        raise JobFailedError(str(error)) from error
    render_s = monotonic() - started
    lease.renew(stage="keep", step=1, steps=2, message="Keeping the file")
    asset = _keep(batch, creative, images, rendered, alt_text)
    with lease.keeping():
        Creative.objects.filter(id=creative.id, asset=None).update(
            asset=asset,
            findings=[asdict(finding) for finding in rendered.findings],
            render_s=render_s,
        )


def _render(
    creative: Creative, images: dict[str, Asset], files: dict[str, bytes]
) -> tuple[Rendered, str]:
    batch = creative.batch
    document = batch.template_version.load()
    parents = [(asset, files[slot]) for slot, asset in sorted(images.items())]
    alt_text = marking.alt_text_of(
        document, batch.modifications, [asset for asset, _ in parents]
    )
    packet = marking.build_mark(
        title=str(creative),
        alt_text=alt_text,
        key=marking.content_key(creative, images, batch.modifications),
        kit=batch.brand_kit,
        parents=parents,
    )
    kind: Any = batch.file_type
    rendered = render_creative(
        document,
        format=creative.format,
        modifications=batch.modifications,
        images={
            slot: ImageSource(
                data=files[slot],
                focal=(asset.focal_x, asset.focal_y),
                is_ai_made=asset.digital_source_type in marking.MADE_BY_AI,
            )
            for slot, asset in images.items()
        },
        brand=style_of(batch.brand_kit),
        encoding=Encoding(kind=kind, quality=QUALITY, xmp=packet),
    )
    return rendered, alt_text


def _keep(
    batch: Batch,
    creative: Creative,
    images: dict[str, Asset],
    rendered: Rendered,
    alt_text: str,
) -> Asset:
    parents = list({asset.id: asset for asset in images.values()}.values())
    license_name, is_commercial_use_allowed = marking.license_of(parents)
    return keep_asset(
        brand=batch.brand,
        brand_kit=batch.brand_kit,
        kind=Asset.Kind.CREATIVE,
        data=rendered.data,
        mime=rendered.mime,
        title=str(creative),
        created_by=batch.requested_by,
        at=timezone.now(),
        parents=[(parent, "image") for parent in parents],
        digital_source_type=marking.source_type_of(parents),
        license_name=license_name,
        is_commercial_use_allowed=is_commercial_use_allowed,
        preset_name=batch.template_version.template.name,
        alt_text=alt_text,
    )


def _require_approved(images: dict[str, Asset]) -> None:
    """Refuse pictures that lost their approval while the job waited.

    Raises:
        JobFailedError: names the picture and where it stands.
    """
    for asset in images.values():
        if asset.state != Asset.State.APPROVED:
            raise JobFailedError(
                f"“{asset.title}” is {asset.get_state_display().lower()} now. "
                "Creatives take approved pictures only: choose another."
            )


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
