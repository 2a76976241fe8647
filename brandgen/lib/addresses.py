"""Which hosts a person may make this server talk to."""

import ipaddress
import socket
from urllib.parse import urlsplit

from django.conf import settings

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# Where clouds hand out their machines' own credentials; never a destination.
# https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html
METADATA_HOSTS = {
    ipaddress.ip_address("169.254.169.254"),
    ipaddress.ip_address("fd00:ec2::254"),
    ipaddress.ip_address("100.100.100.200"),
}
NAT64 = ipaddress.ip_network("64:ff9b::/96")
# Reserved for protocols (RFC 6890), though Python calls parts of it global.
PROTOCOLS = ipaddress.ip_network("192.0.0.0/24")


class AddressError(Exception):
    """A host may not be contacted, or has no address. The message is fit to show."""

    def __init__(self, message: str, *, is_permanent: bool) -> None:
        super().__init__(message)
        self.is_permanent = is_permanent


def require_allowed_host(url: str) -> list[Address]:
    """Refuse a URL whose host is inside, unless EXPORT_PRIVATE_HOSTS names it.

    Every address of the name is judged, and returned: whoever connects to one of them
    can't be led elsewhere by a name that changes. Link-local and metadata addresses are
    refused whatever the setting says.

    Raises:
        AddressError: not http or https, no such host, or an address that is not public.
    """
    parts = urlsplit(url)
    host = parts.hostname
    if parts.scheme not in {"http", "https"} or not host:
        raise AddressError(
            f"{url[:100]!r} is no address. Write https://HOST.", is_permanent=True
        )
    allowed = settings.EXPORT_PRIVATE_HOSTS
    is_inside_allowed = "*" in allowed or host in allowed
    addresses = resolve(host)
    for address in addresses:
        if is_never_allowed(address):
            raise AddressError(
                f"{host} is {address}, which is no place for files.", is_permanent=True
            )
        if not is_public(address) and not is_inside_allowed:
            raise AddressError(
                f"{host} is {address}, an address inside this network. Ask an admin to "
                f"add {host} to EXPORT_PRIVATE_HOSTS.",
                is_permanent=True,
            )
    return addresses


def resolve(host: str) -> list[Address]:
    """Return all addresses of a host, with IPv4 unpacked from its IPv6 disguises.

    Raises:
        AddressError: the name has no address.
    """
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise AddressError(
            f"{host} has no address: check its spelling and the network.",
            is_permanent=False,
        ) from error
    return [unwrap(ipaddress.ip_address(str(entry[4][0]))) for entry in found]


def unwrap(address: Address) -> Address:
    """Return the IPv4 address inside a mapped, 6to4 or NAT64 one, else the same."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


def is_public(address: Address) -> bool:
    """Say whether an address belongs to the internet at large."""
    return address.is_global and not address.is_multicast and address not in PROTOCOLS


def is_never_allowed(address: Address) -> bool:
    """Say whether an address is no host at all, or one that hands out credentials."""
    return (
        address in METADATA_HOSTS
        or address.is_link_local
        or address.is_multicast
        or address.is_unspecified
    )
