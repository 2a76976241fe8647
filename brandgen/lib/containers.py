"""Read and change the metadata of pictures, PDFs and videos, never what they show."""

import io
import struct
import zlib
from collections.abc import Iterator
from typing import Literal

from PIL import Image, UnidentifiedImageError
from pypdf import PdfReader, PdfWriter
from pypdf.errors import PyPdfError
from pypdf.generic import NameObject, StreamObject

from brandgen.lib.container_error import MAX_XMP_BYTES, ContainerError
from brandgen.lib.mp4 import find_mp4_xmp, is_mp4, put_mp4_xmp

Kind = Literal["png", "jpeg", "webp", "avif", "pdf", "mp4"]

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
XMP_KEYWORD = b"XML:com.adobe.xmp"
XMP_HEADER = b"http://ns.adobe.com/xap/1.0/\0"


def kind_of(data: bytes) -> Kind:
    """Tell the format from the first bytes.

    Raises:
        ContainerError: it is none of the six.
    """
    if data.startswith(PNG_SIGNATURE):
        return "png"
    if data.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp"
    if data[4:12] in (b"ftypavif", b"ftypavis"):
        return "avif"
    if data.startswith(b"%PDF"):
        return "pdf"
    if is_mp4(data):
        return "mp4"
    raise ContainerError(
        "This is not a PNG, JPEG, WebP, AVIF, PDF or MP4 file. Use one of these."
    )


def put_xmp(data: bytes, packet: bytes) -> bytes:
    """Return the file with this XMP packet in place of any that it had.

    Raises:
        ContainerError: the file is broken or an AVIF, which is encoded with its packet,
            or the packet is too long for a JPEG.
    """
    if len(packet) > MAX_XMP_BYTES:
        raise ContainerError(
            f"The XMP packet has {len(packet)} bytes; {MAX_XMP_BYTES} fit. Shorten it."
        )
    writers = {
        "png": _png_with,
        "jpeg": _jpeg_with,
        "webp": _webp_with,
        "pdf": _pdf_with,
        "mp4": put_mp4_xmp,
    }
    kind = kind_of(data)
    if kind not in writers:
        raise ContainerError(f"An {kind.upper()} file is encoded with its XMP packet.")
    return writers[kind](data, packet)


def find_xmp(data: bytes) -> bytes | None:
    """Return the file's XMP packet; None if it has none.

    Raises:
        ContainerError: the file is broken.
    """
    finders = {
        "png": _png_find,
        "jpeg": _jpeg_find,
        "webp": _webp_find,
        "avif": _avif_find,
        "pdf": _pdf_find,
        "mp4": find_mp4_xmp,
    }
    return finders[kind_of(data)](data)


def png_chunk(kind: bytes, body: bytes) -> bytes:
    """Write one PNG chunk with its length and checksum."""
    checksum = zlib.crc32(body, zlib.crc32(kind))
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", checksum)


def png_xmp_chunk(packet: bytes) -> bytes:
    """Write an XMP packet as an uncompressed iTXt chunk (XMP part 3, 1.1.5)."""
    return png_chunk(b"iTXt", XMP_KEYWORD + b"\0\0\0\0\0" + packet)


def _png_chunks(data: bytes) -> Iterator[tuple[bytes, bytes, bytes]]:
    """Give each chunk as (kind, body, the whole chunk)."""
    place = len(PNG_SIGNATURE)
    while place < len(data):
        if place + 12 > len(data):
            raise ContainerError("The PNG file ends within a chunk.")
        (length,) = struct.unpack_from(">I", data, place)
        end = place + 12 + length
        if end > len(data):
            raise ContainerError("The PNG file ends within a chunk.")
        kind = data[place + 4 : place + 8]
        yield kind, data[place + 8 : end - 4], data[place:end]
        if kind == b"IEND":
            return
        place = end
    raise ContainerError("The PNG file has no end.")


def _is_png_xmp(kind: bytes, body: bytes) -> bool:
    return kind == b"iTXt" and body.startswith(XMP_KEYWORD + b"\0")


def _png_with(data: bytes, packet: bytes) -> bytes:
    parts = [PNG_SIGNATURE]
    for kind, body, whole in _png_chunks(data):
        if not _is_png_xmp(kind, body):
            parts.append(whole)
        if kind == b"IHDR":
            parts.append(png_xmp_chunk(packet))
    return b"".join(parts)


def _png_find(data: bytes) -> bytes | None:
    for kind, body, _ in _png_chunks(data):
        if not _is_png_xmp(kind, body):
            continue
        rest = body[len(XMP_KEYWORD) + 1 :]
        fields = rest[2:].split(b"\0", 2)
        if len(rest) < 2 or len(fields) != 3:
            raise ContainerError("The PNG file's XMP chunk is broken.")
        return _inflate(fields[2]) if rest[0] else fields[2]
    return None


def _inflate(body: bytes) -> bytes:
    reader = zlib.decompressobj()
    try:
        found = reader.decompress(body, MAX_XMP_BYTES + 1)
    except zlib.error as error:
        raise ContainerError(f"The PNG file's XMP chunk is broken: {error}.") from error
    if len(found) > MAX_XMP_BYTES:
        raise ContainerError(f"The XMP packet has more than {MAX_XMP_BYTES} bytes.")
    return found


def _jpeg_segments(data: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Give each segment before the scan as (marker, body, the whole segment)."""
    place = 2
    while True:
        if place + 4 > len(data) or data[place] != 0xFF:
            raise ContainerError("The JPEG file has no picture, or ends too soon.")
        marker = data[place + 1]
        if marker == 0xFF:
            place += 1
            continue
        (length,) = struct.unpack_from(">H", data, place + 2)
        end = place + 2 + length
        if marker == 0xDA:
            yield marker, b"", data[place:]
            return
        if length < 2 or end > len(data):
            raise ContainerError("The JPEG file ends within a segment.")
        yield marker, data[place + 4 : end], data[place:end]
        place = end


def jpeg_segment(marker: int, body: bytes) -> bytes:
    """Write one JPEG segment."""
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def _jpeg_with(data: bytes, packet: bytes) -> bytes:
    parts = [b"\xff\xd8"]
    is_placed = False
    for marker, body, whole in _jpeg_segments(data):
        if not is_placed and marker not in (0xE0, 0xE1):
            # After JFIF and Exif, which readers expect first.
            parts.append(jpeg_segment(0xE1, XMP_HEADER + packet))
            is_placed = True
        if not (marker == 0xE1 and body.startswith(XMP_HEADER)):
            parts.append(whole)
    return b"".join(parts)


def _jpeg_find(data: bytes) -> bytes | None:
    for marker, body, _ in _jpeg_segments(data):
        if marker == 0xE1 and body.startswith(XMP_HEADER):
            return body[len(XMP_HEADER) :]
    return None


def _webp_chunks(data: bytes) -> list[tuple[bytes, bytes]]:
    found: list[tuple[bytes, bytes]] = []
    if len(data) < 12:
        raise ContainerError("The WebP file is cut off.")
    place, end = 12, min(len(data), 8 + struct.unpack_from("<I", data, 4)[0])
    while place < end:
        if place + 8 > end:
            raise ContainerError("The WebP file ends within a chunk.")
        kind, length = struct.unpack_from("<4sI", data, place)
        if place + 8 + length > end:
            raise ContainerError("The WebP file ends within a chunk.")
        found.append((kind, data[place + 8 : place + 8 + length]))
        place += 8 + length + length % 2
    return found


def _webp_with(data: bytes, packet: bytes) -> bytes:
    chunks = [(kind, body) for kind, body in _webp_chunks(data) if kind != b"XMP "]
    if not chunks:
        raise ContainerError("The WebP file is empty.")
    if chunks[0][0] != b"VP8X":
        chunks.insert(0, (b"VP8X", _webp_header(*chunks[0])))
    kind, body = chunks[0]
    chunks[0] = kind, bytes([body[0] | 0x04]) + body[1:]
    chunks.append((b"XMP ", packet))
    parts = []
    for kind, body in chunks:
        padding = b"\0" * (len(body) % 2)
        parts.append(kind + struct.pack("<I", len(body)) + body + padding)
    inner = b"WEBP" + b"".join(parts)
    return b"RIFF" + struct.pack("<I", len(inner)) + inner


def _webp_header(kind: bytes, body: bytes) -> bytes:
    """Write the VP8X body for a simple WebP file (RFC 9649, 2.5 to 2.7)."""
    has_alpha = False
    if kind == b"VP8 " and len(body) >= 10:
        width, height = (size & 0x3FFF for size in struct.unpack_from("<HH", body, 6))
    elif kind == b"VP8L" and len(body) >= 5:
        (bits,) = struct.unpack_from("<I", body, 1)
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        has_alpha = bool(bits >> 28 & 1)
    else:
        raise ContainerError("The WebP file has no picture.")
    flags = 0x10 if has_alpha else 0
    sizes = struct.pack("<II", width - 1, height - 1)
    return bytes([flags, 0, 0, 0]) + sizes[:3] + sizes[4:7]


def _webp_find(data: bytes) -> bytes | None:
    return dict(_webp_chunks(data)).get(b"XMP ")


def _avif_find(data: bytes) -> bytes | None:
    try:
        with Image.open(io.BytesIO(data), formats=("AVIF",)) as image:
            packet: bytes | None = image.info.get("xmp")
            return packet
    except (OSError, SyntaxError, UnidentifiedImageError) as error:
        raise ContainerError(f"The AVIF file is broken: {error}.") from error


def put_gif_xmp(data: bytes, packet: bytes) -> bytes:
    """Return a GIF with an XMP packet (XMP specification, part 3, 1.1.2).

    Raises:
        ContainerError: it is no whole GIF.
    """
    if not data.startswith((b"GIF87a", b"GIF89a")) or not data.endswith(b";"):
        raise ContainerError("This is not a whole GIF file.")
    # Whoever reads the packet as blocks of data comes out at its end, wherever it ends.
    trailer = bytes([1, *range(255, -1, -1), 0])
    return data[:-1] + b"\x21\xff\x0bXMP DataXMP" + packet + trailer + b";"


def find_gif_xmp(data: bytes) -> bytes | None:
    """Return the XMP packet of a GIF; None if it has none."""
    start = data.find(b"\x21\xff\x0bXMP DataXMP")
    end = data.find(bytes([1, 255, 254]), start)
    return data[start + 14 : end] if 0 <= start < end else None


def put_pdf_xmp(writer: PdfWriter, packet: bytes) -> None:
    """Put an XMP packet into a PDF that is being written (ISO 32000-1, 14.3.2)."""
    metadata = StreamObject()
    metadata.update(
        {
            NameObject("/Type"): NameObject("/Metadata"),
            NameObject("/Subtype"): NameObject("/XML"),
        }
    )
    metadata.set_data(packet)
    reference = writer._add_object(metadata)
    writer.root_object[NameObject("/Metadata")] = reference


def _pdf_with(data: bytes, packet: bytes) -> bytes:
    try:
        writer = PdfWriter(clone_from=PdfReader(io.BytesIO(data)))
        put_pdf_xmp(writer, packet)
        file = io.BytesIO()
        writer.write(file)
    except (PyPdfError, ValueError, KeyError) as error:
        raise ContainerError(f"The PDF file is broken: {error}.") from error
    return file.getvalue()


def _pdf_find(data: bytes) -> bytes | None:
    try:
        metadata = PdfReader(io.BytesIO(data)).root_object.get("/Metadata")
        return None if metadata is None else metadata.get_object().get_data()
    except (PyPdfError, ValueError, KeyError, AttributeError) as error:
        raise ContainerError(f"The PDF file is broken: {error}.") from error
