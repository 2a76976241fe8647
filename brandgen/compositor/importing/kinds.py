"""Import a file of another program as a template; what it is, its bytes tell."""

from dataclasses import dataclass

from brandgen.compositor.brand import BrandStyle
from brandgen.compositor.importing.errors import ImportedFileError
from brandgen.compositor.importing.figma import is_figma
from brandgen.compositor.importing.merging import Frame, merge
from brandgen.compositor.importing.workers import read_apart
from brandgen.compositor.svg.importing import MAX_BYTES as MOST_SVG_BYTES
from brandgen.compositor.svg.importing import Imported, SvgError, import_svg, is_svg

HEAD_BYTES = 1024
"""How much of a file tells what it is."""


@dataclass(frozen=True)
class Kind:
    """A kind of file: what it is called, and how large it may be."""

    key: str
    noun: str
    most_bytes: int


SVG = Kind("svg", "drawing", MOST_SVG_BYTES)
PDF = Kind("pdf", "PDF", 96 * 2**20)
FIGMA = Kind("figma", "Figma file", 48 * 2**20)
PSD = Kind("psd", "PSD", 96 * 2**20)
_REFUSED = (
    (b"\x1f\x8b", "The file is compressed (SVGZ or another archive). Save the drawing "
     "as a plain SVG."),
    (b"%!PS", "PostScript (EPS) can't be imported. Save it as PDF or SVG."),
    (b"fig-", "A .fig file is read by Figma alone. Export the frame as SVG or PDF."),
    (b"PK\x03\x04", "The file is an archive (ZIP, Sketch, XD). Export the layout as "
     "SVG or PDF."),
)  # fmt: skip


def find_kind(head: bytes | str) -> Kind | None:
    """Say what kind of drawing a file begins like; None for what is no drawing.

    Raises:
        ImportedFileError: it is one that can't be imported, with what can be done.
    """
    if isinstance(head, str):
        return SVG if is_svg(head) else FIGMA if is_figma(head) else None
    for start, why in _REFUSED:
        if head.startswith(start):
            raise ImportedFileError(why)
    # Some programs write a few bytes before a PDF begins (ISO 32000-1, Annex H).
    if b"%PDF-" in head[:HEAD_BYTES]:
        return PDF
    if head.startswith(b"8BPS"):
        return PSD
    return SVG if is_svg(head) else FIGMA if is_figma(head) else None


def import_file(
    data: bytes, *, brand: BrandStyle, name: str = "", page: int = 1
) -> Imported:
    """Make a template document of a drawing, in the colors and fonts of a brand.

    `page` counts the pages of a PDF from 1.

    Raises:
        ImportedFileError: it is no file that can be imported.
        SvgError: what it holds can't become a template.
        BrandStyleError: a font of the brand can't be read.
    """
    kind = find_kind(data[:HEAD_BYTES])
    if kind is None:
        raise ImportedFileError(
            "The file is neither an SVG, a PDF, a PSD nor a file of Figma's."
        )
    if len(data) > kind.most_bytes:
        raise ImportedFileError(
            f"The {kind.noun} has {len(data):,} bytes; {kind.most_bytes:,} are read."
        )
    if kind is SVG:
        return import_svg(data, brand=brand, name=name)
    pages, notes = read_apart(kind.key, data, str(page))
    try:
        frames = [
            Frame(
                one.name,
                import_svg(
                    one.svg.encode(),
                    brand=brand,
                    name=name,
                    before=notes if not n else (),
                ),
            )
            for n, one in enumerate(pages)
        ]
    except SvgError as error:
        raise SvgError(_without_svg(str(error), kind.noun)) from error
    return merge(frames)


def _without_svg(message: str, noun: str) -> str:
    """Let a message about what was written as SVG speak of the file itself."""
    return message.replace("The drawing", f"The {noun}", 1)
