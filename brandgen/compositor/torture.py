"""Try a template with the texts that break layouts, before anybody uses it.

Every format is rendered with each of the cases: the longest texts that the slots take,
texts grown as in German, letters with marks, a language that runs from the right,
ideographs, every locale of the template, with all that may be empty left out, and on
light, dark and busy pictures. Data is stretched as slots are. What the template
promises must hold; of what it does not name one is only warned.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from brandgen.compositor.bindings import names_in
from brandgen.compositor.brand import BrandStyle, BrandStyleError
from brandgen.compositor.display import Rect
from brandgen.compositor.document import Document, Locale, TextSlot, slot_of
from brandgen.compositor.encode import Encoding
from brandgen.compositor.file_size import FileSizeError
from brandgen.compositor.layers import (
    BarcodeLayer,
    ImageLayer,
    QrLayer,
    RatingLayer,
    TableLayer,
    each_layer,
)
from brandgen.compositor.parts import Data, complete_data, merge_data
from brandgen.compositor.pictures import ImageSource
from brandgen.compositor.render import ModificationError, Rendered, render_creative
from brandgen.compositor.sample_pictures import SAMPLES, Sample, draw_sample
from brandgen.compositor.sample_texts import (
    LANGUAGES,
    Language,
    accented,
    example_of,
    find_language,
    is_figure,
    longest,
    translate,
)
from brandgen.lib.findings import Finding, Verdict

REVISION = 3
"""Counts up when the cases change, so that what was tried before is tried anew."""

NOT_DRAWN = "drawing"
"""The rule of what can't be drawn at all: such a cell has no picture."""
WIDER_FIGURE = 3
SHORTEST_DATA = 24
SIDE_PX = 640
QUALITY = 80
RIGHT_TO_LEFT, IDEOGRAPHS = ("ar", "he", "fa", "ur"), ("zh", "ja", "ko")
OF_THE_FILLING = ("disclaimer", "placeholder", "image-resolution")
"""Rules that judge what a template is filled with, not the template."""
TOLD_ONCE = ("font-fallback",)
"""Rules that pass in a creative, but that who publishes a template must know of."""
DEPENDS_ON_PICTURE = ("text-contrast", "logo-contrast")
# In the order of what to look at first.
ADVICE = {
    "text-fit": "Give the text more room or lines, a smaller `smallest` size, or its "
    "slot fewer characters.",
    "stack-fit": "Give the stack more room, its texts smaller sizes, or their slots "
    "fewer characters; in narrow formats hide what is not needed.",
    "table-fit": "Give the table more room, or a smaller `smallest` size.",
    "safe-zone": "Move the layer in, or attach it to an edge with a larger offset.",
    "logo-clear-space": "Move the logo or what stands next to it, or let the text end "
    "earlier.",
    "logo-size": "Give the logo more room in this format.",
    "link": "Give the slot or the data of the link an address as its example.",
    "text-contrast": "Set the text in another color, or on a plate or a scrim.",
    "logo-contrast": "Take the variant `auto`, or put a ground behind the logo.",
    "font-fallback": "Add a font with these letters to the brand kit, or publish with "
    "the one that stands in.",
    "font-family": "Choose a font of the brand kit, or add this one to it.",
    "font-weight": "Use a weight that the font has, or add this one to the brand kit.",
    "missing-glyph": "Add a font with these letters to the brand kit, or take the "
    "locale out of the template.",
    "file-size": "Choose a file type that packs better for this format.",
}


@dataclass(frozen=True)
class Case:
    """One way to fill a template; `is_promised` says that it names this locale.

    With a `picture`, all picture slots show that one.
    """

    name: str
    label: str
    says: str
    texts: Mapping[str, str]
    images: frozenset[str]
    locale: str = ""
    is_promised: bool = True
    data: Data = field(default_factory=dict)
    picture: Sample | None = None


@dataclass(frozen=True)
class Cell:
    """One case in one format: what was found, and where each layer lies.

    `page` is the number of the page, 0 where the template has none.
    """

    case: Case
    format: str
    findings: tuple[Finding, ...]
    rendered: Rendered | None = field(repr=False)
    page: int = 0

    @property
    def verdict(self) -> Verdict:
        """The worst that was found."""
        verdicts = {finding.verdict for finding in self.findings}
        worst = (v for v in (Verdict.FAIL, Verdict.WARN) if v in verdicts)
        return next(worst, Verdict.PASS)

    @property
    def lacks_font(self) -> bool:
        """Whether nothing can be said: a writing that was not promised has no font."""
        return not self.case.is_promised and any(
            finding.rule == "missing-glyph" for finding in self.findings
        )


def list_cases(document: Document) -> tuple[Case, ...]:
    """Give every way in which a template is tried."""
    worded = {n: s for n, s in document.slots.items() if isinstance(s, TextSlot)}
    pictures = frozenset(set(document.slots) - set(worded))
    required = frozenset(n for n, slot in document.slots.items() if slot.required)
    fixed = _bound_to_codes(document)

    def case(
        name: str,
        label: str,
        says: str,
        write: Callable[[TextSlot], str],
        **fields: Any,
    ) -> Case:
        texts = {
            slot_name: example_of(slot) if slot_name in fixed else write(slot)
            for slot_name, slot in worded.items()
        }
        fields.setdefault("data", _stretch(document, write))
        return Case(name, label, says, texts, pictures, **fields)

    german = next((tag for tag in document.locales if _is(tag, ("de",))), "")
    plain = case("examples", "Examples", "The template's own examples.", example_of)
    empty = Case(
        "empty",
        "Nothing optional",
        "Only what is required is filled in.",
        {name: text for name, text in plain.texts.items() if name in required},
        pictures & required,
        data=_only_needed(document, plain.data),
    )
    found = [
        plain,
        case("longest", "Longest texts", "As long as the slots allow.", longest),
        case(
            "expanded",
            "40 % longer",
            "The examples grown as in German, with its long words.",
            _in(LANGUAGES["de"]),
            locale=german,
        ),
        case(
            "pseudo",
            "Letters with marks",
            "The examples with accents, a third longer, in brackets.",
            accented,
        ),
        empty,
    ]
    for tag, locale in document.locales.items():
        if tag != german:
            language = find_language(tag)
            label = locale.label or language.name
            says = f"The examples as long as in {language.name}."
            found.append(case(f"locale-{tag}", label, says, _in(language), locale=tag))
    for name, label, tags in (
        ("rtl", "Right to left", RIGHT_TO_LEFT),
        ("cjk", "Ideographs", IDEOGRAPHS),
    ):
        if not any(_is(tag, tags) for tag in document.locales):
            language, locale_tag = LANGUAGES[tags[0]], tags[0]
            says = f"{language.name}, which is no locale of the template."
            found.append(
                case(
                    name,
                    label,
                    says,
                    _in(language),
                    locale=locale_tag,
                    is_promised=False,
                )
            )
    if pictures:
        found += [
            case(
                f"picture-{name}",
                f"{name.capitalize()} picture",
                f"The examples, with a {name} picture in every slot.",
                example_of,
                picture=name,
            )
            for name in SAMPLES
        ]
    return tuple(found)


def _stretch(
    document: Document, write: Callable[[TextSlot], str]
) -> dict[str, dict[str, str]]:
    """Write the template's data as its slots are, but for what is more than words."""
    data = {name: dict(parts) for name, parts in document.data.items()}
    for part in document.parts:
        if part.is_words:
            slot = slot_of(part, max_chars=_most_chars(part.example))
            data[part.owner][part.name] = write(slot)
    return data


def _only_needed(document: Document, data: Data) -> dict[str, dict[str, str]]:
    needed = {p.key: data[p.owner][p.name] for p in document.parts if p.is_needed}
    return complete_data(document.parts, merge_data({}, needed))


def _most_chars(example: str) -> int:
    """Say how long data may become: it has no limit, but a price stays a price."""
    if is_figure(example):
        return len(example) + WIDER_FIGURE
    return min(2000, max(SHORTEST_DATA, 2 * len(example)))


def _in(language: Language) -> Callable[[TextSlot], str]:
    return lambda slot: translate(slot, language)


def _is(tag: str, languages: tuple[str, ...]) -> bool:
    return tag.partition("-")[0] in languages


def _bound_to_codes(document: Document) -> set[str]:
    """Give the slots whose text is more than words: a code, a score, a link."""
    coded = (QrLayer, BarcodeLayer, RatingLayer, TableLayer)
    layers = [layer for _, layer, _ in each_layer(document.layers)]
    slots = {x.slot for x in layers if isinstance(x, coded) and x.slot}
    linked = (names_in(layer.link) for layer in layers if layer.link)
    return slots.union(*linked)


def run_torture(
    document: Document, *, brand: BrandStyle, images: Mapping[str, ImageSource]
) -> Iterator[Cell]:
    """Render every case in every format, page by page, one after the other.

    `images` are pictures for the picture slots. What can't be drawn at all is a
    finding of its cell.
    """
    for case in list_cases(document):
        for name in document.formats:
            for number in document.page_numbers:
                page = document.on_page(number)
                yield render_cell(page, case, name, brand=brand, images=images)


def count_cells(document: Document) -> int:
    """Say how many renderings a run makes."""
    formats, pages = len(document.formats), len(document.page_numbers)
    return len(list_cases(document)) * formats * pages


def render_cell(
    document: Document,
    case: Case,
    format_name: str,
    *,
    brand: BrandStyle,
    images: Mapping[str, ImageSource],
) -> Cell:
    """Render one case in one format, and judge it as a template, not as a creative."""
    shape = document.formats[format_name]
    try:
        rendered = render_creative(
            with_locale(document, case.locale),
            format=format_name,
            modifications=case.texts,
            images=place_pictures(document, case, images),
            brand=brand,
            encoding=Encoding("jpeg", QUALITY),
            scale=min(1.0, SIDE_PX / max(shape.width_px, shape.height_px)),
            locale=case.locale,
            data=case.data,
        )
    except (BrandStyleError, ModificationError, FileSizeError) as error:
        finding = Finding(NOT_DRAWN, "can't be drawn", "", Verdict.FAIL, str(error))
        return Cell(case, format_name, (finding,), None, document.page_number)
    pictures = _picture_boxes(document, format_name, rendered)
    found = (
        _judge(finding, case, rendered, pictures)
        for finding in rendered.findings
        if _is_told(finding, case) and finding.rule not in OF_THE_FILLING
    )
    return Cell(case, format_name, tuple(found), rendered, document.page_number)


def _is_told(finding: Finding, case: Case) -> bool:
    is_once = finding.rule in TOLD_ONCE and case.is_promised
    return is_once or finding.verdict != Verdict.PASS


def place_pictures(
    document: Document, case: Case, images: Mapping[str, ImageSource]
) -> dict[str, ImageSource]:
    """Give the pictures that a case shows: these, or its own in the slots.

    Those of no slot are the template's own, and always shown as they are.
    """
    shown = {
        name: image
        for name, image in images.items()
        if name in case.images or name in document.fixed_images
    }
    if case.picture is None:
        return shown
    sample = draw_sample(case.picture)
    return {
        name: ImageSource(sample, is_ai_made=image.is_ai_made, digest=case.picture)
        if name in case.images
        else image
        for name, image in shown.items()
    }


def with_locale(document: Document, tag: str) -> Document:
    """Give the document with a locale that it does not name, laid out as any other."""
    if not tag or tag in document.locales:
        return document
    direction = "rtl" if _is(tag, RIGHT_TO_LEFT) else "ltr"
    layouts = {(name, tag): document.layers_in(name) for name in document.formats}
    return replace(
        document,
        locales={**document.locales, tag: Locale(direction=direction)},  # type: ignore[arg-type]
        layouts={**document.layouts, **layouts},
    )


def _picture_boxes(
    document: Document, format_name: str, rendered: Rendered
) -> tuple[Rect, ...]:
    return tuple(
        rendered.boxes[layer.id]
        for _, layer, _ in each_layer(document.layers_in(format_name))
        if isinstance(layer, ImageLayer) and layer.slot and layer.id in rendered.boxes
    )


def _judge(
    finding: Finding, case: Case, rendered: Rendered, pictures: tuple[Rect, ...]
) -> Finding:
    """Say what to change in the template, and be lenient with what it can't know."""
    box = rendered.boxes.get(finding.place)
    depends = finding.rule in DEPENDS_ON_PICTURE and any(
        box is not None and box.overlaps(picture) for picture in pictures
    )
    is_lenient = depends or not case.is_promised or finding.rule in TOLD_ONCE
    advice = ADVICE.get(finding.rule, "")
    what_happened = finding.message.partition(". ")[0].rstrip(".")
    return replace(
        finding,
        verdict=Verdict.WARN if is_lenient else finding.verdict,
        message=f"{what_happened}. {advice}" if advice else finding.message,
    )
