"""Fetch a file that a person names by its address, as a stranger's."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.message import Message
from http import HTTPStatus
from pathlib import PurePosixPath
from types import MappingProxyType
from urllib.parse import unquote, urljoin, urlsplit

import urllib3
from urllib3 import exceptions

from brandgen.lib.addresses import AddressError, require_allowed_host

MOST_REDIRECTS = 5
CONNECT_S = 5.0
QUIET_S = 10.0
"""How long nothing may come."""
CHUNK_BYTES = 64 * 1024
PORTS = {"http": 80, "https": 443}


class FetchError(Exception):
    """The file can't be had. The message is fit to show."""


@dataclass(frozen=True)
class Fetched:
    """A file as it came."""

    data: bytes
    address: str
    """Where it was at last, after redirects."""
    name: str
    """What the host calls it; without a word from it, the end of the address."""


def fetch(
    address: str,
    *,
    most_bytes: int,
    most_s: float = 30.0,
    headers: Mapping[str, str] = MappingProxyType({}),
) -> Fetched:
    """Fetch a file from the web, from public hosts only (see `lib.addresses`).

    Each host on the way is judged and then called by the very number that was judged.
    Nothing is sent that tells who asks: no cookies, no credentials. `headers` go to the
    first host alone, and nowhere that it leads to.

    Raises:
        FetchError: it is not there, too large, too slow, or where nobody may look.
    """
    ends_at = time.monotonic() + most_s
    for _ in range(MOST_REDIRECTS + 1):
        found = _ask(address, most_bytes=most_bytes, ends_at=ends_at, headers=headers)
        if isinstance(found, Fetched):
            return found
        address, headers = urljoin(address, found), {}
    raise FetchError(
        f"{_host(address)} leads from one address to the next. Name the last one."
    )


def _ask(
    address: str, *, most_bytes: int, ends_at: float, headers: Mapping[str, str]
) -> Fetched | str:
    """Give the file at an address, or the address that it leads to."""
    host = _host(address)
    try:
        pool = _connect(address)
        with pool:
            answer = pool.request(
                "GET",
                urllib3.util.parse_url(address).request_uri,
                headers={
                    **headers,
                    "Host": urlsplit(address).netloc.rpartition("@")[2],
                },
                redirect=False,
                retries=False,
                preload_content=False,
                timeout=urllib3.Timeout(connect=CONNECT_S, read=QUIET_S),
            )
            if leads_to := answer.get_redirect_location():
                return leads_to
            if answer.status != HTTPStatus.OK:
                raise FetchError(_explain(host, answer.status))
            data = _join(answer, host, most_bytes=most_bytes, ends_at=ends_at)
            return Fetched(data, address, _name(answer, address))
    except AddressError as error:
        raise FetchError(str(error)) from error
    except exceptions.SSLError as error:
        raise FetchError(f"The certificate of {host} is not valid.") from error
    except (exceptions.HTTPError, OSError, ValueError) as error:
        # A refused connection is a time-out, too, by urllib3's account.
        is_late = isinstance(error, exceptions.TimeoutError)
        if is_late and not isinstance(error, exceptions.NewConnectionError):
            raise FetchError(f"{host} does not answer. Try again later.") from error
        raise FetchError(
            f"{host} can't be reached. Check the address, or try again later."
        ) from error


def _connect(address: str) -> urllib3.HTTPConnectionPool:
    ip = str(require_allowed_host(address)[0])
    parts = urlsplit(address)
    port = parts.port or PORTS[parts.scheme]
    if parts.scheme == "http":
        return urllib3.HTTPConnectionPool(ip, port)
    return urllib3.HTTPSConnectionPool(
        ip, port, server_hostname=parts.hostname, assert_hostname=parts.hostname
    )


def _host(address: str) -> str:
    try:
        return urlsplit(address).hostname or "The address"
    except ValueError:
        return "The address"


def _explain(host: str, status: int) -> str:
    if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        return f"{host} lets only some people see this. Share it with everybody."
    if status in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}:
        return f"{host} has nothing at this address. Copy it again."
    return f"{host} answers {status}. Try again later."


def _name(answer: urllib3.BaseHTTPResponse, address: str) -> str:
    head = Message()
    head["Content-Disposition"] = answer.headers.get("Content-Disposition", "")
    named = head.get_filename() or unquote(urlsplit(address).path)
    return PurePosixPath(named.replace("\\", "/")).name or _host(address)


def _join(
    answer: urllib3.BaseHTTPResponse, host: str, *, most_bytes: int, ends_at: float
) -> bytes:
    data = bytearray()
    for chunk in _chunks(answer):
        data += chunk
        if len(data) > most_bytes:
            raise FetchError(
                f"The file at {host} has more than {most_bytes // 2**20} MB. Leave out "
                "what is not needed."
            )
        if time.monotonic() > ends_at:
            raise FetchError(f"{host} is too slow. Try again later.")
    return bytes(data)


def _chunks(answer: urllib3.BaseHTTPResponse) -> Iterator[bytes]:
    """Give what came, however little: `stream` would wait for a whole chunk."""
    while chunk := answer.read1(CHUNK_BYTES, decode_content=True):
        yield chunk
