"""Render a template document, check one, try it, import one, or write the schema."""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from brandgen.compositor import (
    Document,
    Encoding,
    FileSizeError,
    ImageSource,
    ImageSourceError,
    ModificationError,
    Rendered,
    RenderOptionError,
    TemplateDocumentError,
    UnknownFormatError,
    UnknownPageError,
    document_schema,
    dump_document,
    load_document,
    render_creative,
    suggest_focal,
)
from brandgen.compositor.animate import animate_creative
from brandgen.compositor.animation import (
    MAX_FRAMES,
    Animation,
    join_pdfs,
    write_animation,
)
from brandgen.compositor.arguments import (
    ANIMATIONS,
    KINDS,
    VIDEOS,
    build_parser,
    choose_pages,
)
from brandgen.compositor.brand import BrandStyle, BrandStyleError
from brandgen.compositor.document import ImageSlot
from brandgen.compositor.encode import parse_bleed
from brandgen.compositor.examples.northwind import northwind_style
from brandgen.compositor.examples.scene import SUN, draw_scene
from brandgen.compositor.importing.errors import ImportedFileError
from brandgen.compositor.importing.kinds import import_file
from brandgen.compositor.loading import find_document_problems
from brandgen.compositor.moving import moves_in
from brandgen.compositor.parts import Data
from brandgen.compositor.pictures import decode
from brandgen.compositor.profiles import ProfileError, load_profile
from brandgen.compositor.strict import MissingError
from brandgen.compositor.svg.notes import SvgError
from brandgen.compositor.torture import run_torture
from brandgen.lib.finding_rules import explain, label_of
from brandgen.lib.findings import Verdict

NAMED_ERRORS = (
    TemplateDocumentError,
    ModificationError,
    UnknownFormatError,
    UnknownPageError,
    ImageSourceError,
    BrandStyleError,
    RenderOptionError,
    FileSizeError,
    ProfileError,
    ImportedFileError,
    SvgError,
    OSError,
)


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 0 is success, 1 findings that block, 2 an error."""
    options = build_parser(__doc__).parse_args(arguments)
    try:
        if options.command == "render":
            return _render(options)
        if options.command == "check":
            return _check(options)
        if options.command == "torture":
            return _torture(options)
        if options.command == "normalize":
            return _normalize(options)
        if options.command == "import":
            return _import(options)
    except NAMED_ERRORS as error:
        print(error, file=sys.stderr)
        return 2
    print(json.dumps(document_schema(), indent=2))
    return 0


def _brand(options: argparse.Namespace) -> BrandStyle:
    return replace(northwind_style(), fonts_folder=options.fonts)


def _render(options: argparse.Namespace) -> int:
    document = load_document(options.document.read_bytes())
    fillings = _read_pages(options.modifications) if options.modifications else [{}]
    chosen = choose_pages(document, options.page)
    pages = [(page, one) for one in fillings for page in chosen]
    kind = options.out.suffix.lower()
    if kind in VIDEOS and len(pages) > 1:
        raise RenderOptionError("A video is made of one page. Write gif or pdf.")
    moves = moves_in(document, options.format, options.locale)
    if kind in ANIMATIONS and len(pages) == 1 and moves and not options.still:
        return _animate(options, *pages[0])
    is_animated = kind == ".gif" or (
        kind == ".webp" and len(pages) > 1 and not options.still
    )
    if is_animated and not options.seconds:
        options.seconds = [page.page.seconds if page.page else 1.0 for page, _ in pages]
    mark = options.watermark
    if is_animated:
        _refuse_still_options(options)
    still = Encoding("png", watermark=mark) if is_animated else _encoding(options)
    made = []
    for page, filling in pages:
        texts, images = _values(page, filling, options)
        rendered = render_creative(
            page,
            format=options.format,
            modifications=texts,
            images=images,
            brand=_brand(options),
            encoding=still,
            scale=options.scale,
            links=_pairs(options.link),
            locale=options.locale,
            data=_parts(_pairs(options.data)),
        )
        made.append(rendered)
        if page.page:
            print(f"page {page.page_number}, {page.page.label or page.page.name}:")
        _print_findings(rendered)
    for key in _list_examples(document, _parts(_pairs(options.data))):
        print(f"{key} is the template's example. Give its value by --data {key}=…")
    size = f"{made[0].width_px} x {made[0].height_px}"
    for path, data in _files(made, options, is_animated=is_animated):
        path.write_bytes(data)
        print(f"{path}: {size}, {len(data):,} bytes")
    return 1 if any(rendered.is_blocked for rendered in made) else 0


def _animate(
    options: argparse.Namespace, document: Document, page: dict[str, str]
) -> int:
    """Write a document that moves as GIF or WebP."""
    _refuse_still_options(options)
    if options.seconds:
        raise RenderOptionError(
            "The document says how long it moves. Leave --seconds out.",
            option="seconds",
        )
    texts, images = _values(document, page, options)
    rendered = animate_creative(
        document,
        format=options.format,
        modifications=texts,
        images=images,
        brand=_brand(options),
        animation=_animation(options),
        scale=options.scale,
        locale=options.locale,
        data=_parts(_pairs(options.data)),
        watermark=options.watermark,
    )
    _print_findings(rendered)
    options.out.write_bytes(rendered.data)
    size = f"{rendered.width_px} x {rendered.height_px}"
    print(f"{options.out}: {size}, {len(rendered.data):,} bytes")
    return 1 if rendered.is_blocked else 0


def _animation(options: argparse.Namespace) -> Animation:
    return Animation(
        options.out.suffix.lower()[1:],
        seconds=tuple(options.seconds or [1.0]),
        loops=options.loops,
        quality=options.quality,
        most_bytes=options.most_bytes,
        least_quality=options.least_quality,
    )


def _refuse_still_options(options: argparse.Namespace) -> None:
    """Refuse what an animation can't have, rather than leave it out without a word."""
    for name in ("transparent", "dpi", "small", "bleed", "marks", "profile"):
        if getattr(options, name):
            raise RenderOptionError(
                f"An animation has no --{name}. Leave it out, or write png, webp, avif "
                "or pdf of a single page.",
                option=name,
            )


def _list_examples(document: Document, data: Data) -> list[str]:
    """List the data that is used and was left out, so that the example is shown."""
    return [
        part.key
        for part in document.parts
        if part.is_used and part.name not in data.get(part.owner, {})
    ]


def _files(
    made: list[Rendered], options: argparse.Namespace, *, is_animated: bool
) -> Iterator[tuple[Path, bytes]]:
    """Give one file, or with several pages of a still format one for each."""
    out: Path = options.out
    if is_animated:
        frames = [decode(one.data, name="page").pixels for one in made]
        yield out, write_animation(frames, _animation(options)).data
    elif len(made) > 1 and out.suffix.lower() == ".pdf":
        yield out, join_pdfs([one.data for one in made])
    elif len(made) > 1:
        digits = len(str(len(made)))  # so that files by name are in the pages' order
        for number, one in enumerate(made, 1):
            yield out.with_stem(f"{out.stem}-{number:0{digits}}"), one.data
    else:
        yield out, made[0].data


def _print_findings(rendered: Rendered) -> None:
    for finding in rendered.findings:
        name = f"{label_of(finding.rule)} ({finding.rule})"
        place = f"{finding.verdict:4} {name:44} {finding.place:10}"
        print(f"{place} {finding.measured} (allowed {finding.allowed})")
        if finding.verdict != Verdict.PASS:
            print(f"     {finding.message}")
            print(f"     {explain(finding.rule)}")


def _torture(options: argparse.Namespace) -> int:
    document = load_document(options.document.read_bytes())
    scene = ImageSource(draw_scene(), focal=SUN, is_ai_made=True)
    images = dict.fromkeys(document.image_slots, scene)
    for name, path in _pairs(options.image).items():
        images[name] = ImageSource(Path(path).read_bytes(), is_ai_made=True)
    counts = Counter[str]()
    for cell in run_torture(document, brand=_brand(options), images=images):
        counts["without a font" if cell.lacks_font else cell.verdict] += 1
        if cell.lacks_font or cell.verdict == Verdict.PASS:
            continue
        page = f", page {cell.page}" if cell.page else ""
        print(f"{cell.verdict:4} {cell.case.label}, {cell.format}{page}")
        for finding in cell.findings:
            name = f"{label_of(finding.rule)} ({finding.rule}) {finding.place}"
            print(f"     {name.strip()}: {finding.measured}. {finding.message}")
        if options.out and cell.rendered:
            options.out.mkdir(parents=True, exist_ok=True)
            number = f"-{cell.page}" if cell.page else ""
            file = options.out / f"{cell.case.name}-{cell.format}{number}.jpg"
            file.write_bytes(cell.rendered.data)
    print(", ".join(f"{count} {word}" for word, count in sorted(counts.items())))
    return 1 if counts[Verdict.FAIL] else 0


def _normalize(options: argparse.Namespace) -> int:
    document = load_document(options.document.read_bytes())
    print(json.dumps(dump_document(document), indent=2, ensure_ascii=False))
    return 0


def _check_partial(options: argparse.Namespace) -> int:
    """Tell every problem; what is only missing does not count as one."""
    found = find_document_problems(options.document.read_bytes())
    wrong = [one for one in found if not isinstance(one, MissingError)]
    for one in found:
        print(f"{'wrong' if one in wrong else 'missing':8} {one}")
    print(f"{len(wrong)} wrong, {len(found) - len(wrong)} missing")
    return 2 if wrong else 0


def _import(options: argparse.Namespace) -> int:
    """Write the document of a drawing, in demo colors, and say what it left out."""
    source = options.drawing.read_bytes()
    found = import_file(
        source, brand=_brand(options), name=options.name, page=options.page
    )
    text = json.dumps(found.data, indent=2, ensure_ascii=False)
    options.out.write_text(f"{text}\n", encoding="utf-8")
    for kind in ("changed", "left out"):
        for note in found.notes:
            if note.kind == kind:
                print(f"{kind}: {note}")
    print(
        f"{options.out}: {found.taken}, in {len(found.data['layers'])} layers; "
        f"{len(found.notes)} notes"
    )
    return 0


def _check(options: argparse.Namespace) -> int:
    if options.partial:
        return _check_partial(options)
    document = load_document(options.document.read_bytes())
    print(f"{document.name}: {len(document.layers)} layers")
    for name, shape in document.formats.items():
        print(f"  format {name}: {shape.width_px} x {shape.height_px}")
    if document.motion:
        print(f"  moves for {document.motion.duration_s:g} s")
    for number, page in enumerate(document.pages, 1):
        print(f"  page {number}, {page.name}: {page.seconds:g} s in an animation")
    for name, slot in document.slots.items():
        need = "required" if slot.required else "optional"
        print(f"  slot {name}: {slot.type}, {need}")
    return 0


def _encoding(options: argparse.Namespace) -> Encoding:
    kind = KINDS.get(options.out.suffix.lower())
    if kind is None:
        raise RenderOptionError(
            f"{options.out.name} must end in {', '.join(KINDS)} or .gif."
        )
    return Encoding(
        kind,  # type: ignore[arg-type]
        options.quality,
        effort="small" if options.small else "fast",
        dpi=options.dpi,
        transparent=options.transparent,
        bleed_mm=None if options.bleed is None else parse_bleed(options.bleed),
        marks=options.marks,
        most_bytes=options.most_bytes,
        least_quality=options.least_quality,
        watermark=options.watermark,
        profile=(
            load_profile(options.profile, options.profiles) if options.profile else None
        ),
        most_ink_percent=options.most_ink,
    )


def _values(
    document: Document, page: dict[str, str], options: argparse.Namespace
) -> tuple[dict[str, str], dict[str, ImageSource]]:
    """Take texts and pictures from a page of the modifications, then from options."""
    texts, paths = {}, {}
    for name, value in page.items():
        if isinstance(document.slots.get(name), ImageSlot):
            paths[name] = options.modifications.parent / value
        else:
            texts[name] = value
    texts |= _pairs(options.text)
    paths |= {name: Path(path) for name, path in _pairs(options.image).items()}
    focal = {name: _point(text) for name, text in _pairs(options.focal).items()}
    images = {}
    for name, path in paths.items():
        data = path.read_bytes()
        images[name] = ImageSource(data, focal.get(name) or suggest_focal(data).point)
    return texts, images


def _read_pages(path: Path) -> list[dict[str, str]]:
    try:
        data = json.loads(path.read_bytes())
    except ValueError as error:
        raise ModificationError("", f"{path.name} is not JSON: {error}.") from None
    pages = data if isinstance(data, list) else [data]
    if not 1 <= len(pages) <= MAX_FRAMES:
        raise ModificationError("", f"{path.name} holds no 1 to {MAX_FRAMES} pages.")
    for page in pages:
        if not isinstance(page, dict):
            raise ModificationError("", f"{path.name} holds no object of slots.")
        for name, value in page.items():
            if not isinstance(value, str):
                raise ModificationError(name, f"{path.name}: {name!r} is not a text.")
    return pages


def _point(text: str) -> tuple[float, float]:
    try:
        x, y = (float(part) for part in text.split(","))
    except ValueError:
        raise ImageSourceError(f"{text!r} is not a point such as 0.5,0.7.") from None
    return x, y


def _parts(pairs: Mapping[str, str]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for name, text in pairs.items():
        whole, _, part = name.partition(".")
        found.setdefault(whole, {})[part] = text
    return found


def _pairs(texts: list[str]) -> dict[str, str]:
    found = {}
    for text in texts:
        name, sign, value = text.partition("=")
        if not sign:
            raise ModificationError(name, f"{text!r} is not of the form SLOT=VALUE.")
        found[name] = value
    return found


if __name__ == "__main__":
    sys.exit(main())
