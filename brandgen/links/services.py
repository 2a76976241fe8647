"""Hand out signed addresses, and take them back."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from brandgen.accounts.access import Action, require
from brandgen.accounts.models import User
from brandgen.audit.models import record
from brandgen.creatives.content import BatchError, check_formats, require_kit
from brandgen.creatives.models import Batch, TemplateVersion
from brandgen.lib.secrets_box import reseal, seal
from brandgen.library.models import Asset
from brandgen.links.models import AddressImage, SignedAddress
from brandgen.links.signing import new_key
from brandgen.links.terms import HandoutError, Terms, check_placed, check_terms


@dataclass(frozen=True)
class Drawn:
    """What an address draws where its query says nothing else."""

    format: str
    locale: str = ""
    file_type: str = Batch.FileType.JPEG


def create_address(
    *,
    version: TemplateVersion,
    name: str,
    drawn: Drawn,
    terms: Terms,
    images: Mapping[str, Asset],
    by: User,
    at: datetime,
    address_id: uuid.UUID | None = None,
) -> tuple[SignedAddress, str]:
    """Make a signed address of a published version; return it with its key.

    The key is not shown again. ``images`` stand in their slots for good.

    Raises:
        PermissionDenied: the person may not hand out addresses of this brand.
        HandoutError: a draft, an unknown format or locale, terms beyond what is
            allowed, or a picture that the public may not see.
    """
    brand = version.template.brand
    require(by, Action.MANAGE_LINKS, brand)
    check_terms(terms, at=at, noun="An address")
    _check_drawn(version, drawn)
    check_placed(version, images.items(), place=name)
    key = new_key()
    with transaction.atomic():
        address = SignedAddress.objects.create(
            id=address_id or uuid.uuid4(),
            brand=brand,
            template_version=version,
            name=name,
            format=drawn.format,
            locale=drawn.locale,
            file_type=drawn.file_type,
            encrypted_secrets=seal({"key": key}),
            expires_at=terms.expires_at,
            most_pictures=terms.most_pictures,
            most_visits=terms.most_visits,
            created_by=by,
            created_at=at,
        )
        AddressImage.objects.bulk_create(
            AddressImage(address=address, slot=slot, asset=asset)
            for slot, asset in images.items()
        )
        record(by, "address.created", address, at=at, data=_facts(address, images))
    return address, key


def _facts(address: SignedAddress, images: Mapping[str, Asset]) -> dict[str, object]:
    return {
        "template": str(address.template_version),
        "expires_at": address.expires_at.isoformat(),
        "most_pictures": address.most_pictures,
        "most_visits": address.most_visits,
        "images": {slot: asset.sha256 for slot, asset in images.items()},
    }


def _check_drawn(version: TemplateVersion, drawn: Drawn) -> None:
    try:
        require_kit(version)
        document = version.load()
        check_formats(document, [drawn.format])
    except BatchError as error:
        raise HandoutError(str(error), field="format") from error
    if drawn.locale and drawn.locale not in document.locales:
        raise HandoutError(
            f"The template has no locale {drawn.locale!r}.", field="locale"
        )


@transaction.atomic
def revoke_address(*, address: SignedAddress, by: User, at: datetime) -> bool:
    """Close an address for good; False if somebody did so before.

    Raises:
        PermissionDenied: the person may not hand out addresses of this brand.
    """
    require(by, Action.MANAGE_LINKS, address.brand)
    if not address.revoke(by=by, at=at):
        return False
    data = {"pictures": address.picture_count}
    record(by, "address.revoked", address, at=at, data=data)
    return True


@transaction.atomic
def reseal_addresses() -> int:
    """Encrypt the keys of all addresses under the first key; return how many.

    Raises:
        SecretsError: none of the keys opens one of them; nothing was changed.
    """
    rows = SignedAddress.objects.select_for_update()
    for row in rows:
        row.encrypted_secrets = reseal(row.encrypted_secrets)
        row.save(update_fields=["encrypted_secrets"])
    return len(rows)
