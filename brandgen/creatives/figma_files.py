"""Fetch a file from Figma, with a token that a person lends for this once."""

import re
from urllib.parse import parse_qs, quote, urlsplit

from brandgen.compositor.importing.kinds import FIGMA
from brandgen.creatives.torture import TemplateError
from brandgen.lib.fetching import FetchError, fetch

API = "https://api.figma.com"
MOST_S = 60.0
_HOSTS = ("figma.com", "www.figma.com")
_PATH = re.compile(r"/(?:file|design|proto)/([A-Za-z0-9]{10,64})(?:/|\Z)")
_NODE = re.compile(r"[0-9]+[-:][0-9]+")


class FigmaError(TemplateError):
    """A file can't be had from Figma. The message is fit to show."""


def find_request(link: str) -> str:
    """Give what to ask Figma's API for, by a link that people copy from its pages.

    A link to a frame asks for that frame alone.

    Raises:
        FigmaError: it is no link to a file of Figma.
    """
    try:
        parts = urlsplit(link.strip())
        match = _PATH.match(parts.path) if parts.hostname in _HOSTS else None
    except ValueError:
        match = None
    if match is None:
        raise FigmaError(
            "This is no link to a file of Figma. In Figma choose Share, Copy link: it "
            "begins with https://www.figma.com/design/."
        )
    node = parse_qs(parts.query).get("node-id", [""])[0]
    wanted = f"{API}/v1/files/{match[1]}?geometry=paths"
    if _NODE.fullmatch(node):
        wanted += f"&ids={quote(node.replace('-', ':'))}"
    return wanted


def fetch_figma(*, link: str, token: str) -> bytes:
    """Fetch a file from Figma; the token goes to Figma alone, and is kept nowhere.

    Takes up to a minute, so it is for nobody who holds a transaction.

    Raises:
        FigmaError: it is no link to a file, or Figma does not give it.
    """
    try:
        found = fetch(
            find_request(link),
            most_bytes=FIGMA.most_bytes,
            most_s=MOST_S,
            headers={"X-Figma-Token": token},
        )
    except FetchError as error:
        raise FigmaError(
            f"{error} Is the token one that may read files, and may its owner open "
            "this one?"
        ) from error
    return found.data
