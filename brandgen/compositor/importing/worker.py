"""The process that reads a stranger's file: ``python -m … KIND OPTIONS < FILE``."""

import json
import sys

from brandgen.compositor.importing.errors import ImportedFileError
from brandgen.compositor.importing.figma import read_figma
from brandgen.compositor.importing.pdf import read_pdf
from brandgen.compositor.importing.psd import read_psd
from brandgen.compositor.importing.workers import ReadPage, bound_process, write_answer
from brandgen.compositor.svg.notes import Notes


def main() -> int:
    """Read a file from standard input, and write its SVG and notes."""
    bound_process()
    kind, *options = sys.argv[1:]
    data, notes = sys.stdin.buffer.read(), Notes()
    try:
        pages = _read(kind, data, options, notes)
    except ImportedFileError as error:
        answer = json.dumps({"problem": str(error)})
    else:
        answer = write_answer(pages, notes.all())
    sys.stdout.write(answer)
    return 0


def _read(kind: str, data: bytes, options: list[str], notes: Notes) -> list[ReadPage]:
    if kind == "pdf":
        return [ReadPage("", read_pdf(data, int(options[0]), notes))]
    if kind == "psd":
        return read_psd(data, notes)
    if kind == "figma":
        return read_figma(data, notes)
    raise ImportedFileError(f"Files of the kind {kind!r} can't be imported.")


if __name__ == "__main__":
    sys.exit(main())
