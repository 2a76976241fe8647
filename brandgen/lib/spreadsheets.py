"""Write tables that spreadsheets open: RFC 4180 in UTF-8, and no cell a formula."""

import csv
import io
from collections.abc import Iterable, Sequence

FORMULA_STARTS = "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20"
"""What spreadsheets take for a formula, also in full width.

https://owasp.org/www-community/attacks/CSV_Injection
"""


def write_csv(lines: Iterable[Sequence[object]]) -> bytes:
    """Return lines as CSV, every cell quoted."""
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerows([defuse(cell) for cell in line] for line in lines)
    return text.getvalue().encode()


def defuse(value: object) -> str:
    """Return a cell's text, with an apostrophe before what would be a formula."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = str(value)
    starts = text.lstrip(" ")[:1]
    return f"'{text}" if starts and starts in FORMULA_STARTS else text
