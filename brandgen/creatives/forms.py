"""What a browser sends to fill a template: copy, pictures, formats, files."""

import uuid
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from django import forms

from brandgen.accounts.models import Brand
from brandgen.compositor import Document
from brandgen.compositor.document import Slot, TextSlot
from brandgen.compositor.parts import merge_data
from brandgen.creatives.cropping import crop, crop_fields, crop_names
from brandgen.creatives.file_choices import Chosen, read_options, read_raw
from brandgen.creatives.file_options import default_file_type, list_file_types
from brandgen.creatives.models import Batch
from brandgen.creatives.picture_rules import find_rules
from brandgen.creatives.pictures import Offer, read_id
from brandgen.library.models import Asset

TEXT, IMAGE = "t-", "i-"
USES_EXTENSIONS = "uses_extensions"
LONG_TEXT = 80


class PictureField(forms.ChoiceField):
    """A picture for an image slot, of those that are offered.

    `empty` is what choosing none is called, where that may be chosen.
    """

    def __init__(
        self, *, brand: Brand, offer: Offer, label: str, empty: str = "", **kwargs: Any
    ) -> None:
        self.brand, self.offer = brand, offer
        listed = [(id_, asset.title) for id_, asset in offer.by_id.items()]
        super().__init__(
            label=label,
            choices=[*([("", empty)] if empty else ()), *listed],
            error_messages={
                "required": f"{label} is needed. Choose a picture.",
                "invalid_choice": (
                    "This picture is not approved, or not of this brand."
                ),
            },
            **kwargs,
        )

    def validate(self, value: Any) -> None:
        """Refuse what is not offered; of a picture outside of the collection say so."""
        try:
            super().validate(value)
        except forms.ValidationError as error:
            if outside := self._find_outside(value):
                raise forms.ValidationError(self.offer.rule.explain(outside)) from error
            raise

    def _find_outside(self, value: Any) -> Asset | None:
        if not (id_ := read_id(value)) or not self.offer.rule.find_outside([id_]):
            return None
        return Asset.objects.of_brand(self.brand).approved().filter(id=id_).first()


class FillForm(forms.Form):
    """The slots of a template as fields: copy, pictures, formats."""

    def __init__(
        self,
        *args: Any,
        brand: Brand,
        document: Document,
        offers: Mapping[str, Offer],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.document = document
        for name, text in document.worded.items():
            label = _label(name, text)
            field = worded_field(document, name, label)
            if name not in document.slots:
                field.help_text = _help_with_data(text)
            self.fields[text_name(name)] = field
            for tag in document.locales:
                own = localized_field(document, name, label, tag)
                self.fields[text_name(name, tag)] = own
        for name in document.image_slots:
            slot = document.slots[name]
            self.fields[IMAGE + name] = PictureField(
                brand=brand,
                offer=offers[name],
                label=_label(name, slot),
                required=slot.required,
            )
            self.fields |= crop_fields(IMAGE + name)
        self.fields["formats"] = forms.MultipleChoiceField(
            choices=[
                (name, f"{shape.label or name}, {shape.width_px} × {shape.height_px}")
                for name, shape in document.formats.items()
            ],
            initial=list(document.formats),
            widget=forms.CheckboxSelectMultiple,
            error_messages={"required": "Choose at least one format."},
        )
        if document.locales:
            self.fields["locales"] = forms.MultipleChoiceField(
                label="Languages",
                choices=[
                    (tag, locale.label or tag)
                    for tag, locale in document.locales.items()
                ],
                initial=[document.language]
                if document.language in document.locales
                else list(document.locales)[:1],
                widget=forms.CheckboxSelectMultiple,
                error_messages={"required": "Choose at least one language."},
            )
        self.fields["name"] = forms.CharField(
            max_length=120, help_text="What the files are called: Spring mugs"
        )
        self.fields["file_type"] = forms.ChoiceField(
            choices=list_file_types(document, Batch.FileType.choices),
            label="File type",
            initial=default_file_type(document),
        )
        self.fields[USES_EXTENSIONS] = forms.BooleanField(
            label="Use extended pictures where there are any",
            required=False,
            help_text="A format that cuts a picture takes an approved extension of it "
            "that shows more",
        )

    @cached_property
    def file_options(self) -> Chosen:
        """Read how the files are to be written."""
        data, formats = self.data or self.initial, self.document.formats
        chosen = self["formats"].value() or ()
        return read_options(
            read_raw(data),
            str(self["file_type"].value()),
            [formats[name] for name in chosen if name in formats],
        )

    def clean(self) -> dict[str, Any]:
        """Let copy of its own in every chosen language stand for the general one."""
        data = super().clean() or {}
        for problem in self.file_options.problems:
            self.add_error(None, problem)
        tags = data.get("locales", ())
        for name in self.document.worded:
            is_told = tags and all(data.get(text_name(name, tag)) for tag in tags)
            if is_told and self.has_error(text_name(name), "required"):
                del self.errors[text_name(name)]
        return data

    def texts(self) -> dict[str, str]:
        """Return the copy by slot, as far as it was given."""
        return read_texts(self.document, self.data or self.initial)

    def values(self) -> dict[str, dict[str, str]]:
        """Return the template's data, as far as it was given."""
        return read_data(self.document, self.data or self.initial)

    def localized(self) -> dict[str, dict[str, str]]:
        """Return copy of its own by locale and slot, as far as it was given.

        Data of its own stands beside it as ``product.price``.
        """
        data = self.data or self.initial
        return {tag: _read(self.document, data, tag) for tag in self.document.locales}

    def text_fields(self) -> list[forms.BoundField]:
        """Return the copy's fields in the template's order."""
        return self._text_fields()

    def languages(self) -> list[dict[str, Any]]:
        """Return each locale with the fields for copy of its own."""
        return [
            {
                "tag": tag,
                "label": locale.label or tag,
                "fields": (fields := self._text_fields(tag)),
                "own": sum(bool(field.value()) for field in fields),
                "has_errors": any(field.errors for field in fields),
            }
            for tag, locale in self.document.locales.items()
        ]

    def _text_fields(self, locale: str = "") -> list[forms.BoundField]:
        return [self[text_name(name, locale)] for name in self.document.worded]

    def image_fields(self) -> list[forms.BoundField]:
        """Return the pictures' fields in the template's order."""
        return [self[IMAGE + name] for name in self.document.image_slots]

    def pictures(self) -> list[dict[str, Any]]:
        """Return each picture's field with those of its focal point."""
        return [
            {"field": field, "crop": [self[name] for name in crop_names(field.name)]}
            for field in self.image_fields()
        ]

    def field_of(self, slot: str) -> str | None:
        """Return the field that a slot, or another value, is entered in."""
        names = (TEXT + slot, IMAGE + slot, slot)
        return next((name for name in names if name in self.fields), None)


def text_name(slot: str, locale: str = "") -> str:
    """Return the name of the field of a slot's copy, or of its copy in one locale.

    Data is named ``product.price``, as no slot is.
    """
    return f"{TEXT}{slot}@{locale}" if locale else TEXT + slot


def read_texts(document: Document, data: Any, locale: str = "") -> dict[str, str]:
    """Return the copy of a form or a query by slot; empty slots are left out.

    That of the locale goes before that for every language.
    """
    found = _read_both(document, data, locale)
    return {name: text for name, text in found.items() if name in document.slots}


def read_data(
    document: Document, data: Any, locale: str = ""
) -> dict[str, dict[str, str]]:
    """Return what a form or a query says of the template's data, part by name."""
    return merge_data({}, _read_both(document, data, locale))


def _read_both(document: Document, data: Any, locale: str) -> dict[str, str]:
    own = _read(document, data, locale) if locale else {}
    return {**_read(document, data), **own}


def _read(document: Document, data: Any, locale: str = "") -> dict[str, str]:
    texts = {
        name: str(data.get(text_name(name, locale), "")).strip()
        for name in document.worded
    }
    return {name: text for name, text in texts.items() if text}


def read_images(document: Document, data: Any, *, brand: Brand) -> dict[str, Asset]:
    """Return the pictures of a form or a query by slot, as far as they will do."""
    wanted: dict[str, uuid.UUID] = {}
    for name in document.image_slots:
        if id_ := read_id(data.get(IMAGE + name, "")):
            wanted[name] = id_
    if not wanted:
        return {}
    rows = Asset.objects.of_brand(brand).approved().filter(id__in=wanted.values())
    found = {asset.id: asset for asset in rows}
    rules = find_rules(brand, document)
    return {
        name: crop(found[id_], data, IMAGE + name)
        for name, id_ in wanted.items()
        if id_ in found and not rules[name].find_outside([id_])
    }


def text_field(slot: TextSlot, label: str, *, is_marked: bool) -> forms.Field:
    """Return the field that a text slot is filled in."""
    if slot.choices:
        return forms.ChoiceField(
            label=label,
            required=slot.required,
            choices=[("", "—"), *((choice, choice) for choice in slot.choices)],
            error_messages={"required": f"{label} is needed. Choose one."},
        )
    widget: forms.Widget = forms.TextInput()
    if slot.max_chars > LONG_TEXT:
        widget = forms.Textarea(attrs={"rows": 2})
    widget.attrs["placeholder"] = slot.example
    field = forms.CharField(
        label=label,
        required=slot.required,
        min_length=slot.min_chars or None,
        max_length=slot.max_chars,
        widget=widget,
        help_text=f"Up to {slot.max_chars} characters"
        + (", not the example" if slot.change_required else "")
        + (". *Words between stars* stand out" if is_marked else ""),
        error_messages={"required": f"{label} is needed. Fill it in."},
    )
    # A browser would cut off what is pasted, without a word. The page counts instead.
    field.widget.attrs["data-most"] = field.widget.attrs.pop("maxlength")
    return field


def worded_field(document: Document, key: str, label: str) -> forms.Field:
    """Return the field of a text slot, or of a part of the data."""
    slot = document.worded[key]
    field = text_field(slot, label, is_marked=key in document.emphasized_slots)
    if key in document.slots:
        return field
    # There is nothing to count: the layers say how much fits.
    attrs = {"placeholder": slot.example}
    is_long = len(slot.example) > LONG_TEXT
    field.widget = (
        forms.Textarea(attrs=attrs | {"rows": 2})
        if is_long
        else forms.TextInput(attrs=attrs)
    )
    field.help_text = ""
    return field


def _help_with_data(slot: TextSlot) -> str:
    if slot.required:
        return "Previews show the example until it is filled in"
    return "What shows it is left out where it is empty"


def _label(name: str, slot: Slot) -> str:
    return slot.label or name.replace("_", " ").capitalize()


def localized_field(document: Document, key: str, label: str, tag: str) -> forms.Field:
    """Return the field of a slot's copy in one language; empty takes the general."""
    field = worded_field(document, key, label)
    field.required, field.help_text = False, ""
    field.widget.attrs |= {"lang": tag, "dir": document.locales[tag].direction}
    field.widget.attrs.pop("placeholder", None)
    return field
