"""Read a feed by its plan: fillings, cells, and every problem before it costs time."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from django.conf import settings

from brandgen.brands.banned import find_banned_terms
from brandgen.brands.models import BrandKit
from brandgen.compositor import Document, find_slot_problems
from brandgen.compositor.parts import find_empty, flat_data
from brandgen.compositor.strict import name_nearest
from brandgen.creatives.batches import Cell, Filling
from brandgen.creatives.content import tell_needed
from brandgen.creatives.file_options import explain_no_video
from brandgen.creatives.mapping import LABEL, LOCALE, Target, list_targets
from brandgen.creatives.picture_rules import find_rules
from brandgen.creatives.pictures import PictureError, find_pictures
from brandgen.creatives.planning import Plan, Source, read_ranges
from brandgen.lib.feeds import Row, Table
from brandgen.library.models import Asset

LONGEST_LABEL = 60


@dataclass(frozen=True)
class Problem:
    """What is wrong: in a row, or, where it is 0, in the plan. `message` says how."""

    row: int
    key: str
    where: str
    value: str
    message: str


@dataclass
class Reading:
    """What a plan makes of a table."""

    fillings: list[Filling] = field(default_factory=list)
    cells: list[Cell] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    bad_rows: set[int] = field(default_factory=set)
    row_count: int = 0
    left_out: int = 0

    @property
    def plan_problems(self) -> list[Problem]:
        """What must be changed in the plan before anything can be made."""
        return [problem for problem in self.problems if not problem.row]

    @property
    def row_problems(self) -> list[Problem]:
        """What is wrong with single rows."""
        return [problem for problem in self.problems if problem.row]


def read_rows(
    table: Table, plan: Plan, *, document: Document, kit: BrandKit
) -> Reading:
    """Read a table by a plan; rows with problems make no cells."""
    return _Reader(table, plan, document, kit).read()


@dataclass
class _Reader:
    table: Table
    plan: Plan
    document: Document
    kit: BrandKit
    _banned: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.locales = [t for t in self.document.locales if t in self.plan.locales]
        self.formats = [f for f in self.document.formats if f in self.plan.formats]
        self.targets = list_targets(self.document, self.locales)
        self.places = {name: at for at, name in enumerate(self.table.columns)}

    @cached_property
    def terms(self) -> list[str]:
        return list(self.kit.banned_terms.values_list("term", flat=True))

    @cached_property
    def pictures(self) -> Mapping[str, Mapping[str, Asset | PictureError]]:
        """What the values of each image slot name, by slot and value."""
        brand, rules = self.kit.brand, find_rules(self.kit.brand, self.document)
        return {
            target.slot: find_pictures(
                brand, set(self._each_value(target)), rules[target.slot]
            )
            for target in self.targets
            if target.kind == "image"
        }

    def _each_value(self, target: Target) -> Iterator[str]:
        source = self.plan.sources.get(target.key, Source())
        if source.column not in self.places:
            yield from filter(None, [source.fixed])
            return
        at = self.places[source.column]
        yield from filter(None, (row.cells[at] for row in self.table.rows))

    def read(self) -> Reading:
        reading = Reading(row_count=len(self.table.rows))
        reading.problems += self._judge_plan()
        out = self._rows_out(reading)
        for row in self.table.rows:
            if any(first <= row.number <= last for first, last in out):
                reading.left_out += len(self.formats) * max(1, len(self.locales))
                continue
            self._read_row(row, reading)
        most = settings.BATCH_MAX_CREATIVES
        if len(reading.cells) > most:
            reading.problems.append(
                _plan_problem(
                    "formats",
                    "Creatives",
                    f"The plan makes {len(reading.cells):,} creatives; a batch takes "
                    f"{most:,}. Choose fewer formats, languages or rows, or ask an "
                    "admin to raise the limit.",
                )
            )
        return reading

    def _rows_out(self, reading: Reading) -> list[tuple[int, int]]:
        try:
            return list(read_ranges(self.plan.rows_out))
        except ValueError as error:
            problem = _plan_problem("rows_out", "Rows to leave out", str(error))
            reading.problems.append(problem)
            return []

    def _judge_plan(self) -> Iterator[Problem]:
        for message in self.plan.read_file_options(self.document).problems:
            yield _plan_problem("file_options", "File options", message)
        if self.plan.file_type == "mp4":
            known = [
                name for name in self.plan.formats if name in self.document.formats
            ]
            if problem := explain_no_video(self.document, known):
                yield _plan_problem("file_type", "File type", problem)
        if not self.formats:
            message = "No format is chosen. Choose at least one."
            yield _plan_problem("formats", "Formats", message)
        for target in self.targets:
            source = self.plan.sources.get(target.key, Source())
            if source.column and source.column not in self.places:
                hint = name_nearest(source.column, self.places)
                yield _plan_problem(
                    target.key,
                    target.label,
                    f"The table has no column “{source.column}”. {hint}",
                )
            elif target.is_needed and source == Source():
                fill = "choose a picture" if target.kind == "image" else "write it"
                yield _plan_problem(
                    target.key,
                    target.label,
                    f"{target.label} is needed. Choose its column, or {fill} once for "
                    "all rows.",
                )
        for number, rule in enumerate(self.plan.rules, start=1):
            if rule.column not in self.places:
                yield _plan_problem(
                    f"rule{number}",
                    f"Rule {number}",
                    f"The table has no column “{rule.column}”. Choose one.",
                )

    def _read_row(self, row: Row, reading: Reading) -> None:
        given = {
            target.key: value
            for target in self.targets
            if (value := self._value(row, target.key))
        }
        locales, problems = self._locales_of(row, given)
        filling, more = self._fill(row, given, locales)
        problems += more
        reading.problems += problems
        if problems:
            reading.bad_rows.add(row.number)
            return
        kept = self._kept(row, locales)
        reading.left_out += len(locales) * len(self.formats) - len(kept)
        if kept:
            at = len(reading.fillings)
            reading.fillings.append(filling)
            reading.cells += [Cell(at, name, tag) for tag, name in kept]

    def _value(self, row: Row, key: str) -> str:
        source = self.plan.sources.get(key)
        if source is None:
            return ""
        if source.column:
            at = self.places.get(source.column)
            return row.cells[at] if at is not None else ""
        return source.fixed

    def _locales_of(
        self, row: Row, given: Mapping[str, str]
    ) -> tuple[list[str], list[Problem]]:
        """Return the locales that a row is made in; "" stands for none."""
        if not self.locales:
            return [""], []
        if not (wanted := given.get(LOCALE, "")):
            return self.locales, []
        known = {tag.casefold(): tag for tag in self.document.locales}
        tag = known.get(wanted.replace("_", "-").casefold())
        if tag is None:
            hint = name_nearest(wanted, self.document.locales)
            message = f"The template has no language “{wanted[:40]}”. {hint}"
            return [], [Problem(row.number, LOCALE, "Language", wanted[:200], message)]
        return [tag] if tag in self.locales else [], []

    def _fill(
        self, row: Row, given: Mapping[str, str], locales: Sequence[str]
    ) -> tuple[Filling, list[Problem]]:
        texts: dict[str, str] = {}
        localized: dict[str, dict[str, str]] = {}
        data: dict[str, dict[str, str]] = {name: {} for name in self.document.data}
        images: dict[str, Asset] = {}
        problems: list[Problem] = []
        for target in self.targets:
            value = given.get(target.key, "")
            if target.kind == "data" and not target.locale:
                name, _, part = target.key.partition(".")
                data[name][part] = value
            elif not value:
                continue
            elif target.kind == "image":
                picture = self.pictures[target.slot][value]
                if isinstance(picture, PictureError):
                    problems.append(_problem(row, target, value, str(picture)))
                else:
                    images[target.slot] = picture
            elif target.locale:
                localized.setdefault(target.locale, {})[target.slot] = value
            elif target.kind == "text":
                texts[target.slot] = value
        filling = Filling(
            number=row.number,
            label=(given.get(LABEL) or next(iter(texts.values()), ""))[:LONGEST_LABEL],
            texts=texts,
            localized=localized,
            data=data,
            images=images,
        )
        pictures = {*images, *(problem.key for problem in problems)}
        problems += self._judge(row, filling, locales, pictures)
        return filling, problems

    def _judge(
        self,
        row: Row,
        filling: Filling,
        locales: Sequence[str],
        pictures: set[str],
    ) -> Iterator[Problem]:
        seen: set[tuple[str, str]] = set()
        for locale in locales:
            texts, data = filling.texts_in(locale), filling.data_in(locale)
            values = {**texts, **flat_data(data)}
            found = [
                (problem.slot, str(problem))
                for problem in find_slot_problems(self.document, texts, pictures)
            ]
            found += [
                (part.key, tell_needed(part))
                for part in find_empty(self.document.parts, data)
            ]
            found += [
                (slot, message)
                for slot, text in values.items()
                if (message := self._find_banned(text))
            ]
            for slot, message in found:
                if (slot, message) in seen:
                    continue
                seen.add((slot, message))
                own = slot in filling.localized.get(locale, {})
                known = self.document.slots.get(slot)
                label = known.label if known and known.label else slot
                yield Problem(
                    row=row.number,
                    key=f"{slot}@{locale}" if own else slot,
                    where=f"{label}, {locale}" if own else label,
                    value=values.get(slot, "")[:200],
                    message=message,
                )

    def _find_banned(self, text: str) -> str:
        """Return a sentence on the banned words of a text; each text is read once."""
        if text not in self._banned:
            self._banned[text] = find_banned_terms(text, self.terms)
        if not (words := self._banned[text]):
            return ""
        return f"{self.kit.brand.name} does not allow {', '.join(words)}. Reword it."

    def _kept(self, row: Row, locales: Sequence[str]) -> list[tuple[str, str]]:
        """Return the cells of a row that no rule leaves out."""
        values = dict(zip(self.table.columns, row.cells, strict=True))
        rules = [
            rule
            for rule in self.plan.rules
            if rule.column in self.places and rule.applies(values)
        ]
        return [
            (locale, name)
            for locale in locales
            for name in self.formats
            if not any(
                rule.format in {"", name} and rule.locale in {"", locale}
                for rule in rules
            )
        ]


def _problem(row: Row, target: Target, value: str, message: str) -> Problem:
    return Problem(row.number, target.key, target.label, value[:200], message)


def _plan_problem(key: str, where: str, message: str) -> Problem:
    return Problem(0, key, where, "", message)
