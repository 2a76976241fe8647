"""What a template takes from a feed, and which column is meant for what."""

import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from brandgen.compositor import Document
from brandgen.compositor.document import TextSlot
from brandgen.creatives.planning import Source

LABEL, LOCALE = "#label", "#locale"
# What people call such columns, where the template's own name is not among them.
USUAL = {
    "image": ("image", "picture", "photo", "asset"),
    LABEL: ("name", "product", "productname", "title", "label", "sku", "id"),
    LOCALE: ("locale", "language", "lang"),
}


@dataclass(frozen=True)
class Target:
    """One thing that a column, or a value for all rows, fills.

    `key` names it: ``headline``, ``headline@de``, ``product.name``, ``#label``.
    """

    key: str
    label: str
    kind: Literal["text", "image", "data", "label", "locale"]
    slot: str = ""
    locale: str = ""
    is_needed: bool = False
    hint: str = ""


def list_targets(document: Document, locales: Collection[str]) -> list[Target]:
    """Return what can be filled: slots, data, copy of its own for each locale."""
    found = [_slot_target(document, name) for name in document.slots]
    found += [
        Target(
            key=part.key,
            label=part.key,
            kind="data",
            is_needed=part.is_needed,
            hint=f"like “{part.example[:40]}”" if part.example else "",
        )
        for part in document.parts
    ]
    found.append(Target(LABEL, "What the row is called", "label"))
    if document.locales:
        found.append(Target(LOCALE, "Language of the row", "locale"))
    for tag in document.locales:
        if tag in locales:
            found += list(_localized(document, tag))
    return found


def _slot_target(document: Document, name: str) -> Target:
    slot = document.slots[name]
    return Target(
        key=name,
        label=slot.label or name,
        kind="text" if isinstance(slot, TextSlot) else "image",
        slot=name,
        is_needed=slot.required,
        hint=f"up to {slot.max_chars} characters"
        if isinstance(slot, TextSlot)
        else "title, file name or id of an approved picture",
    )


def _localized(document: Document, tag: str) -> Iterator[Target]:
    for name, slot in document.slots.items():
        if isinstance(slot, TextSlot):
            label = slot.label or name
            yield Target(f"{name}@{tag}", label, "text", slot=name, locale=tag)
    for part in document.parts:
        if part.is_used:
            key = part.key
            yield Target(f"{key}@{tag}", key, "data", slot=key, locale=tag)


def suggest_sources(
    document: Document, columns: Sequence[str], remembered: Mapping[str, Source]
) -> dict[str, Source]:
    """Return a source for each target that a column seems to be meant for.

    What filled it the last time comes first, then the template's names, then usual
    ones. A column is suggested once.
    """
    by_name: dict[str, str] = {}
    for column in columns:
        by_name.setdefault(_bare(column), column)
    targets = list_targets(document, list(document.locales))
    found = {
        target.key: source
        for target in targets
        if (source := remembered.get(target.key))
        and (source.column in columns or source.fixed)
    }
    used = {source.column for source in found.values() if source.column}
    for names in (_own_names, _usual_names):
        for target in targets:
            if target.key in found:
                continue
            for name in names(document, target):
                column = by_name.get(name, "")
                if column and column not in used:
                    found[target.key] = Source(column=column)
                    used.add(column)
                    break
    return found


def suggest_locales(
    document: Document, sources: Mapping[str, Source]
) -> tuple[str, ...]:
    """Return the first locale of a template, and those that have columns."""
    if LOCALE in sources:
        return tuple(document.locales)
    named = {key.partition("@")[2] for key in sources}
    first = next(iter(document.locales), "")
    return tuple(tag for tag in document.locales if tag in named or tag == first)


def _own_names(document: Document, target: Target) -> Iterator[str]:
    if target.locale:
        spoken = document.locales[target.locale].label
        for name in (target.slot, target.label):
            yield _bare(f"{name} {target.locale}")
            yield _bare(f"{target.locale} {name}")
            yield _bare(f"{name} {spoken}")
    elif target.kind in {"text", "image", "data"}:
        yield _bare(target.key)
        yield _bare(target.label)
        first = next(iter(document.locales), "")
        if target.kind == "text" and first:
            yield _bare(f"{target.key} {first}")
            yield _bare(f"{target.label} {first}")


def _usual_names(document: Document, target: Target) -> Iterator[str]:
    if target.kind == "image" and len(document.image_slots) == 1:
        yield from USUAL["image"]
    elif target.kind == "data":
        yield _bare(target.key.partition(".")[2])
    yield from USUAL.get(target.key, ())


def _bare(text: str) -> str:
    """Return the letters and digits of a name, so that "Head-line (DE)" is known."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    return "".join(letter for letter in plain if letter.isalnum())
