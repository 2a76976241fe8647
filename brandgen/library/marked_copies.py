"""Copies of creatives that are not approved: marked, so that none goes out by mistake.

The file of an asset stays as it is: pages show it and reviewers judge it.
"""

import hashlib
import uuid
from dataclasses import replace

from brandgen.compositor.pictures import ImageSourceError
from brandgen.compositor.stamping import stamp
from brandgen.compositor.video import VideoSupportError
from brandgen.compositor.watermark import NOT_APPROVED
from brandgen.library.models import Asset
from brandgen.provenance import Provenance, XmpError, build_packet, read_xmp

NOT_FOR_USE = "Not approved. Not for publication."


class MarkError(Exception):
    """A copy can't be marked, so there is none. The message is fit to show."""


def name_of(asset: Asset) -> str:
    """Return what tells a marked copy from the file and from every other copy."""
    return hashlib.sha256(f"{asset.sha256} {NOT_APPROVED}".encode()).hexdigest()


def make_marked_copy(asset: Asset, data: bytes) -> bytes:
    """Return a copy of an asset's file that says, in it and all over it, what it is.

    Raises:
        MarkError: it can't be marked.
    """
    try:
        said = read_xmp(data) or Provenance(title=asset.title)
        packet = build_packet(
            replace(
                said,
                usage_terms=NOT_FOR_USE,
                document_id=f"xmp.did:{uuid.UUID(name_of(asset)[:32])}",
                derived_from=said.document_id,
            )
        )
        return stamp(data, name=asset.title, xmp=packet)
    except (ImageSourceError, VideoSupportError, XmpError) as error:
        raise MarkError(
            f"“{asset.title}” is not approved and can't be marked so: {error}"
        ) from error
