"""A batch as a ZIP, written while it is sent: one file in memory at a time."""

import hashlib
import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass, fields
from datetime import datetime
from uuid import UUID

from django.utils.text import slugify

from brandgen.creatives.models import Creative
from brandgen.lib.spreadsheets import write_csv
from brandgen.lib.storage import StorageError, get_store
from brandgen.library.marked_copies import MarkError, make_marked_copy
from brandgen.library.models import Asset

AT_A_TIME = 200
MANIFEST = "manifest.csv"


@dataclass(frozen=True)
class ManifestRow:
    """One creative, as the table in the archive tells of it."""

    file: str
    problem: str
    state: str
    is_marked: bool
    format: str
    locale: str
    row: int
    label: str
    checks: str
    width_px: int
    height_px: int
    size_bytes: int
    sha256: str
    asset_id: str
    approved_at: str
    alt_text: str
    license: str
    is_commercial_use_allowed: bool
    digital_source_type: str


class _Pipe(io.RawIOBase):
    """Takes what is written, and gives it away."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: "bytes | bytearray | memoryview") -> int:  # type: ignore[override]
        self._parts.append(bytes(data))
        return len(data)

    def take(self) -> bytes:
        """Return what has come, and forget it."""
        data = b"".join(self._parts)
        self._parts.clear()
        return data


def stream_zip(creative_ids: Sequence[UUID], *, at: datetime) -> Iterator[bytes]:
    """Yield an archive of creatives and a table of them, piece by piece.

    What is not approved is a marked copy, in a folder that says so. A file that can't
    be read is missing, and the table says why.
    """
    pipe = _Pipe()
    lines: list[ManifestRow] = []
    moment = at.timetuple()[:6]
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_STORED) as archive:
        for creative in _fetch(creative_ids):
            asset = creative.asset
            if asset is None:
                continue
            name, data, problem = file_name(creative, asset), b"", ""
            try:
                data = get_store().read(asset.sha256)
                if not asset.is_approved:
                    data = make_marked_copy(asset, data)
            except (MarkError, StorageError) as error:
                name, problem = "", str(error)
            else:
                archive.writestr(zipfile.ZipInfo(name, moment), data)
            lines.append(_tell(creative, asset, name, data, problem))
            yield pipe.take()
        names = [field.name for field in fields(ManifestRow)]
        table = write_csv([names, *(astuple(line) for line in lines)])
        archive.writestr(zipfile.ZipInfo(MANIFEST, moment), table)
    yield pipe.take()


def _fetch(creative_ids: Sequence[UUID]) -> Iterator[Creative]:
    for start in range(0, len(creative_ids), AT_A_TIME):
        some = Creative.objects.filter(
            id__in=creative_ids[start : start + AT_A_TIME]
        ).select_related("asset", "row", "batch")
        yield from some.order_by("position", "id")


def file_name(creative: Creative, asset: Asset) -> str:
    """Return where a file lies in the archive: a name that every system takes."""
    words = [
        f"{creative.row.number:05d}",
        slugify(creative.row.label or creative.batch.name)[:50].strip("-"),
        slugify(creative.locale),
        slugify(creative.format),
        f"{asset.width_px}x{asset.height_px}",
    ]
    name = "_".join(word for word in words if word)
    folder, mark = ("approved", "")
    if not asset.is_approved:
        folder, mark = ("not-approved", "_NOT-APPROVED")
    return f"{folder}/{name}{mark}.{asset.file_extension}"


def _tell(
    creative: Creative, asset: Asset, name: str, data: bytes, problem: str
) -> ManifestRow:
    """Return the line of a creative: size and hash are of the file in the archive."""
    return ManifestRow(
        file=name,
        problem=problem,
        state=asset.get_state_display(),
        is_marked=not asset.is_approved,
        format=creative.format,
        locale=creative.locale,
        row=creative.row.number,
        label=creative.row.label,
        checks=creative.problems.strip("|").replace("|", " ") or creative.verdict,
        width_px=asset.width_px,
        height_px=asset.height_px,
        size_bytes=len(data),
        sha256=hashlib.sha256(data).hexdigest() if name else "",
        asset_id=str(asset.id),
        approved_at=asset.approved_at.isoformat() if asset.approved_at else "",
        alt_text=asset.alt_text,
        license=asset.license_name,
        is_commercial_use_allowed=asset.is_commercial_use_allowed,
        digital_source_type=asset.digital_source_type,
    )
