"""Keep pictures as assets, and change the little about them that may change."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from django.conf import settings
from django.db import transaction

from brandgen.accounts.models import Brand, User
from brandgen.audit.models import record, record_each
from brandgen.brands.models import BrandKit
from brandgen.lib import images
from brandgen.lib.storage import get_store
from brandgen.library.focal import MIDDLE, Focal, suggest
from brandgen.library.models import Asset, AssetParent, Rendition
from brandgen.provenance import xmp

Shrunk = dict[Rendition.Size, tuple[str, images.Picture]]


class FrozenAssetError(Exception):
    """The asset may not be changed that way in its state. Fit to show."""


class UploadTooLargeError(images.ImageError):
    """The file has more bytes than an upload may have. The message is fit to show."""


def keep_asset(
    *,
    brand: Brand,
    brand_kit: BrandKit,
    kind: Asset.Kind,
    data: bytes,
    mime: str,
    title: str,
    created_by: User,
    at: datetime,
    parents: Sequence[tuple[Asset, str]] = (),
    digital_source_type: str = "",
    license_name: str = "",
    is_commercial_use_allowed: bool = False,
    preset_name: str = "",
    prompt: str = "",
    alt_text: str = "",
    focal: Focal | None = None,
) -> Asset:
    """Keep a finished file as an asset of a brand, with its lineage and small copies.

    Files are kept first and rows last, so a process killed in between leaves a file
    that nobody points at, never a row without its file. The same bytes kept again for
    the same brand return the asset that is there, as it is. ``parents`` are what it was
    made from, each with its role: image, source, reference. Without a ``focal`` point
    one is looked for: people, faces, what stands out.

    Raises:
        ImageError: the bytes are no picture, or not of that type.
        StorageError: a file could not be kept; no row was written.
    """
    sha256 = hashlib.sha256(data).hexdigest()
    known = Asset.objects.filter(brand=brand, sha256=sha256).first()
    if known is not None:
        return known
    header = images.read_header(data)
    if header.mime != mime:
        raise images.ImageError(
            f"The file is {header.mime}, but was called {mime}. Nothing was kept."
        )
    small_copies = _keep_small_copies(data, Rendition.AT_ONCE)
    focal = focal or suggest(data)
    get_store().keep(data)
    file = StoredFile(
        sha256=sha256,
        mime=mime,
        size_bytes=len(data),
        width_px=header.width_px,
        height_px=header.height_px,
        title=title,
        alt_text=alt_text,
        parents=tuple(parents),
        digital_source_type=digital_source_type,
        license_name=license_name,
        is_commercial_use_allowed=is_commercial_use_allowed,
        preset_name=preset_name,
        prompt=prompt,
        focal=focal,
    )
    with transaction.atomic():
        (asset,) = add_assets(
            brand=brand,
            brand_kit=brand_kit,
            kind=kind,
            files=[file],
            created_by=created_by,
            at=at,
        )
        _add_rows(asset, small_copies)
    return asset


@dataclass(frozen=True, kw_only=True)
class StoredFile:
    """A finished picture that lies in storage, and what its asset is to say of it."""

    sha256: str
    mime: str
    size_bytes: int
    width_px: int
    height_px: int
    title: str
    alt_text: str = ""
    parents: tuple[tuple[Asset, str], ...] = ()
    digital_source_type: str = ""
    license_name: str = ""
    is_commercial_use_allowed: bool = False
    preset_name: str = ""
    prompt: str = ""
    focal: Focal = MIDDLE


@transaction.atomic
def add_assets(
    *,
    brand: Brand,
    brand_kit: BrandKit,
    kind: Asset.Kind,
    files: Sequence[StoredFile],
    created_by: User,
    at: datetime,
) -> list[Asset]:
    """Write the rows of files that are kept already, and return them in that order.

    A file that the brand has already keeps its asset as it is. Small copies are made
    once somebody looks.
    """
    drafts = [
        Asset(
            brand=brand,
            brand_kit=brand_kit,
            kind=kind,
            title=file.title.strip()[:120] or "Untitled",
            alt_text=file.alt_text[:500],
            sha256=file.sha256,
            mime=file.mime,
            size_bytes=file.size_bytes,
            width_px=file.width_px,
            height_px=file.height_px,
            digital_source_type=file.digital_source_type,
            license_name=file.license_name,
            is_commercial_use_allowed=file.is_commercial_use_allowed,
            preset_name=file.preset_name,
            prompt=file.prompt,
            focal_x=file.focal.x,
            focal_y=file.focal.y,
            focal_source=file.focal.source,
            created_by=created_by,
            created_at=at,
        )
        for file in files
    ]
    Asset.objects.bulk_create(drafts, ignore_conflicts=True)
    written = Asset.objects.filter(id__in=[draft.id for draft in drafts])
    ours = set(written.values_list("id", flat=True))
    assets = {draft.sha256: draft for draft in drafts if draft.id in ours}
    if others := [f.sha256 for f in files if f.sha256 not in assets]:
        known = Asset.objects.filter(brand=brand, sha256__in=others)
        assets |= {asset.sha256: asset for asset in known.select_related("brand")}
    parents = {f.sha256: f.parents for f in files if assets[f.sha256].id in ours}
    AssetParent.objects.bulk_create(
        AssetParent(asset=assets[sha256], parent=parent, role=role)
        for sha256, links in parents.items()
        for parent, role in links
    )
    facts = [
        (
            assets[sha256],
            {
                "sha256": sha256,
                "kind": str(kind),
                "parents": [str(parent.id) for parent, _ in links],
            },
        )
        for sha256, links in parents.items()
    ]
    if facts:
        record_each(created_by, "asset.kept", facts, at=at)
    return [assets[file.sha256] for file in files]


def ensure_rendition(*, asset: Asset, size: Rendition.Size) -> None:
    """Make a small copy of an asset where it is missing. Safe to run twice.

    Raises:
        StorageError: its file can't be read, or the copy can't be kept.
    """
    if not asset.renditions.filter(size=size).exists():
        small_copies = _keep_small_copies(get_store().read(asset.sha256), [size])
        with transaction.atomic():
            _add_rows(asset, small_copies)


def _keep_small_copies(data: bytes, sizes: Sequence[Rendition.Size]) -> Shrunk:
    """Shrink a picture to each size and keep the files."""
    copies: Shrunk = {}
    for size in sizes:
        picture = images.shrink(data, longest_px=Rendition.LONGEST_PX[size])
        copies[size] = (get_store().keep(picture.data), picture)
    return copies


def _add_rows(asset: Asset, small_copies: Shrunk) -> None:
    Rendition.objects.bulk_create(
        (
            Rendition(
                asset=asset,
                size=size,
                sha256=sha256,
                width_px=picture.width_px,
                height_px=picture.height_px,
            )
            for size, (sha256, picture) in small_copies.items()
        ),
        ignore_conflicts=True,
    )


def ingest_upload(
    *,
    brand: Brand,
    brand_kit: BrandKit,
    file: BinaryIO,
    title: str,
    source_type: xmp.SourceType,
    uploaded_by: User,
    at: datetime,
    license_name: str = "",
    is_commercial_use_allowed: bool = False,
    alt_text: str = "",
) -> Asset:
    """Take a picture from outside: decoded within bounds, cleaned, encoded anew, kept.

    ``source_type`` is how it came to be, a term of IPTC's digital source types; it and
    the rights are written into the file.

    Raises:
        UploadTooLargeError: more than MAX_UPLOAD_BYTES.
        ImageError: no picture that we take; the message says what it is.
        StorageError: it could not be kept; nothing was written.
    """
    data = file.read(settings.MAX_UPLOAD_BYTES + 1)
    if len(data) > settings.MAX_UPLOAD_BYTES:
        raise UploadTooLargeError(
            f"The file is larger than {settings.MAX_UPLOAD_BYTES // 2**20} MB. "
            "Make it smaller, or ask an admin to raise MAX_UPLOAD_MB."
        )
    picture = images.clean_upload(data, max_pixels=settings.MAX_IMAGE_PIXELS)
    packet = xmp.build_packet(
        xmp.Provenance(source_type=source_type, rights=license_name)
    )
    return keep_asset(
        brand=brand,
        brand_kit=brand_kit,
        kind=Asset.Kind.UPLOADED,
        data=xmp.embed_xmp(picture.data, packet),
        mime=picture.mime,
        title=title,
        created_by=uploaded_by,
        at=at,
        digital_source_type=source_type,
        license_name=license_name,
        is_commercial_use_allowed=is_commercial_use_allowed,
        alt_text=alt_text,
    )


@transaction.atomic
def describe_asset(
    *, asset: Asset, title: str, alt_text: str, by: User, at: datetime
) -> None:
    """Change the title and the words for those who can't see the picture.

    Raises:
        FrozenAssetError: it is approved, rejected or archived.
    """
    _change(asset, title=title.strip()[:120], alt_text=alt_text.strip()[:500])
    data = {"title": asset.title, "alt_text": asset.alt_text}
    record(by, "asset.described", asset, at=at, data=data)


@transaction.atomic
def set_focal_point(
    *, asset: Asset, focal_x: float, focal_y: float, by: User, at: datetime
) -> None:
    """Say what must stay in the picture when a layout crops it: 0 to 1 from top left.

    Raises:
        FrozenAssetError: it is approved, rejected or archived.
        ValueError: a number outside 0 to 1.
    """
    if not (0 <= focal_x <= 1 and 0 <= focal_y <= 1):
        raise ValueError(
            f"The focal point ({focal_x}, {focal_y}) lies outside the picture. "
            "Give numbers from 0 to 1."
        )
    source = Asset.FocalSource.SET
    _change(asset, focal_x=focal_x, focal_y=focal_y, focal_source=source)
    data = {"focal_x": focal_x, "focal_y": focal_y}
    record(by, "asset.focal_point_set", asset, at=at, data=data)


def _change(asset: Asset, **fields: object) -> None:
    """Change fields in one UPDATE that holds only while the asset is editable.

    Raises:
        FrozenAssetError: it is not.
    """
    changed = Asset.objects.filter(id=asset.id, state__in=Asset.EDITABLE).update(
        **fields
    )
    asset.refresh_from_db()
    if not changed:
        raise FrozenAssetError(
            f"“{asset.title}” is {asset.get_state_display().lower()} and can’t be "
            "changed. Make a new version instead."
        )


@transaction.atomic
def archive_assets(*, assets: Sequence[Asset], by: User, at: datetime) -> None:
    """Put assets away: out of the library, of new creatives and of new exports.

    Raises:
        FrozenAssetError: one is in review or archived already; nothing was changed.
    """
    for asset in assets:
        if not asset.put_away():
            raise FrozenAssetError(
                f"“{asset.title}” is {asset.get_state_display().lower()} and can’t be "
                "archived. Withdraw it from review first; nothing was changed."
            )
    for asset in assets:
        data = {"from": asset.archived_from}
        record(by, "asset.archived", asset, at=at, data=data)


@transaction.atomic
def restore_assets(*, assets: Sequence[Asset], by: User, at: datetime) -> None:
    """Bring assets back from the archive to the state that they had.

    Raises:
        FrozenAssetError: one is not archived; nothing was changed.
    """
    for asset in assets:
        if not asset.bring_back():
            raise FrozenAssetError(
                f"“{asset.title}” is {asset.get_state_display().lower()}, "
                "not archived. Nothing was changed."
            )
    for asset in assets:
        record(by, "asset.restored", asset, at=at, data={"to": asset.state})
