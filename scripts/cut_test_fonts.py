"""Cut the CJK and emoji fonts of the tests to the letters that the tests set.

``.venv/bin/python scripts/cut_test_fonts.py FOLDER`` reads ``NotoSansCJK-Regular.ttc``
and ``NotoColorEmoji.ttf`` somewhere below FOLDER, as Debian's ``fonts-noto-cjk`` and
``fonts-noto-color-emoji`` have them, and writes ``tests/compositor/fonts``.
"""

import sys
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.compositor.typesetting.samples import (  # noqa: E402 - not installed
    CJK,
    EMOJI,
    FURTHER,
    SAMPLES,
)

JAPANESE = 0
"""The first face of the collection; it has the forms of all regions by language."""


def main(folder: Path) -> None:
    """Write the fonts."""
    letters = "".join(sample.text for sample in SAMPLES.values() if sample.files == CJK)
    ideographs = find(folder, "NotoSansCJK-Regular.ttc")
    cut(TTFont(ideographs, fontNumber=JAPANESE), letters, CJK[0])
    emoji = find(folder, "NotoColorEmoji.ttf")
    cut(TTFont(emoji), EMOJI, FURTHER / "NotoColorEmoji-Samples.ttf")


def find(folder: Path, name: str) -> Path:
    """Find a file below a folder."""
    found = next(folder.rglob(name), None)
    if found is None:
        sys.exit(f"There is no {name} below {folder}. Unpack the font's package there.")
    return found


def cut(font: TTFont, letters: str, file: Path) -> None:
    """Keep some letters of a font, with all that its features make of them."""
    options = Options()
    options.layout_features = ["*"]
    options.name_IDs = [0, 1, 2, 4, 6, 13, 14]
    options.hinting = False
    options.desubroutinize = True
    subsetter = Subsetter(options)
    subsetter.populate(text=letters)
    subsetter.subset(font)
    font.save(file)
    sys.stdout.write(f"{file.relative_to(ROOT)}, {file.stat().st_size / 1000:.0f} kB\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
