"""The page that one left to make a picture, and goes back to once it is on its way."""

from django.contrib.sessions.backends.base import SessionBase

from brandgen.generation.models import Generation
from brandgen.lib.local_paths import read_local_path

KEY = "way_back"
MOST = 20
"""Sheets that one session remembers the way back from."""


def keep_way_back(session: SessionBase, generation: Generation, path: str) -> None:
    """Remember which page a sheet was asked for from; other sites are passed over."""
    if path := read_local_path(path):
        known = _read(session)
        known[str(generation.id)] = path
        session[KEY] = dict(list(known.items())[-MOST:])


def find_way_back(session: SessionBase, generation: Generation) -> str:
    """Return the path of the page that a sheet was asked for from; empty for none."""
    return read_local_path(_read(session).get(str(generation.id), ""))


def _read(session: SessionBase) -> dict[str, str]:
    kept = session.get(KEY)
    return dict(kept) if isinstance(kept, dict) else {}
