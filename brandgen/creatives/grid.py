"""What the page of a batch shows: which cells, in which order, how many of each."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from urllib.parse import urlencode

from django.db.models import Count, Q, QuerySet

from brandgen.creatives.models import Batch, Creative
from brandgen.library.models import Asset

PAGE = 60
MOST_CELLS = 240
"""How many cells one answer holds."""

IS_RENDERED = Q(state=Creative.State.RENDERED)
SHOWS: dict[str, tuple[str, Q]] = {
    "": ("All", ~Q(state=Creative.State.LEFT_OUT)),
    "pass": ("Passing", IS_RENDERED & Q(verdict="pass")),
    "warn": ("Warnings", IS_RENDERED & Q(verdict="warn")),
    "fail": ("Errors", IS_RENDERED & Q(verdict="fail")),
    "waiting": ("Waiting", Q(state=Creative.State.WAITING)),
    "failed": ("Not rendered", Q(state=Creative.State.FAILED)),
    "left_out": ("Left out", Q(state=Creative.State.LEFT_OUT)),
}


def read_position(text: str, *, most: int) -> int:
    """Read where in a list to begin; 0 for what is no such place."""
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else 0
    return min(number, most)


@dataclass(frozen=True)
class Filter:
    """What a person wants to see of a batch; empty is everything."""

    show: str = ""
    rule: str = ""
    format: str = ""
    locale: str = ""
    state: str = ""
    row: str = ""

    @classmethod
    def read(cls, data: Mapping[str, str]) -> "Filter":
        """Read a query; what means nothing is left out."""
        row = data.get("row", "")
        return cls(
            show=data.get("show", "") if data.get("show") in SHOWS else "",
            rule=data.get("rule", "").replace("\0", "")[:60],
            format=data.get("format", "").replace("\0", "")[:60],
            locale=data.get("locale", "").replace("\0", "")[:20],
            state=data.get("state", "") if data.get("state") in Asset.State else "",
            row=row if row.isdecimal() and len(row) < 9 else "",
        )

    def query(self, **changes: str) -> str:
        """Return it as a query string, with changes."""
        values = asdict(self) | changes
        return urlencode({name: value for name, value in values.items() if value})

    @property
    def is_empty(self) -> bool:
        """Whether everything is shown."""
        return self == Filter()

    def matching(self, batch: Batch) -> QuerySet[Creative]:
        """Return what it keeps, whatever was found in it: what the chips count."""
        wanted = Q()
        if self.rule:
            wanted &= Q(problems__contains=f"|{self.rule}|")
        if self.format:
            wanted &= Q(format=self.format)
        if self.locale:
            wanted &= Q(locale=self.locale)
        if self.state:
            wanted &= Q(asset__state=self.state)
        if self.row:
            wanted &= Q(row__number=int(self.row))
        return batch.creatives.filter(wanted)

    def cells(self, batch: Batch) -> QuerySet[Creative]:
        """Return the cells to show, in the order of the grid."""
        return self.matching(batch).filter(SHOWS[self.show][1])


@dataclass(frozen=True)
class Chip:
    """One way to look at a batch, with how many cells that is."""

    show: str
    label: str
    count: int


@dataclass(frozen=True)
class Grid:
    """One filter of one batch."""

    batch: Batch
    filter: Filter

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many cells each way to look keeps."""
        totals: dict[str, int] = self.filter.matching(self.batch).aggregate(
            **{
                show or "all": Count("id", filter=wanted)
                for show, (_, wanted) in SHOWS.items()
            },
            sendable=Count(
                "id",
                filter=IS_RENDERED
                & ~Q(verdict="fail")
                & Q(asset__state__in=Asset.SUBMITTABLE),
            ),
            approved=Count(
                "id", filter=IS_RENDERED & Q(asset__state=Asset.State.APPROVED)
            ),
            rendered=Count("id", filter=IS_RENDERED),
        )
        return totals

    @cached_property
    def total(self) -> int:
        """How many cells are shown, without counting what else there is."""
        return self.filter.cells(self.batch).count()

    def chips(self) -> list[Chip]:
        """Return each way to look that has anything to show, and the one chosen."""
        return [
            Chip(show, label, count)
            for show, (label, _) in SHOWS.items()
            if (count := self.counts[show or "all"]) or show in {"", self.filter.show}
        ]

    def cells(self, start: int, count: int) -> list[Creative]:
        """Return some of the cells that are shown."""
        shown = self.filter.cells(self.batch).order_by("position", "id")
        # Ids first: the cells before them need not be read whole.
        ids = list(shown.values_list("id", flat=True)[start : start + count])
        rows = Creative.objects.filter(id__in=ids).select_related("row", "asset")
        return list(rows.order_by("position", "id"))

    def rules(self) -> list[tuple[str, int]]:
        """Return the rules that found something, with how many cells each."""
        cells = Filter(format=self.filter.format, locale=self.filter.locale).matching(
            self.batch
        )
        found = cells.exclude(problems="").exclude(state=Creative.State.LEFT_OUT)
        counts: Counter[str] = Counter()
        for problems, count in (
            found.order_by().values_list("problems").annotate(Count("id"))
        ):
            for rule in problems.strip("|").split("|"):
                counts[rule] += count
        return counts.most_common()

    def formats(self) -> list[tuple[str, str]]:
        """Return the formats of the batch with their names."""
        rows = self.batch.creatives.order_by().values_list("format", "label")
        names = dict(rows.distinct())
        document = self.batch.template_version.document.get("formats", {})
        return [(name, names[name]) for name in document if name in names]

    def locales(self) -> list[str]:
        """Return the locales of the batch."""
        rows = self.batch.creatives.order_by("locale").values_list("locale", flat=True)
        return [locale for locale in rows.distinct() if locale]
