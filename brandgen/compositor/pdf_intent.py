"""Say in a PDF which colors its numbers stand for: its output intent."""

import zlib
from collections.abc import Mapping
from typing import Any

from pypdf import PdfWriter
from pypdf.generic import (
    DictionaryObject,
    NameObject,
    NumberObject,
    StreamObject,
    TextStringObject,
)

from brandgen.compositor.encode import srgb_profile
from brandgen.compositor.profiles import Profile


def srgb_intent(writer: PdfWriter) -> DictionaryObject:
    """Say that the document's RGB is sRGB (ISO 19005-2, 6.2.3)."""
    profile = add_stream(writer, srgb_profile(), {"/N": NumberObject(3)})
    name = "sRGB IEC61966-2.1"
    return _intent("/GTS_PDFA1", name, name, profile)


def print_intent(writer: PdfWriter, profile: Profile) -> DictionaryObject:
    """Say which print the document's inks are for (ISO 15930-7, 6.2.3)."""
    facts = {"/N": NumberObject(4), "/Filter": NameObject("/FlateDecode")}
    data = add_stream(writer, zlib.compress(profile.data), facts)
    intent = _intent("/GTS_PDFX", profile.condition, profile.label, data)
    intent[NameObject("/RegistryName")] = TextStringObject("http://www.color.org")
    return intent


def _intent(kind: str, condition: str, label: str, profile: Any) -> DictionaryObject:
    return DictionaryObject(
        {
            NameObject("/Type"): NameObject("/OutputIntent"),
            NameObject("/S"): NameObject(kind),
            NameObject("/OutputConditionIdentifier"): TextStringObject(condition),
            NameObject("/Info"): TextStringObject(label),
            NameObject("/DestOutputProfile"): profile,
        }
    )


def add_stream(writer: PdfWriter, data: bytes, facts: Mapping[str, Any]) -> Any:
    """Add a stream to a document, and give what refers to it."""
    stream = StreamObject()
    stream.set_data(data)
    stream.update({NameObject(name): value for name, value in facts.items()})
    return writer._add_object(stream)
