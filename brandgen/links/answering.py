"""Answer a signed address: who asks, for what, and the file that they get."""

import logging
import uuid
from datetime import datetime

from django.db import transaction

from brandgen.audit.models import record
from brandgen.compositor import Document, Rendered, TemplateDocumentError
from brandgen.creatives.marking import Content, content_key
from brandgen.exports.gates import find_public_holds
from brandgen.lib.secrets_box import SecretsError
from brandgen.lib.storage import StorageError, get_store
from brandgen.library.models import Asset
from brandgen.links import drawing
from brandgen.links.asking import Asked, read_query
from brandgen.links.models import AddressPicture, SignedAddress
from brandgen.links.refusals import (
    BusyError,
    EndedError,
    UnfitError,
    WrongSignatureError,
)
from brandgen.links.signing import Pairs, is_signed
from brandgen.links.visitors import admit

log = logging.getLogger(__name__)

NOWHERE = uuid.UUID(int=0)
"""Where visits are counted that no address is told of."""
MOST_WRONG = 30
"""Questions a minute with a wrong signature; right ones don't count among them."""

ENDED = {
    SignedAddress.State.REVOKED: "This address was revoked.",
    SignedAddress.State.EXPIRED: "This address has expired.",
    SignedAddress.State.USED_UP: (
        "This address has answered with as many different pictures as it may."
    ),
}


def answer(
    *, address_id: uuid.UUID, pairs: Pairs, visitor: str, at: datetime
) -> AddressPicture:
    """Return the picture that a signed query asks for, rendered if it is a new one.

    Nothing is said of an address, not even whether there is one, before the signature
    is found right.

    Raises:
        WrongSignatureError: no such address, or not signed with its key.
        EndedError: revoked, expired, used up, or its own picture was withdrawn.
        TooManyVisitsError: the visitor has asked too often, rightly or wrongly signed.
        UnfitError: the values do not fit the template.
        BusyError: it can't be drawn now.
    """
    try:
        address = _find_signed(address_id, pairs)
    except WrongSignatureError:
        admit(place=NOWHERE, visitor=visitor, most=MOST_WRONG, at=at)
        raise
    state = address.find_state(at)
    if state in {SignedAddress.State.REVOKED, SignedAddress.State.EXPIRED}:
        raise EndedError(ENDED[state], code=state)
    admit(place=address.id, visitor=visitor, most=address.most_visits, at=at)
    document = _load(address)
    fixed = _find_fixed_images(address)
    asked = read_query(
        pairs,
        document,
        format_name=address.format,
        locale=address.locale,
        fixed=fixed,
    )
    images = fixed | drawing.find_images(
        address.brand, asked, document, place=address.name
    )
    picture = _find_or_draw(address, document, asked, images, at=at)
    address.note_use(at)
    return picture


def _find_signed(address_id: uuid.UUID, pairs: Pairs) -> SignedAddress:
    rows = SignedAddress.objects.select_related(
        "brand", "template_version__template__brand"
    )
    address = rows.filter(id=address_id).first()
    if address is None:
        raise WrongSignatureError
    try:
        key = address.read_key()
    except SecretsError as error:
        log.error("The key of the address %s can't be read: %s", address_id, error)
        raise WrongSignatureError from error
    if not is_signed(key, address.path, pairs):
        raise WrongSignatureError
    return address


def _load(address: SignedAddress) -> Document:
    try:
        return address.template_version.load()
    except TemplateDocumentError as error:
        raise UnfitError(
            "The template can't be read any more. Ask who gave you the address.",
            code="unfit",
        ) from error


def _find_fixed_images(address: SignedAddress) -> dict[str, Asset]:
    """Return the pictures that stand in the address for good.

    Raises:
        EndedError: one of them may not be shown any more.
    """
    rows = address.images.select_related("asset__brand")
    images = {row.slot: row.asset for row in rows}
    holds = find_public_holds(
        list(images.values()), brand=address.brand, place=address.name
    )
    if holds:
        raise EndedError(
            "A picture in this address may not be shown any more.", code="withdrawn"
        )
    return images


def _find_or_draw(
    address: SignedAddress,
    document: Document,
    asked: Asked,
    images: dict[str, Asset],
    *,
    at: datetime,
) -> AddressPicture:
    version, file_type = address.template_version, address.file_type
    kit = drawing.get_kit(version)
    content = Content(asked.format, asked.locale, asked.texts, asked.data, images)
    key = content_key(
        content,
        title=drawing.title_of(version, document, asked.format),
        version_id=version.pk,
        kit_id=kit.pk,
        file_type=file_type,
    )
    if found := address.find_picture(key):
        return found
    if address.find_state(at) == SignedAddress.State.USED_UP:
        raise _used_up()
    if document.collections and not address.has_answered(asked.key):
        drawing.require_collections(address.brand, asked, document)
    rendered = drawing.draw(
        version, document, kit, content, file_type=file_type, key=key
    )
    return _keep(address, key, asked.key, rendered, at=at)


def _keep(
    address: SignedAddress,
    key: str,
    asked_key: str,
    rendered: Rendered,
    *,
    at: datetime,
) -> AddressPicture:
    """Keep a picture; that it was the last one goes into the trail."""
    try:
        sha256 = get_store().keep(rendered.data)
    except StorageError as error:
        raise BusyError("The picture can't be kept now. Try again later.") from error
    with transaction.atomic():
        picture, is_new = address.keep_picture(
            content_key=key,
            asked_key=asked_key,
            sha256=sha256,
            mime=rendered.mime,
            size_bytes=len(rendered.data),
            at=at,
        )
        if is_new and address.picture_count == address.most_pictures:
            data = {"pictures": address.picture_count}
            record(None, "address.used_up", address, at=at, data=data)
    if picture is None:
        raise _used_up()
    return picture


def _used_up() -> EndedError:
    state = SignedAddress.State.USED_UP
    return EndedError(ENDED[state], code=state)
