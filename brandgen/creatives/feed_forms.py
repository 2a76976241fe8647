"""What a browser sends about a feed: the table, and the plan of what to make of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django import forms
from django.conf import settings
from django.http import QueryDict

from brandgen.compositor import Document
from brandgen.creatives.file_choices import read_raw
from brandgen.creatives.mapping import Target, list_targets
from brandgen.creatives.models import Batch
from brandgen.creatives.pictures import Offer
from brandgen.creatives.planning import (
    LONGEST_VALUE,
    MOST_RULES,
    TESTS,
    Plan,
    Rule,
    Source,
)
from brandgen.creatives.versions import read_wanted

COLUMN, FIXED = "c-", "f-"
FROM_COLUMN, SAME = "column:", "same"
LONGEST_FIXED = 2000
KINDS = {".csv", ".tsv", ".txt", ".xlsx", ".json"}


class TableForm(forms.Form):
    """A table to upload, or the address to fetch it from."""

    file = forms.FileField(
        label="Table",
        required=False,
        help_text="CSV, XLSX or JSON, a row for each product or offer. The first row "
        "names the columns.",
        widget=forms.FileInput(attrs={"accept": ",".join(sorted(KINDS))}),
        error_messages={
            "empty": "The file is empty. Choose a CSV, XLSX or JSON file.",
        },
    )
    address = forms.URLField(
        label="Address of a table",
        required=False,
        max_length=2000,
        assume_scheme="https",
        help_text="A Google Sheet that is shared with anyone who has the link, or a "
        "CSV, XLSX or JSON file on the web.",
        widget=forms.URLInput(
            attrs={"placeholder": "https://docs.google.com/spreadsheets/d/…"}
        ),
        error_messages={"invalid": "Copy the whole address, from https:// on."},
    )

    def clean(self) -> None:
        """Ask for one of both."""
        super().clean()
        file = self.cleaned_data.get("file")
        is_wrong = "file" in self.errors or "address" in self.errors
        if is_wrong or bool(file) != bool(self.cleaned_data.get("address")):
            return
        self.add_error(
            "address" if file else "file",
            "There is a file already. Leave one of both out."
            if file
            else "Choose a CSV, XLSX or JSON file, or write the address of a table.",
        )

    def clean_file(self) -> object:
        """Refuse what is too large before it is read."""
        file = self.cleaned_data["file"]
        if file and file.size > settings.FEED_MAX_BYTES:
            raise forms.ValidationError(
                f"The file has {file.size / 2**20:,.1f} MB; "
                f"{settings.FEED_MAX_BYTES // 2**20} are allowed. Split it, or leave "
                "out columns that the template does not use."
            )
        return file


def read_plan(
    data: QueryDict, document: Document, columns: Sequence[str], *, before: Plan
) -> Plan:
    """Read a plan; what means nothing is left out, what is wrong is kept to be shown.

    What the page did not show, the copy of languages that were not chosen, stays as it
    was `before`.
    """
    locales = tuple(t for t in document.locales if t in data.getlist("locales"))
    shown = list_targets(document, before.locales)
    unseen = {
        key: source
        for key, source in before.sources.items()
        if key not in {target.key for target in shown}
    }
    file_type = data.get("file_type", "")
    return Plan(
        name=_text(data, "name", 120),
        file_type=file_type if file_type in Batch.FileType.values else "jpeg",
        file_options=read_raw(data),
        sources=unseen | _read_sources(data, shown, columns),
        formats=tuple(n for n in document.formats if n in data.getlist("formats")),
        locales=locales,
        rows_out=_text(data, "rows_out", 1000),
        rules=tuple(_read_rules(data, document, columns)),
        without_bad="without_bad" in data,
        uses_extensions="uses_extensions" in data,
        version=read_wanted(data, before=before.version),
    )


def _text(data: QueryDict, name: str, most: int) -> str:
    return data.get(name, "").replace("\0", "").strip()[:most]


def _read_sources(
    data: QueryDict, targets: Sequence[Target], columns: Sequence[str]
) -> dict[str, Source]:
    found = {}
    for target in targets:
        chosen = data.get(COLUMN + target.key, "")
        column = chosen.removeprefix(FROM_COLUMN)
        if chosen == SAME:
            fixed = _text(data, FIXED + target.key, LONGEST_FIXED)
            found[target.key] = Source(fixed=fixed)
        elif chosen.startswith(FROM_COLUMN) and column in columns:
            found[target.key] = Source(column=column)
    return found


def _read_rules(
    data: QueryDict, document: Document, columns: Sequence[str]
) -> Iterator[Rule]:
    for number in range(MOST_RULES):
        column = data.get(f"r{number}-column", "")
        test = data.get(f"r{number}-test", "")
        format_name = data.get(f"r{number}-format", "")
        locale = data.get(f"r{number}-locale", "")
        if column in columns and test in TESTS:
            yield Rule(
                column=column,
                test=test,
                value=_text(data, f"r{number}-value", LONGEST_VALUE),
                format=format_name if format_name in document.formats else "",
                locale=locale if locale in document.locales else "",
            )


@dataclass(frozen=True)
class TargetField:
    """A target as the page shows it: its choice, and the first value that it gets.

    `offer` is what a slot for pictures may take for all rows.
    """

    target: Target
    source: Source | None
    sample: str
    offer: Offer | None = None

    @property
    def choice(self) -> str:
        """The value of the list that is chosen."""
        if self.source is None:
            return ""
        return FROM_COLUMN + self.source.column if self.source.column else SAME
