"""The rows of a batch as one file: an animation, or the pages of a PDF."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import QuerySet

from brandgen.compositor import FileSizeError, ImageSourceError, RenderOptionError
from brandgen.compositor.animation import Animation, join_pdfs, write_animation
from brandgen.compositor.pictures import decode
from brandgen.creatives import marking
from brandgen.creatives.models import Batch, Creative
from brandgen.creatives.printing import render_print, room
from brandgen.lib.containers import put_gif_xmp, put_xmp
from brandgen.lib.storage import get_store
from brandgen.library.marked_copies import NOT_FOR_USE, MarkError, make_marked_copy
from brandgen.library.models import Asset
from brandgen.provenance import build_packet, read_xmp
from brandgen.provenance.xmp import XmpError, parse_packet

MOST = 30
KINDS = {
    "gif": "Animated GIF",
    "webp": "Animated WebP",
    "pdf": "PDF, a page for each",
}
MIMES = {"gif": "image/gif", "webp": "image/webp", "pdf": "application/pdf"}


class JoinError(Exception):
    """Creatives can't be one file so; `field` says why, if any. Fit to show."""

    def __init__(self, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True)
class Joined:
    """One file of several creatives, and whether it says that it is not approved."""

    data: bytes
    mime: str
    is_marked: bool


def find_pages(batch: Batch, *, format_name: str, locale: str) -> QuerySet[Creative]:
    """Return what is rendered in a format and a language, in the order of the rows."""
    rendered = batch.creatives.filter(
        state=Creative.State.RENDERED, format=format_name, locale=locale
    )
    return rendered.select_related("asset", "row").order_by("row__number")


def join_creatives(
    batch: Batch,
    *,
    format_name: str,
    locale: str,
    kind: str,
    seconds: float,
    loops: int,
) -> Joined:
    """Put the rows of a batch into one file, in their order.

    Where one of them is not approved, it says so on that one, and in the file.

    Args:
        batch: with its brand kit at hand.
        format_name: of which all are.
        locale: of which all are; empty where there are no languages.
        kind: one of `KINDS`.
        seconds: how long each is seen, of an animation.
        loops: how often it is shown again; 0 is forever.

    Raises:
        JoinError: too few or too many, no pictures, or it can't be written.
        PrintError: a page can't be drawn.
        StorageError: a file can't be read.
    """
    pages = list(find_pages(batch, format_name=format_name, locale=locale))
    if not 2 <= len(pages) <= MOST:
        raise JoinError(
            f"There {'is' if len(pages) == 1 else 'are'} {len(pages)} rendered in this "
            f"format and language; one file takes 2 to {MOST}. Leave some out, or "
            "choose another format.",
            field="format",
        )
    for page in pages:
        page.batch = batch
    try:
        if kind == "pdf":
            packet, files = _read_all(pages, batch, kind)
            data = put_xmp(join_pdfs(files), packet)
        else:
            data = _animate(pages, batch, kind, seconds, loops)
    except RenderOptionError as error:
        raise JoinError(str(error), field=error.option) from error
    except (FileSizeError, ImageSourceError, MarkError, XmpError) as error:
        raise JoinError(str(error)) from error
    return Joined(data, MIMES[kind], any(not _asset(one).is_approved for one in pages))


def _animate(
    pages: Sequence[Creative], batch: Batch, kind: Any, seconds: float, loops: int
) -> bytes:
    animation = Animation(kind, seconds=(seconds,), loops=loops)
    if any(_asset(page).is_video for page in pages):
        raise JoinError(
            "The files of this batch are videos already, each for itself. Render the "
            "batch as JPEG or PNG to join its pictures.",
            field="kind",
        )
    if any(_asset(page).is_document for page in pages):
        raise JoinError(
            "The files of this batch are PDFs, and an animation is made of pictures. "
            "Choose PDF, or render the batch as JPEG or PNG.",
            field="kind",
        )
    with room():
        facts = {"seconds": seconds, "loops": loops}
        packet, files = _read_all(pages, batch, kind, **facts)
        frames = [decode(file, name="page").pixels for file in files]
        data = write_animation(frames, animation).data
    return put_gif_xmp(data, packet) if kind == "gif" else put_xmp(data, packet)


def _asset(page: Creative) -> Asset:
    assert page.asset is not None  # noqa: S101 - it is rendered
    return page.asset


def _read_all(
    pages: Sequence[Creative], batch: Batch, kind: str, **facts: Any
) -> tuple[bytes, list[bytes]]:
    """Return the mark of the whole, and the file of each page."""
    assets = [_asset(page) for page in pages]
    originals = [get_store().read(asset.sha256) for asset in assets]
    facts |= {"kind": kind, "of": [[a.sha256, a.is_approved] for a in assets]}
    packet = marking.build_mark(
        title=batch.name,
        alt_text="; ".join(dict.fromkeys(a.alt_text for a in assets))[:500],
        key=hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest(),
        kit=batch.brand_kit,
        parents=assets,
        marks=[read_xmp(data) for data in originals],
    )
    if not all(asset.is_approved for asset in assets):
        said = replace(parse_packet(packet), usage_terms=NOT_FOR_USE)
        packet = build_packet(said)
    return packet, [
        _file_of(page, data, is_pdf=kind == "pdf")
        for page, data in zip(pages, originals, strict=True)
    ]


def _file_of(page: Creative, data: bytes, *, is_pdf: bool) -> bytes:
    """Return the file of a page, marked where it is not approved; a PDF is drawn."""
    asset = _asset(page)
    if is_pdf and not asset.is_document:
        return render_print(page, color="", has_marks=False).data
    return data if asset.is_approved else make_marked_copy(asset, data)
