"""A drawing as a template: its document, and what it could not bring along."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import transaction

from brandgen.accounts.models import Brand, User
from brandgen.brands.models import BrandKit
from brandgen.compositor import BrandStyleError
from brandgen.compositor.importing.errors import ImportedFileError
from brandgen.compositor.importing.kinds import HEAD_BYTES, find_kind, import_file
from brandgen.compositor.loading import MAX_BYTES
from brandgen.compositor.svg.notes import Note, SvgError
from brandgen.creatives.locking import require_unlocked
from brandgen.creatives.models import ImportedDrawing, TemplateVersion
from brandgen.creatives.style import style_of
from brandgen.creatives.torture import TemplateError
from brandgen.lib.storage import StorageError


class MissingKitError(TemplateError):
    """A drawing takes its colors and fonts from a brand kit, and there is none."""


@dataclass(frozen=True)
class Source:
    """A document to keep, and the notes of the drawing that it was made of.

    The notes are None where it was made of none.
    """

    document: str | bytes
    notes: tuple[Note, ...] | None = None


def read_source(
    *, brand: Brand, source: str | bytes, name: str = "", page: int = 1
) -> Source:
    """Make a document of a drawing; what is none is a document already.

    What it is is told by its content. Takes seconds for a large drawing, so it is for
    nobody who holds a transaction.

    Raises:
        MissingKitError: it is a drawing, and the brand has no published kit.
        TemplateError: the drawing is refused, or can't become a template.
    """
    try:
        if find_kind(source[:HEAD_BYTES]) is None:
            return Source(source)
    except ImportedFileError as error:
        raise TemplateError(str(error)) from error
    kit = BrandKit.objects.find_current(brand)
    if kit is None:
        raise MissingKitError(
            "A drawing takes its colors and fonts from the brand kit, and "
            f"{brand.name} has published none."
        )
    data = source.encode() if isinstance(source, str) else source
    try:
        found = import_file(data, brand=style_of(kit), name=name, page=page)
    except (BrandStyleError, ImportedFileError, StorageError, SvgError) as error:
        raise TemplateError(str(error)) from error
    document = json.dumps(found.data, ensure_ascii=False)
    size_bytes = len(document.encode())
    if size_bytes > MAX_BYTES:
        raise TemplateError(
            f"The drawing makes a document of {size_bytes:,} bytes; {MAX_BYTES:,} are "
            "allowed. Simplify it: join paths, use fewer points, and export it again."
        )
    if not found.notes:
        return Source(document, ())
    taken = Note("Taken over", f"{found.taken}.", kind="taken")
    return Source(document, (taken, *found.notes))


def keep_notes(
    version: TemplateVersion, notes: Sequence[Note], *, by: User, at: datetime
) -> None:
    """Keep the notes of the drawing that a version is made of now, unread."""
    ImportedDrawing.objects.update_or_create(
        version=version,
        defaults={
            "notes": [asdict(note) for note in notes],
            "imported_by": by,
            "imported_at": at,
            "dismissed_by": None,
            "dismissed_at": None,
        },
    )


HEADINGS = {"changed": "Drawn otherwise", "left out": "Left out"}


@dataclass(frozen=True)
class Report:
    """Notes of a drawing as a page shows them: what was taken over, then by kind."""

    taken: list[dict[str, str]]
    kinds: list[tuple[str, list[dict[str, str]]]]

    @property
    def problems(self) -> list[dict[str, str]]:
        """All that was changed or left out."""
        return [note for _, notes in self.kinds for note in notes]


def find_report(version: TemplateVersion | None) -> Report | None:
    """Return what nobody has dismissed of a version's drawing; None if nothing."""
    notes = find_notes(version)
    if not notes:
        return None
    kinds = {
        heading: [n for n in notes if n.get("kind", "changed") == kind]
        for kind, heading in HEADINGS.items()
    }
    taken = [note for note in notes if note.get("kind") == "taken"]
    return Report(
        taken, [(heading, found) for heading, found in kinds.items() if found]
    )


def find_notes(version: TemplateVersion | None) -> list[dict[str, str]]:
    """Return what nobody has dismissed of the notes of a version's drawing."""
    rows = ImportedDrawing.objects.filter(version=version, dismissed_at=None)
    drawing = rows.first() if version else None
    return drawing.notes if drawing else []


@transaction.atomic
def dismiss_notes(*, version: TemplateVersion, by: User, at: datetime) -> bool:
    """Show the notes of a version's drawing no more; False if nobody saw any.

    Raises:
        PermissionDenied: the person may not change this brand's templates.
        TemplateLockedError: this one is locked for them.
    """
    require_unlocked(version.template, by)
    drawing = ImportedDrawing.objects.filter(version=version).first()
    return drawing is not None and drawing.dismiss(by=by, at=at)
