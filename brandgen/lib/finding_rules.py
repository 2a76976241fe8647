"""What each rule of the automatic checks is called, and what it asks.

The one place that names them for people: pages, the editor and the command line read
it. A rule that the code makes findings by has an entry here, which a test sees to.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Rule:
    """A rule as people read it: its name, and in one sentence what it asks and why."""

    label: str
    explanation: str


RULES: Mapping[str, Rule] = {
    "binding": Rule(
        "Data filled in",
        "Every value that a layer takes from the data has to fit where it is filled "
        "in.",
    ),
    "code": Rule(
        "Code",
        "What a QR code or barcode says has to be writable in that kind of code.",
    ),
    "code-contrast": Rule(
        "Contrast of codes",
        "A code has to be dark on a light ground and stand out from it, because many "
        "cameras read no other.",
    ),
    "code-size": Rule(
        "Size of codes",
        "The bars or squares of a code have to be large enough for a camera.",
    ),
    "collection": Rule(
        "Collection of pictures",
        "The collection from which a slot takes its pictures has to be there.",
    ),
    "disclaimer": Rule(
        "Disclaimer",
        "What the brand kit asks creatives to say has to be there word for word, in "
        "their language and large enough.",
    ),
    "drawing": Rule(
        "Can be drawn",
        "The template has to be drawable with the brand kit, the pictures and the file "
        "type as they are.",
    ),
    "empty-value": Rule(
        "Gaps in texts",
        "A sentence with a value in it reads wrong where that value is empty.",
    ),
    "file": Rule("File can be read", "The picture's file has to open without errors."),
    "file-size": Rule(
        "File size",
        "Channels refuse files that are larger than they say, so creatives are packed "
        "with the least loss that fits.",
    ),
    "flashes": Rule(
        "Flashes",
        "A moving picture must not flash more than three times in a second, because "
        "that can cause seizures.",
    ),
    "font-fallback": Rule(
        "Letters of other fonts",
        "All letters should come from the brand's own font, because one that stands in "
        "looks unlike it.",
    ),
    "font-family": Rule(
        "Fonts of the brand", "Templates may use the fonts of the brand kit only."
    ),
    "font-setting": Rule(
        "Font features",
        "A feature or axis that a layer sets has to exist in its font, or it does "
        "nothing.",
    ),
    "font-slant": Rule(
        "Italics",
        "Italic text should come from an italic font file of the brand kit.",
    ),
    "font-weight": Rule(
        "Font weights",
        "A weight that a layer asks for should be one that its font has, or else the "
        "nearest stands in.",
    ),
    "image-resolution": Rule(
        "Resolution of pictures",
        "A picture needs enough pixels for its place, or it looks soft; paper needs "
        "more of them than a screen.",
    ),
    "ink-coverage": Rule(
        "Ink on the paper",
        "All inks together may cover paper only so much, or they smear and dry slowly.",
    ),
    "link": Rule(
        "Links", "A layer's link has to be an address that begins with https://."
    ),
    "logo-clear-space": Rule(
        "Room around the logo",
        "The brand kit asks for free room around the logo, without text and away from "
        "the edge.",
    ),
    "logo-contrast": Rule(
        "Contrast of the logo",
        "The logo has to stand out from what lies behind it, by 3 : 1 as WCAG 2.2 asks "
        "of graphics.",
    ),
    "logo-size": Rule(
        "Size of the logo",
        "The brand kit says how small the logo may be, so that it can be recognized.",
    ),
    "missing-glyph": Rule(
        "Missing letters",
        "Every character needs a font that has it; one without is left out rather than "
        "drawn as an empty box.",
    ),
    "own-picture": Rule(
        "Pictures of the template",
        "A picture that a template always shows has to be an approved one of the "
        "library.",
    ),
    "palette": Rule(
        "Palette", "The colors of a picture should be near those of the brand."
    ),
    "placeholder": Rule(
        "Examples replaced",
        "Texts and values that are only examples have to give way to real ones before "
        "anybody sees them.",
    ),
    "print-color": Rule(
        "Brand colors in print",
        "Some colors of screens can't be mixed of printing inks and come out duller "
        "than the brand's.",
    ),
    "rating": Rule("Rating", "A rating has to be a score that its scale has."),
    "resolution": Rule(
        "Size of the picture",
        "A picture needs enough pixels to fill a format without looking soft.",
    ),
    "safe-zone": Rule(
        "Safe zone",
        "Texts, logos and codes have to stay where neither buttons of the channel nor "
        "the cut of the paper touch them.",
    ),
    "sharpness": Rule("Sharpness", "A picture should have crisp edges somewhere."),
    "stack-fit": Rule(
        "Stack fits",
        "What is stacked has to fit into the stack's room at its smallest size.",
    ),
    "svg-color": Rule(
        "Colors of drawings", "Drawings may use the colors of the brand kit only."
    ),
    "table": Rule("Table", "A table's data has to have as many cells as it can show."),
    "table-fit": Rule(
        "Table fits", "A table's rows and cells have to fit into its room."
    ),
    "text-contrast": Rule(
        "Contrast of text",
        "Text has to stand out from the pixels behind it, by 4.5 : 1 or 3 : 1 where it "
        "is large, as WCAG 2.2 asks.",
    ),
    "text-fit": Rule(
        "Text fits",
        "A text has to fit into its room, without being cut and without broken words.",
    ),
}


def label_of(rule: str) -> str:
    """Return a rule's name as people read it, also of one that is no more."""
    known = RULES.get(rule)
    return known.label if known else rule.replace("-", " ").capitalize()


def explain(rule: str) -> str:
    """Return in one sentence what a rule asks; nothing of one that is no more."""
    known = RULES.get(rule)
    return known.explanation if known else ""
