"""Join frames that hold the same layers into one template of several formats."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from brandgen.compositor.loading import TemplateDocumentError, load_document
from brandgen.compositor.svg.importing import Imported
from brandgen.compositor.svg.notes import Note

LEAST_SHARED = 0.6
"""Of the layers of both, how many have to be the same for two frames to be one."""
_FIXED = ("id", "type", "slot", "children", "overrides", "label")

Layer = dict[str, Any]


@dataclass(frozen=True)
class Frame:
    """A frame that was imported by itself."""

    name: str
    found: Imported

    @property
    def key(self) -> str:
        """Its one format."""
        return str(next(iter(self.found.data["formats"])))

    @property
    def marks(self) -> frozenset[tuple[str, str]]:
        """Its layers by id and type."""
        layers = self.found.data["layers"]
        return frozenset((one["id"], one["type"]) for one in _each(layers))


def merge(frames: Sequence[Frame]) -> Imported:
    """Make one template of the first frame, and of those whose layers are the same.

    What differs becomes an override of the other format; frames that are something
    else are told of.
    """
    base, *others = frames
    data, notes = base.found.data, list(base.found.notes)
    known = set(data["formats"])
    for other in others:
        if not _is_alike(base, other):
            notes.append(_left(other, "its layers have other names"))
            continue
        key = _free_key(other, known)
        if key is None:
            notes.append(_left(other, "its size is that of another frame"))
            continue
        joined = _join(data, other.found.data, other, key)
        try:
            document = load_document(joined)
        except TemplateDocumentError as error:
            notes.append(_left(other, str(error)[:160]))
            continue
        data, known = joined, known | {key}
        notes += [note for note in other.found.notes if note not in notes]
        base = replace(base, found=replace(base.found, data=data, document=document))
    taken = base.found.taken
    if len(data["formats"]) > 1:
        taken = f"{len(data['formats'])} formats of one layout; {taken}"
    return replace(base.found, data=data, notes=tuple(notes), taken=taken)


def _left(frame: Frame, why: str) -> Note:
    return Note(
        frame.name[:80],
        f"The frame is left out: {why}."[:300],
        "Import it as a template of its own.",
        "left out",
    )


def _is_alike(base: Frame, other: Frame) -> bool:
    shared = len(base.marks & other.marks)
    return shared >= LEAST_SHARED * len(base.marks | other.marks)


def _free_key(frame: Frame, known: set[str]) -> str | None:
    """Give a name for the format of a frame; None if there is this format already."""
    if frame.key not in known:
        return frame.key
    if frame.key != "custom":
        return None
    return next(f"custom-{n}" for n in range(2, 99) if f"custom-{n}" not in known)


def _join(
    data: Mapping[str, Any], other: Mapping[str, Any], frame: Frame, key: str
) -> dict[str, Any]:
    shape = dict(other["formats"][frame.key])
    if "use" not in shape:
        shape["label"] = frame.name[:60] or shape.get("label", "")
    slots = {**other["slots"], **data["slots"]}
    joined = {
        **data,
        "formats": {**data["formats"], key: shape},
        "slots": slots,
        "tokens": {
            "colors": {**other["tokens"]["colors"], **data["tokens"]["colors"]},
            "fonts": {**other["tokens"]["fonts"], **data["tokens"]["fonts"]},
        },
        "layers": _join_layers(data["layers"], other["layers"], key),
    }
    used = {one.get("slot") for one in _each(joined["layers"])}
    joined["slots"] = {name: slot for name, slot in slots.items() if name in used}
    return joined


def _join_layers(
    own: Sequence[Layer], others: Sequence[Layer], key: str
) -> list[Layer]:
    """Join layers of the same id and type; what stands in one alone hides elsewhere."""
    by_mark = {(one["id"], one["type"]): one for one in others}
    found: list[Layer] = []
    for layer in own:
        twin = by_mark.pop((layer["id"], layer["type"]), None)
        if twin is None:
            found.append(_override(layer, {"hidden": True}, key))
            continue
        joined = _override(layer, _changes(layer, twin), key)
        if "children" in layer:
            joined["children"] = _join_layers(layer["children"], twin["children"], key)
        found.append(joined)
    taken = {one["id"] for one in _each(own)}
    before = ""
    for one in others:
        is_new = (one["id"], one["type"]) in by_mark
        if is_new and not taken & {inner["id"] for inner in _each([one])}:
            shown = {**one, "hidden": True}
            place = next((n for n, o in enumerate(found) if o["id"] == before), -1)
            found.insert(place + 1, _override(shown, {"hidden": False}, key))
        before = one["id"]
    return found


def _changes(layer: Layer, twin: Layer) -> Layer:
    """Give the fields of a layer that another format has otherwise."""
    changes = {
        name: value
        for name, value in twin.items()
        if name not in _FIXED and layer.get(name) != value
    }
    for name in layer:
        if name not in twin and name not in _FIXED:
            plain = _PLAIN.get(name)
            if plain is not None:
                changes[name] = plain
    return changes


_PLAIN: Mapping[str, Any] = {
    "opacity": 1,
    "blend": "normal",
    "radius": 0,
    "letter_spacing_em": 0,
    "align": "start",
    "transform": "none",
    "clip": "none",
    "hidden": False,
    "mask": "rect",
    "is_even_odd": False,
}
"""What fields are that a layer does not have."""


def _override(layer: Layer, changes: Layer, key: str) -> Layer:
    if not changes:
        return dict(layer)
    overrides = dict(layer.get("overrides", {}))
    overrides["formats"] = {**overrides.get("formats", {}), key: changes}
    return {**layer, "overrides": overrides}


def _each(layers: Sequence[Layer]) -> Iterator[Layer]:
    for layer in layers:
        yield layer
        yield from _each(layer.get("children", ()))
