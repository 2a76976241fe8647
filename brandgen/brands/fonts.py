"""Font files from strangers: what they are, and whether they may be embedded."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

LARGEST_FONT_BYTES = 20 * 2**20
STARTS = {
    b"\x00\x01\x00\x00": "ttf",
    b"true": "ttf",
    b"OTTO": "otf",
    b"wOF2": "woff2",
}
# First bytes of what people send instead, to name it in the answer.
STRANGERS = {
    b"wOFF": "a WOFF 1 font",
    b"ttcf": "a collection of fonts (TTC)",
    b"%!PS": "a PostScript font",
    b"\x80\x01": "a PostScript font",
    b"PK\x03\x04": "a ZIP file",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"<": "a text file (SVG, XML or HTML)",
    b"%PDF": "a PDF",
}
MIME_TYPES = {"ttf": "font/ttf", "otf": "font/otf", "woff2": "font/woff2"}


class FontError(Exception):
    """The file is no font that can be used. The message is fit to show."""


@dataclass(frozen=True)
class FontFacts:
    """What a font says about itself."""

    file_format: str
    family: str
    weight: int
    """100 to 900."""
    is_italic: bool
    is_variable: bool
    fs_type: int
    """Embedding rights, bits of OS/2 fsType.

    Source: https://learn.microsoft.com/typography/opentype/spec/os2#fstype
    """
    glyph_count: int
    license_text: str
    license_url: str

    @property
    def embedding(self) -> str:
        """What the font's maker allows: installable, editable, preview, restricted."""
        if self.fs_type & 0x0008:
            return "editable"
        if self.fs_type & 0x0004:
            return "preview"
        return "restricted" if self.fs_type & 0x0002 else "installable"


def check_font(data: bytes, *, timeout_s: int = 30) -> FontFacts:
    """Read a font from end to end in a process with bounds on memory and time.

    Raises:
        FontError: no TTF, OTF or WOFF2; too large; damaged; without characters.
    """
    _refuse_strangers(data)
    script = Path(__file__).with_name("font_probe.py")
    # No input reaches the command line: the font travels on standard input.
    command = [sys.executable, "-I", str(script), str(timeout_s)]
    try:
        done = subprocess.run(  # noqa: S603
            command, input=data, capture_output=True, timeout=timeout_s, check=False
        )
        answer = json.loads(done.stdout)
    except (subprocess.TimeoutExpired, ValueError):
        raise FontError(
            "The font could not be read: its reader was stopped for using too much "
            "memory or time. Ask its maker for a plain TTF, OTF or WOFF2."
        ) from None
    if "error" in answer:
        raise FontError(f"The font was not taken. {answer['error']}")
    facts = FontFacts(**answer)
    if not facts.family.strip():
        raise FontError("The font was not taken. It does not say what it is called.")
    return facts


def _refuse_strangers(data: bytes) -> None:
    """Refuse what is no font by its first bytes, and name it."""
    if not data:
        raise FontError("The file is empty. Choose a TTF, OTF or WOFF2 font.")
    if len(data) > LARGEST_FONT_BYTES:
        raise FontError(
            f"The font has more than {LARGEST_FONT_BYTES // 2**20} MB. Choose a file "
            "with fewer glyphs."
        )
    if data[:4] in STARTS:
        return
    start = data[:16].lstrip()
    names = (name for magic, name in STRANGERS.items() if start.startswith(magic))
    name = next(names, "no font that can be read here")
    raise FontError(
        f"The file is {name}, whatever its name says. Choose a TTF, OTF or WOFF2 font."
    )
