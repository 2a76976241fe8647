"""The six locks of a layer: what a save must leave as it is until it is unlocked."""

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any, NamedTuple

from brandgen.compositor import Document, dump_document
from brandgen.compositor.strict import child
from brandgen.creatives.torture import TemplateError

CONTENT = frozenset(
    ("slot", "text", "texts", "image", "rows", "columns", "has_header", "data")
) | {"svg", "colors", "link"}
VISIBILITY = frozenset(("hidden", "visible_if"))
_APART = frozenset(("id", "type", "label", "box", "locked", "overrides", "children"))
_NOT_STYLE = CONTENT | VISIBILITY | _APART | {"size"}
_ROUNDING = 0.11
"""Editors round both ends of an axis to a tenth of a pixel."""


class LayerLockedError(TemplateError):
    """A save changes what a layer's lock keeps; nothing was saved. Fit to show.

    ``layer`` is its id, ``lock`` the first that stands in the way.
    """

    def __init__(self, layer: str, lock: str, message: str, *, pointer: str) -> None:
        self.layer, self.lock = layer, lock
        super().__init__(message, pointer=pointer)


@dataclass(frozen=True)
class Broken:
    """A lock of a layer that a save does not respect, and where in the document."""

    layer: str
    lock: str
    pointer: str
    name: str


class _Placed(NamedTuple):
    layer: Mapping[str, Any]
    pointer: str
    parent: str
    siblings: tuple[str, ...]
    is_stacked: bool


def require_locks(before: Document, after: Document, *, may_unlock: bool) -> None:
    """Refuse a document that changes what locks of the stored one keep.

    Those who `may_unlock` can take a lock away and change or remove the layer in one
    save, as where a file replaces the whole document; others take it away in a save of
    its own.

    Raises:
        LayerLockedError: names layer, lock and place of the first such change.
    """
    found = find_broken(before, after, may_unlock=may_unlock)
    if not found:
        return
    first = found[0]
    others = len({(one.layer, one.lock) for one in found}) - 1
    more = f" {others} more of its kind follow." if others else ""
    raise LayerLockedError(
        first.layer,
        first.lock,
        f"The {first.lock} of the layer {first.name!r} is locked (at {first.pointer}). "
        "Unlock it in the editor, save that, and change it then. Nothing was saved."
        + more,
        pointer=first.pointer,
    )


def find_broken(
    before: Document, after: Document, *, may_unlock: bool = False
) -> list[Broken]:
    """List which locks of the document before do not hold in the one after.

    What differs in a format or language alone goes with it, locked or not.
    """
    was = _place_all(_without_gone(dump_document(before), after))
    if not any(old.layer.get("locked") for old in was.values()):
        return []
    now = _place_all(dump_document(after))
    found = []
    for name, old in was.items():
        new, locks = now.get(name), set(old.layer.get("locked", ()))
        if new and may_unlock:
            locks &= set(new.layer.get("locked", ()))
        title = str(old.layer.get("label") or name)
        if new is None:
            if "removal" in locks and not may_unlock:
                found.append(Broken(name, "removal", old.pointer, title))
            continue
        for lock, pointer in _changes(old, new, now):
            if lock in locks:
                found.append(Broken(name, lock, pointer, title))
    return found


def find_unlocked(before: Document, after: Document) -> dict[str, list[str]]:
    """Return the locks that were taken away, by layer."""
    was = _place_all(dump_document(before))
    now = _place_all(dump_document(after))
    gone = {
        name: [
            lock
            for lock in old.layer.get("locked", ())
            if lock not in now[name].layer.get("locked", ())
        ]
        for name, old in was.items()
        if name in now
    }
    return {name: locks for name, locks in gone.items() if locks}


def _without_gone(data: Mapping[str, Any], after: Document) -> dict[str, Any]:
    """Return a document without overrides for formats and languages that are gone."""
    known = {"formats": after.formats, "locales": after.locales}

    def strip(layer: Mapping[str, Any]) -> dict[str, Any]:
        kept = dict(layer)
        if overrides := layer.get("overrides"):
            kept["overrides"] = {
                part: {
                    key: changes
                    for key, changes in (found or {}).items()
                    if part not in known or key in known[part]
                }
                for part, found in overrides.items()
            }
        if "children" in layer:
            kept["children"] = [strip(one) for one in layer["children"]]
        return kept

    return {**data, "layers": [strip(layer) for layer in data["layers"]]}


def _place_all(data: Mapping[str, Any]) -> dict[str, _Placed]:
    return {placed.layer["id"]: placed for placed in _walk(data["layers"])}


def _walk(
    layers: Sequence[Mapping[str, Any]],
    pointer: str = "/layers",
    holder: Mapping[str, Any] | None = None,
) -> Iterator[_Placed]:
    names = tuple(layer["id"] for layer in layers)
    for index, layer in enumerate(layers):
        place = child(pointer, index)
        parent, kind = (holder["id"], holder["type"]) if holder else ("", "")
        yield _Placed(layer, place, parent, names, kind == "stack")
        yield from _walk(layer.get("children", ()), f"{place}/children", layer)


def _changes(
    old: _Placed, new: _Placed, now: Set[str] | Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    """Yield what differs as (lock, pointer), by kind of lock."""
    if old.layer["type"] != new.layer["type"]:
        for lock in ("removal", "content", "style"):
            yield lock, f"{new.pointer}/type"
        return
    if _is_moved(old, new, now):
        yield "position", new.pointer
    for pointer, one, other in _scopes(old.layer, new.layer, new.pointer):
        for axis in ("x", "y"):
            was, is_now = (_axis(side, axis) for side in (one, other))
            if _position(was) != _position(is_now):
                yield "position", f"{pointer}/box/{axis}"
            if not _is_as_long(was, is_now):
                yield "size", f"{pointer}/box/{axis}"
        for name in [*one, *(name for name in other if name not in one)]:
            lock = _lock_of(name)
            if lock and one.get(name) != other.get(name):
                yield lock, child(pointer, name)


def _is_moved(old: _Placed, new: _Placed, now: Set[str] | Mapping[str, Any]) -> bool:
    """Say whether a layer lies in another group, or elsewhere among a stack's."""
    if old.parent != new.parent:
        return True
    if not new.is_stacked:
        return False
    name = new.layer["id"]
    stayed = set(old.siblings) & set(new.siblings) & set(now)
    before, after = (
        [one for one in side[: side.index(name)] if one in stayed]
        for side in (old.siblings, new.siblings)
    )
    return set(before) != set(after)


def _scopes(
    old: Mapping[str, Any], new: Mapping[str, Any], pointer: str
) -> Iterator[tuple[str, Mapping[str, Any], Mapping[str, Any]]]:
    """Yield a layer before and after as (pointer, before, after).

    First as it is everywhere, then with what differs in a size class, format or locale,
    so that an override counts as a change of what it covers.
    """
    yield pointer, old, new
    was, now = old.get("overrides") or {}, new.get("overrides") or {}
    for part in ("classes", "formats", "locales"):
        mine, theirs = was.get(part) or {}, now.get(part) or {}
        for key in [*mine, *(key for key in theirs if key not in mine)]:
            changes = mine.get(key) or {}, theirs.get(key) or {}
            if changes[0] != changes[1]:
                place = child(f"{pointer}/overrides/{part}", key)
                yield place, _covered(old, changes[0]), _covered(new, changes[1])


def _covered(layer: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    box = {**(layer.get("box") or {}), **(changes.get("box") or {})}
    return {**layer, **changes, **({"box": box} if box else {})}


def _lock_of(name: str) -> str:
    if name in CONTENT:
        return "content"
    if name in VISIBILITY:
        return "visibility"
    if name == "size":
        return "size"
    return "" if name in _NOT_STYLE else "style"


def _axis(layer: Mapping[str, Any], axis: str) -> dict[str, Any]:
    """Return an axis of a layer's box without what is as by default."""
    found = (layer.get("box") or {}).get(axis) or {}
    return {
        name: value
        for name, value in found.items()
        if value not in (None, 0, "0%") and (name, value) != ("align", "start")
    }


def _position(axis: Mapping[str, Any]) -> dict[str, Any]:
    """Return what places a layer: of one that is held to both ends, its start."""
    skipped = {"size", "end"} if axis.get("anchor") == "both" else {"size"}
    return {name: value for name, value in axis.items() if name not in skipped}


def _is_as_long(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Say whether two axes are equally long, whatever their place."""
    if old.get("anchor") == new.get("anchor") == "both":
        one, other = (_add_up(axis) for axis in (old, new))
        if one is None or other is None or one[1] != other[1]:
            return (old.get("start"), old.get("end")) == (
                new.get("start"),
                new.get("end"),
            )
        return abs(one[0] - other[0]) < _ROUNDING
    is_stretched = [axis.get("anchor") == "both" for axis in (old, new)]
    return is_stretched[0] == is_stretched[1] and old.get("size") == new.get("size")


def _add_up(axis: Mapping[str, Any]) -> tuple[float, bool] | None:
    """Return what both ends leave free, and whether in percent; None if they differ."""
    ends = [axis.get("start", 0), axis.get("end", 0)]
    units = {isinstance(end, str) for end in ends if end}
    if len(units) > 1:
        return None
    return sum(float(str(end).rstrip("%")) for end in ends), True in units
