"""Tell by a file's first bytes what it is, and read it."""

from typing import BinaryIO

from brandgen.lib.feeds.csv_rows import read_csv
from brandgen.lib.feeds.json_rows import read_json
from brandgen.lib.feeds.table import FeedError, Limits, Table
from brandgen.lib.feeds.xlsx_rows import read_xlsx

STRANGERS = {
    b"\xd0\xcf\x11\xe0": "an old Excel file (.xls), or one with a password",
    b"%PDF": "a PDF",
    b"\x89PNG": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"\x1f\x8b": "a gzip archive",
    b"<!DOCTYPE": "a web page",
    b"<html": "a web page",
    b"<?xml": "an XML file",
}


def read_feed(file: BinaryIO, *, limits: Limits) -> Table:
    """Read a table of an untrusted file; the bytes decide what it is, not its name.

    Raises:
        FeedError: too large, damaged, of another kind, or outside the limits.
    """
    size = file.seek(0, 2)
    file.seek(0)
    if size > limits.bytes:
        raise FeedError(
            f"The file has {size / 2**20:,.1f} MB; {limits.bytes // 2**20} are "
            "allowed. Split it, or leave out columns that the template does not use."
        )
    start = file.read(512)
    file.seek(0)
    if not start.strip():
        raise FeedError("The file is empty. Choose a CSV, XLSX or JSON file.")
    if start.startswith(b"PK\x03\x04"):
        return read_xlsx(file, limits=limits)
    for magic, name in STRANGERS.items():
        if start.lstrip().startswith(magic):
            raise FeedError(
                f"The file is {name}, whatever its name says. Save the table as CSV, "
                "XLSX or JSON."
            )
    if start.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"[", b"{"):
        return read_json(file, limits=limits)
    return read_csv(file, limits=limits)
