"""Read what a query asks for: a format, a locale, copy, data and pictures by slot."""

import hashlib
import json
import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

from brandgen.compositor import Document
from brandgen.compositor.document import TextSlot
from brandgen.compositor.strict import name_nearest
from brandgen.creatives.content import MOST_TEXT, label_of
from brandgen.links.refusals import UnfitError
from brandgen.links.signing import SIGNATURE

# No slot's name begins so.
FORMAT, LOCALE, TEST = "_format", "_locale", "_test"


@dataclass(frozen=True)
class Asked:
    """What a query fills in."""

    format: str
    locale: str
    texts: Mapping[str, str]
    data: Mapping[str, Mapping[str, str]]
    image_ids: Mapping[str, uuid.UUID]
    is_test: bool = False

    @property
    def key(self) -> str:
        """What tells it from all other questions, as a SHA-256; a test asks alike."""
        facts = asdict(self)
        del facts["is_test"]
        text = json.dumps(facts, sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()


def read_query(
    pairs: Sequence[tuple[str, str]],
    document: Document,
    *,
    format_name: str,
    locale: str,
    fixed: Collection[str] = (),
) -> Asked:
    """Read a query against a template.

    Args:
        pairs: names and values: a slot's name, ``name.part`` of the template's data,
            ``_format``, ``_locale`` or ``_test``.
        document: the template's.
        format_name: what is drawn where the query names none.
        locale: the same.
        fixed: image slots that the query may not fill.

    Raises:
        UnfitError: a name twice, or one that the template does not have.
    """
    values = _once(pairs)
    values.pop(SIGNATURE, None)
    is_test = _read_switch(TEST, values.pop(TEST, "0"))
    shape = values.pop(FORMAT, format_name)
    language = values.pop(LOCALE, locale)
    _require_known(shape, document.formats, "format", FORMAT)
    if language:
        _require_known(language, document.locales, "locale", LOCALE)
    texts: dict[str, str] = {}
    data: dict[str, dict[str, str]] = {}
    image_ids: dict[str, uuid.UUID] = {}
    parts = set(_parts_of(document))
    for name, value in values.items():
        if name in fixed:
            raise UnfitError(
                f"The picture for {label_of(document, name)!r} is fixed here. Leave "
                f"{name!r} out.",
                code="unknown_slot",
                slot=name,
            )
        if name in parts:
            owner, _, part = name.partition(".")
            data.setdefault(owner, {})[part] = _short(name, value)
            continue
        _require_known(name, {*document.slots, *parts} - {*fixed}, "slot", name)
        if isinstance(document.slots[name], TextSlot):
            if text := value.strip():
                texts[name] = _short(name, text)
        elif value:
            image_ids[name] = _read_id(name, value)
    return Asked(shape, language, texts, data, image_ids, is_test)


def _once(pairs: Sequence[tuple[str, str]]) -> dict[str, str]:
    values: dict[str, str] = {}
    for name, value in pairs:
        if name in values:
            raise UnfitError(
                f"{name[:80]!r} stands in the query twice. Name it once.",
                code="twice",
                slot=name[:80],
            )
        values[name] = value
    return values


def _parts_of(document: Document) -> Iterator[str]:
    """Yield the names that a query gives to the template's data: "product.price"."""
    for owner, parts in document.data.items():
        for part in parts:
            yield f"{owner}.{part}"


def _require_known(name: str, known: Collection[str], noun: str, slot: str) -> None:
    if name not in known:
        raise UnfitError(
            f"The template has no {noun} {name[:80]!r}. {name_nearest(name, known)}",
            code=f"unknown_{noun}",
            slot=slot[:80],
        )


def _short(name: str, text: str) -> str:
    if len(text) > MOST_TEXT:
        raise UnfitError(
            f"{name!r} has {len(text):,} characters; {MOST_TEXT:,} are allowed. "
            "Shorten it.",
            code="unfit",
            slot=name,
        )
    return text


def _read_switch(name: str, value: str) -> bool:
    if value not in {"0", "1"}:
        raise UnfitError(
            f"{name!r} is {value[:80]!r}. Say 1, or leave it out.",
            code="unfit",
            slot=name,
        )
    return value == "1"


def _read_id(name: str, value: str) -> uuid.UUID:
    try:
        return uuid.UUID(value)
    except ValueError:
        raise UnfitError(
            f"{name!r} is {value[:80]!r}, which is no id of a picture.",
            code="unusable_picture",
            slot=name,
        ) from None
