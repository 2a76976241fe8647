"""The form that asks for images: a preset's variables, a format, how many."""

import secrets
from collections.abc import Mapping
from typing import Any

from django import forms

from brandgen.brands.models import BrandKit
from brandgen.engine.errors import EngineError
from brandgen.generation.models import Generation
from brandgen.generation.services import (
    MOST_SEEDS,
    PromptTooLongError,
    check_length,
)
from brandgen.presets.engine_settings import read_engine_settings
from brandgen.presets.fields import PREFIX, make_field, read_values
from brandgen.presets.models import PresetVersion
from brandgen.presets.prompting import PresetTemplateError, PromptLengthError
from brandgen.presets.services import BannedTermError, FinishedPrompt, finish_prompt
from brandgen.presets.settings_form import SizeField
from brandgen.presets.variables import ValueErrors, read_variables

USUAL_COUNT = 4
LARGEST_SEED = 2**53 - 1 - MOST_SEEDS


class FinishAgainForm(forms.Form):
    """How the decoder draws one more image of a sketch."""

    seed = forms.IntegerField(
        label="Seed", required=False, min_value=0, max_value=2**53 - 1
    )
    steps = forms.IntegerField(label="Steps", min_value=1, max_value=100)
    guidance_scale = forms.FloatField(label="Guidance", min_value=0, max_value=20)


class GenerationForm(forms.Form):
    """What a marketer fills in. ``finished`` holds the prompt once it can be made."""

    size = SizeField(label="Format")
    count = forms.IntegerField(
        label="How many",
        min_value=1,
        max_value=MOST_SEEDS,
        initial=USUAL_COUNT,
        error_messages={
            "min_value": "You asked for %(show_value)s images. Use 1 to 24 at a time.",
            "max_value": "You asked for %(show_value)s images. Use 1 to 24 at a time.",
            "invalid": "Use a whole number from 1 to 24.",
        },
    )
    seed = forms.IntegerField(
        label="First seed",
        required=False,
        min_value=0,
        max_value=LARGEST_SEED,
        help_text="Empty for a new one. The same seed makes the same image again.",
    )
    is_decoding_all = forms.BooleanField(
        label="Finish all of them without asking", required=False
    )

    def __init__(
        self, version: PresetVersion, kit: BrandKit, data: Mapping[str, Any] | None
    ) -> None:
        super().__init__(data)
        self.version, self.kit = version, kit
        self.finished: FinishedPrompt | None = None
        palette = list(kit.colors.all())
        self.variables = read_variables(version.variables)
        own = {
            PREFIX + variable.name: make_field(variable, palette)
            for variable in self.variables
        }
        self.fields = own | self.fields
        usual = read_engine_settings(version.engine_settings)
        self._size_field.offer((usual.width_px, usual.height_px))

    @property
    def _size_field(self) -> SizeField:
        field = self.fields["size"]
        assert isinstance(field, SizeField)  # noqa: S101 - declared above
        return field

    def fill_from(self, generation: Generation) -> None:
        """Start with what an earlier generation was asked with."""
        self.initial = {PREFIX + k: v for k, v in generation.values.items()}
        self._size_field.offer((generation.width_px, generation.height_px))
        self.initial["count"] = len(generation.seeds)

    def find_finished(self) -> FinishedPrompt | None:
        """Return the prompt by now: of what was sent, else of the starting values."""
        if self.is_bound:
            return self.finished
        start = {
            name: self.get_initial_for_field(field, name) or ""
            for name, field in self.fields.items()
        }
        twin = GenerationForm(self.version, self.kit, start)
        twin.is_valid()
        return twin.finished

    @property
    def variable_fields(self) -> list[forms.BoundField]:
        """The preset's own fields, in order."""
        return [self[PREFIX + variable.name] for variable in self.variables]

    def clean(self) -> dict[str, Any]:
        """Make the prompt, or say which field stands in its way."""
        cleaned = super().clean() or {}
        try:
            self.finished = finish_prompt(
                version=self.version, values=read_values(cleaned), kit=self.kit
            )
            check_length(self.finished)
        except ValueErrors as error:
            for name, message in error.errors.items():
                field = PREFIX + name if PREFIX + name in self.fields else None
                if field not in self.errors:
                    self.add_error(field, message)
        except (
            BannedTermError,
            EngineError,
            PresetTemplateError,
            PromptLengthError,
            PromptTooLongError,
        ) as error:
            self.add_error(None, str(error))
        return cleaned

    @property
    def values(self) -> dict[str, str]:
        """What the preset's fields say."""
        return read_values(self.cleaned_data)

    def seeds(self) -> list[int]:
        """Return a seed for each image, from the first on."""
        first = self.cleaned_data["seed"]
        if first is None:
            first = secrets.randbelow(900_000) + 100_000
        return [first + n for n in range(self.cleaned_data["count"])]

    def asked_size(self) -> tuple[int, int]:
        """Return the format by now, while other fields may still be wrong."""
        size = getattr(self, "cleaned_data", {}).get("size")
        if isinstance(size, tuple):
            return size
        usual = read_engine_settings(self.version.engine_settings)
        return usual.width_px, usual.height_px

    def asked_count(self) -> int:
        """Return how many by now, while other fields may still be wrong."""
        asked = getattr(self, "cleaned_data", {}).get("count")
        return asked or int(self.initial.get("count", USUAL_COUNT))
