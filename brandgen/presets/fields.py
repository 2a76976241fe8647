"""A preset's variables as form fields; what fits is decided by the variables alone."""

from collections.abc import Sequence
from typing import Any

from django import forms

from brandgen.brands.models import PaletteColor
from brandgen.presets.variables import (
    ChoiceVariable,
    ColorVariable,
    NumberVariable,
    TextVariable,
    Variable,
)

PREFIX = "v_"


class ColorSelect(forms.RadioSelect):
    """Radio buttons with a swatch for each color."""

    def __init__(self, palette: Sequence[PaletteColor], is_required: bool) -> None:
        self.hex_of = {color.name: color.hex for color in palette}
        choices = [(name, name) for name in self.hex_of]
        super().__init__(choices=_with_none(choices, is_required))

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> Any:
        """Tell the page which color an option is."""
        option = super().create_option(name, value, *args, **kwargs)
        if hex_color := self.hex_of.get(str(value)):
            option["attrs"]["data_hex"] = hex_color
        return option


def make_field(variable: Variable, palette: Sequence[PaletteColor]) -> forms.Field:
    """Return the form field of a variable, which leaves the rules to the variable."""
    return forms.CharField(
        label=variable.label,
        help_text=_help(variable),
        required=variable.is_required,
        error_messages={"required": f"{variable.label} is empty. Fill it in."},
        strip=False,
        initial=variable.default,
        widget=_widget(variable, palette),
    )


def read_values(cleaned: dict[str, Any]) -> dict[str, str]:
    """Return what the variables' fields say, by variable."""
    return {
        name.removeprefix(PREFIX): str(value)
        for name, value in cleaned.items()
        if name.startswith(PREFIX)
    }


def _widget(variable: Variable, palette: Sequence[PaletteColor]) -> forms.Widget:
    match variable:
        case TextVariable():
            rows = {"rows": 2} if variable.max_length > 80 else {}
            kind = forms.Textarea if rows else forms.TextInput
            attrs = {"maxlength": variable.max_length, "autocomplete": "off"}
            return kind(attrs=attrs | rows)
        case ChoiceVariable():
            choices = [(each.label, each.label) for each in variable.choices]
            return forms.RadioSelect(choices=_with_none(choices, variable.is_required))
        case NumberVariable():
            step = 1 if variable.is_whole else "any"
            attrs = {"min": variable.low, "max": variable.high, "step": step}
            return forms.NumberInput(attrs=attrs)
        case ColorVariable():
            return ColorSelect(palette, variable.is_required)


def _with_none(
    choices: list[tuple[str, str]], is_required: bool
) -> list[tuple[str, str]]:
    is_named = any(label.lower() in {"none", "any"} for _, label in choices)
    return choices if is_required or is_named else [*choices, ("", "Any")]


def _help(variable: Variable) -> str:
    if isinstance(variable, NumberVariable):
        bounds = f"{variable.low:g} to {variable.high:g}"
        return f"{variable.help} ({bounds})" if variable.help else bounds
    return variable.help
