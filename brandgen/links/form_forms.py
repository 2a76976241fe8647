"""What a brand manager sends about public forms."""

import uuid
from collections.abc import Iterator, Mapping
from typing import Any

from django import forms

from brandgen.compositor import Document
from brandgen.creatives.content import label_of
from brandgen.creatives.forms import (
    IMAGE,
    localized_field,
    text_name,
    worded_field,
)
from brandgen.creatives.pictures import Offer, read_id
from brandgen.library.models import Asset, Collection
from brandgen.links.forms import TermsForm
from brandgen.links.publishing import FILE_TYPES, SHORTEST_PHRASE, Files, Filling

OPEN, COLLECTION = "open-", "c-"
PICTURES, AN_HOUR = 500, 20


class FormTermsForm(TermsForm):
    """How long a public form lives, how much it gives, and its pass phrase."""

    most_visits = forms.IntegerField(
        label="Most pictures an hour",
        required=False,
        min_value=1,
        max_value=100_000,
        initial=AN_HOUR,
        help_text=(
            "For one IP address, so for a whole office that shares one. Empty for no "
            "limit."
        ),
    )
    pass_phrase = forms.CharField(
        required=False,
        max_length=200,
        widget=forms.TextInput({"autocomplete": "off"}),
        help_text=(
            f"At least {SHORTEST_PHRASE} characters. Tell it apart from the address; "
            "it can't be read here later."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["most_pictures"].initial = PICTURES
        self.fields[
            "most_pictures"
        ].help_text = "Different ones. Downloading the same picture again costs none."
        self.fields["expires_on"].label = "Open until"


class WordsForm(FormTermsForm):
    """What visitors read on top of a public form, and its terms."""

    name = forms.CharField(
        max_length=80,
        label="Title",
        help_text="What visitors read on top, and what it is called here",
    )
    note = forms.CharField(
        max_length=500,
        required=False,
        widget=forms.Textarea({"rows": 3}),
        help_text="What it is for, and whom to ask",
    )


class ChangeForm(WordsForm):
    """What can be changed of a form that people have the address of."""

    field_order = ("name", "note")


class PublishForm(WordsForm):
    """What visitors read, what is open to them, and what stands for good."""

    id = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(
        self,
        *args: Any,
        document: Document,
        offers: Mapping[str, Offer],
        collections: list[Collection],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.document, self.offers = document, offers
        self.collections = {str(row.id): row for row in collections}
        self.fields["id"].initial = uuid.uuid4
        for key in document.worded:
            self._add_text(key)
        for slot in document.image_slots:
            self._add_pictures(slot)
        self._add_files()

    def _add_text(self, key: str) -> None:
        label = label_of(self.document, key)
        self.fields[OPEN + key] = forms.BooleanField(
            label="Visitors fill it in", required=False, initial=True
        )
        field = worded_field(self.document, key, label)
        field.required, field.help_text = False, ""
        self.fields[text_name(key)] = field
        for tag in self.document.locales:
            own = localized_field(self.document, key, label, tag)
            own.label = self.document.locales[tag].label or tag
            self.fields[text_name(key, tag)] = own

    def _add_pictures(self, slot: str) -> None:
        offer, label = self.offers[slot], label_of(self.document, slot)
        self.fields[IMAGE + slot] = forms.MultipleChoiceField(
            label=label,
            required=False,
            choices=[(id_, asset.title) for id_, asset in offer.by_id.items()],
            widget=forms.CheckboxSelectMultiple,
            error_messages={
                "invalid_choice": "A picture is not approved any more. Choose again."
            },
        )
        fit = [
            (id_, row.name)
            for id_, row in self.collections.items()
            if not offer.rule.key or row.key == offer.rule.key
        ]
        self.fields[COLLECTION + slot] = forms.ChoiceField(
            label="Or all approved pictures of a collection",
            required=False,
            choices=[("", "—"), *fit],
            help_text="What is approved in it later is offered too.",
        )

    def _add_files(self) -> None:
        document = self.document
        self.fields["formats"] = _chips(
            [
                (name, f"{one.label or name}, {one.width_px} × {one.height_px}")
                for name, one in document.formats.items()
            ],
            initial=list(document.formats),
            label="Formats",
        )
        if document.locales:
            self.fields["locales"] = _chips(
                [(tag, one.label or tag) for tag, one in document.locales.items()],
                initial=list(document.locales)[:1],
                label="Languages",
            )
        self.fields["file_types"] = _chips(
            FILE_TYPES, initial=["jpeg", "png"], label="File types"
        )

    def texts(self) -> Iterator[dict[str, Any]]:
        """Yield the fields of each text: its own, those of languages, and open."""
        for key in self.document.worded:
            own = [self[text_name(key, tag)] for tag in self.document.locales]
            yield {
                "field": self[text_name(key)],
                "open": self[OPEN + key],
                "own": own,
                "has_own": any(one.value() or one.errors for one in own),
            }

    def pictures(self) -> Iterator[dict[str, Any]]:
        """Yield the fields of each image slot, with the pictures to choose from."""
        for slot in self.document.image_slots:
            field = self[IMAGE + slot]
            yield {
                "field": field,
                "chosen": set(field.value() or ()),
                "offer": self.offers[slot],
                "collection": self[COLLECTION + slot],
                "is_needed": self.document.slots[slot].required,
            }

    def offered_files(self) -> Files:
        """Return what files visitors may choose."""
        data = self.cleaned_data
        return Files(data["formats"], data.get("locales", ()), data["file_types"])

    def filling(self) -> Filling:
        """Return what is open, and what is filled in before."""
        data, worded = self.cleaned_data, self.document.worded
        texts = {
            tag: {
                key: text
                for key in worded
                if (text := str(data.get(text_name(key, tag), "")).strip())
            }
            for tag in ("", *self.document.locales)
        }
        images: dict[str, list[Asset]] = {}
        collections = {}
        for slot in self.document.image_slots:
            by_id = self.offers[slot].by_id
            if chosen := [by_id[id_] for id_ in data[IMAGE + slot]]:
                images[slot] = chosen
            if row := self.collections.get(data[COLLECTION + slot]):
                collections[slot] = row
        is_open = [key for key in worded if data[OPEN + key]]
        return Filling(is_open, texts, images, collections)

    def field_of(self, name: str) -> str | None:
        """Return the field that an error belongs to; None for the whole form."""
        names = (name, IMAGE + name, text_name(name))
        return next((one for one in names if one in self.fields), None)


def chosen_ids(data: Mapping[str, Any], document: Document) -> list[uuid.UUID]:
    """Return the pictures that were chosen, so that they are offered again."""
    found = [
        read_id(one)
        for slot in document.image_slots
        for one in getattr(data, "getlist", lambda _: [])(IMAGE + slot)
    ]
    return [id_ for id_ in found if id_]


def _chips(
    choices: list[tuple[str, str]], *, initial: list[str], label: str
) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label,
        choices=choices,
        initial=initial,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one."},
    )
