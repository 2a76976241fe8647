"""PDFs for tests, written by hand: one object for each thing that a test is about."""

from collections.abc import Sequence


def make_pdf(
    content: str | Sequence[str],
    *,
    box: str = "0 0 810 810",
    entries: str = "",
    resources: str = "",
    objects: Sequence[str | bytes] = (),
) -> bytes:
    """Write a PDF of pages with these contents.

    Font F1 is Helvetica, F2 Helvetica-Bold; `entries` are those of each page;
    `objects` are numbered from 10.
    """
    contents = [content] if isinstance(content, str) else list(content)
    first = 10 + len(objects)
    pages = [first + 2 * n for n in range(len(contents))]
    font = "<</Type/Font/Subtype/Type1/BaseFont/{}/Encoding/WinAnsiEncoding>>"
    found: dict[int, bytes] = {
        1: b"<</Type/Catalog/Pages 2 0 R>>",
        2: f"<</Type/Pages/Kids[{' '.join(f'{n} 0 R' for n in pages)}]"
        f"/Count {len(pages)}>>".encode(),
        3: font.format("Helvetica").encode(),
        4: font.format("ABCDEF+Helvetica-Bold").encode(),
    }
    for n, one in enumerate(objects):
        found[10 + n] = one if isinstance(one, bytes) else one.encode()
    for n, text in zip(pages, contents, strict=True):
        found[n] = (
            f"<</Type/Page/Parent 2 0 R/MediaBox[{box}]/Contents {n + 1} 0 R {entries}"
            f"/Resources<</Font<</F1 3 0 R/F2 4 0 R>>{resources}>>>>"
        ).encode()
        found[n + 1] = stream(text)
    out, places = bytearray(b"%PDF-1.7\n"), {}
    for number, body in found.items():
        places[number] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start, last = len(out), max(found) + 1
    out += b"xref\n0 %d\n" % last
    for number in range(last):
        place = places.get(number)
        out += (
            b"%010d 00000 n \n" % place
            if place is not None
            else b"0000000000 65535 f \n"
        )
    out += b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (last, start)
    return bytes(out)


def stream(content: str | bytes, entries: str = "") -> bytes:
    """Write a stream object."""
    data = content if isinstance(content, bytes) else content.encode("latin-1")
    head = f"<<{entries}/Length {len(data)}>>stream\n".encode()
    return head + data + b"\nendstream"


def words(text: str, x: float, y: float, *, size: float = 24, font: str = "F1") -> str:
    """Write a text at a place."""
    return f"BT /{font} {size} Tf {x} {y} Td ({text}) Tj ET\n"
