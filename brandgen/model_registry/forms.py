"""Checks on what a browser sends about models and licenses."""

from typing import Any

from django import forms
from django.utils import timezone

from brandgen.accounts.models import Brand
from brandgen.model_registry.catalog import KEY
from brandgen.model_registry.entries import License


class LicenseForm(forms.Form):
    """Which brand has leave, from whom, and until when."""

    brand = forms.ModelChoiceField(Brand.objects.all(), empty_label="Choose a brand")
    holder = forms.CharField(
        max_length=120,
        label="License holder",
        help_text="The company that the license is made out to.",
    )
    reference = forms.CharField(
        max_length=120,
        label="Document",
        help_text="Its number or where it is filed, so that anybody can find it.",
    )
    valid_until = forms.DateField(
        required=False,
        widget=forms.DateInput({"type": "date"}),
        help_text="The last day on which it counts. Empty: without end.",
    )
    note = forms.CharField(
        max_length=500, required=False, widget=forms.Textarea({"rows": 2})
    )

    def clean_valid_until(self) -> Any:
        """Refuse a license that has run out."""
        day = self.cleaned_data["valid_until"]
        if day is not None and day < timezone.localdate():
            raise forms.ValidationError(
                "A license that has run out clears nothing. Record the one that "
                "replaced it."
            )
        return day


class AddForm(forms.Form):
    """Where weights lie, and what they do not say themselves."""

    path = forms.CharField(
        max_length=500,
        widget=forms.TextInput({"class": "mono", "autofocus": True}),
        help_text="A folder of weights on the server, or the .safetensors file of an "
        "adapter.",
    )
    name = forms.CharField(
        max_length=120, required=False, help_text="Empty takes what the weights say."
    )
    key = forms.RegexField(
        rf"\A{KEY.pattern}",
        max_length=60,
        required=False,
        help_text="What commands call it: a-z, 0-9 and -. Empty makes one of the name.",
        error_messages={"invalid": "Use a-z, 0-9 and - only."},
    )
    family = forms.CharField(
        max_length=80,
        required=False,
        help_text="Of an adapter: which models it works on, as stable-cascade.",
    )
    learned_tokens = forms.CharField(
        max_length=200,
        required=False,
        help_text="Of an adapter: words that it has learned, as [glass].",
    )
    license_name = forms.CharField(
        max_length=200,
        required=False,
        label="License",
        help_text="Where the weights do not say it themselves.",
    )
    license_url = forms.URLField(
        max_length=500, required=False, label="License text", assume_scheme="https"
    )
    purpose = forms.CharField(
        max_length=200,
        required=False,
        label="Licensed for",
        help_text="Ends a sentence: non-commercial research, any purpose.",
    )
    is_commercial_use_allowed = forms.BooleanField(
        required=False, label="Commercial use is allowed"
    )
    are_derivatives_allowed = forms.BooleanField(
        required=False, label="Weights derived from it are allowed"
    )

    def read_license(self) -> License | None:
        """Return the license as the person says it; None if they do not."""
        said = self.cleaned_data
        if not said["license_name"]:
            return None
        is_commercial = said["is_commercial_use_allowed"]
        usual = "any purpose" if is_commercial else "other than commercial purposes"
        return License(
            name=said["license_name"],
            url=said["license_url"],
            purpose=said["purpose"] or usual,
            is_commercial_use_allowed=is_commercial,
            are_derivatives_allowed=said["are_derivatives_allowed"],
        )
