"""What a browser sends about destinations and exports."""

from typing import Any

from django import forms
from django.core.validators import RegexValidator

from brandgen.accounts.models import Brand
from brandgen.exports.destinations import config_fields
from brandgen.exports.destinations.protocol import ConfigField
from brandgen.exports.models import Destination
from brandgen.lib.addresses import AddressError, require_allowed_host


class DestinationForm(forms.Form):
    """A destination of one kind: its fields come from the kind itself."""

    name = forms.CharField(
        max_length=80, help_text="What people choose it by: Press kit, Web shop"
    )

    def __init__(
        self,
        *args: Any,
        kind: str,
        brand: Brand,
        destination: Destination | None = None,
        **kwargs: Any,
    ) -> None:
        if destination is not None:
            kwargs["initial"] = {
                "name": destination.name,
                "is_production": destination.is_production,
                **destination.config,
            }
        super().__init__(*args, **kwargs)
        self.brand, self.destination = brand, destination
        for field in config_fields(kind):
            self.fields[field.name] = _form_field(field, is_new=destination is None)
        self.fields["is_production"] = forms.BooleanField(
            label="The public sees what arrives there",
            required=False,
            help_text="Pictures whose license forbids commercial use are held back.",
        )

    def clean_name(self) -> str:
        """Refuse a name that another destination of the brand has."""
        name: str = self.cleaned_data["name"].strip()
        others = Destination.objects.of_brand(self.brand).filter(name=name)
        if self.destination is not None:
            others = others.exclude(id=self.destination.id)
        if others.exists():
            raise forms.ValidationError(
                f"{self.brand.name} has a destination called {name} already."
            )
        return name

    def clean_endpoint_url(self) -> str:
        """Refuse an address that this server may not talk to."""
        url: str = self.cleaned_data["endpoint_url"]
        if url:
            try:
                require_allowed_host(url)
            except AddressError as error:
                raise forms.ValidationError(str(error)) from error
        return url.rstrip("/")

    def config_values(self) -> dict[str, str]:
        """Return what belongs to the kind, without the fields of every kind."""
        own = {"name", "is_production"}
        return {k: v for k, v in self.cleaned_data.items() if k not in own}


def _form_field(field: ConfigField, *, is_new: bool) -> forms.Field:
    common: dict[str, Any] = {
        "label": field.label,
        "required": field.is_required and (is_new or not field.is_secret),
        "help_text": field.help_text,
        "initial": field.default,
    }
    if field.is_secret:
        if not is_new:
            common["help_text"] = "Kept as it is if left empty; never shown again."
        widget = forms.PasswordInput(attrs={"autocomplete": "off"}, render_value=False)
        return forms.CharField(max_length=field.max_length, widget=widget, **common)
    if field.type == "choice":
        return forms.ChoiceField(choices=field.choices, **common)
    if field.type == "url":
        return forms.URLField(
            max_length=field.max_length, assume_scheme="https", **common
        )
    widgets = {"long": forms.Textarea(attrs={"rows": 3, "class": "mono"})}
    validators = []
    if field.pattern:
        message = f"Use another value. {field.help_text}"
        validators = [RegexValidator(rf"^(?:{field.pattern})\Z", message)]
    return forms.CharField(
        max_length=field.max_length,
        validators=validators,
        widget=widgets.get(field.type),
        **common,
    )


class ExportForm(forms.Form):
    """Which pictures go where."""

    destination = forms.ModelChoiceField(
        queryset=Destination.objects.none(),
        widget=forms.RadioSelect,
        empty_label=None,
        error_messages={"required": "Choose where the files go."},
    )
    folder = forms.CharField(
        max_length=60,
        required=False,
        label="Folder there",
        help_text="A campaign's name, for instance. Empty for “images”.",
    )

    def __init__(self, *args: Any, brand: Brand, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["destination"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - for mypy
        field.queryset = Destination.objects.of_brand(brand).enabled()
