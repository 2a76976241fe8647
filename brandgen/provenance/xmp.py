"""Write and read XMP packets with the IPTC fields that say what made a picture.

The packet is built as text: equal fields give equal bytes. IPTC Photo Metadata Standard
2025.1 names the AI fields; XMP is ISO 16684-1.
"""

import hashlib
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Literal
from xml.sax.saxutils import escape

from brandgen.lib.container_error import ContainerError
from brandgen.lib.containers import find_xmp, put_xmp
from brandgen.lib.xml_trees import XmlError, parse_xml

PromptMode = Literal["embed", "hash", "omit"]
SourceType = Literal[
    "trainedAlgorithmicMedia",
    "compositeWithTrainedAlgorithmicMedia",
    "digitalCreation",
    "digitalCapture",
]

SOURCE_TYPES = "http://cv.iptc.org/newscodes/digitalsourcetype/"
NAMESPACES = {
    "dc": "http://purl.org/dc/elements/1.1/",
    "photoshop": "http://ns.adobe.com/photoshop/1.0/",
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "xmpMM": "http://ns.adobe.com/xap/1.0/mm/",
    "xmpRights": "http://ns.adobe.com/xap/1.0/rights/",
    "stRef": "http://ns.adobe.com/xap/1.0/sType/ResourceRef#",
    "Iptc4xmpCore": "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/",
    "Iptc4xmpExt": "http://iptc.org/std/Iptc4xmpExt/2008-02-29/",
    "brandgen": "https://brandgen.org/ns/1.0/",
}
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"

MAX_FIELD_CHARS = 4000
MAX_READ_BYTES = 256 * 1024
MAX_ELEMENTS = 4000
MAX_DEPTH = 40
_HEADER = '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_HASH_PREFIX = "sha256:"


class XmpError(ValueError):
    """The metadata can't be written or read. The message is fit to show."""


@dataclass(frozen=True, kw_only=True)
class Provenance:
    """What a file says about itself; an empty field is left out.

    `asset_id` is brandgen's id of the asset; `document_id` and `derived_from` are the
    ids of this picture and of the one that it was made from (`xmp.did:...`).
    """

    title: str = ""
    description: str = ""
    creator: str = ""
    rights: str = ""
    credit: str = ""
    usage_terms: str = ""
    web_statement: str = ""
    alt_text: str = ""
    source_type: SourceType | Literal[""] = ""
    ai_system: str = ""
    ai_system_version: str = ""
    ai_prompt: str = ""
    ai_prompt_writer: str = ""
    document_id: str = ""
    derived_from: str = ""
    asset_id: str = ""

    def with_prompt(self, prompt: str, *, mode: PromptMode) -> "Provenance":
        """Return a copy that holds the prompt, its SHA-256, or nothing of it."""
        if mode == "embed":
            return replace(self, ai_prompt=prompt)
        if mode == "hash" and prompt:
            digest = hashlib.sha256(prompt.encode()).hexdigest()
            return replace(self, ai_prompt=_HASH_PREFIX + digest)
        return replace(self, ai_prompt="")


def _simple(text: str) -> str:
    return escape(text)


def _in_language(text: str) -> str:
    item = f'<rdf:li xml:lang="x-default">{escape(text)}</rdf:li>'
    return f"<rdf:Alt>{item}</rdf:Alt>"


def _in_order(text: str) -> str:
    return f"<rdf:Seq><rdf:li>{escape(text)}</rdf:li></rdf:Seq>"


def _source_type(text: str) -> str:
    return escape(SOURCE_TYPES + text)


def _reference(text: str) -> str:
    return f"<stRef:documentID>{escape(text)}</stRef:documentID>"


# Each field of `Provenance`, the XMP property that holds it, and how it is written.
_PROPERTIES: dict[str, tuple[str, Callable[[str], str]]] = {
    "title": ("dc:title", _in_language),
    "description": ("dc:description", _in_language),
    "creator": ("dc:creator", _in_order),
    "rights": ("dc:rights", _in_language),
    "credit": ("photoshop:Credit", _simple),
    "usage_terms": ("xmpRights:UsageTerms", _in_language),
    "web_statement": ("xmpRights:WebStatement", _simple),
    "alt_text": ("Iptc4xmpCore:AltTextAccessibility", _in_language),
    "source_type": ("Iptc4xmpExt:DigitalSourceType", _source_type),
    "ai_system": ("Iptc4xmpExt:AISystemUsed", _simple),
    "ai_system_version": ("Iptc4xmpExt:AISystemVersionUsed", _simple),
    "ai_prompt": ("Iptc4xmpExt:AIPromptInformation", _simple),
    "ai_prompt_writer": ("Iptc4xmpExt:AIPromptWriterName", _simple),
    "document_id": ("xmpMM:DocumentID", _simple),
    "derived_from": ("xmpMM:DerivedFrom", _reference),
    "asset_id": ("brandgen:AssetID", _simple),
}


def build_packet(provenance: Provenance) -> bytes:
    """Build the XMP packet of a file.

    Raises:
        XmpError: a field is longer than 4000 characters.
    """
    lines = []
    for name, (tag, write) in _PROPERTIES.items():
        text = _NOT_XML.sub("", getattr(provenance, name)).strip()
        if len(text) > MAX_FIELD_CHARS:
            raise XmpError(
                f"The field {name} has {len(text)} characters; {MAX_FIELD_CHARS} are "
                "allowed in a file. Shorten it."
            )
        if text:
            # A property with fields of its own is a resource (XMP part 1, 7.9.2.2).
            kind = ' rdf:parseType="Resource"' if name == "derived_from" else ""
            lines.append(f"   <{tag}{kind}>{write(text)}</{tag}>")
    names = "".join(f'\n    xmlns:{k}="{uri}"' for k, uri in NAMESPACES.items())
    body = "\n".join(lines)
    return (
        f'{_HEADER}\n<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="brandgen">\n'
        f' <rdf:RDF xmlns:rdf="{RDF}">\n'
        f'  <rdf:Description rdf:about=""{names}>\n{body}\n'
        '  </rdf:Description>\n </rdf:RDF>\n</x:xmpmeta>\n<?xpacket end="w"?>'
    ).encode()


def embed_xmp(data: bytes, packet: bytes) -> bytes:
    """Return a PNG, JPEG or WebP with this packet; its pixels stay as they are.

    Raises:
        XmpError: the file is of another kind or broken, or the packet is too long.
    """
    try:
        return put_xmp(data, packet)
    except ContainerError as error:
        raise XmpError(str(error)) from error


def read_xmp(data: bytes) -> Provenance | None:
    """Read a PNG's, JPEG's or WebP's metadata; None if it carries no XMP.

    Strangers' packets are read too: each property as an element or as an attribute,
    what is not known here is passed over.

    Raises:
        XmpError: the file or its packet is broken, or beyond the limits.
    """
    try:
        packet = find_xmp(data)
    except ContainerError as error:
        raise XmpError(str(error)) from error
    return None if packet is None else parse_packet(packet)


def parse_packet(packet: bytes) -> Provenance:
    """Read an XMP packet.

    Raises:
        XmpError: it is not XML, declares entities, or is beyond the limits.
    """
    found: dict[str, str] = {}
    for description in _parse_xml(packet).iter(f"{{{RDF}}}Description"):
        for name, (tag, _) in _PROPERTIES.items():
            key = _expanded(tag)
            element = description.find(key)
            text = description.get(key, "") if element is None else _text_of(element)
            if text:
                found.setdefault(name, text[:MAX_FIELD_CHARS])
    source_type = found.get("source_type", "").removeprefix(SOURCE_TYPES)
    found["source_type"] = source_type if source_type.isalpha() else ""
    known = {field.name for field in fields(Provenance)}
    return Provenance(**{k: v for k, v in found.items() if k in known})  # type: ignore[arg-type]


def _expanded(tag: str) -> str:
    prefix, name = tag.split(":")
    return f"{{{NAMESPACES[prefix]}}}{name}"


def _text_of(element: ET.Element) -> str:
    """Give a property's text: its own, its default language's, or its first item's."""
    items = element.findall(f"*/{{{RDF}}}li")
    if items:
        default = [item for item in items if item.get(_LANGUAGE) == "x-default"]
        return "".join((default or items)[0].itertext()).strip()
    key = _expanded("stRef:documentID")
    for inner in (element, *element):
        if named := inner.get(key, "").strip():
            return str(named)
    return "".join(element.itertext()).strip()


def _parse_xml(packet: bytes) -> ET.Element:
    """Parse without entities, document types, or more than the limits."""
    try:
        return parse_xml(
            packet.strip(b"\0 \t\r\n"),
            most_bytes=MAX_READ_BYTES,
            deepest=MAX_DEPTH,
            most_elements=MAX_ELEMENTS,
        )
    except XmlError as error:
        raise XmpError(f"The XMP packet {error}") from error
