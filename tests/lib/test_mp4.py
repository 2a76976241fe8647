"""XMP goes to the end of an MP4 and comes back, and what is broken is named."""

import struct

import pytest

from brandgen.lib.container_error import ContainerError
from brandgen.lib.mp4 import each_box, find_mp4_xmp, is_mp4, put_mp4_xmp


def box(kind: bytes, body: bytes = b"") -> bytes:
    return struct.pack(">I4s", 8 + len(body), kind) + body


FILE = box(b"ftyp", b"isom\0\0\0\0") + box(b"moov", b"index") + box(b"mdat", b"data")


class TestPutMp4Xmp:
    def test_leaves_all_else_where_it_was(self) -> None:
        marked = put_mp4_xmp(FILE, b"<x/>")

        assert marked.startswith(FILE)
        assert find_mp4_xmp(marked) == b"<x/>"

    def test_replaces_the_one_before(self) -> None:
        marked = put_mp4_xmp(put_mp4_xmp(FILE, b"<old/>"), b"<new/>")

        assert marked == put_mp4_xmp(FILE, b"<new/>")

    @pytest.mark.parametrize("data", [b"", b"\x89PNG", FILE[:-2], FILE + b"rest"])
    def test_refuses_what_is_no_whole_file(self, data: bytes) -> None:
        with pytest.raises(ContainerError):
            put_mp4_xmp(data, b"<x/>")

    def test_refuses_a_packet_that_is_too_long(self) -> None:
        with pytest.raises(ContainerError, match="Shorten"):
            put_mp4_xmp(FILE, b"x" * 70_000)


class TestEachBox:
    def test_takes_long_boxes_and_a_last_one_without_an_end(self) -> None:
        long = struct.pack(">I4sQ", 1, b"mdat", 20) + b"data"
        data = long + struct.pack(">I4s", 0, b"free") + b"rest"

        assert list(each_box(data)) == [(b"mdat", 0, 20), (b"free", 20, 32)]


class TestIsMp4:
    def test_tells_it_from_a_picture(self) -> None:
        assert is_mp4(FILE)
        assert not is_mp4(box(b"ftyp", b"avif\0\0\0\0"))
        assert find_mp4_xmp(FILE) is None
