"""What the command line of the compositor takes."""

import argparse
from pathlib import Path

from brandgen.compositor.document import Document
from brandgen.compositor.encode import RenderOptionError

KINDS = {
    ".jpg": "jpeg",
    ".jpeg": "jpeg",
    ".png": "png",
    ".webp": "webp",
    ".avif": "avif",
    ".pdf": "pdf",
    ".mp4": "mp4",
    ".webm": "webm",
}
VIDEOS = (".mp4", ".webm")
ANIMATIONS = (".gif", ".webp")


def build_parser(description: str | None) -> argparse.ArgumentParser:
    """Build the parser of all commands."""
    parser = argparse.ArgumentParser("brandgen.compositor", description=description)
    commands = parser.add_subparsers(dest="command", required=True)
    _take_render(
        commands.add_parser("render", help="render one format, in demo colors")
    )
    check = commands.add_parser("check", help="read a document and say what it holds")
    check.add_argument("document", type=Path, metavar="DOC")
    check.add_argument(
        "--partial",
        action="store_true",
        help="of a half-written one: tell all that is wrong, and what is missing",
    )
    torture = commands.add_parser(
        "torture", help="try every format with the texts that break layouts"
    )
    torture.add_argument("document", type=Path, metavar="DOC")
    torture.add_argument("--image", action="append", default=[], metavar="SLOT=FILE")
    torture.add_argument(
        "--out", type=Path, metavar="DIR", help="keep the pictures that have findings"
    )
    _take_fonts(torture)
    normalize = commands.add_parser("normalize", help="write a document's normal form")
    normalize.add_argument("document", type=Path, metavar="DOC")
    drawing = commands.add_parser(
        "import", help="make a document of a drawing: SVG, PDF, PSD, Figma"
    )
    drawing.add_argument("drawing", type=Path, metavar="FILE")
    drawing.add_argument("--page", type=int, default=1, help="of a PDF, from 1")
    drawing.add_argument("--name", default="", help="in place of the drawing's own")
    drawing.add_argument("--out", type=Path, required=True, metavar="DOC.json")
    _take_fonts(drawing)
    commands.add_parser("schema", help="write the format of documents as JSON Schema")
    return parser


def choose_pages(document: Document, asked: str) -> list[Document]:
    """Give the page of a number, or all; a document without pages is its only one.

    Raises:
        RenderOptionError: it is neither a number nor "all".
        UnknownPageError: the document has no such page.
    """
    if asked == "all":
        return [document.on_page(number) for number in document.page_numbers]
    if not (asked.isdecimal() and len(asked) < 5):
        raise RenderOptionError(
            f"--page {asked[:40]!r} is neither a page's number nor all.", option="page"
        )
    return [document.on_page(int(asked))]


def _take_fonts(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--fonts", type=Path, metavar="DIR", help="fonts for further scripts, emoji"
    )


def _take_render(render: argparse.ArgumentParser) -> None:
    render.add_argument("document", type=Path, metavar="DOC")
    render.add_argument(
        "--modifications",
        type=Path,
        metavar="FILE",
        help="JSON object of slots: texts, and names of picture files beside it; "
        "a list of such objects makes a picture of each",
    )
    render.add_argument("--image", action="append", default=[], metavar="SLOT=FILE")
    render.add_argument("--focal", action="append", default=[], metavar="SLOT=X,Y")
    render.add_argument("--text", action="append", default=[], metavar="SLOT=TEXT")
    render.add_argument("--format", required=True)
    render.add_argument(
        "--page",
        default="all",
        metavar="N",
        help="of a document with pages: one of them, from 1, or all",
    )
    render.add_argument("--locale", default="")
    render.add_argument("--data", action="append", default=[], metavar="NAME.PART=TEXT")
    render.add_argument("--scale", type=float, default=1.0)
    render.add_argument("--quality", type=int, default=88)
    render.add_argument("--dpi", type=int, help="density tag")
    render.add_argument("--small", action="store_true", help="fewer bytes, more time")
    render.add_argument("--transparent", action="store_true", help="leave ground clear")
    render.add_argument("--most-bytes", type=int, help="lower the quality to fit")
    render.add_argument("--least-quality", type=int, default=30)
    render.add_argument(
        "--seconds", type=float, action="append", help="of all frames, or of each"
    )
    render.add_argument(
        "--still", action="store_true", help="a document that moves, at its poster time"
    )
    render.add_argument("--loops", type=int, default=0, help="0 is forever")
    render.add_argument(
        "--bleed",
        metavar="MM",
        help='PDF: of all sides, or "TOP RIGHT BOTTOM LEFT"',
    )
    render.add_argument("--marks", action="store_true", help="crop marks, PDF")
    render.add_argument(
        "--link", action="append", default=[], metavar="LAYER=ADDRESS", help="PDF"
    )
    render.add_argument(
        "--profile",
        metavar="NAME",
        help="CMYK by this ICC profile, PDF: a file's name without its ending",
    )
    render.add_argument(
        "--profiles", type=Path, metavar="DIR", help="profiles beside our own"
    )
    render.add_argument(
        "--most-ink", type=int, default=300, metavar="PERCENT", help="of a profile"
    )
    render.add_argument("--watermark", metavar="TEXT", help="written across all of it")
    render.add_argument(
        "--out", type=Path, required=True, help=f"ends in {', '.join(KINDS)} or .gif"
    )
    _take_fonts(render)
