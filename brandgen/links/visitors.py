"""Know visitors apart for a while, without keeping who they are."""

import ipaddress
import uuid
from datetime import datetime, timedelta

from allauth.account.adapter import get_adapter
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from brandgen.links.models import Visits
from brandgen.links.models.visits import MINUTE, begin_of
from brandgen.links.refusals import TooManyVisitsError

# A household or a phone has a whole /64 of IPv6 (RFC 6177).
IPV6_PREFIX = 64


def visitor_of(request: HttpRequest) -> str:
    """Return a keyed hash of where a request comes from, past TRUSTED_PROXIES.

    Raises:
        PermissionDenied: the request does not say where it comes from.
    """
    address = ipaddress.ip_address(get_adapter().get_client_ip(request))
    where = str(address)
    if isinstance(address, ipaddress.IPv6Address):
        network = ipaddress.ip_network((address, IPV6_PREFIX), strict=False)
        where = str(address.ipv4_mapped or network)
    return salted_hmac("brandgen.links.visitors", where).hexdigest()


def admit(
    *,
    place: uuid.UUID,
    visitor: str,
    most: int | None,
    at: datetime,
    window: timedelta = MINUTE,
) -> None:
    """Count a visit of this minute, or of this hour.

    Args:
        place: what is visited: the id of an address.
        visitor: `visitor_of` the request.
        most: visits a window; None for no limit.
        at: now.
        window: a minute or an hour.

    Raises:
        TooManyVisitsError: the visitor has come too often.
    """
    if most is None:
        return
    is_in = Visits.objects.admit(
        place=place, visitor=visitor, most=most, at=at, window=window
    )
    if not is_in:
        left = begin_of(window, at) + window - at
        raise TooManyVisitsError(retry_after_s=1 + int(left.total_seconds()))
