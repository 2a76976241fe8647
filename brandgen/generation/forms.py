"""The form that asks for images: a preset's variables, a format, how many."""

import contextlib
import secrets
from collections.abc import Mapping, Sequence
from typing import Any, TypeGuard
from uuid import UUID

from django import forms
from django.http import QueryDict

from brandgen.brands.models import BrandKit
from brandgen.engine.errors import EngineError
from brandgen.engine.protocol import Capability
from brandgen.engine.requests import MOST_REFERENCES
from brandgen.generation.gathering import (
    find_anchors,
    gather_inputs,
    palette_of,
    refer_to,
)
from brandgen.generation.inputs import BoxInput, Inputs, PaletteInput
from brandgen.generation.layouts import (
    Room,
    find_room,
    fit_boxes,
    fit_size,
    list_layouts,
)
from brandgen.generation.models import Generation
from brandgen.generation.services import (
    MOST_SEEDS,
    PromptTooLongError,
    check_length,
)
from brandgen.library.models import Asset
from brandgen.model_registry.abilities import find_lack
from brandgen.presets.engine_settings import read_engine_settings
from brandgen.presets.fields import PREFIX, make_field, read_values
from brandgen.presets.models import PresetVersion
from brandgen.presets.prompting import PresetTemplateError, PromptLengthError
from brandgen.presets.services import BannedTermError, FinishedPrompt, finish_prompt
from brandgen.presets.settings_form import (
    PictureCheckboxes,
    SizeField,
    offer_assets,
)
from brandgen.presets.variables import ValueErrors, read_variables

USUAL_COUNT = 4
WEIGHTS = {"0.5": "half", "1": "normal", "2": "double", "4": "four times"}
LIGHT, DARK = "#ffffff", "#171717"
INKS = [("", "Light or dark, as suits the picture"), (LIGHT, "Light"), (DARK, "Dark")]
SIDES = ("left", "top", "right", "bottom")
BOX_FIELDS = tuple(f"box_{side}" for side in SIDES)
LARGEST_SEED = 2**53 - 1 - MOST_SEEDS


def is_query(data: Mapping[str, Any] | None) -> TypeGuard[QueryDict]:
    """Whether data came from a browser, with several values of a name."""
    return isinstance(data, QueryDict)


def read_ids(texts: Sequence[str]) -> list[UUID]:
    """Read ids; what is none is left out, and so is all beyond what is needed."""
    found = []
    for text in texts[: 2 * MOST_REFERENCES]:
        with contextlib.suppress(ValueError):
            found.append(UUID(text))
    return found


def _percent(label: str, most: int = 100) -> forms.FloatField:
    return forms.FloatField(label=label, required=False, min_value=0, max_value=most)


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
    references = forms.MultipleChoiceField(
        label="Reference images",
        required=False,
        widget=PictureCheckboxes,
        error_messages={
            "invalid_choice": "One of the reference images is not there any more. "
            "Choose again."
        },
    )
    layout = forms.ChoiceField(label="Leave room for the text of", required=False)
    box_left = _percent("From left, %")
    box_top = _percent("From top, %")
    box_right = _percent("To, % from left", 100)
    box_bottom = _percent("To, % from top", 100)
    box_ink = forms.ChoiceField(label="The text will be", choices=INKS, required=False)

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
        self.settings = read_engine_settings(version.engine_settings)
        self._size_field.offer((self.settings.width_px, self.settings.height_px))
        sent = data.getlist("references") if is_query(data) else []
        self._offer_references(sent)
        self._offer_layouts()

    def _offer_references(self, ids: Sequence[str]) -> None:
        chosen = read_ids(ids)
        field = self.fields["references"]
        assert isinstance(field, forms.MultipleChoiceField)  # noqa: S101 - see above
        offer_assets(field, self.kit.brand, chosen=[str(each) for each in chosen])
        self.references_lack = find_lack(Capability.REFERENCES)
        field.disabled = bool(self.references_lack)

    def _offer_layouts(self) -> None:
        field = self.fields["layout"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
        own = ("own", "A place that I mark myself")
        field.choices = [("", "No text"), *list_layouts(self.kit.brand), own]
        self.room_lack = find_lack(Capability.COLOR_GUIDANCE)
        for name in ("layout", *BOX_FIELDS, "box_ink"):
            self.fields[name].disabled = bool(self.room_lack)

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
        ids = [each.asset_id for each in generation.read_inputs().references]
        self.initial["references"] = ids
        self._offer_references(ids)

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
        self._clean_references(cleaned)
        self._clean_room(cleaned)
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

    def _clean_references(self, cleaned: dict[str, Any]) -> None:
        chosen = cleaned.get("references") or []
        if len(chosen) > MOST_REFERENCES:
            self.add_error(
                "references",
                f"You chose {len(chosen)} reference images. Use at most "
                f"{MOST_REFERENCES}.",
            )
            return
        cleaned["weights"] = {UUID(each): self.weight_of(each) for each in chosen}

    def weight_of(self, asset_id: str) -> float:
        """Return how much a reference counts, as sent; 1 for anything else."""
        sent = str(self.data.get(f"weight_{asset_id}", ""))
        return float(sent) if sent in WEIGHTS else 1.0

    def _clean_room(self, cleaned: dict[str, Any]) -> None:
        """Read the room for text; a layout decides the format too."""
        value = cleaned.get("layout") or ""
        cleaned["room"] = None
        if value == "own":
            self._clean_own_box(cleaned)
        elif value:
            room = find_room(self.kit.brand, self.kit, value)
            if room is None:
                self.add_error(
                    "layout",
                    "This layout shows no picture, or can’t be drawn with the brand "
                    "kit now. Choose another.",
                )
                return
            usual = self.settings.width_px, self.settings.height_px
            cleaned["room"], cleaned["size"] = room, fit_size(room, usual)
            self.errors.pop("size", None)

    def _clean_own_box(self, cleaned: dict[str, Any]) -> None:
        sides = {name: cleaned.get(f"box_{name}") for name in SIDES}
        if any(side is None for side in sides.values()):
            self.add_error(
                "layout",
                "Mark a place for the text, or give its four sides in numbers.",
            )
            return
        left, top, right, bottom = (float(sides[name] or 0) / 100 for name in SIDES)
        if not (left < right and top < bottom):
            self.add_error(
                "layout",
                f"The place for the text goes from {left:.0%} to {right:.0%} and from "
                f"{top:.0%} to {bottom:.0%}: it has no inside.",
            )
            return
        ink = cleaned.get("box_ink")
        size = cleaned.get("size")
        if isinstance(size, tuple):
            other = None if ink else DARK
            box = BoxInput(left, top, right, bottom, ink or LIGHT, other_color=other)
            cleaned["room"] = Room("own place", size[0] / size[1], (box,))

    def inputs(self) -> Inputs:
        """Return references, colors and room, with what preset and kit add.

        Raises:
            AdapterUnavailableError: the preset names an adapter that can't be used.
        """
        room: Room | None = self.cleaned_data["room"]
        return gather_inputs(
            settings=self.settings,
            kit=self.kit,
            references=refer_to(self.kit.brand, self.cleaned_data["weights"]),
            text_boxes=fit_boxes(room, self.cleaned_data["size"]) if room else (),
            layout=room.words if room else "",
        )

    @property
    def pull(self) -> PaletteInput | None:
        """The palette that colors are pulled to; None where the preset says no."""
        return palette_of(self.kit, self.settings.palette_strength)

    @property
    def anchors(self) -> list[Asset]:
        """The pictures that the preset pins, for when none is chosen."""
        ids = [each.asset_id for each in find_anchors(self.kit.brand, self.settings)]
        found = Asset.objects.in_bulk(ids) if ids else {}
        return list(found.values())

    @property
    def box_fields(self) -> list[forms.BoundField]:
        """The sides of one's own place for text."""
        return [self[name] for name in BOX_FIELDS]

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
        return self.settings.width_px, self.settings.height_px

    def asked_count(self) -> int:
        """Return how many by now, while other fields may still be wrong."""
        asked = getattr(self, "cleaned_data", {}).get("count")
        return asked or int(self.initial.get("count", USUAL_COUNT))
