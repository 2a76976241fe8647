"""What browsers send to the library."""

import json
from collections.abc import Sequence
from pathlib import PurePath
from typing import Any, cast

from django import forms
from django.http import QueryDict

from brandgen.accounts.models import Brand
from brandgen.compositor.marks import Mark, MarkError, read_marks
from brandgen.lib.days import DayField
from brandgen.library.gallery import Filters
from brandgen.library.models import Asset, Collection

# Terms of https://cv.iptc.org/newscodes/digitalsourcetype/, in a marketer's words.
SOURCE_TYPES = [
    ("digitalCapture", "A photograph"),
    ("digitalCreation", "Drawn or designed by a person"),
    ("compositeWithTrainedAlgorithmicMedia", "Put together, with parts made by AI"),
    ("trainedAlgorithmicMedia", "Made by an AI model"),
]


class UploadForm(forms.Form):
    """A picture from outside and what is known about its rights."""

    file = forms.FileField(
        label="Picture",
        help_text="PNG, JPEG or WebP. Only the pixels are kept.",
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp"}),
        allow_empty_file=True,  # the service names an empty file better
        max_length=255,
    )
    title = forms.CharField(
        max_length=120, required=False, help_text="Left empty, the file’s name is used."
    )
    source_type = forms.ChoiceField(
        label="How it was made",
        choices=[("", "Choose one"), *SOURCE_TYPES],
        help_text="Written into the file for those who must know later.",
    )
    license_name = forms.CharField(
        label="Rights",
        max_length=200,
        required=False,
        help_text="Who owns it, or the license: Northwind, own shoot May 2026",
    )
    is_commercial_use_allowed = forms.BooleanField(
        label="We may use it commercially",
        required=False,
        help_text="Without this it can’t be delivered to production destinations.",
    )
    alt_text = forms.CharField(
        label="Description",
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="For those who can’t see the picture.",
    )

    def clean(self) -> dict[str, Any]:
        """Name the picture after its file where no title was given."""
        cleaned = super().clean() or {}
        file = cleaned.get("file")
        if file and not cleaned.get("title"):
            stem = PurePath(file.name or "").stem.replace("_", " ").replace("-", " ")
            cleaned["title"] = " ".join(stem.split())[:120].capitalize()
        return cleaned


class FiltersForm(forms.Form):
    """Reads filters from an address; what makes no sense is left out."""

    view = forms.ChoiceField(choices=[("all", "All work")], required=False)
    kind = forms.MultipleChoiceField(choices=Asset.Kind.choices, required=False)
    state = forms.MultipleChoiceField(choices=Asset.State.choices, required=False)
    since = DayField(required=False)
    until = DayField(required=False)
    q = forms.CharField(max_length=200, required=False)
    collection = forms.UUIDField(required=False)

    def __init__(
        self, *args: Any, collections: Sequence[Collection] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.collections = {one.pk: one for one in collections}

    def to_filters(self) -> Filters:
        """Return what was understood."""
        self.is_valid()
        good = self.cleaned_data
        query = cast("QueryDict", self.data)
        collection_id = good.get("collection")
        chosen = self.collections.get(collection_id) if collection_id else None
        presets = [one[:120] for one in query.getlist("preset") if one][:20]
        return Filters(
            is_all=good.get("view") == "all",
            kinds=tuple(good.get("kind") or ()),
            states=tuple(good.get("state") or ()),
            presets=tuple(presets),
            since=good.get("since"),
            until=good.get("until"),
            text=(good.get("q") or "").strip(),
            collection=chosen,
        )


class DescribeForm(forms.Form):
    """Title and description of an asset that is not approved yet."""

    title = forms.CharField(max_length=120)
    alt_text = forms.CharField(
        label="Description",
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="For those who can’t see the picture.",
    )


class FocalPointForm(forms.Form):
    """What must stay in the picture when it is cropped, in percent from top left."""

    x = forms.FloatField(label="From left, %", min_value=0, max_value=100)
    y = forms.FloatField(label="From top, %", min_value=0, max_value=100)


class CutoutForm(forms.Form):
    """What was marked in a picture, as its page sends it."""

    marks = forms.CharField(required=False, max_length=200_000)

    def clean_marks(self) -> list[Mark]:
        """Read the marks."""
        try:
            return list(read_marks(json.loads(self.cleaned_data["marks"] or "[]")))
        except MarkError as error:
            raise forms.ValidationError(str(error)) from error
        except (ValueError, RecursionError) as error:
            raise forms.ValidationError(
                "The marks can’t be read. Open the page again."
            ) from error


class MarkedBoxForm(forms.Form):
    """A box in percent from the top left, and what it means."""

    effect = forms.ChoiceField(
        label="The box",
        choices=[
            ("within", "holds the subject"),
            ("keep", "is kept"),
            ("remove", "is removed"),
        ],
    )
    left = forms.FloatField(label="Left, %", min_value=0, max_value=100)
    top = forms.FloatField(label="Top, %", min_value=0, max_value=100)
    right = forms.FloatField(label="Right, %", min_value=0, max_value=100)
    bottom = forms.FloatField(label="Bottom, %", min_value=0, max_value=100)

    def clean(self) -> dict[str, Any]:
        """Want a box with an inside."""
        good = super().clean() or {}
        if not self.errors and not (
            good["left"] < good["right"] and good["top"] < good["bottom"]
        ):
            raise forms.ValidationError(
                "The box is empty: right must exceed left, and bottom must exceed top."
            )
        return good

    @property
    def mark(self) -> Mark:
        """The mark that it makes, once it is valid."""
        good = self.cleaned_data
        corners = (good["left"], good["top"]), (good["right"], good["bottom"])
        near, far = ((x / 100, y / 100) for x, y in corners)
        return Mark(good["effect"], "box", (near, far))


class CollectionForm(forms.Form):
    """What a collection is called."""

    name = forms.CharField(
        max_length=80, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )


class CollectForm(forms.Form):
    """Which collection pictures go into: one that exists, or a new one."""

    collection = forms.ModelChoiceField(
        Collection.objects.none(),
        required=False,
        empty_label=None,
        widget=forms.RadioSelect,
    )
    name = forms.CharField(
        max_length=80,
        required=False,
        label="Or a new one",
        widget=forms.TextInput(
            attrs={"placeholder": "Spring, people", "autocomplete": "off"}
        ),
    )

    def __init__(self, *args: Any, brand: Brand, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast("forms.ModelChoiceField[Collection]", self.fields["collection"])
        field.queryset = Collection.objects.of_brand(brand)

    def clean(self) -> dict[str, Any]:
        """Want one of the two."""
        cleaned = super().clean() or {}
        if not self.errors and not (cleaned.get("name") or cleaned.get("collection")):
            raise forms.ValidationError("Choose a collection, or name a new one.")
        return cleaned
