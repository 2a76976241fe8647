"""Read and change the boxes of an MP4 file (ISO/IEC 14496-12), never its pictures."""

import struct
from collections.abc import Iterator

from brandgen.lib.container_error import MAX_XMP_BYTES, ContainerError

XMP_ID = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
"""The `uuid` box that holds XMP (XMP specification, part 3, 1.1.5)."""
POSTER_ID = bytes.fromhex("0e6ff8f2c3554c9eb3c2a7f5d2a1b0f4")
"""The `uuid` box that holds our still picture of a video, a JPEG."""


def is_mp4(data: bytes) -> bool:
    """Say whether a file is an MP4 by its first box, and no AVIF picture."""
    return data[4:8] == b"ftyp" and data[8:12] not in (b"avif", b"avis")


def each_box(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Walk the outermost boxes as (kind, start, end).

    Raises:
        ContainerError: a box ends beyond the file.
    """
    place = 0
    while place < len(data):
        if place + 8 > len(data):
            raise ContainerError("The MP4 file ends within a box.")
        size, kind = struct.unpack_from(">I4s", data, place)
        if size == 1 and place + 16 <= len(data):
            (size,) = struct.unpack_from(">Q", data, place + 8)
        elif size == 0:  # to the end of the file
            size = len(data) - place
        if size < 8 or place + size > len(data):
            raise ContainerError("The MP4 file ends within a box.")
        yield kind, place, place + size
        place += size


def put_mp4_xmp(data: bytes, packet: bytes) -> bytes:
    """Return an MP4 with this XMP packet in place of any that it had.

    It stands at the end: what players look up by its place stays where it was.

    Raises:
        ContainerError: the file is no MP4 or broken, or has a packet that can't be
            taken out without moving its pictures.
    """
    if not is_mp4(data):
        raise ContainerError("This is not an MP4 file.")
    if len(packet) > MAX_XMP_BYTES:
        raise ContainerError(
            f"The XMP packet has {len(packet)} bytes; {MAX_XMP_BYTES} fit. Shorten it."
        )
    boxes = list(each_box(data))
    old = [(start, end) for kind, start, end in boxes if _is_xmp(data, kind, start)]
    if old and old[-1][1] == len(data):
        data = data[: old.pop()[0]]
    if old:
        raise ContainerError("The MP4 file has an XMP packet before its pictures.")
    return data + _box(XMP_ID, packet)


def put_mp4_poster(data: bytes, picture: bytes) -> bytes:
    """Return an MP4 with a still picture at its end, which players pass over."""
    return data + _box(POSTER_ID, picture)


def find_mp4_poster(data: bytes) -> bytes | None:
    """Return the still picture of one of our videos; None if it has none.

    Raises:
        ContainerError: the file is broken.
    """
    return _find(data, POSTER_ID)


def find_mp4_xmp(data: bytes) -> bytes | None:
    """Return an MP4's XMP packet; None if it has none.

    Raises:
        ContainerError: the file is broken.
    """
    return _find(data, XMP_ID)


def _box(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", 24 + len(body), b"uuid") + name + body


def _find(data: bytes, name: bytes) -> bytes | None:
    for kind, start, end in each_box(data):
        if kind == b"uuid" and data[start + 8 : start + 24] == name:
            return data[start + 24 : end]
    return None


def _is_xmp(data: bytes, kind: bytes, start: int) -> bool:
    return kind == b"uuid" and data[start + 8 : start + 24] == XMP_ID
