"""The files that close an export: what arrived, as a table, as JSON, as checksums.

All is told from rows that no longer change, so a worker killed between two of these
files writes the same bytes again.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime

from brandgen.lib.spreadsheets import write_csv

MARKER = "_COMPLETE.json"


@dataclass(frozen=True)
class ManifestRow:
    """One delivered file."""

    filename: str
    path: str
    sha256: str
    size_bytes: int
    mime: str
    width_px: int
    height_px: int
    title: str
    alt_text: str
    kind: str
    digital_source_type: str
    license: str
    is_commercial_use_allowed: bool
    approved_at: str
    brand_kit: str
    asset_id: str
    location: str
    was_there_already: bool


@dataclass(frozen=True)
class HeldRow:
    """One file that stayed here."""

    asset_id: str
    title: str
    reason: str


@dataclass(frozen=True)
class ManifestFile:
    """One file to write, at a name in the export's own folder."""

    name: str
    data: bytes
    mime: str

    @property
    def sha256(self) -> str:
        """Its hash."""
        return hashlib.sha256(self.data).hexdigest()


def build_manifest(
    *,
    export_id: str,
    brand: str,
    destination: str,
    requested_by: str,
    completed_at: datetime,
    rows: Sequence[ManifestRow],
    held: Sequence[HeldRow],
) -> list[ManifestFile]:
    """Return the files in the order in which they must be written, the marker last.

    Importers wait for the marker: what it closes is whole.
    """
    about = {
        "schema": 1,
        "export": export_id,
        "brand": brand,
        "destination": destination,
        "requested_by": requested_by,
        "completed_at": completed_at.isoformat(),
    }
    table = ManifestFile("manifest.csv", write_table(rows), "text/csv")
    listing = ManifestFile(
        "manifest.json",
        _write_json(
            about
            | {
                "files": [asdict(row) for row in rows],
                "held_back": [asdict(row) for row in held],
            }
        ),
        "application/json",
    )
    sums = ManifestFile(
        "sha256sums.txt", write_checksums(rows, [table, listing]), "text/plain"
    )
    closing = {
        "files": len(rows),
        "held_back": len(held),
        "sha256sums_sha256": sums.sha256,
    }
    marker = ManifestFile(MARKER, _write_json(about | closing), "application/json")
    return [table, listing, sums, marker]


def write_table(rows: Sequence[ManifestRow]) -> bytes:
    """Return the table as CSV, with the columns' names on top."""
    names = [field.name for field in fields(ManifestRow)]
    return write_csv([names, *(list(asdict(row).values()) for row in rows)])


def write_checksums(
    rows: Sequence[ManifestRow], others: Sequence[ManifestFile]
) -> bytes:
    """Return lines for ``sha256sum -c``, run in the folder of this file."""
    lines = [f"{row.sha256}  ../{row.filename}" for row in rows]
    lines += [f"{file.sha256}  {file.name}" for file in others]
    return ("\n".join(lines) + "\n").encode()


def _write_json(data: dict[str, object]) -> bytes:
    return (json.dumps(data, indent=2, ensure_ascii=False) + "\n").encode()
