"""What a browser sends about signed addresses."""

import uuid
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone

from brandgen.accounts.models import Brand
from brandgen.compositor import Document
from brandgen.creatives.content import label_of
from brandgen.creatives.forms import IMAGE, TEXT, PictureField, worded_field
from brandgen.creatives.models import Batch
from brandgen.creatives.pictures import Offer
from brandgen.links.asking import TEST
from brandgen.links.models.addresses import FILE_TYPES
from brandgen.links.services import Drawn
from brandgen.links.terms import MOST_PICTURES, Terms

LIFE_DAYS = 90
PICTURES = 10_000
VISITS = 120
MOST_VISITS = 100_000


class TermsForm(forms.Form):
    """How long something handed out lives, and how often it answers."""

    expires_on = forms.DateField(
        label="Answers until",
        widget=forms.DateInput({"type": "date"}),
        help_text="The last day, at most two years from now.",
    )
    most_pictures = forms.IntegerField(
        label="Most pictures",
        min_value=1,
        max_value=MOST_PICTURES,
        initial=PICTURES,
        help_text="Different ones. Asking again for the same picture costs none.",
    )
    most_visits = forms.IntegerField(
        label="Most requests a minute",
        required=False,
        min_value=1,
        max_value=MOST_VISITS,
        initial=VISITS,
        help_text=(
            "From one IP address. Mail providers fetch for all of their readers from a "
            "few: allow more for a newsletter, or leave it empty for no limit."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["expires_on"].initial = _default_day

    def terms(self) -> Terms:
        """Return how long it answers, and how often."""
        data = self.cleaned_data
        # The last day is a whole one; the end of time has no next day.
        ends_at = datetime.combine(data["expires_on"], time.max)
        return Terms(
            expires_at=timezone.make_aware(ends_at),
            most_pictures=data["most_pictures"],
            most_visits=data["most_visits"],
        )


class AddressForm(TermsForm):
    """What an address draws, how long it answers, and how often."""

    id = forms.UUIDField(widget=forms.HiddenInput)
    name = forms.CharField(
        max_length=80, help_text="What it is for: Newsletter, Store locator"
    )
    format = forms.ChoiceField(
        help_text="A query may name another one of the template."
    )
    locale = forms.ChoiceField(label="Language", required=False)
    file_type = forms.ChoiceField(
        choices=FILE_TYPES, label="File type", initial=Batch.FileType.JPEG
    )
    field_order = ("id", "name", "format", "locale", "file_type")

    def __init__(
        self,
        *args: Any,
        brand: Brand,
        document: Document,
        offers: Mapping[str, Offer],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["id"].initial = uuid.uuid4
        self.document = document
        _set_choices(
            self.fields["format"],
            [
                (name, f"{shape.label or name}, {shape.width_px} × {shape.height_px}")
                for name, shape in document.formats.items()
            ],
        )
        if document.locales:
            listed = [(tag, one.label or tag) for tag, one in document.locales.items()]
            _set_choices(self.fields["locale"], [("", "—"), *listed])
        else:
            del self.fields["locale"]
        for name in document.image_slots:
            self.fields[IMAGE + name] = _picture_field(
                brand, document, name, offers[name]
            )

    def plain_fields(self) -> list[forms.BoundField]:
        """Return all fields but those of pictures."""
        return [self[name] for name in self.fields if not name.startswith(IMAGE)]

    def image_fields(self) -> list[forms.BoundField]:
        """Return the pictures' fields in the template's order."""
        return [self[name] for name in self.fields if name.startswith(IMAGE)]

    def drawn(self) -> Drawn:
        """Return what the address draws."""
        data = self.cleaned_data
        return Drawn(data["format"], data.get("locale", ""), data["file_type"])

    def field_of(self, name: str) -> str | None:
        """Return the field that an error belongs to; None for the whole form."""
        return next((one for one in (name, IMAGE + name) if one in self.fields), None)


class QueryForm(forms.Form):
    """The slots of an address as fields, to sign a query by hand."""

    def __init__(
        self,
        *args: Any,
        brand: Brand,
        document: Document,
        fixed: set[str],
        offers: Mapping[str, Offer],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.document = document
        for key in document.worded:
            label = label_of(document, key)
            self.fields[TEXT + key] = worded_field(document, key, label)
        for name in document.image_slots:
            if name not in fixed:
                field = _picture_field(brand, document, name, offers[name])
                field.required = document.slots[name].required
                self.fields[IMAGE + name] = field
        self.fields[TEST] = forms.BooleanField(
            label="Only try it",
            required=False,
            help_text="The picture carries “NOT APPROVED” and is not counted.",
        )

    def pairs(self) -> list[tuple[str, str]]:
        """Return what was filled in, as the query names it."""
        return [
            (
                name.removeprefix(TEXT).removeprefix(IMAGE),
                "1" if value is True else value,
            )
            for name, value in self.cleaned_data.items()
            if value
        ]


def _default_day() -> date:
    return timezone.localdate() + timedelta(days=LIFE_DAYS)


def _picture_field(
    brand: Brand, document: Document, name: str, offer: Offer
) -> PictureField:
    rule = offer.rule
    return PictureField(
        brand=brand,
        offer=offer,
        label=label_of(document, name),
        empty="Named in the query",
        required=False,
        help_text=f"A picture of the collection “{rule.name}”." if rule.key else "",
    )


def _set_choices(field: forms.Field, choices: list[tuple[str, str]]) -> None:
    assert isinstance(field, forms.ChoiceField)  # noqa: S101
    field.choices = choices
