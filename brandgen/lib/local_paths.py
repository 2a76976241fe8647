"""Read a path of this site that a browser sends back."""

from django.utils.http import url_has_allowed_host_and_scheme

LONGEST = 6000


def read_local_path(text: str) -> str:
    """Return a path that leads to no other site; empty for everything else.

    A path, never a name to be looked up: redirect() would fail on an unknown one.
    """
    is_ours = url_has_allowed_host_and_scheme(text, allowed_hosts=None)
    is_path = text.startswith("/") and len(text) <= LONGEST
    return text if is_ours and is_path else ""
