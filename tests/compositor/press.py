"""Look into a PDF as a printer's preflight does: whatever in it is not an ink."""

import io
from collections.abc import Iterator
from typing import Any

from pypdf import PdfReader
from pypdf.generic import ContentStream

INKS = {"/DeviceCMYK", "/DeviceGray"}
RGB_OPERATORS = {b"rg", b"RG"}
OTHER_OPERATORS = {b"sc", b"SC", b"ri", b"BI", b"INLINE IMAGE"}


def find_foreign_colors(data: bytes) -> list[str]:
    """Walk all that a PDF holds, used or not, and name what is not inks.

    By every object of the file rather than from the pages, unlike what is tested.
    """
    reader = PdfReader(io.BytesIO(data))
    found = []
    for number in range(1, reader.trailer["/Size"]):
        thing = reader.get_object(number)
        if thing is not None:
            found += [f"{number}: {words}" for words in _look(thing, reader)]
    return found


def _look(thing: Any, reader: PdfReader) -> Iterator[str]:
    if not isinstance(thing, dict):
        return
    yield from _spaces(thing)
    is_content = thing.get("/Subtype") == "/Form" or thing.get("/PatternType") == 1
    if is_content:
        yield from _operators(thing, reader)
    if thing.get("/Type") == "/Page":
        yield from _operators(thing["/Contents"].get_object(), reader)
        if thing.get("/Group", {}).get("/CS") != "/DeviceCMYK":
            yield "a page that blends in another space"
    if thing.get("/Subtype") == "/Type3":
        for letter in thing["/CharProcs"].values():
            yield from _operators(letter.get_object(), reader)


def _spaces(thing: Any) -> Iterator[str]:
    """Look at every name of a color space, however deep it stands."""
    for key, value in thing.items():
        value = value.get_object() if key != "/Parent" else None
        if key in ("/ColorSpace", "/CS"):
            if value not in INKS:
                yield f"{key} {value}"
        elif isinstance(value, dict) and "/Type" not in value:
            yield from _spaces(value)


def _operators(stream: Any, reader: PdfReader) -> Iterator[str]:
    for operands, operator in ContentStream(stream, reader).operations:
        if operator in RGB_OPERATORS | OTHER_OPERATORS:
            yield f"{operands} {operator.decode()}"
        if operator in (b"cs", b"CS") and operands != ["/Pattern"]:
            yield f"{operands} {operator.decode()}"
