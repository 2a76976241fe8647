"""The process in which a stranger's font is read: little memory, little time.

Started by `fonts.check_font` as a script of its own. It reads the file on standard
input, opens every table, draws every glyph, and answers with one line of JSON.
"""

import contextlib
import io
import json
import logging
import sys
from typing import Any

from fontTools.pens.boundsPen import ControlBoundsPen
from fontTools.ttLib import TTFont

MEMORY_BYTES = 768 * 2**20
FORMATS = {None: "ttf", "woff2": "woff2"}


class RefusedError(Exception):
    """The font can't be taken. The message is fit to show."""


def main(*, max_cpu_s: int) -> None:
    """Answer one font."""
    logging.disable(logging.CRITICAL)
    _limit_process(max_cpu_s=max_cpu_s)
    try:
        answer = probe(sys.stdin.buffer.read())
    except RefusedError as error:
        answer = {"error": str(error)}
    except MemoryError:
        answer = {"error": "It needs more memory than a font may."}
    except RecursionError:
        answer = {"error": "A glyph is made of itself."}
    except Exception as error:  # fontTools raises almost anything on bad data
        reason = str(error) or type(error).__name__
        answer = {"error": f"It is damaged or cut off ({reason[:120]})."}
    sys.stdout.write(json.dumps(answer) + "\n")


def probe(data: bytes) -> dict[str, Any]:
    """Read a font from end to end and say what it is."""
    with TTFont(io.BytesIO(data), lazy=False, recalcTimestamp=False) as font:
        file_format = FORMATS.get(font.flavor, "")
        if not file_format:
            raise RefusedError(f"It is {font.flavor.upper()}. Save it as WOFF2.")
        if file_format == "ttf" and "glyf" not in font:
            file_format = "otf"
        for tag in ("cmap", "head", "hhea", "hmtx", "maxp", "name", "OS/2"):
            if tag not in font:
                raise RefusedError(f"It lacks the table {tag!r}, which a font needs.")
        if not {"glyf", "CFF ", "CFF2"} & set(font.keys()):
            raise RefusedError("It has no outlines, only bitmaps or colors.")
        for tag in font.keys():  # noqa: SIM118 - a TTFont is no dict
            font[tag]
        if not font.getBestCmap():
            raise RefusedError("It maps no characters to glyphs.")
        _draw_all(font)
        return _describe(font, file_format)


def _draw_all(font: TTFont) -> None:
    glyphs = font.getGlyphSet()
    for name in font.getGlyphOrder():
        pen = ControlBoundsPen(glyphs)
        glyphs[name].draw(pen)
        if pen.bounds and max(map(abs, pen.bounds)) > 10 * 16384:
            raise RefusedError(f"The glyph {name!r} is drawn far outside its box.")


def _describe(font: TTFont, file_format: str) -> dict[str, Any]:
    names, os2 = font["name"], font["OS/2"]
    return {
        "file_format": file_format,
        "family": names.getBestFamilyName() or "",
        "weight": int(os2.usWeightClass),
        "is_italic": bool(os2.fsSelection & 1 or font["head"].macStyle & 2),
        "is_variable": "fvar" in font,
        "fs_type": int(os2.fsType),
        "glyph_count": int(font["maxp"].numGlyphs),
        "license_text": names.getDebugName(13) or "",
        "license_url": names.getDebugName(14) or "",
    }


def _limit_process(*, max_cpu_s: int) -> None:
    """Have the system stop this process before it hurts anyone."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        resource.setrlimit(resource.RLIMIT_CPU, (max_cpu_s, max_cpu_s))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))


if __name__ == "__main__":
    main(max_cpu_s=int(sys.argv[1]))
