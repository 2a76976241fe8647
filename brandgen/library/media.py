"""Files of assets as answers: streamed, cached for ever, inert in the browser."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import BinaryIO

from django.core.handlers.asgi import ASGIRequest
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    StreamingHttpResponse,
)
from django.utils.cache import get_conditional_response
from django.utils.text import slugify

from brandgen.lib.storage import MissingBlobError, StorageError, get_store
from brandgen.library.models import Asset

CHUNK_BYTES = 256 * 1024
HEADERS = {
    # A file never changes under its address; only signed-in members may see it.
    "Cache-Control": "private, max-age=31536000, immutable",
    # Whatever a browser makes of the bytes, it runs nothing and loads nothing.
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def file_name(asset: Asset) -> str:
    """Return a name that every file system takes, told apart by the hash."""
    return f"{slugify(asset.title)[:60] or 'asset'}-{asset.sha256[:8]}"


def answer_file(
    request: HttpRequest,
    *,
    sha256: str,
    mime: str,
    name: str,
    size_bytes: int | None = None,
    is_download: bool = False,
) -> HttpResponseBase:
    """Answer with a stored file, or with 304 where the browser has it already."""
    etag = f'"{sha256}"'
    headers = HEADERS | {
        "ETag": etag,
        "Content-Disposition": (
            f'{"attachment" if is_download else "inline"}; filename="{name}"'
        ),
    }
    unchanged: HttpResponseBase | None = get_conditional_response(request, etag=etag)
    if unchanged is not None:
        return _with(unchanged, headers)
    try:
        file = get_store().open(sha256)
    except MissingBlobError:
        return HttpResponse(
            "The file is not in storage. Ask an admin to restore it from a backup.\n",
            status=404,
            content_type="text/plain",
        )
    except StorageError:
        return HttpResponse(
            "Storage does not answer now. Try again in a moment.\n",
            status=503,
            content_type="text/plain",
        )
    if size_bytes is not None:
        headers["Content-Length"] = str(size_bytes)
    is_async = isinstance(request, ASGIRequest)
    chunks = _chunks_async(file) if is_async else _chunks(file)
    return _with(StreamingHttpResponse(chunks, content_type=mime), headers)


def _with(response: HttpResponseBase, headers: dict[str, str]) -> HttpResponseBase:
    for name, value in headers.items():
        response[name] = value
    return response


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk


async def _chunks_async(file: BinaryIO) -> AsyncIterator[bytes]:
    try:
        while chunk := await asyncio.to_thread(file.read, CHUNK_BYTES):
            yield chunk
    finally:
        file.close()
