"""Unicode's own test files."""

import lzma
from collections.abc import Iterator
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "unicode"


def test_lines(name: str) -> Iterator[str]:
    """Give a test file's lines without comments."""
    with lzma.open(FOLDER / f"{name}.txt.xz", "rt", encoding="utf-8") as file:
        for line in file:
            if text := line.split("#")[0].strip():
                yield text


def parse_breaks(line: str) -> tuple[str, list[int]]:
    """Read a break test: the text, and the places marked with a division sign."""
    signs = line.split()
    text = "".join(chr(int(code, 16)) for code in signs[1::2])
    return text, [place for place, sign in enumerate(signs[::2]) if sign == "÷"]
