"""Read the first sheet of an Excel workbook: bounded, values only, nothing run."""

import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any, BinaryIO

from openpyxl import load_workbook

from brandgen.lib.feeds.table import FeedError, Limits, Table, gather, too_many_rows

MOST_PARTS = 2000
MOST_TIMES_CELLS = 4
"""How many empty cells are read for each that may be full."""
DAMAGED = "The file is no Excel workbook that can be read. Save it anew as XLSX or CSV."


def read_xlsx(file: BinaryIO, *, limits: Limits) -> Table:
    """Read the values of a workbook's first sheet; formulas count as last computed.

    Raises:
        FeedError: damaged, unfolds to too much, or outside the limits.
    """
    _refuse_bombs(file, limits)
    try:
        book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
        sheets = [s for s in book.worksheets if s.sheet_state == "visible"]
    except Exception as error:
        # The library meets damage with whatever comes: KeyError, TypeError, ParseError.
        raise FeedError(DAMAGED) from error
    if not sheets:
        raise FeedError("The workbook has no visible sheet. Show one, or save as CSV.")
    try:
        notes = (
            [f"The first of {len(sheets)} sheets was read: “{sheets[0].title}”."]
            if len(sheets) > 1
            else []
        )
        lines = _read_lines(sheets[0], limits)
        return gather("workbook", lines, limits=limits, notes=notes)
    finally:
        book.close()


def _refuse_bombs(file: BinaryIO, limits: Limits) -> None:
    """Refuse by the archive's own index; zipfile reads no more than that promises."""
    try:
        with zipfile.ZipFile(file) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise FeedError(DAMAGED) from error
    finally:
        file.seek(0)
    unpacked = sum(part.file_size for part in parts)
    if unpacked > limits.unpacked_bytes or len(parts) > MOST_PARTS:
        raise FeedError(
            f"The workbook unfolds to {unpacked / 2**20:,.0f} MB in {len(parts):,} "
            f"parts; {limits.unpacked_bytes // 2**20} MB are allowed. Save the sheet "
            "alone as CSV."
        )
    if "[Content_Types].xml" not in {part.filename for part in parts}:
        raise FeedError(
            "The file is a ZIP archive, no Excel workbook. Unpack it and choose the "
            "table inside."
        )


def _read_lines(sheet: Any, limits: Limits) -> Iterator[tuple[int, list[str]]]:
    """Yield the sheet's rows; stops soon after the limit, for XML is slow to read."""
    promised = sheet.max_row or 0
    # A sheet may promise fewer rows and columns than it has.
    sheet.reset_dimensions()
    count = read = 0
    try:
        # Without a last column, rows that are not there cost nothing.
        for number, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
            read += len(cells)
            if read > MOST_TIMES_CELLS * limits.cells:
                raise FeedError(
                    f"The sheet has more than {read:,} cells up to row {number:,}, "
                    "most of them empty. Save the table alone as CSV."
                )
            line = [_say(cell, number) for cell in cells]
            yield number, line
            count += any(line)
            if count > limits.rows + 1:
                break
    except FeedError:
        raise
    except Exception as error:
        raise FeedError(DAMAGED) from error
    if count > limits.rows + 1:
        raise too_many_rows("workbook", max(promised - 1, limits.rows + 1), limits)


def _say(value: Any, number: int) -> str:
    """Write a value as the sheet would show it plainly: 12, 12.5, 2026-11-26, TRUE."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime):
        is_date = value.time() == time(0)
        return value.date().isoformat() if is_date else value.isoformat(" ", "minutes")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    text = str(value)
    if text.startswith("#") and text in ERRORS:
        raise FeedError(
            f"Row {number} has a cell that says {text}: its formula is broken. Mend it "
            "in the workbook, then save it anew."
        )
    return text


ERRORS = {"#REF!", "#N/A", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!"}
