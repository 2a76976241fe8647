"""File names at destinations: made of slugs, sizes and hashes, never of a path."""

import hashlib

from django.utils.text import slugify

from brandgen.library.models import Asset

RULES_VERSION = 1
"""Part of each content key: raise it when the same asset is to be delivered anew."""
DEFAULT_FOLDER = "images"


def folder_slug(text: str) -> str:
    """Return a folder's name for what a person typed; "images" if nothing is left."""
    return slugify(text)[:60].strip("-") or DEFAULT_FOLDER


def file_path(asset: Asset, *, folder: str) -> str:
    """Return where an asset goes: the same asset always to the same place.

    The size and the first digits of the hash follow the title, so that no name is one
    that Windows reserves and no two files share one.
    """
    title = slugify(asset.title)[:60].strip("-") or "picture"
    size = f"{asset.width_px}x{asset.height_px}"
    name = f"{title}_{size}_{asset.sha256[:12]}.{asset.file_extension}"
    return f"{folder_slug(folder)}/{name}"


def content_key(asset: Asset, *, path: str) -> str:
    """Return what tells one content at one place from every other, as a SHA-256."""
    text = f"{RULES_VERSION}\n{asset.sha256}\n{path}"
    return hashlib.sha256(text.encode()).hexdigest()
