"""Lay images and copy into a template and render it: plain data in, bytes out."""

from brandgen.compositor.brand import BrandStyle, BrandStyleError, FontFace, LogoImage
from brandgen.compositor.document import Document, UnknownPageError
from brandgen.compositor.encode import Encoding, RenderOptionError
from brandgen.compositor.file_size import FileSizeError
from brandgen.compositor.focal import suggest_focal
from brandgen.compositor.loading import (
    TemplateDocumentError,
    document_schema,
    dump_document,
    load_document,
)
from brandgen.compositor.pictures import ImageSource, ImageSourceError
from brandgen.compositor.render import (
    ModificationError,
    Rendered,
    UnknownFormatError,
    UnknownLocaleError,
    check_modifications,
    find_slot_problems,
    lay_out_creative,
    render_creative,
)
from brandgen.lib.findings import Finding, Verdict

__all__ = [
    "BrandStyle",
    "BrandStyleError",
    "Document",
    "Encoding",
    "FileSizeError",
    "Finding",
    "FontFace",
    "ImageSource",
    "ImageSourceError",
    "LogoImage",
    "ModificationError",
    "RenderOptionError",
    "Rendered",
    "TemplateDocumentError",
    "UnknownFormatError",
    "UnknownLocaleError",
    "UnknownPageError",
    "Verdict",
    "check_modifications",
    "document_schema",
    "dump_document",
    "find_slot_problems",
    "lay_out_creative",
    "load_document",
    "render_creative",
    "suggest_focal",
]
