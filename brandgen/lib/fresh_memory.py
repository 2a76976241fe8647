"""Let memory that is handed out hold the same each time, for libraries that peek.

x264 plans its bitrate with memory that it has not written; what was there before, by
chance, changes some of its decisions. glibc can fill what it hands out (mallopt(3),
M_PERTURB); elsewhere nothing is done.
"""

import ctypes
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_M_PERTURB = -6
_FILL = 0xA5
_lock = threading.Lock()
_users = 0


@contextmanager
def fresh_memory() -> Iterator[None]:
    """Fill memory that is handed out until the end of the block, in any thread."""
    _count(1)
    try:
        yield
    finally:
        _count(-1)


def _count(change: int) -> None:
    global _users
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return
    with _lock:
        _users += change
        mallopt(_M_PERTURB, _FILL if _users else 0)
