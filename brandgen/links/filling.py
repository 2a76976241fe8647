"""What a visitor does with a public form: look at a picture, and take it."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction

from brandgen.audit.models import record
from brandgen.compositor import (
    BrandStyleError,
    Document,
    Finding,
    ImageSourceError,
    ModificationError,
    Rendered,
    TemplateDocumentError,
)
from brandgen.compositor.parts import complete_data, flat_data, preview_data
from brandgen.creatives.content import BatchError, check_data, refuse_banned_terms
from brandgen.creatives.looks import as_data_url, find_bad
from brandgen.creatives.marking import Content, content_key
from brandgen.creatives.rendering import render_preview
from brandgen.lib.storage import StorageError, get_store
from brandgen.links import drawing
from brandgen.links.models import FormPicture, PublicForm
from brandgen.links.models.visits import HOUR
from brandgen.links.refusals import (
    BusyError,
    EndedError,
    TooManyVisitsError,
    UnfitError,
)
from brandgen.links.visitors import admit

LOOKS_A_MINUTE = 90
"""Pages and previews for one IP address: somebody who types asks for one a second."""
TRIES_A_MINUTE = 12
"""Files to draw for one IP address, whether they succeed or not."""
PHRASES_AN_HOUR = 40
"""Pass phrases for one IP address, right ones too: a whole office may share it."""

State = PublicForm.State
ENDED = {
    State.REVOKED: "This form was closed.",
    State.EXPIRED: "This form has ended.",
    State.USED_UP: "This form has given as many pictures as it may.",
}


@dataclass(frozen=True)
class Look:
    """What a picture will look like, and what is wrong with it."""

    url: str
    findings: Sequence[Finding]


def find_form(token: str) -> PublicForm | None:
    """Return the form of an address; None if there is none."""
    rows = PublicForm.objects.select_related(
        "brand", "template_version__template__brand"
    )
    return rows.filter(token=token).first()


def require_open(form: PublicForm, *, at: datetime) -> None:
    """Refuse a form that gives nothing any more.

    Raises:
        EndedError: revoked, expired or used up.
    """
    state = form.find_state(at)
    if state in ENDED:
        raise EndedError(ENDED[state], code=state)


def admit_look(form: PublicForm, *, visitor: str, at: datetime) -> None:
    """Count a page or a preview.

    Raises:
        TooManyVisitsError: too many within a minute.
    """
    place = _place(form, "looks")
    admit(place=place, visitor=visitor, most=LOOKS_A_MINUTE, at=at)


def is_phrase(form: PublicForm, phrase: str, *, visitor: str, at: datetime) -> bool:
    """Say whether a pass phrase is right.

    Raises:
        TooManyVisitsError: too many were tried from here within an hour.
    """
    admit(
        place=_place(form, "phrases"),
        visitor=visitor,
        most=PHRASES_AN_HOUR,
        at=at,
        window=HOUR,
    )
    return form.is_phrase(phrase)


def _place(form: PublicForm, what: str) -> uuid.UUID:
    """Return where one kind of visits to a form is counted."""
    return uuid.uuid5(form.id, what)


def load(form: PublicForm) -> Document:
    """Read the form's template.

    Raises:
        UnfitError: this version of brandgen can't.
    """
    try:
        return form.template_version.load()
    except TemplateDocumentError as error:
        raise UnfitError(
            "The template can't be read any more. Ask who gave you the address.",
            code="unfit",
        ) from error


def look(form: PublicForm, document: Document, content: Content) -> Look:
    """Draw a small picture of what is filled in so far.

    Raises:
        UnfitError: a value does not fit; ``slot`` names it.
        BusyError: it can't be drawn now.
    """
    kit = drawing.get_kit(form.template_version)
    try:
        refuse_banned_terms(kit, document, {**content.texts, **flat_data(content.data)})
        with drawing.room():
            preview = render_preview(
                version=form.template_version,
                kit=kit,
                format_name=content.format,
                modifications=content.texts,
                images=content.images,
                locale=content.locale,
                data=preview_data(document.parts, content.data),
            )
    except (BatchError, ModificationError) as error:
        raise UnfitError(str(error), code="unfit", slot=error.slot) from error
    except (BrandStyleError, ImageSourceError) as error:
        raise drawing.cant_draw(form.template_version, error) from error
    except StorageError as error:
        raise BusyError("The picture can't be drawn now. Try again later.") from error
    findings = find_bad(
        preview, document, content.texts, content.images, data=content.data
    )
    return Look(as_data_url(preview), findings)


def take(
    form: PublicForm,
    document: Document,
    content: Content,
    *,
    file_type: str,
    visitor: str,
    at: datetime,
) -> FormPicture:
    """Return the file of what is filled in, drawn and counted if it is a new one.

    What the form has given before is given again and costs nothing.

    Raises:
        EndedError: revoked, expired or used up, maybe at this very moment.
        TooManyVisitsError: the visitor has tried too often, or taken too many.
        UnfitError: a value does not fit, or checks forbid the picture.
        BusyError: it can't be drawn or kept now.
    """
    admit(place=_place(form, "tries"), visitor=visitor, most=TRIES_A_MINUTE, at=at)
    content = _complete(document, content)
    version = form.template_version
    kit = drawing.get_kit(version)
    own = drawing.find_own_images(version, document, place=form.name)
    content = replace(content, images={**own, **content.images})
    key = content_key(
        content,
        title=drawing.title_of(version, document, content.format),
        version_id=version.pk,
        kit_id=kit.pk,
        file_type=file_type,
    )
    found: FormPicture | None = form.find_picture(key)
    if found is not None:
        return found
    require_open(form, at=at)
    rendered = drawing.draw(
        version, document, kit, content, file_type=file_type, key=key
    )
    return _keep(form, content, key, rendered, visitor=visitor, at=at)


def _complete(document: Document, content: Content) -> Content:
    """Give all data a value: an example is nobody's."""
    try:
        check_data(document, content.data)
    except BatchError as error:
        raise UnfitError(str(error), code="unfit", slot=error.slot) from error
    return replace(content, data=complete_data(document.parts, content.data))


def _keep(
    form: PublicForm,
    content: Content,
    key: str,
    rendered: Rendered,
    *,
    visitor: str,
    at: datetime,
) -> FormPicture:
    """Keep a picture and count it, for the form and for the visitor, or neither."""
    try:
        sha256 = get_store().keep(rendered.data)
    except StorageError as error:
        raise BusyError("The picture can't be kept now. Try again later.") from error
    facts = {
        "sha256": sha256,
        "mime": rendered.mime,
        "size_bytes": len(rendered.data),
        "format": content.format,
        "locale": content.locale,
        "texts": {
            slot: text
            for slot, text in {**content.texts, **flat_data(content.data)}.items()
            if slot in form.open_slots
        },
        "images": {slot: str(asset.id) for slot, asset in content.images.items()},
    }
    with transaction.atomic():
        picture: FormPicture | None
        picture, is_new = form.keep_picture(content_key=key, facts=facts, at=at)
        if is_new:
            _admit_picture(form, visitor=visitor, at=at)
            data = {
                "sha256": sha256,
                "format": content.format,
                "pictures": form.picture_count,
            }
            record(None, "form.filled", form, at=at, data=data)
    form.note_use(at)
    if picture is None:
        form.refresh_from_db()
        state = form.find_state(at)
        raise EndedError(ENDED.get(state, ENDED[State.USED_UP]), code=state)
    return picture


def _admit_picture(form: PublicForm, *, visitor: str, at: datetime) -> None:
    try:
        admit(
            place=_place(form, "pictures"),
            visitor=visitor,
            most=form.most_visits,
            at=at,
            window=HOUR,
        )
    except TooManyVisitsError as error:
        raise TooManyVisitsError(
            retry_after_s=error.retry_after_s,
            what=f"{form.most_visits} pictures an hour can be taken from here.",
        ) from error
