"""What a creative's file says about itself, from what it was made of."""

import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import cast

from brandgen.brands.models import BrandKit
from brandgen.compositor import Document
from brandgen.compositor.document import TextSlot
from brandgen.creatives.models import Creative
from brandgen.library.models import Asset
from brandgen.provenance import Provenance, build_packet
from brandgen.provenance.xmp import SourceType

# Terms of https://cv.iptc.org/newscodes/digitalsourcetype/
MADE_BY_AI = {"trainedAlgorithmicMedia", "compositeWithTrainedAlgorithmicMedia"}
WITH_AI = "compositeWithTrainedAlgorithmicMedia"
WITHOUT_AI = "compositeCapture"


def source_type_of(parents: Sequence[Asset]) -> str:
    """Return the IPTC term for a layout of these pictures."""
    has_ai = any(parent.digital_source_type in MADE_BY_AI for parent in parents)
    return WITH_AI if has_ai else WITHOUT_AI


def license_of(parents: Sequence[Asset]) -> tuple[str, bool]:
    """Return the names of all licenses, and whether all allow commercial use."""
    names = sorted({parent.license_name for parent in parents if parent.license_name})
    return (
        "; ".join(names)[:200],
        all(parent.is_commercial_use_allowed for parent in parents),
    )


def alt_text_of(
    document: Document,
    modifications: Mapping[str, str],
    parents: Sequence[Asset],
    bound: Sequence[str] = (),
) -> str:
    """Say what is seen and what is read: pictures, the copy in its order, bound texts.

    `bound` are texts of the template as they were printed, with their values.
    """
    seen = [parent.alt_text.rstrip(".") for parent in parents if parent.alt_text]
    read = [
        document.plain_text(name, modifications[name]).rstrip(".")
        for name, slot in document.slots.items()
        if isinstance(slot, TextSlot) and modifications.get(name)
    ]
    read += [text.rstrip(".") for text in bound]
    words = [*seen, f"Text: {'. '.join(read)}"] if read else seen
    return ". ".join(words)[:500]


@dataclass(frozen=True)
class Content:
    """What is put into a format and a locale of a template: copy, data, pictures."""

    format: str
    locale: str
    texts: Mapping[str, str]
    data: Mapping[str, Mapping[str, str]]
    images: Mapping[str, Asset]


def content_of(creative: Creative, images: Mapping[str, Asset]) -> Content:
    """Return what is put into a cell of a batch."""
    row = creative.row
    return Content(
        format=creative.format,
        locale=creative.locale,
        texts=row.texts_in(creative.locale),
        data=row.data_in(creative.locale),
        images=images,
    )


def content_key(
    content: Content,
    *,
    title: str,
    version_id: int,
    kit_id: int,
    file_type: str,
    watermark: str | None = None,
    further: Mapping[str, object] = MappingProxyType({}),
) -> str:
    """Return what tells a creative's file from every other, as a SHA-256.

    `further` is what only some files have: a print's color profile, options that differ
    from what is usual.
    """
    facts: dict[str, object] = {
        "title": title,
        "template_version": version_id,
        "brand_kit": kit_id,
        "format": content.format,
        "locale": content.locale,
        "file_type": file_type,
        "modifications": dict(content.texts),
        "data": {name: dict(parts) for name, parts in content.data.items()},
        "images": {
            slot: [asset.sha256, asset.focal_x, asset.focal_y]
            for slot, asset in content.images.items()
        },
    }
    if watermark:
        facts["watermark"] = watermark
    facts |= {name: value for name, value in further.items() if value}
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def key_of(creative: Creative, images: Mapping[str, Asset]) -> str:
    """Return the content key of a cell of a batch."""
    batch = creative.batch
    return content_key(
        content_of(creative, images),
        title=str(creative),
        version_id=batch.template_version_id,
        kit_id=batch.brand_kit_id,
        file_type=batch.file_type,
        further=batch.file_options,
    )


def build_mark(
    *,
    title: str,
    alt_text: str,
    key: str,
    kit: BrandKit,
    parents: Sequence[Asset],
    marks: Sequence[Provenance | None],
) -> bytes:
    """Build the XMP packet of a creative; equal content gives equal bytes.

    The marks that the pictures bear go on in it: which system drew them, and their ids.
    """
    said = [mark for mark in marks if mark is not None]
    systems = sorted({mark.ai_system for mark in said if mark.ai_system})
    versions = sorted({m.ai_system_version for m in said if m.ai_system_version})
    origin = next((mark.document_id for mark in said if mark.document_id), "")
    return build_packet(
        Provenance(
            title=title,
            alt_text=alt_text,
            rights=kit.rights_line,
            credit=kit.credit_line,
            source_type=cast("SourceType", source_type_of(parents)),
            ai_system="; ".join(systems),
            ai_system_version="; ".join(versions),
            document_id=f"xmp.did:{uuid.UUID(key[:32])}",
            derived_from=origin,
        )
    )
