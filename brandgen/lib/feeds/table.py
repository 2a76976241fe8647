"""A table of texts, gathered row by row within limits, and how it is stored."""

import gzip
import json
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

LONGEST_NAME = 60


class FeedError(ValueError):
    """A table can't be taken as it is. Says where and what to do; fit to show."""


@dataclass(frozen=True)
class Limits:
    """What a feed may hold; `unpacked_bytes` is what a workbook may unfold to."""

    rows: int = 10_000
    columns: int = 200
    cells: int = 500_000
    cell_chars: int = 2000
    bytes: int = 25 * 2**20
    unpacked_bytes: int = 100 * 2**20


@dataclass(frozen=True)
class Row:
    """One row: its number as the spreadsheet shows it, and a text for each column."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A feed as it was read; `notes` say what was guessed on the way."""

    kind: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...] = field(repr=False)
    notes: tuple[str, ...] = ()


def gather(
    kind: str,
    lines: Iterable[tuple[int, Sequence[str]]],
    *,
    limits: Limits,
    notes: Sequence[str] = (),
) -> Table:
    """Take the first line that is not empty for the header, and the rest for rows.

    Raises:
        FeedError: too many rows, columns or letters, a header that can't be used, or a
            row that is longer than the header.
    """
    columns: tuple[str, ...] = ()
    rows: list[Row] = []
    count = 0
    for number, line in lines:
        cells = [cell.strip() for cell in line]
        while cells and not cells[-1]:
            cells.pop()
        if not cells:
            continue
        if not columns:
            columns = _read_header(number, cells, limits)
            continue
        count += 1
        if count <= limits.rows:
            rows.append(Row(number, _check(number, cells, columns, limits)))
            _check_size(len(rows) * len(columns), limits)
    if not columns:
        raise FeedError("The file has no row with anything in it. Choose another.")
    if count > limits.rows:
        raise too_many_rows(kind, count, limits)
    if not rows:
        raise FeedError("The file has a header but no rows below it. Add some.")
    return Table(kind, columns, tuple(rows), tuple(notes))


def too_many_rows(
    kind: str, count: int, limits: Limits, unit: str = "rows"
) -> FeedError:
    """Say how many rows there are, and what can be done."""
    return FeedError(
        f"The {kind} has {count:,} {unit}; a batch takes {limits.rows:,}. Split the "
        "file, or ask an admin to raise the limit."
    )


def _check_size(cells: int, limits: Limits) -> None:
    if cells > limits.cells:
        raise FeedError(
            f"The table has more than {limits.cells:,} cells. Leave out columns that "
            "the template does not use, or split the file."
        )


def _read_header(number: int, cells: Sequence[str], limits: Limits) -> tuple[str, ...]:
    if len(cells) > limits.columns:
        raise FeedError(
            f"The table has {len(cells):,} columns; {limits.columns} are allowed. "
            "Leave out those that the template does not use."
        )
    names: dict[str, int] = {}
    for position, cell in enumerate(cells, start=1):
        where = f"Row {number}, column {position}"
        if not cell:
            raise FeedError(
                f"{where} has no name. Give every column one in the first row."
            )
        if len(cell) > LONGEST_NAME:
            raise FeedError(
                f"{where} has a name of {len(cell):,} letters; {LONGEST_NAME} are "
                "allowed. The first row holds the names of the columns."
            )
        _refuse_controls(cell, where)
        if cell in names:
            raise FeedError(
                f"Columns {names[cell]} and {position} are both called “{cell}”. "
                "Rename one."
            )
        names[cell] = position
    return tuple(names)


def _check(
    number: int, cells: Sequence[str], columns: Sequence[str], limits: Limits
) -> tuple[str, ...]:
    if len(cells) > len(columns):
        raise FeedError(
            f"Row {number} has {len(cells):,} cells, the first row names "
            f"{len(columns)}. A text that holds the separator needs quotes around it."
        )
    for name, cell in zip(columns, cells, strict=False):
        where = f"Row {number}, column “{name}”"
        if len(cell) > limits.cell_chars:
            raise FeedError(
                f"{where} has {len(cell):,} letters; {limits.cell_chars:,} are allowed "
                "in a cell. Shorten it."
            )
        if not cell.isprintable():
            _refuse_controls(cell, where)
    return (*cells, *[""] * (len(columns) - len(cells)))


def _refuse_controls(text: str, where: str) -> None:
    for letter in text:
        is_control = unicodedata.category(letter) in {"Cc", "Cs"}
        if is_control and letter not in "\t\r\n":
            raise FeedError(
                f"{where} holds a character that is none (U+{ord(letter):04X}). "
                "Remove it, or save the file anew as UTF-8."
            )


def pack(table: Table) -> bytes:
    """Write a table for storage; equal tables give equal bytes."""
    lines = [json.dumps([table.kind, table.columns, table.notes])]
    lines += [json.dumps([row.number, *row.cells]) for row in table.rows]
    return gzip.compress("\n".join(lines).encode(), compresslevel=6, mtime=0)


def unpack(data: bytes) -> Table:
    """Read a table that `pack` wrote."""
    first, *rest = gzip.decompress(data).decode().split("\n")
    kind, columns, notes = json.loads(first)
    rows = (json.loads(line) for line in rest)
    return Table(
        kind,
        tuple(columns),
        tuple(Row(number, tuple(cells)) for number, *cells in rows),
        tuple(notes),
    )
