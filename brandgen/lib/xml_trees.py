"""XML from strangers: parsed without entities, and within bounds."""

import xml.etree.ElementTree as ET
from xml.parsers import expat


class XmlError(ValueError):
    """It is not XML that we read. The message goes on after what it is of."""


def parse_xml(
    data: bytes,
    *,
    most_bytes: int,
    deepest: int,
    most_elements: int,
    allow_doctype: bool = False,
    lines: dict[ET.Element, int] | None = None,
) -> ET.Element:
    """Parse XML; names with a namespace are written {namespace}name.

    A document type is refused, or with `allow_doctype` one that declares something.
    `lines` takes the line, from 1, that each element begins in.

    Raises:
        XmlError: it is none, declares a document type, or is beyond the bounds.
    """
    if len(data) > most_bytes:
        raise XmlError(f"has {len(data):,} bytes; {most_bytes:,} are read.")
    builder = ET.TreeBuilder()
    parser = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text = True
    state = {"depth": 0, "count": 0}

    def name_of(name: str) -> str:
        return "{" + name if "}" in name else name

    def start(name: str, attributes: dict[str, str]) -> None:
        state["depth"] += 1
        state["count"] += 1
        if state["depth"] > deepest or state["count"] > most_elements:
            raise XmlError(
                f"is nested deeper than {deepest} levels or has more than "
                f"{most_elements:,} parts."
            )
        named = {name_of(key): value for key, value in attributes.items()}
        element = builder.start(name_of(name), named)
        if lines is not None:
            lines[element] = parser.CurrentLineNumber

    def end(name: str) -> None:
        state["depth"] -= 1
        builder.end(name_of(name))

    def doctype(
        name: str, system: str | None, public: str | None, has_subset: bool
    ) -> None:
        if has_subset or not allow_doctype:
            raise XmlError("declares a document type, which is not allowed.")

    def entity(*_: object) -> None:
        raise XmlError("declares entities, which is not allowed.")

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = doctype
    parser.EntityDeclHandler = entity
    try:
        parser.Parse(data, True)
    except XmlError:
        raise
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise XmlError(f"is not XML: {error}.") from error
    return builder.close()
