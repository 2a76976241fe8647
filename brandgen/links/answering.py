"""Answer a signed address: who asks, for what, and the file that they get."""

import logging
import uuid
from dataclasses import dataclass
from datetime import datetime

from django.core.cache import cache
from django.db import transaction

from brandgen.audit.models import record
from brandgen.compositor import Document, Rendered, TemplateDocumentError
from brandgen.compositor.watermark import NOT_APPROVED
from brandgen.creatives.marking import Content
from brandgen.exports.gates import find_public_holds
from brandgen.lib.secrets_box import SecretsError
from brandgen.lib.storage import StorageError, get_store
from brandgen.library.models import Asset
from brandgen.links import drawing
from brandgen.links.asking import Asked, read_query
from brandgen.links.models import AddressPicture, SignedAddress
from brandgen.links.orders import Order
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


TESTS_LIVE_S = 3600


@dataclass(frozen=True)
class TestPicture:
    """A marked file that is neither counted nor kept."""

    __test__ = False

    data: bytes
    mime: str


def answer(
    *, address_id: uuid.UUID, pairs: Pairs, visitor: str, at: datetime
) -> AddressPicture | TestPicture:
    """Return the picture that a signed query asks for, rendered if it is a new one.

    A test is answered with a marked picture that nobody counts.

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
    images = {
        **fixed,
        **drawing.find_images(address.brand, asked, document, place=address.name),
        **drawing.find_own_images(
            address.template_version, document, place=address.name
        ),
    }
    order = _order(address, document, asked, images)
    picture = (
        _try_out(order, asked) if asked.is_test else _find_or_draw(order, asked, at=at)
    )
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


def _order(
    address: SignedAddress,
    document: Document,
    asked: Asked,
    images: dict[str, Asset],
) -> Order:
    return Order(
        address,
        document,
        drawing.get_kit(address.template_version),
        Content(
            asked.format,
            asked.locale,
            asked.texts,
            drawing.require_data(asked, document),
            images,
        ),
        NOT_APPROVED if asked.is_test else None,
    )


def _try_out(order: Order, asked: Asked) -> TestPicture:
    """Draw a picture for who tries the address; nothing of it is counted or kept."""
    key = f"try-1:{order.address.id}:{order.key}"
    found: TestPicture | None = cache.get(key)
    if found is not None:
        return found
    _require_collections(order, asked)
    rendered = order.draw()
    picture = TestPicture(rendered.data, rendered.mime)
    cache.set(key, picture, TESTS_LIVE_S)
    return picture


def _find_or_draw(order: Order, asked: Asked, *, at: datetime) -> AddressPicture:
    address = order.address
    found: AddressPicture | None = address.find_picture(order.key)
    if found is not None:
        return found
    if address.find_state(at) == SignedAddress.State.USED_UP:
        raise _used_up()
    _require_collections(order, asked)
    return _keep(address, order.key, asked.key, order.draw(), at=at)


def _require_collections(order: Order, asked: Asked) -> None:
    if order.document.collections and not order.address.has_answered(asked.key):
        drawing.require_collections(order.address.brand, asked, order.document)


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
        picture: AddressPicture | None
        facts = {
            "asked_key": asked_key,
            "sha256": sha256,
            "mime": rendered.mime,
            "size_bytes": len(rendered.data),
        }
        picture, is_new = address.keep_picture(content_key=key, facts=facts, at=at)
        if is_new and address.picture_count == address.most_pictures:
            data = {"pictures": address.picture_count}
            record(None, "address.used_up", address, at=at, data=data)
    if picture is None:
        raise _used_up()
    return picture


def _used_up() -> EndedError:
    state = SignedAddress.State.USED_UP
    return EndedError(ENDED[state], code=state)
