"""A drawing as a template: its document, and what it could not bring along."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import transaction

from brandgen.accounts.models import Brand, User
from brandgen.brands.models import BrandKit
from brandgen.compositor import BrandStyleError
from brandgen.compositor.loading import MAX_BYTES
from brandgen.compositor.svg.importing import Note, SvgError, import_svg, is_svg
from brandgen.creatives.locking import require_unlocked
from brandgen.creatives.models import ImportedDrawing, TemplateVersion
from brandgen.creatives.style import style_of
from brandgen.creatives.torture import TemplateError
from brandgen.lib.storage import StorageError

_GZIP = b"\x1f\x8b"


class MissingKitError(TemplateError):
    """A drawing takes its colors and fonts from a brand kit, and there is none."""


@dataclass(frozen=True)
class Source:
    """A document to keep, and the notes of the drawing that it was made of.

    The notes are None where it was made of none.
    """

    document: str | bytes
    notes: tuple[Note, ...] | None = None


def read_source(*, brand: Brand, source: str | bytes, name: str = "") -> Source:
    """Make a document of a drawing; what is none is a document already.

    What it is is told by its content. Takes seconds for a large drawing, so it is for
    nobody who holds a transaction.

    Raises:
        MissingKitError: it is a drawing, and the brand has no published kit.
        TemplateError: the drawing is refused, or can't become a template.
    """
    if isinstance(source, bytes) and source.startswith(_GZIP):
        raise TemplateError(
            "The file is compressed (SVGZ or another archive). Save the drawing as a "
            "plain SVG."
        )
    if not is_svg(source):
        return Source(source)
    kit = BrandKit.objects.find_current(brand)
    if kit is None:
        raise MissingKitError(
            "A drawing takes its colors and fonts from the brand kit, and "
            f"{brand.name} has published none."
        )
    data = source.encode() if isinstance(source, str) else source
    try:
        found = import_svg(data, brand=style_of(kit), name=name)
    except (BrandStyleError, StorageError, SvgError) as error:
        raise TemplateError(str(error)) from error
    document = json.dumps(found.data, ensure_ascii=False)
    size_bytes = len(document.encode())
    if size_bytes > MAX_BYTES:
        raise TemplateError(
            f"The drawing makes a document of {size_bytes:,} bytes; {MAX_BYTES:,} are "
            "allowed. Simplify it: join paths, use fewer points, and export it again."
        )
    return Source(document, found.notes)


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
