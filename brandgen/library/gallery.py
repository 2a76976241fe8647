"""Which assets a gallery page shows: filters, their counts, and pages by key."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Self
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Count, Q

from brandgen.accounts.models import Brand
from brandgen.library.models import Asset, AssetQuerySet, Collection

PAGE_SIZE = 48
MOST_PRESETS = 12


@dataclass(frozen=True)
class Filters:
    """What a person wants to see. ``is_all`` looks beyond what is approved."""

    is_all: bool = False
    kinds: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    presets: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    text: str = ""
    collection: Collection | None = None

    def of_brand(self, brand: Brand) -> AssetQuerySet:
        """Return the assets of a brand that these filters keep, newest first."""
        assets = self._within(brand)
        if self.states and self.is_all:
            assets = assets.filter(state__in=self.states)
        if self.kinds:
            assets = assets.filter(kind__in=self.kinds)
        if self.presets:
            assets = assets.filter(preset_name__in=self.presets)
        return assets.order_by("-created_at", "-id")

    def _within(self, brand: Brand) -> AssetQuerySet:
        """Return what stands before kind, state and preset are chosen."""
        assets = Asset.objects.of_brand(brand)
        if not self.is_all:
            assets = assets.approved()
        elif Asset.State.ARCHIVED not in self.states:
            assets = assets.exclude(state=Asset.State.ARCHIVED)
        if self.collection:
            assets = assets.filter(collections=self.collection)
        if self.since:
            assets = assets.filter(created_at__gte=_midnight(self.since))
        if self.until:
            end = _midnight(self.until) + timedelta(days=1)
            assets = assets.filter(created_at__lt=end)
        for word in self.text.split():
            assets = assets.filter(Q(title__icontains=word) | Q(prompt__icontains=word))
        return assets

    def query(self, **changes: object) -> str:
        """Return them as a query string, some of them changed."""
        wanted = {
            "view": "all" if self.is_all else "",
            "kind": self.kinds,
            "state": self.states,
            "preset": self.presets,
            "since": self.since or "",
            "until": self.until or "",
            "q": self.text,
            "collection": self.collection.pk if self.collection else "",
        } | changes
        kept = {name: value for name, value in wanted.items() if value}
        return urlencode(kept, doseq=True)

    def chips(self) -> list["Chip"]:
        """Return one removable chip for each filter that is set."""
        chips = [Chip(self.text, self.query(q=""))] if self.text else []
        for name, chosen, labels in (
            ("kind", self.kinds, dict(Asset.Kind.choices)),
            ("state", self.states, dict(Asset.State.choices)),
            ("preset", self.presets, {}),
        ):
            chips += [
                Chip(
                    str(labels.get(one, one)),
                    self.query(**{name: [other for other in chosen if other != one]}),
                )
                for one in chosen
            ]
        if self.collection:
            chips.append(Chip(self.collection.name, self.query(collection="")))
        if self.since:
            chips.append(Chip(f"from {self.since:%-d %b %Y}", self.query(since="")))
        if self.until:
            chips.append(Chip(f"until {self.until:%-d %b %Y}", self.query(until="")))
        return chips


@dataclass(frozen=True)
class Chip:
    """A filter that is set, and the query without it."""

    label: str
    query: str


@dataclass(frozen=True)
class Option:
    """One value that a filter may take, and how many assets it would show."""

    value: str
    label: str
    count: int
    is_chosen: bool


@dataclass
class Facets:
    """The options of each filter with their counts, and how many were found in all."""

    total: int = 0
    kinds: list[Option] = field(default_factory=list)
    states: list[Option] = field(default_factory=list)
    presets: list[Option] = field(default_factory=list)


def count_facets(brand: Brand, filters: Filters) -> Facets:
    """Count what each option would show beside the other filters, in one query.

    Without text or dates the index ``asset_facets`` answers it alone.
    """
    chosen = (set(filters.states), set(filters.kinds), set(filters.presets))
    counts: tuple[Counter[str], ...] = (Counter(), Counter(), Counter())
    total = 0
    rows = (
        filters._within(brand)
        .order_by()
        .values_list("state", "kind", "preset_name")
        .annotate(Count("id"))
    )
    for state, kind, preset, number in rows:
        values = (state, kind, preset)
        fits = [
            not wanted or value in wanted
            for value, wanted in zip(values, chosen, strict=True)
        ]
        total += number if all(fits) else 0
        for place, value in enumerate(values):
            others = fits[:place] + fits[place + 1 :]
            counts[place][value] += number if all(others) else 0
    states, kinds, presets = counts
    named = Counter({name: n for name, n in presets.items() if name})
    common = [name for name, _ in named.most_common(MOST_PRESETS)]
    labels = {name: name for name in [*common, *filters.presets]}
    return Facets(
        total=total,
        states=_options(dict(Asset.State.choices), states, filters.states),
        kinds=_options(dict(Asset.Kind.choices), kinds, filters.kinds),
        presets=_options(labels, presets, filters.presets),
    )


def _options(
    labels: Mapping[str, str], counts: Counter[str], chosen: tuple[str, ...]
) -> list[Option]:
    return [
        Option(value, str(label), counts[value], value in chosen)
        for value, label in labels.items()
    ]


@dataclass(frozen=True)
class Key:
    """The place of one asset in the order, newest first."""

    created_at: datetime
    id: UUID

    @classmethod
    def of(cls, asset: Asset) -> Self:
        """Return an asset's place."""
        return cls(asset.created_at, asset.id)

    @classmethod
    def find(cls, text: str) -> Self | None:
        """Read a place from an address; None if it is none."""
        moment, _, name = text.partition("_")
        try:
            created_at = datetime.fromisoformat(moment)
            return cls(created_at.replace(tzinfo=UTC), UUID(name))
        except ValueError:
            return None

    def __str__(self) -> str:
        moment = self.created_at.astimezone(UTC).replace(tzinfo=None)
        return f"{moment.isoformat(timespec='microseconds')}_{self.id.hex}"


@dataclass(frozen=True)
class Page:
    """Some assets in order, and the keys of the pages beside them."""

    assets: list[Asset]
    newer: Key | None
    older: Key | None


def get_page(
    assets: AssetQuerySet, *, after: Key | None = None, before: Key | None = None
) -> Page:
    """Return the page that follows one place or comes just before another.

    Both bounds are ranges of the index, so page 20,000 costs what page 1 does.
    """
    if before is not None:
        rows = _read(_newer_than(assets, before).order_by("created_at", "id"))
        has_newer, has_older = len(rows) > PAGE_SIZE, True
        rows = rows[:PAGE_SIZE][::-1]
    else:
        rows = _read(assets if after is None else _older_than(assets, after))
        has_newer, has_older = after is not None, len(rows) > PAGE_SIZE
        rows = rows[:PAGE_SIZE]
    return Page(
        assets=rows,
        newer=Key.of(rows[0]) if rows and has_newer else None,
        older=Key.of(rows[-1]) if rows and has_older else None,
    )


def _read(assets: AssetQuerySet) -> list[Asset]:
    return list(assets.defer("prompt")[: PAGE_SIZE + 1])


def _older_than(assets: AssetQuerySet, key: Key) -> AssetQuerySet:
    return assets.filter(
        Q(created_at__lt=key.created_at) | Q(id__lt=key.id),
        created_at__lte=key.created_at,
    )


def _newer_than(assets: AssetQuerySet, key: Key) -> AssetQuerySet:
    return assets.filter(
        Q(created_at__gt=key.created_at) | Q(id__gt=key.id),
        created_at__gte=key.created_at,
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
