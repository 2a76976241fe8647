"""Sign the query of an address, and tell a true signature from a false one.

What is signed is the address's path, a question mark, and the canonical query: each
name and value percent-encoded (RFC 3986: all but letters, digits, ``-``, ``.``, ``_``
and ``~``), the pairs sorted, joined by ``&``. The signature is HMAC-SHA256 of that text
under the address's key, in hex (docs/how-to/signed-addresses.md).
"""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from urllib.parse import quote

SIGNATURE = "_signature"
KEY_BYTES = 32

Pairs = Sequence[tuple[str, str]]


def new_key() -> str:
    """Make a key of 256 random bits, as text."""
    return secrets.token_urlsafe(KEY_BYTES)


def canonical_query(pairs: Pairs) -> str:
    """Write a query in the one way that is signed; the signature is left out."""
    encoded = [
        f"{quote(name, safe='')}={quote(value, safe='')}"
        for name, value in pairs
        if name != SIGNATURE
    ]
    return "&".join(sorted(encoded))


def sign(key: str, path: str, pairs: Pairs) -> str:
    """Return the signature of a path and a query, in hex."""
    text = f"{path}?{canonical_query(pairs)}"
    return hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest()


def signed_address(key: str, url: str, path: str, pairs: Pairs) -> str:
    """Return a whole address with its canonical query and its signature.

    Args:
        key: the address's.
        url: where it begins: "https://brandgen.example/signed/...".
        path: the part of it that is signed: "/signed/...".
        pairs: names and values.
    """
    query = canonical_query(pairs)
    return f"{url}?{query}{'&' if query else ''}{SIGNATURE}={sign(key, path, pairs)}"


def is_signed(key: str, path: str, pairs: Pairs) -> bool:
    """Say whether a query bears exactly one signature, and a true one.

    It takes as long for a wrong signature as for the right one.
    """
    given = [value for name, value in pairs if name == SIGNATURE]
    expected = sign(key, path, pairs)
    return len(given) == 1 and hmac.compare_digest(
        given[0].encode("utf-8", "surrogatepass"), expected.encode()
    )
