"""Read CSV as programs write it: any common encoding, separator and quoting."""

import codecs
import csv
import io
from collections.abc import Iterator
from typing import BinaryIO

from brandgen.lib.feeds.table import FeedError, Limits, Table, gather

SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig", "UTF-8"),
    (codecs.BOM_UTF32_LE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF32_BE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
)
SAMPLE_CHARS = 64 * 1024
SAMPLE_LINES = 30
CHUNK_BYTES = 256 * 1024


def read_csv(file: BinaryIO, *, limits: Limits) -> Table:
    """Read CSV of unknown encoding and separator.

    Raises:
        FeedError: not text, quotes that are never closed, or outside the limits.
    """
    encoding, spoken = find_encoding(file)
    text = io.TextIOWrapper(file, encoding=encoding, newline="")
    try:
        sample = text.read(SAMPLE_CHARS)
        if "\0" in sample:
            raise FeedError(
                "The file is no text. Save the table as CSV (UTF-8), XLSX or JSON."
            )
        named = sample[4:5] if sample[:4].lower() == "sep=" else ""
        separator = named if named in SEPARATORS else find_separator(sample)
        text.seek(0)
        notes = [f"Read as {spoken}, separated by {SEPARATORS[separator]}."]
        lines = _read_lines(text, separator, skip_first=bool(named))
        return gather("CSV", lines, limits=limits, notes=notes)
    except UnicodeDecodeError as error:
        raise FeedError(
            f"The file is not {spoken}, which its first bytes promise. Save it anew "
            "as UTF-8."
        ) from error
    finally:
        text.detach()


def find_encoding(file: BinaryIO) -> tuple[str, str]:
    """Return a codec and its name for people: by its mark, else UTF-8 if it is that.

    What is no UTF-8 is taken for Windows-1252, which Excel writes in the west of
    Europe.
    """
    start = file.read(4)
    file.seek(0)
    for mark, codec, spoken in MARKS:
        if start.startswith(mark):
            return codec, spoken
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while chunk := file.read(CHUNK_BYTES):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "cp1252", "Windows-1252"
    finally:
        file.seek(0)
    return "utf-8", "UTF-8"


def find_separator(sample: str) -> str:
    """Return the separator that cuts the first lines most evenly into most cells."""

    def judge(separator: str) -> tuple[float, int]:
        reader = csv.reader(io.StringIO(sample, newline=""), delimiter=separator)
        widths: list[int] = []
        try:
            for line in reader:
                if any(cell.strip() for cell in line):
                    widths.append(len(line))
                if len(widths) == SAMPLE_LINES:
                    break
        except csv.Error:
            pass
        if not widths or widths[0] < 2:
            return (0.0, 0)
        return (sum(w == widths[0] for w in widths) / len(widths), widths[0])

    return max(SEPARATORS, key=judge)


def _read_lines(
    text: io.TextIOWrapper, separator: str, *, skip_first: bool
) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(text, delimiter=separator, strict=True)
    number = 0
    try:
        for number, line in enumerate(reader, start=1):
            if not (skip_first and number == 1):
                yield number, line
    except csv.Error as error:
        reason = str(error)
        if "end of data" in reason:
            what = "opens a quote that is never closed"
        elif "field limit" in reason or "larger than" in reason:
            what = "has a cell that never ends; a quote may be missing"
        else:
            what = f"can't be read ({reason})"
        raise FeedError(
            f"Row {number + 1} {what}. Look at its quotes; two in a row stand for one "
            "inside a text."
        ) from error
