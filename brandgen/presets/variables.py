"""The typed variables of a preset: what is filled in, and what the model then reads."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from brandgen.brands.models import PaletteColor
from brandgen.presets.prompting import PromptValue, clean_value

NAME = re.compile(r"[a-z][a-z0-9_]{0,29}")
LONGEST_TEXT = 300
MOST_CHOICES = 30
MOST_VARIABLES = 12


class VariableError(Exception):
    """A variable's definition is no good. The message is fit to show."""


class ValueErrors(Exception):  # noqa: N818 - several errors, one per field
    """Values do not fit their variables; ``errors`` holds a sentence for each name."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(" ".join(errors.values()))
        self.errors = dict(errors)


class ValueRefusedError(Exception):
    """One value does not fit. The message is fit to show."""


@dataclass(frozen=True)
class Choice:
    """One of the answers to pick from."""

    label: str
    words: str
    """What the model reads; may be empty."""


@dataclass(frozen=True)
class TextVariable:
    """Free words."""

    name: str
    label: str
    help: str = ""
    is_required: bool = False
    max_length: int = 80
    default: str = ""
    type: Literal["text"] = "text"

    def __post_init__(self) -> None:
        check_name(self)
        if not 1 <= self.max_length <= LONGEST_TEXT:
            raise VariableError(
                f"{self.label}: the length is {self.max_length}. Use 1 to "
                f"{LONGEST_TEXT} characters."
            )
        if len(self.default) > self.max_length:
            raise VariableError(f"{self.label}: the default is longer than allowed.")

    def resolve(self, raw: str, palette: Sequence[PaletteColor]) -> PromptValue:
        """Return the words for the prompt."""
        text = str(clean_value(raw))
        if len(text) > self.max_length:
            raise ValueRefusedError(
                f"{self.label} has {len(text):,} characters. Use at most "
                f"{self.max_length}."
            )
        return text


@dataclass(frozen=True)
class ChoiceVariable:
    """One answer of several."""

    name: str
    label: str
    choices: tuple[Choice, ...]
    help: str = ""
    is_required: bool = False
    default: str = ""
    type: Literal["choice"] = "choice"

    def __post_init__(self) -> None:
        check_name(self)
        labels = [choice.label for choice in self.choices]
        if not 2 <= len(labels) <= MOST_CHOICES:
            raise VariableError(
                f"{self.label} has {len(labels)} choices. Write 2 to {MOST_CHOICES}, "
                "one a line."
            )
        if len(set(labels)) < len(labels):
            raise VariableError(f"{self.label}: two choices have the same name.")
        if self.default and self.default not in labels:
            raise VariableError(
                f"{self.label}: the default {self.default!r} is not among the choices."
            )

    def resolve(self, raw: str, palette: Sequence[PaletteColor]) -> PromptValue:
        """Return the words for the prompt."""
        if not raw:
            return ""
        for choice in self.choices:
            if choice.label == raw:
                return choice.words
        labels = ", ".join(choice.label for choice in self.choices)
        raise ValueRefusedError(
            f"{self.label} is {shorten(raw)!r}. Pick one of: {labels}."
        )


@dataclass(frozen=True)
class NumberVariable:
    """A number within a range."""

    name: str
    label: str
    low: float
    high: float
    is_whole: bool = True
    help: str = ""
    is_required: bool = False
    default: str = ""
    type: Literal["number"] = "number"

    def __post_init__(self) -> None:
        check_name(self)
        if not -1e6 <= self.low < self.high <= 1e6:
            raise VariableError(
                f"{self.label}: the range is {self.low:g} to {self.high:g}. The first "
                "number must be the smaller one, and both within a million."
            )
        if self.default:
            try:
                self.resolve(self.default, [])
            except ValueRefusedError as error:
                raise VariableError(f"Default: {error}") from error

    def resolve(self, raw: str, palette: Sequence[PaletteColor]) -> PromptValue:
        """Return the number for the prompt; nothing where none was given."""
        if not raw.strip():
            return ""
        try:
            value = float(raw.strip())
        except ValueError:
            value = float("nan")
        is_good = self.low <= value <= self.high
        if not is_good or (self.is_whole and value != int(value)):
            kind = "a whole number" if self.is_whole else "a number"
            raise ValueRefusedError(
                f"{self.label} is {shorten(raw)!r}. Use {kind} from {self.low:g} to "
                f"{self.high:g}."
            )
        return int(value) if self.is_whole else value


@dataclass(frozen=True)
class ColorVariable:
    """A color of the brand's palette; the model reads its plain word."""

    name: str
    label: str
    help: str = ""
    is_required: bool = False
    default: str = ""
    type: Literal["color"] = "color"

    def __post_init__(self) -> None:
        check_name(self)

    def resolve(self, raw: str, palette: Sequence[PaletteColor]) -> PromptValue:
        """Return the color's word for the prompt."""
        if not raw:
            return ""
        for color in palette:
            if color.name == raw:
                return color.word
        names = ", ".join(color.name for color in palette) or "none"
        raise ValueRefusedError(
            f"{self.label} is {shorten(raw)!r}, which the palette does not have. "
            f"Colors: {names}."
        )


Variable = TextVariable | ChoiceVariable | NumberVariable | ColorVariable
KINDS: dict[str, type[Variable]] = {
    "text": TextVariable,
    "choice": ChoiceVariable,
    "number": NumberVariable,
    "color": ColorVariable,
}


def read_variables(data: Sequence[Mapping[str, Any]]) -> tuple[Variable, ...]:
    """Read the variables that a preset version keeps as JSON.

    Raises:
        VariableError: one of them is no good, or two have the same name.
    """
    variables = tuple(read_variable(item) for item in data)
    if len(variables) > MOST_VARIABLES:
        raise VariableError(
            f"The preset has {len(variables)} variables. Use at most {MOST_VARIABLES}."
        )
    names = [variable.name for variable in variables]
    for name in names:
        if names.count(name) > 1:
            raise VariableError(f"Two variables are called {name!r}. Rename one.")
    return variables


def read_variable(item: Mapping[str, Any]) -> Variable:
    """Read one variable.

    Raises:
        VariableError: an unknown type, or a value that it can't have.
    """
    fields = dict(item)
    kind = KINDS.get(str(fields.pop("type", "")))
    if kind is None:
        raise VariableError(
            f"The variable type is {item.get('type')!r}. Use one of: "
            f"{', '.join(KINDS)}."
        )
    try:
        if kind is ChoiceVariable:
            fields["choices"] = tuple(Choice(**each) for each in fields["choices"])
        return kind(**fields)
    except (TypeError, KeyError) as error:
        name = shorten(str(item.get("name", "")))
        raise VariableError(f"The variable {name!r} can't be read: {error}.") from error


def write_variables(variables: Sequence[Variable]) -> list[dict[str, Any]]:
    """Write variables as JSON, for `read_variables`."""
    return [asdict(variable) for variable in variables]


def resolve_values(
    variables: Sequence[Variable],
    values: Mapping[str, str],
    palette: Sequence[PaletteColor],
) -> dict[str, PromptValue]:
    """Check what a person filled in and turn it into what the template reads.

    Raises:
        ValueErrors: a sentence for each value that does not fit.
    """
    resolved: dict[str, PromptValue] = {}
    errors: dict[str, str] = {}
    known = {variable.name for variable in variables}
    for name in values.keys() - known:
        errors[name] = f"The preset has no field {shorten(name)!r}."
    for variable in variables:
        raw = values.get(variable.name, variable.default)
        try:
            if variable.is_required and not raw.strip():
                raise ValueRefusedError(f"{variable.label} is empty. Fill it in.")
            resolved[variable.name] = variable.resolve(raw, palette)
        except ValueRefusedError as error:
            errors[variable.name] = str(error)
    if errors:
        raise ValueErrors(errors)
    return resolved


def check_name(variable: Variable) -> None:
    """Refuse a name that a template could not use.

    Raises:
        VariableError: not small letters, digits and underscores, or no label.
    """
    if not NAME.fullmatch(variable.name):
        raise VariableError(
            f"The variable name is {shorten(variable.name)!r}. Use small letters, "
            "digits and underscores, a letter first: product_color."
        )
    if not variable.label.strip() or len(variable.label) > 60:
        raise VariableError(
            f"{variable.name}: write a label of 1 to 60 characters for the form."
        )


def shorten(text: str, limit: int = 40) -> str:
    """Shorten a text for a message."""
    return text if len(text) <= limit else f"{text[:limit]}…"
