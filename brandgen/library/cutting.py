"""What a worker does with a request for a picture without its background."""

import io

import numpy as np
from django.utils import timezone
from PIL import Image

from brandgen.compositor.cutouts import CutOut, CutOutError, cut_out
from brandgen.compositor.marks import read_marks
from brandgen.jobs.lease import JobFailedError, Lease
from brandgen.lib.storage import get_store
from brandgen.library.lineage import find_document_id
from brandgen.library.models import Asset, Cutout
from brandgen.library.services import keep_asset
from brandgen.provenance import xmp

RUN_CUTOUT = "brandgen.library.cutting.run_cutout"
STEPS = 4


def run_cutout(lease: Lease) -> None:
    """Remove a picture's background and keep what is left. Safe to run twice.

    Raises:
        JobFailedError: nothing stands out, or the picture is no longer approved.
        JobCancelledError, LostLeaseError: this worker must stop.
        StorageError: a file can't be read or kept.
    """
    cutout = Cutout.objects.select_related(
        "source__brand", "source__brand_kit", "requested_by"
    ).get(id=lease.subject_id)
    if cutout.asset_id is not None:
        return
    source = cutout.source
    if not source.is_approved:
        raise JobFailedError(f"“{source.title}” is not approved any more.")
    _report(lease, 1, "Reading the picture")
    with Image.open(io.BytesIO(get_store().read(source.sha256))) as image:
        pixels = np.asarray(image.convert("RGBA"))
    _report(lease, 2, "Removing the background")
    try:
        made = cut_out(pixels, read_marks(cutout.marks))
    except CutOutError as error:
        raise JobFailedError(str(error)) from error
    _report(lease, 3, "Keeping the cut-out")
    asset = _keep(cutout, made)
    with lease.keeping():
        Cutout.objects.filter(id=cutout.id, asset=None).update(asset=asset)


def _report(lease: Lease, step: int, message: str) -> None:
    lease.report_step(stage="cut-out", step=step, steps=STEPS, message=message)


def _keep(cutout: Cutout, made: CutOut) -> Asset:
    """Keep the cut-out as a draft: it must be approved itself, whatever its source."""
    source = cutout.source
    file = io.BytesIO()
    Image.fromarray(made.pixels).save(file, "PNG", compress_level=6)
    # Its pixels are those of its source, and so are its origin and rights.
    packet = xmp.build_packet(
        xmp.Provenance(
            source_type=source.digital_source_type,  # type: ignore[arg-type]
            rights=source.brand_kit.rights_line or source.license_name,
            credit=source.brand_kit.credit_line,
            document_id=f"xmp.did:{cutout.id}",
            derived_from=find_document_id(source),
        )
    )
    return keep_asset(
        brand=source.brand,
        brand_kit=source.brand_kit,
        kind=source.kind,  # type: ignore[arg-type]
        data=xmp.embed_xmp(file.getvalue(), packet),
        mime="image/png",
        title=f"{source.title[:100]}, cut out",
        created_by=cutout.requested_by,
        at=timezone.now(),
        parents=[(source, "source")],
        digital_source_type=source.digital_source_type,
        license_name=source.license_name,
        is_commercial_use_allowed=source.is_commercial_use_allowed,
        preset_name=source.preset_name,
        prompt=source.prompt,
        alt_text=source.alt_text,
    )
