"""The plan of a feed: which column fills what, which cells are made, and how."""

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from brandgen.compositor import Document
from brandgen.creatives.file_choices import Chosen, read_options
from brandgen.creatives.models import Batch

MOST_RULES = 12
LONGEST_VALUE = 200
MINUS = "\N{MINUS SIGN}"
RANGE = re.compile(r"(\d{1,7})(?:\s*[-–]\s*(\d{1,7}))?")


@dataclass(frozen=True)
class Source:
    """Where a value comes from: a column, or one value that all rows share."""

    column: str = ""
    fixed: str = ""


@dataclass(frozen=True)
class Rule:
    """Cells that are left out: rows that pass a test, in a format and a locale.

    An empty format or locale stands for all of them.
    """

    column: str = ""
    test: str = "is"
    value: str = ""
    format: str = ""
    locale: str = ""

    def applies(self, row: Mapping[str, str]) -> bool:
        """Say whether a row, by column, passes the test."""
        return TESTS[self.test][1](row.get(self.column, "").strip(), self.value.strip())


@dataclass(frozen=True)
class Plan:
    """What is to be made of a feed. Anything may stand in it; see `rows`."""

    name: str = ""
    file_type: str = Batch.FileType.JPEG
    file_options: Mapping[str, str] = field(default_factory=dict)
    """As they were sent; see `creatives.file_options`."""
    sources: Mapping[str, Source] = field(default_factory=dict)
    formats: tuple[str, ...] = ()
    locales: tuple[str, ...] = ()
    rows_out: str = ""
    rules: tuple[Rule, ...] = ()
    without_bad: bool = False
    uses_extensions: bool = False
    version: int = 0
    """Of the template; 0 is always the newest, see `creatives.versions`."""

    def as_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        data: dict[str, Any] = json.loads(json.dumps(asdict(self)))
        return data

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Plan":
        """Read what `as_json` wrote."""
        return cls(
            **{
                **data,
                "sources": {
                    key: Source(**source)
                    for key, source in data.get("sources", {}).items()
                },
                "formats": tuple(data.get("formats", ())),
                "locales": tuple(data.get("locales", ())),
                "rules": tuple(Rule(**rule) for rule in data.get("rules", ())),
            }
        )

    def read_file_options(self, document: Document) -> Chosen:
        """Read how the files are to be written."""
        shapes = [s for name, s in document.formats.items() if name in self.formats]
        return read_options(self.file_options, self.file_type, shapes)

    @property
    def mark(self) -> str:
        """A short name of this state, by which one notices that somebody changed it."""
        text = json.dumps(self.as_json(), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def read_ranges(text: str) -> Iterator[tuple[int, int]]:
    """Read row numbers as people write them: 3, 7-9.

    Raises:
        ValueError: names the part that is no number.
    """
    for part in filter(None, (part.strip() for part in re.split(r"[,;\n]", text))):
        found = RANGE.fullmatch(part)
        if found is None:
            raise ValueError(
                f"“{part[:40]}” is no row number. Write numbers and ranges: 3, 7-9."
            )
        first = int(found[1])
        yield first, int(found[2] or first)


def read_number(text: str) -> Decimal | None:
    """Read a number as it is written in a table: € 1,299.00, 12,5, -25 %; else None."""
    digits = re.sub(r"[^\d.,-]", "", text.replace(MINUS, "-"))
    comma, dot = digits.rfind(","), digits.rfind(".")
    if comma > dot and len(digits) - comma != 4:
        digits = digits.replace(".", "").replace(",", ".")
    else:
        digits = digits.replace(",", "")
    try:
        return Decimal(digits)
    except InvalidOperation:
        return None


def _is_less(text: str, value: str) -> bool:
    left, right = read_number(text), read_number(value)
    return left is not None and right is not None and left < right


TESTS: Mapping[str, tuple[str, Callable[[str, str], bool]]] = {
    "is": ("is", lambda text, value: text.casefold() == value.casefold()),
    "is_not": ("is not", lambda text, value: text.casefold() != value.casefold()),
    "contains": (
        "contains",
        lambda text, value: bool(value) and value.casefold() in text.casefold(),
    ),
    "empty": ("is empty", lambda text, _: not text),
    "filled": ("is not empty", lambda text, _: bool(text)),
    "less": ("is less than", _is_less),
    "more": ("is more than", lambda text, value: _is_less(value, text)),
}
