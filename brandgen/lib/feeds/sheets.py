"""Say where the table of an online spreadsheet is, from the address people copy."""

import re
from urllib.parse import parse_qs, urlencode, urlsplit

GOOGLE = "docs.google.com"
_SHARED = re.compile(r"/spreadsheets/d/(?!e/)(?P<id>[\w-]+)(?:/|$)")
_PUBLISHED = re.compile(r"/spreadsheets/d/e/(?P<id>[\w-]+)/pub")
SIGN_IN_HOSTS = {"accounts.google.com"}
"""Where one is led who may not see a sheet."""


def find_table(address: str) -> str:
    """Turn the address of a Google Sheet into that of its CSV; others stay.

    The sheet that the address names by its `gid` is meant, else the first one. Cells
    come as they are shown: "$ 49.00", not 49.

    Source: https://developers.google.com/sheets/api/guides/concepts (ids and gids);
    `export?format=csv` is what *File, Download* of the sheet itself asks for.
    """
    parts = urlsplit(address)
    if parts.scheme not in {"http", "https"} or parts.hostname != GOOGLE:
        return address
    named = parse_qs(parts.query) | parse_qs(parts.fragment)
    gid = {"gid": named["gid"][0]} if named.get("gid", [""])[0].isdigit() else {}
    if found := _PUBLISHED.match(parts.path):
        query = {"output": "csv"} | ({"single": "true"} | gid if gid else {})
        path = f"/spreadsheets/d/e/{found['id']}/pub"
    elif found := _SHARED.match(parts.path):
        query = {"format": "csv"} | gid
        path = f"/spreadsheets/d/{found['id']}/export"
    else:
        return address
    return f"https://{GOOGLE}{path}?{urlencode(query)}"


def asks_to_sign_in(address: str) -> bool:
    """Say whether one was led to a page to sign in instead of to the table."""
    return urlsplit(address).hostname in SIGN_IN_HOSTS
