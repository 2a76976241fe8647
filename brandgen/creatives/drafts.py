"""Work on a template: where it begins, and drafts that nobody overwrites unseen."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from brandgen.accounts.models import Brand, User
from brandgen.audit.models import record
from brandgen.compositor import Document, TemplateDocumentError
from brandgen.compositor.svg.notes import Note
from brandgen.creatives.drawings import keep_notes
from brandgen.creatives.layer_locks import find_unlocked, require_locks
from brandgen.creatives.locking import may_lock, require_unlocked
from brandgen.creatives.models import Template, TemplateVersion
from brandgen.creatives.services import (
    TemplateError,
    import_template,
    read_document,
)

SESSION = timedelta(minutes=15)
"""Saves of one person that follow each other faster are one entry of the audit."""


class StaleTemplateError(TemplateError):
    """Somebody else changed the template meanwhile; ``newest`` is what there is."""

    def __init__(self, newest: TemplateVersion | None) -> None:
        self.newest = newest
        who = newest.published_by or newest.saved_by if newest else None
        what = "published" if newest and newest.published_at else "changed"
        name = who.name if who else "Somebody"
        super().__init__(
            f"{name} {what} this template while you worked on it. Nothing of yours was "
            "saved over it; look at both and choose."
        )


@transaction.atomic
def save_template_version(
    *,
    template: Template,
    source: str | bytes,
    by: User,
    at: datetime,
    base: str | None = None,
    notes: Sequence[Note] | None = None,
) -> TemplateVersion:
    """Change the draft of a template; start one after the last published version.

    `base` is the mark of the version that was changed; without one any will do. `notes`
    are those of the drawing that the document was made of; None if of none.

    Raises:
        PermissionDenied: the person may not change this brand's templates.
        TemplateLockedError: this one is locked for them.
        TemplateError: the document is wrong.
        StaleTemplateError: it was changed or published since `base`.
        LayerLockedError: it changes what a layer's lock keeps.
    """
    require_unlocked(template, by)
    document, data = read_document(source)
    newest = template.find_newest()
    if base is not None and (newest.mark if newest else "") != base:
        raise StaleTemplateError(newest)
    unlocked = _mind_locks(template, newest, document, by)
    try:
        with transaction.atomic():
            draft = _change(template, newest, data, by=by, at=at)
            if unlocked:
                facts = {"version": draft.version, "locks": unlocked}
                record(by, "template.layers_unlocked", template, at=at, data=facts)
            if notes is not None:
                keep_notes(draft, notes, by=by, at=at)
            return draft
    except IntegrityError as error:  # two began a draft at once
        raise StaleTemplateError(template.find_newest()) from error


def _mind_locks(
    template: Template, newest: TemplateVersion | None, document: Document, by: User
) -> dict[str, list[str]]:
    """Return the locks that a document takes away, by layer.

    A stored document that is not understood any more holds no locks: what repairs it
    must get in.

    Raises:
        LayerLockedError: it changes what a layer's lock keeps.
    """
    try:
        before = newest.load() if newest else None
    except TemplateDocumentError:
        before = None
    if before is None:
        return {}
    require_locks(before, document, may_unlock=may_lock(template, by))
    return find_unlocked(before, document)


def _change(
    template: Template,
    newest: TemplateVersion | None,
    data: dict[str, object],
    *,
    by: User,
    at: datetime,
) -> TemplateVersion:
    if newest is None or newest.published_at is not None:
        number = newest.version + 1 if newest else 1
        draft = template.versions.create(
            version=number, document=data, revision=1, saved_by=by, saved_at=at
        )
        is_told = False
    else:
        draft, before, told_at = newest, newest.saved_by_id, newest.saved_at
        is_told = before == by.pk and told_at is not None and at - told_at < SESSION
        if not draft.change(data, by=by, at=at):
            raise StaleTemplateError(template.find_newest())
    if not is_told:
        record(by, "template.saved", template, at=at, data={"version": draft.version})
    return draft


def start_template(
    *,
    brand: Brand,
    name: str,
    formats: Sequence[str],
    by: User,
    at: datetime,
    copy_of: Template | None = None,
) -> TemplateVersion:
    """Begin a template: blank in some formats of the library, or as a copy.

    Raises:
        PermissionDenied: the person may not change this brand's templates.
        TemplateError: the name is taken, no format is chosen, or the copied document
            is not understood any more.
    """
    newest = copy_of.find_newest() if copy_of else None
    document = {**newest.document, "name": name} if newest else blank(name, formats)
    return import_template(
        brand=brand, source=json.dumps(document), name=name, by=by, at=at
    )


def blank(name: str, formats: Sequence[str]) -> dict[str, Any]:
    """Give a document with nothing but a headline on the brand's ground."""
    headline = {
        "type": "text",
        "id": "headline",
        "slot": "headline",
        "font": "headline",
        "color": "text",
        "largest": "9%",
        "smallest": "4%",
        "balance": True,
        "valign": "center",
        "box": {
            "x": {"anchor": "scale", "start": 0.08, "size": 0.84},
            "y": {"anchor": "scale", "start": 0.3, "size": 0.4},
        },
        "overrides": {
            "classes": {"leaderboard": {"largest": "40%", "smallest": "20%"}}
        },
    }
    return {
        "schema": 2,
        "name": name,
        "formats": {one: {"use": one} for one in formats},
        "tokens": {
            "colors": {"ground": "background", "text": "ink", "signal": "accent"},
            "fonts": {"headline": {"weight": 800}, "copy": {"weight": 500}},
        },
        "slots": {
            "headline": {
                "type": "text",
                "label": "Headline",
                "required": True,
                "max_chars": 60,
                "example": "A headline in one line or two",
            }
        },
        "background": "ground",
        "layers": [headline],
    }
