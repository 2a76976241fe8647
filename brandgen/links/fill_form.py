"""What a visitor sends: the open slots of a public form, and which file they want."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms

from brandgen.compositor import Document
from brandgen.compositor.parts import flat_data, merge_data
from brandgen.creatives.content import label_of
from brandgen.creatives.forms import (
    IMAGE,
    TEXT,
    read_data,
    read_texts,
    worded_field,
)
from brandgen.creatives.looks import slots_by_place
from brandgen.creatives.marking import Content
from brandgen.creatives.pictures import read_id
from brandgen.library.models import Asset
from brandgen.links.models import PublicForm
from brandgen.links.offering import find_chosen
from brandgen.links.publishing import FILE_TYPES
from brandgen.links.refusals import FailedCheckError, RefusedError

FIXED = "This part of the form can't be changed here. Tell who gave you the address."


class PhraseForm(forms.Form):
    """The pass phrase of a form."""

    phrase = forms.CharField(
        label="Pass phrase",
        max_length=200,
        widget=forms.PasswordInput({"autocomplete": "off"}),
        error_messages={"required": "Type the pass phrase."},
    )


class FillingForm(forms.Form):
    """The open slots as fields, and the choice of a file where there is one."""

    def __init__(
        self,
        *args: Any,
        form: PublicForm,
        document: Document,
        offered: Mapping[str, list[Asset]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.form, self.document, self.offered = form, document, offered
        for name in form.open_slots:
            self._add_slot(name)
        shapes = document.formats
        self._add_choice(
            "format",
            [
                (one, f"{shapes[one].label or one}, {_size(document, one)}")
                for one in form.formats
            ],
        )
        self._add_choice(
            "locale",
            [(tag, document.locales[tag].label or tag) for tag in form.locales],
            label="Language",
        )
        types = [one for one in FILE_TYPES if one[0] in form.file_types]
        self._add_choice("file_type", types, label="File type")

    def _add_slot(self, name: str) -> None:
        label = label_of(self.document, name)
        if name in self.document.worded:
            field = worded_field(self.document, name, label)
            first = next(iter(self.form.locales), "")
            field.initial = self.form.texts_in(first).get(name, "")
            self.fields[TEXT + name] = field
            return
        slot = self.document.slots[name]
        listed = [(str(a.id), a.alt_text or a.title) for a in self.offered[name]]
        self.fields[IMAGE + name] = forms.ChoiceField(
            label=label,
            required=slot.required,
            choices=listed if slot.required else [("", "No picture"), *listed],
            initial=listed[0][0] if slot.required and listed else "",
            widget=forms.RadioSelect,
            error_messages={
                "required": "Choose a picture.",
                "invalid_choice": (
                    "This picture can't be chosen any more. Choose another."
                ),
            },
        )

    def _add_choice(
        self, name: str, choices: list[tuple[str, str]], label: str = ""
    ) -> None:
        """Add a field where there is more than one to choose from."""
        if len(choices) > 1:
            self.fields[name] = forms.ChoiceField(
                label=label or None,
                required=False,  # the first, where none is chosen
                choices=choices,
                initial=choices[0][0],
                widget=forms.RadioSelect,
            )

    def slot_fields(self) -> list[forms.BoundField]:
        """Return the fields of slots, in the template's order."""
        return [self[name] for name in self.fields if name.startswith((TEXT, IMAGE))]

    def file_fields(self) -> list[forms.BoundField]:
        """Return the fields that choose a file."""
        slots = (TEXT, IMAGE)
        return [self[name] for name in self.fields if not name.startswith(slots)]

    @property
    def file_type(self) -> str:
        """What the file is written as."""
        return _chosen(self.data, "file_type", self.form.file_types)

    def content(self, fixed: Mapping[str, Asset]) -> Content:
        """Return what is filled in so far, with what the form holds for good."""
        return read_content(self.form, self.document, self._values(), fixed=fixed)

    def _values(self) -> Mapping[str, Any]:
        if self.is_bound:
            return self.data
        return {name: self[name].value() or "" for name in self.fields}

    def field_of(self, slot: str) -> str:
        """Return the field that a slot is filled in; nothing where it is not open."""
        names = (TEXT + slot, IMAGE + slot)
        return next((name for name in names if name in self.fields), "")

    def add_refusal(self, refusal: RefusedError) -> None:
        """Put why there is no picture to the fields that can mend it."""
        if isinstance(refusal, FailedCheckError):
            slots = slots_by_place(self.document)
            for one in refusal.findings:
                self._add_problem(slots.get(one.place, one.place), one.message)
        else:
            self._add_problem(refusal.slot, str(refusal))

    def _add_problem(self, slot: str, message: str) -> None:
        field = self.field_of(slot)
        if slot and not field:
            message = f"{message} {FIXED}"
        self.add_error(field or None, message)


def _size(document: Document, name: str) -> str:
    shape = document.formats[name]
    return f"{shape.width_px} × {shape.height_px}"


def read_content(
    form: PublicForm,
    document: Document,
    data: Mapping[str, Any],
    *,
    fixed: Mapping[str, Asset],
) -> Content:
    """Read what a visitor filled in so far; what is none of theirs is passed over."""
    locale = _chosen(data, "locale", form.locales)
    is_open = set(form.open_slots)
    written = read_texts(document, data) | flat_data(read_data(document, data))
    said = {
        key: text for key, text in form.texts_in(locale).items() if key not in is_open
    }
    said |= {key: text for key, text in written.items() if key in is_open}
    wanted = {
        slot: id_
        for slot in document.image_slots
        if slot in is_open and (id_ := read_id(data.get(IMAGE + slot, "")))
    }
    return Content(
        format=_chosen(data, "format", form.formats),
        locale=locale,
        texts={key: text for key, text in said.items() if key in document.slots},
        data=merge_data({}, said),
        images={**fixed, **find_chosen(form, wanted)},
    )


def _chosen(data: Mapping[str, Any], name: str, offered: Iterable[str]) -> str:
    """Return what was chosen of what is offered, else the first."""
    listed = list(offered)
    asked = str(data.get(name, ""))
    return asked if asked in listed else next(iter(listed), "")
