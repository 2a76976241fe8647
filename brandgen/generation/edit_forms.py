"""What a marketer says when something is made from a picture that exists."""

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from django import forms

from brandgen.brands.models import BrandKit
from brandgen.engine.edits import STRENGTHS, ExtensionError, check_extension
from brandgen.engine.errors import InvalidRequestError
from brandgen.engine.extending import FURTHEST_PX
from brandgen.engine.framing import Fit
from brandgen.engine.requests import SIDE_MULTIPLE_PX, Mask
from brandgen.generation.pictures import (
    MaskError,
    draw_rectangle,
    read_drawn_mask,
)
from brandgen.generation.services import PromptTooLongError, check_length
from brandgen.presets.prompting import PromptLengthError
from brandgen.presets.services import BannedTermError, FinishedPrompt, finish_line

MOST_AT_ONCE = 8
LONGEST_MASK = 900_000
DATA_URL = "data:image/png;base64,"


class CountForm(forms.Form):
    """How many pictures are made."""

    count = forms.IntegerField(
        label="How many",
        min_value=1,
        max_value=MOST_AT_ONCE,
        initial=4,
        error_messages={
            "min_value": "You asked for %(show_value)s pictures. Use 1 to 8.",
            "max_value": "You asked for %(show_value)s pictures. Use 1 to 8.",
            "invalid": "Use a whole number from 1 to 8.",
        },
    )


class VaryForm(CountForm):
    """How far the new pictures may go from the old one."""

    how = forms.ChoiceField(
        label="How far",
        choices=[("subtle", "Subtle"), ("strong", "Strong")],
        initial="subtle",
        widget=forms.RadioSelect,
        help_text="Subtle keeps the layout; strong keeps the colors and the idea.",
    )

    @property
    def strength(self) -> float:
        """How much of the picture is made anew, 0 to 1."""
        return STRENGTHS[self.cleaned_data["how"]]


class WordsForm(CountForm):
    """A line that says what is to be seen, checked like every other prompt."""

    prompt = forms.CharField(
        label="What should be there",
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
    )

    def __init__(self, kit: BrandKit, fit: Fit, data: Mapping[str, Any] | None) -> None:
        super().__init__(data)
        self.kit, self.fit = kit, fit
        self.finished: FinishedPrompt | None = None

    def clean_prompt(self) -> str:
        """Check the words against the brand's rules and the model's length."""
        text: str = self.cleaned_data["prompt"]
        try:
            self.finished = finish_line(prompt=text, negative_prompt="", kit=self.kit)
            check_length(self.finished)
        except (
            BannedTermError,
            InvalidRequestError,
            PromptLengthError,
            PromptTooLongError,
        ) as error:
            raise forms.ValidationError(str(error)) from error
        return text


def _side(label: str) -> forms.IntegerField:
    return forms.IntegerField(label=label, required=False, min_value=0, max_value=2048)


class ChangeForm(WordsForm):
    """An area, drawn in the page or given by numbers, and what should be there."""

    mask = forms.CharField(
        required=False, widget=forms.HiddenInput, max_length=LONGEST_MASK
    )
    left = _side("From left, px")
    top = _side("From top, px")
    width = _side("Width, px")
    height = _side("Height, px")

    field_order = ("prompt", "count", "mask", "left", "top", "width", "height")

    def clean(self) -> dict[str, Any]:
        """Read the area: what was drawn, else the rectangle."""
        cleaned = super().clean() or {}
        try:
            cleaned["area"] = self._read_area(cleaned)
        except MaskError as error:
            self.add_error(None, str(error))
        return cleaned

    def _read_area(self, cleaned: Mapping[str, Any]) -> Mask:
        drawn = cleaned.get("mask") or ""
        if drawn:
            try:
                data = base64.b64decode(drawn.removeprefix(DATA_URL), validate=True)
            except (binascii.Error, ValueError) as error:
                raise MaskError(
                    "The marked area could not be read. Mark it again."
                ) from error
            return read_drawn_mask(data, self.fit.size)
        if not cleaned.get("width") or not cleaned.get("height"):
            raise MaskError(
                "Nothing is marked. Draw on the picture what should be made anew, or "
                "give the rectangle in numbers."
            )
        return draw_rectangle(
            self.fit.size,
            left=cleaned.get("left") or 0,
            top=cleaned.get("top") or 0,
            width=cleaned["width"],
            height=cleaned["height"],
        )

    @property
    def numbers(self) -> list[forms.BoundField]:
        """The fields of the rectangle."""
        return [self[name] for name in ("left", "top", "width", "height")]


def _extension(label: str) -> forms.TypedChoiceField:
    steps = range(0, FURTHEST_PX + 1, SIDE_MULTIPLE_PX)
    choices = [(str(step), f"{step} px" if step else "not at all") for step in steps]
    return forms.TypedChoiceField(
        label=label, choices=choices, coerce=int, required=False
    )


class ExtendForm(WordsForm):
    """By how much a picture grows on each side."""

    left = _extension("Left")
    right = _extension("Right")
    top = _extension("Top")
    bottom = _extension("Bottom")

    field_order = ("prompt", "count", "left", "right", "top", "bottom")

    def clean(self) -> dict[str, Any]:
        """Refuse what the model can't draw."""
        cleaned = super().clean() or {}
        if not {"left", "top", "right", "bottom"} & set(self.errors):
            try:
                check_extension(self.fit, self.sides())
            except ExtensionError as error:
                self.add_error(None, str(error))
        return cleaned

    def sides(self) -> dict[str, int]:
        """Return by how much each side grows, by name."""
        names = ("left", "top", "right", "bottom")
        return {name: int(self.cleaned_data.get(name) or 0) for name in names}

    @property
    def side_fields(self) -> list[forms.BoundField]:
        """The four sides."""
        return [self[name] for name in ("left", "right", "top", "bottom")]


class EnlargeForm(forms.Form):
    """How much larger a picture becomes."""

    factor = forms.TypedChoiceField(
        label="How much larger",
        choices=[("1.5", "1.5 times"), ("2", "Twice")],
        initial="2",
        coerce=float,
        widget=forms.RadioSelect,
    )


def find_extensions(fit: Fit) -> list[tuple[str, dict[str, int]]]:
    """List what makes a picture one of the usual ratios: the ratio, and the sides."""
    found = []
    for wide, high in ((1, 1), (4, 5), (3, 2), (2, 3), (16, 9), (9, 16), (2, 1)):
        sides = _reach(fit, wide / high)
        try:
            check_extension(fit, sides)
        except ExtensionError:
            continue
        found.append((f"{wide}:{high}", sides))
    return found


def _reach(fit: Fit, ratio: float) -> dict[str, int]:
    """Say by how much to grow, evenly, to come nearest to a ratio."""
    sides = {"left": 0, "top": 0, "right": 0, "bottom": 0}
    is_wider = ratio > fit.width_px / fit.height_px
    first, second = ("left", "right") if is_wider else ("top", "bottom")
    missing = (
        fit.height_px * ratio - fit.width_px
        if is_wider
        else fit.width_px / ratio - fit.height_px
    )
    steps = round(missing / SIDE_MULTIPLE_PX)
    sides[first] = steps // 2 * SIDE_MULTIPLE_PX
    sides[second] = (steps - steps // 2) * SIDE_MULTIPLE_PX
    return sides
