"""What differs between two states of a template, in words that a designer uses."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from brandgen.creatives.wording import ANCHORS, FIELDS, LAYERS, PARTS, VALUES

PLAIN = ("id", "type", "children", "overrides")


@dataclass(frozen=True)
class Difference:
    """One thing that differs: where, what of it, and both values in words.

    `only_in` names the format, the size class or the language that it differs in.
    """

    place: str
    what: str
    kind: Literal["added", "removed", "changed", "moved"]
    before: str = ""
    after: str = ""
    only_in: str = ""


def compare(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    """List what differs between two documents of the newest schema version."""
    found = list(_fields("Template", before, after, skip=tuple(PARTS)))
    for part, word in PARTS.items():
        if part != "layers":
            found += _entries(part, word, before, after)
    found += _layers(before, after)
    return found


def _entries(
    part: str, word: str, before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[Difference]:
    """Compare formats, slots, locales, data and tokens, by their names."""
    was, now = _part(before, part), _part(after, part)
    for name in [*was, *(name for name in now if name not in was)]:
        old, new = was.get(name), now.get(name)
        labels = [one.get("label") for one in (new, old) if isinstance(one, Mapping)]
        place = f"{word} {next(filter(None, labels), name)}"
        if old is None or new is None:
            yield Difference(place, "", "removed" if new is None else "added")
        elif isinstance(old, Mapping) and isinstance(new, Mapping):
            yield from _fields(place, old, new)
        elif old != new:
            yield Difference(place, "", "changed", _say(old), _say(new))


def _part(document: Mapping[str, Any], part: str) -> Mapping[str, Any]:
    value: Any = document
    for key in part.split("."):
        value = value.get(key) or {}
    found: Mapping[str, Any] = value
    return found


def _fields(
    place: str,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    *,
    skip: Sequence[str] = (),
    only_in: str = "",
) -> Iterator[Difference]:
    for name in [*before, *(name for name in after if name not in before)]:
        old, new = before.get(name), after.get(name)
        if old == new or name in skip or name == "tokens":
            continue
        if name == "box":
            yield from _axes(place, old or {}, new or {}, only_in)
            continue
        what = FIELDS.get(name, name.replace("_", " ").capitalize())
        was, now = _say(old, name), _say(new, name)
        yield Difference(place, what, "changed", was, now, only_in)


def _axes(
    place: str, before: Mapping[str, Any], after: Mapping[str, Any], only_in: str
) -> Iterator[Difference]:
    for axis, what in (("x", "Position across"), ("y", "Position down")):
        old, new = before.get(axis), after.get(axis)
        if old != new:
            was, now = (_say_axis(one, ANCHORS[axis]) for one in (old, new))
            yield Difference(place, what, "changed", was, now, only_in)


def _say_axis(value: Mapping[str, Any] | None, anchors: Mapping[str, str]) -> str:
    if not value:
        return "none"
    own = {name: part for name, part in value.items() if name != "anchor"}
    words = f"{anchors[value['anchor']]}, {_say_object(own)}"
    return words.rstrip(", ").lower()


def _layers(
    before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[Difference]:
    was = {one["id"]: (one, parent) for one, parent in _walk(before["layers"])}
    now = {one["id"]: (one, parent) for one, parent in _walk(after["layers"])}
    for name in [*was, *(name for name in now if name not in was)]:
        if name not in now:
            yield Difference(_name(was[name][0], before), "", "removed")
            continue
        layer, parent = now[name]
        place = _name(layer, after)
        if name not in was:
            yield Difference(place, "", "added", after=LAYERS[layer["type"]])
            continue
        old, old_parent = was[name]
        if parent != old_parent:
            names = [_holder(one, after) for one in (old_parent, parent)]
            yield Difference(place, "Lies in", "moved", *names)
        yield from _fields(place, old, layer, skip=PLAIN)
        yield from _overrides(place, old, layer, before, after)
    yield from _orders(before, after, was, now)


def _overrides(
    place: str,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    was: Mapping[str, Any],
    now: Mapping[str, Any],
) -> Iterator[Difference]:
    old, new = before.get("overrides") or {}, after.get("overrides") or {}
    for part in ("classes", "formats", "locales"):
        changes, others = old.get(part) or {}, new.get(part) or {}
        for key in [*changes, *(key for key in others if key not in changes)]:
            shape = _part(now, part).get(key) or _part(was, part).get(key) or {}
            only_in = shape.get("label") or key
            yield from _fields(
                place, changes.get(key) or {}, others.get(key) or {}, only_in=only_in
            )


def _orders(
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    was: Mapping[str, Any],
    now: Mapping[str, Any],
) -> Iterator[Difference]:
    """Say where layers that stayed stand in another order."""
    for parent in dict.fromkeys(holder for _, holder in now.values()):
        stayed = [
            [n for n, (_, holder) in side.items() if holder == parent]
            for side in (was, now)
        ]
        common = set(stayed[0]) & set(stayed[1])
        old, new = ([n for n in side if n in common] for side in stayed)
        if old != new:
            words = [
                ", ".join(_name(side[n][0], document) for n in reversed(names))
                for names, side, document in ((old, was, before), (new, now, after))
            ]
            yield Difference(_holder(parent, after), "Order", "moved", *words)


def _walk(
    layers: Sequence[Mapping[str, Any]], parent: str = ""
) -> Iterator[tuple[Mapping[str, Any], str]]:
    for layer in layers:
        yield layer, parent
        yield from _walk(layer.get("children", ()), layer["id"])


def _holder(name: str, document: Mapping[str, Any]) -> str:
    for layer, _ in _walk(document["layers"]):
        if layer["id"] == name:
            return _name(layer, document)
    return name or "The page"


def _name(layer: Mapping[str, Any], document: Mapping[str, Any]) -> str:
    slot = document["slots"].get(layer.get("slot")) or {}
    name: str = (
        layer.get("label")
        or slot.get("label")
        or layer.get("text")
        or LAYERS[layer["type"]]
    )
    return name[:40]


def _say(value: Any, name: str = "") -> str:
    """Say a value of a document in words."""
    if value is None or value in ("", [], {}):
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str) and name == "svg":
        return f"a drawing of {len(value):,} characters"
    if isinstance(value, str):
        return VALUES.get(f"{name}/{value}") or VALUES.get(value, value)
    if isinstance(value, list):
        return ", ".join(_say(one) for one in value)
    if isinstance(value, Mapping):
        return _say_object(value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def _say_object(value: Mapping[str, Any]) -> str:
    words = [_say(value["type"])] if "type" in value else []
    words += [
        f"{FIELDS.get(name, name).lower()} {_say(part, name)}"
        for name, part in value.items()
        if name != "type"
    ]
    return ", ".join(words)
