"""Text with emphasis: `*words*` in copy, never HTML."""

import re
from collections.abc import Collection
from dataclasses import dataclass

_MARKUP = re.compile(
    r"\\(?P<escaped>[*\\])|\*(?=\S)(?P<strong>(?:\\[*\\]|[^*\n])+?)(?<=\S)\*"
)
_ESCAPE = re.compile(r"\\([*\\])")


@dataclass(frozen=True, slots=True)
class MarkedText:
    """A text, and for each character 1 where it is emphasized, else 0."""

    text: str
    strong: bytes

    @classmethod
    def plain(cls, text: str) -> "MarkedText":
        """Take a text as it is, stars and all."""
        return cls(text, bytes(len(text)))

    @classmethod
    def parse(cls, text: str) -> "MarkedText":
        r"""Read `*emphasis*` within a line; `\*` is a star, and so is a lone one."""
        parts: list[tuple[str, int]] = []
        done = 0
        for match in _MARKUP.finditer(text):
            parts.append((text[done : match.start()], 0))
            strong = match["strong"]
            if strong is None:
                parts.append((match["escaped"], 0))
            else:
                parts.append((_ESCAPE.sub(r"\1", strong), 1))
            done = match.end()
        parts.append((text[done:], 0))
        return cls(
            "".join(part for part, _ in parts),
            b"".join(bytes([flag]) * len(part) for part, flag in parts),
        )

    def part(self, start: int, end: int) -> "MarkedText":
        """Give the characters from start to end."""
        return MarkedText(self.text[start:end], self.strong[start:end])

    def strip(self) -> "MarkedText":
        """Drop spaces at both ends."""
        start = len(self.text) - len(self.text.lstrip())
        return self.part(start, max(start, len(self.text.rstrip())))

    def without(self, lost: Collection[str]) -> "MarkedText":
        """Drop some characters, wherever they stand."""
        pairs = [
            (character, flag)
            for character, flag in zip(self.text, self.strong, strict=True)
            if character not in lost
        ]
        return MarkedText("".join(c for c, _ in pairs), bytes(f for _, f in pairs))

    def ending_in(self, text: str) -> "MarkedText":
        """Add a text, emphasized if what stands before it is."""
        flag = self.strong[-1:] or b"\0"
        return MarkedText(self.text + text, self.strong + flag * len(text))
