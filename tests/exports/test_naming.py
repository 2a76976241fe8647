import re

import pytest

from brandgen.exports.destinations.protocol import require_safe_path
from brandgen.exports.naming import content_key, file_path, folder_slug
from brandgen.library.models import Asset

NAUGHTY = [
    "../../etc/passwd", "..", "CON", "nul.txt", "a/b\\c", "\0", "\u202egnp.exe",
    "x" * 300, "", "Ümläut & Co.", "日本語", "=cmd|' /C calc'!A0",
    "a\r\nb", ".htaccess",
    "<script>", "  ", "-rf", "$(reboot)", "%2e%2e%2f",
]  # fmt: skip


def asset(title: str) -> Asset:
    return Asset(
        title=title, sha256="ab" * 32, width_px=4, height_px=3, mime="image/png"
    )


class TestFilePath:
    @pytest.mark.parametrize("text", NAUGHTY)
    def test_makes_a_safe_path_of_anything(self, text: str) -> None:
        path = file_path(asset(text), folder=text)

        require_safe_path(path)
        assert path.count("/") == 1
        assert re.fullmatch(r"[a-z0-9_-]+_4x3_abababababab\.png", path.split("/")[1])
        assert len(path.split("/")[1].encode()) <= 120


class TestFolderSlug:
    def test_falls_back_to_images(self) -> None:
        assert folder_slug("///") == "images"
        assert folder_slug("Spring 2027!") == "spring-2027"


class TestContentKey:
    def test_differs_by_content_and_by_place(self) -> None:
        one, other = asset("a"), asset("a")
        other.sha256 = "cd" * 32

        keys = {
            content_key(one, path="x"),
            content_key(one, path="y"),
            content_key(other, path="x"),
        }

        assert len(keys) == 3
