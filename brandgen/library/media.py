"""Files of assets as answers: streamed, cached for ever, inert in the browser."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Iterator
from http import HTTPStatus
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
from brandgen.library import marked_copies
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

_ONE_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})", re.ASCII)


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
    """Answer with a stored file, or with 304 where the browser has it already.

    Of a video with the part that a player asks for: without, Safari plays none, and
    nobody can skip.
    """

    def answer() -> HttpResponseBase:
        if mime.startswith("video/") and not is_download:
            return _answer_part(request, get_store().read(sha256), mime)
        file = get_store().open(sha256)
        is_async = isinstance(request, ASGIRequest)
        chunks = _chunks_async(file) if is_async else _chunks(file)
        response = StreamingHttpResponse(chunks, content_type=mime)
        if size_bytes is not None:
            response["Content-Length"] = str(size_bytes)
        return response

    headers = _headers(sha256, name, is_download=is_download)
    return _answer(request, answer, headers)


def _answer_part(request: HttpRequest, data: bytes, mime: str) -> HttpResponse:
    """Answer with one range of bytes (RFC 9110, 14), or with all of them."""
    whole = HttpResponse(data, content_type=mime, headers={"Accept-Ranges": "bytes"})
    asked = re.fullmatch(
        r"bytes=(\d{0,15})-(\d{0,15})", request.headers.get("Range", "")
    )
    if asked is None or not any(asked.groups()):
        return whole
    first, last = asked.groups()
    end = len(data)
    if first:
        start = int(first)
        end = min(end, int(last) + 1) if last else end
    else:  # the last so many bytes
        start = max(0, end - int(last))
    if start >= end:
        return HttpResponse(
            status=HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE,
            headers={"Content-Range": f"bytes */{len(data)}"},
        )
    return HttpResponse(
        data[start:end],
        content_type=mime,
        status=HTTPStatus.PARTIAL_CONTENT,
        headers={
            "Accept-Ranges": "bytes",
            "Content-Range": f"bytes {start}-{end - 1}/{len(data)}",
        },
    )


def answer_marked_copy(request: HttpRequest, asset: Asset) -> HttpResponseBase:
    """Answer with a copy that says that it is not approved, made just now."""

    def answer() -> HttpResponseBase:
        try:
            file = get_store().read(asset.sha256)
            data = marked_copies.make_marked_copy(asset, file)
        except marked_copies.MarkError as error:
            return HttpResponse(f"{error}\n", status=422, content_type="text/plain")
        return HttpResponse(data, content_type=asset.mime)

    name = f"{file_name(asset)}_NOT-APPROVED.{asset.file_extension}"
    headers = _headers(marked_copies.name_of(asset), name, is_download=True)
    return _answer(request, answer, headers)


def _headers(version: str, name: str, *, is_download: bool) -> dict[str, str]:
    headers = HEADERS | {
        "ETag": f'"{version}"',
        "Content-Disposition": (
            f'{"attachment" if is_download else "inline"}; filename="{name}"'
        ),
    }
    if is_download:
        # One address, two files: the approval decides, and it may come or go.
        headers["Cache-Control"] = "private, no-cache"
    return headers


def _answer(
    request: HttpRequest,
    answer: Callable[[], HttpResponseBase],
    headers: dict[str, str],
) -> HttpResponseBase:
    """Answer with 304 where the browser has it; say what is wrong with storage."""
    unchanged: HttpResponseBase | None = get_conditional_response(
        request, etag=headers["ETag"]
    )
    try:
        response = unchanged or answer()
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
    if response.status_code < HTTPStatus.BAD_REQUEST:
        for header, value in headers.items():
            response[header] = value
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
