"""The preset editor: wording, fields and settings, all usable without JavaScript."""

from collections.abc import Mapping
from typing import Any

from django import forms

from brandgen.accounts.models import Brand
from brandgen.presets.engine_settings import EngineSettings, read_engine_settings
from brandgen.presets.models import PresetVersion
from brandgen.presets.prompting import PresetTemplateError, check_template
from brandgen.presets.settings_form import SettingsForm
from brandgen.presets.variables import (
    LONGEST_TEXT,
    MOST_VARIABLES,
    ChoiceVariable,
    Variable,
    VariableError,
    read_variable,
    read_variables,
    write_variables,
)

KINDS = [
    ("text", "Text"),
    ("choice", "Choice"),
    ("number", "Number"),
    ("color", "Brand color"),
]


class VariableForm(forms.Form):
    """One row of the editor: a field that marketers will fill in."""

    label = forms.CharField(max_length=60, required=False)
    name = forms.CharField(
        max_length=30,
        required=False,
        widget=forms.TextInput(attrs={"placeholder": "subject", "spellcheck": "false"}),
    )
    type = forms.ChoiceField(label="Kind", choices=KINDS, initial="text")
    is_required = forms.BooleanField(label="Must be filled in", required=False)
    default = forms.CharField(
        label="Starts with", max_length=LONGEST_TEXT, required=False
    )
    help = forms.CharField(label="Hint", max_length=120, required=False)
    max_length = forms.IntegerField(
        label="Longest text", min_value=1, max_value=LONGEST_TEXT, required=False
    )
    low = forms.FloatField(label="From", required=False)
    high = forms.FloatField(label="To", required=False)
    choices = forms.CharField(
        label="Choices, one a line",
        help_text="On a podium: on a round podium. The words behind the colon are "
        "what the model reads.",
        max_length=3000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    is_removed = forms.BooleanField(label="Remove", required=False)

    def clean(self) -> dict[str, Any]:
        """Read the row as a variable; an empty row is none."""
        cleaned = super().clean() or {}
        self.variable: Variable | None = None
        is_empty = not cleaned.get("name") and not cleaned.get("label")
        if is_empty or cleaned.get("is_removed") or self.errors:
            return cleaned
        try:
            self.variable = read_variable(self._as_json(cleaned))
        except VariableError as error:
            raise forms.ValidationError(str(error)) from error
        return cleaned

    def _as_json(self, cleaned: dict[str, Any]) -> dict[str, Any]:
        common = ("name", "label", "type", "is_required", "default", "help")
        data = {name: cleaned[name] for name in common}
        match cleaned["type"]:
            case "text":
                data["max_length"] = cleaned["max_length"] or 80
            case "number":
                low, high = cleaned["low"], cleaned["high"]
                if low is None or high is None:
                    raise VariableError(
                        f"{data['label']}: a number needs a range. Fill in From and To."
                    )
                numbers = (low, high)
                data |= {"low": low, "high": high}
                data["is_whole"] = all(number == int(number) for number in numbers)
            case "choice":
                data["choices"] = read_choices(cleaned["choices"])
        return data


def read_choices(text: str) -> list[dict[str, str]]:
    """Read choices from lines such as "On a podium: on a round podium"."""
    choices = []
    for line in filter(None, (line.strip() for line in text.splitlines())):
        label, colon, words = line.partition(":")
        words = words.strip() if colon else label.strip().lower()
        choices.append({"label": label.strip(), "words": words})
    return choices


def write_choices(variable: ChoiceVariable) -> str:
    """Write choices as lines, for `read_choices`."""
    return "\n".join(f"{each.label}: {each.words}" for each in variable.choices)


def variable_initial(variable: Variable) -> dict[str, Any]:
    """Return what a row of the editor starts with."""
    (data,) = write_variables([variable])
    if isinstance(variable, ChoiceVariable):
        data["choices"] = write_choices(variable)
    return data


class PresetForm(SettingsForm):
    """A preset's wording and settings; the variables are rows of `VariableForm`."""

    name = forms.CharField(max_length=80)
    description = forms.CharField(
        max_length=200, required=False, help_text="What it is good for, in a line."
    )
    prompt_template = forms.CharField(
        label="Wording",
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "true"}),
        help_text="Put a field's name in double braces: {{ subject }}. Parts may "
        "depend on a field: {% if season %}, {{ season }} light{% endif %}.",
    )
    negative_prompt_template = forms.CharField(
        label="Without",
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="What must not be in the picture.",
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        brand: Brand,
        version: PresetVersion | None = None,
        extra_rows: int = 1,
    ) -> None:
        super().__init__(data)
        settings = EngineSettings()
        variables: tuple[Variable, ...] = ()
        if version is not None:
            settings = read_engine_settings(version.engine_settings)
            variables = read_variables(version.variables)
            self.initial = {
                "name": version.preset.name,
                "description": version.preset.description,
                "prompt_template": version.prompt_template,
                "negative_prompt_template": version.negative_prompt_template,
            }
        self.offer_settings(settings, brand)
        self.rows = self._make_rows(data, variables, extra_rows)

    def _make_rows(
        self,
        data: Mapping[str, Any] | None,
        variables: tuple[Variable, ...],
        extra: int,
    ) -> list[VariableForm]:
        if data is None:
            starts = [variable_initial(variable) for variable in variables]
            starts += [{}] * min(extra, MOST_VARIABLES - len(starts))
            return [
                VariableForm(prefix=f"row{n}", initial=start)
                for n, start in enumerate(starts)
            ]
        asked = str(data.get("rows", ""))
        count = int(asked) if asked.isdecimal() and len(asked) < 3 else 0
        return [
            VariableForm(data, prefix=f"row{n}")
            for n in range(min(count, MOST_VARIABLES))
        ]

    def add_row(self) -> None:
        """Append an empty row, for "Add a field"."""
        if len(self.rows) < MOST_VARIABLES:
            self.rows.append(VariableForm(prefix=f"row{len(self.rows)}"))

    def clean(self) -> dict[str, Any]:
        """Check the rows and both wordings, each where it stands."""
        cleaned = super().clean() or {}
        if not all([row.is_valid() for row in self.rows]):  # noqa: C419 - check each
            self.add_error(None, "Look at the fields marked below.")
            return cleaned
        try:
            read_variables(self.variables)
        except VariableError as error:
            self.add_error(None, str(error))
        names = {item["name"] for item in self.variables}
        for field in ("prompt_template", "negative_prompt_template"):
            try:
                check_template(cleaned.get(field, ""), names)
            except PresetTemplateError as error:
                self.add_error(field, str(error))
        return cleaned

    @property
    def variables(self) -> list[dict[str, Any]]:
        """The rows as a preset version keeps them."""
        kept = [row.variable for row in self.rows if row.variable is not None]
        return write_variables(kept)

    def to_fields(self) -> dict[str, Any]:
        """Return what `services.change_draft` takes."""
        cleaned = self.cleaned_data
        return {
            "name": cleaned["name"],
            "description": cleaned["description"],
            "prompt_template": cleaned["prompt_template"],
            "negative_prompt_template": cleaned["negative_prompt_template"],
            "variables": self.variables,
            "engine_settings": self.engine_settings,
        }
