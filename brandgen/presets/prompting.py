"""Turns a preset's template and a person's values into the prompt that the model reads.

Templates come from people, so they are held twice: only a short list of syntax is let
through, when a template is saved and again when it is rendered, and what is let through
runs in Jinja2's sandbox. Values are data: template code in a value stays text.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from jinja2 import StrictUndefined, TemplateError, TemplateSyntaxError, nodes
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment

LONGEST_PROMPT = 2000
"""Characters; far more than any text encoder reads."""
LONGEST_TEMPLATE = 4000
DEEPEST_NESTING = 8
LONGEST_CONSTANT = 200

ALLOWED_FILTERS = ("default", "lower", "title", "trim", "upper")
ALLOWED_NODES = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Name,
    nodes.Const,
    nodes.If,
    nodes.Compare,
    nodes.Operand,
    nodes.And,
    nodes.Or,
    nodes.Not,
    nodes.Filter,
)

# Set around what a person filled in. Private characters, taken out of every value.
START, END = "\ue000", "\ue001"

PromptValue = str | int | float


class PresetTemplateError(Exception):
    """A template uses what presets may not, or can't be read. Fit to show."""


class PromptLengthError(Exception):
    """A finished prompt is longer than any model reads. The message is fit to show."""


@dataclass(frozen=True)
class PromptPart:
    """A run of the prompt: the preset's words or the person's."""

    text: str
    is_value: bool = False
    is_cut: bool = False
    """Whether it lies behind the place where the model stops reading."""


@dataclass(frozen=True)
class Prompt:
    """A finished prompt, in parts that say whose words they are."""

    parts: tuple[PromptPart, ...]

    @property
    def text(self) -> str:
        """What the model reads."""
        return "".join(part.text for part in self.parts)

    def cut_at(self, length: int) -> "Prompt":
        """Return the same prompt with what lies behind a place marked as cut off."""
        parts: list[PromptPart] = []
        for part in self.parts:
            kept, lost = part.text[:length], part.text[length:]
            length -= len(kept)
            if kept:
                parts.append(PromptPart(kept, part.is_value))
            if lost:
                parts.append(PromptPart(lost, part.is_value, is_cut=True))
        return Prompt(tuple(parts))


def check_template(source: str, names: Collection[str]) -> None:
    """Refuse a template that uses more than presets may.

    Args:
        source: the template.
        names: the variables that it may use.

    Raises:
        PresetTemplateError: the message says what, in which line.
    """
    if len(source) > LONGEST_TEMPLATE:
        raise PresetTemplateError(
            f"The template has {len(source):,} characters. Use at most "
            f"{LONGEST_TEMPLATE:,}."
        )
    if START in source or END in source:
        raise PresetTemplateError(
            "The template holds private characters (U+E000). Remove them."
        )
    try:
        tree = _environment().parse(source)
    except TemplateSyntaxError as error:
        raise PresetTemplateError(f"Line {error.lineno}: {error.message}.") from error
    except RecursionError as error:
        raise PresetTemplateError(
            "The template is nested too deeply. Use fewer brackets."
        ) from error
    for node, depth in _walk(tree):
        _check_node(node, depth, names)


def render_prompt(source: str, values: Mapping[str, PromptValue]) -> Prompt:
    """Fill a template in, collapse its blanks and say whose words are whose.

    Raises:
        PresetTemplateError: the template is not allowed, or can't take these values.
        PromptLengthError: the prompt has more than `LONGEST_PROMPT` characters.
    """
    check_template(source, values.keys())
    try:
        marked = (
            _environment()
            .from_string(source)
            .render({name: clean_value(value) for name, value in values.items()})
        )
    except (TemplateError, SecurityError, TypeError, ValueError, SyntaxError) as error:
        raise PresetTemplateError(
            f"The template can't be filled in: {error}. Mend the preset."
        ) from error
    prompt = Prompt(tuple(_split(_tidy(marked))))
    if len(prompt.text) > LONGEST_PROMPT:
        raise PromptLengthError(
            f"The prompt has {len(prompt.text):,} characters. Use at most "
            f"{LONGEST_PROMPT:,}: shorten a field."
        )
    return prompt


def clean_value(value: PromptValue) -> PromptValue:
    """Take out of a text what can't be seen: control, format and private characters."""
    if not isinstance(value, str):
        return value
    seen = "".join(
        " " if character.isspace() else character
        for character in value
        if character.isspace() or unicodedata.category(character)[0] != "C"
    )
    return " ".join(seen.split())


@lru_cache(maxsize=1)
def _environment() -> ImmutableSandboxedEnvironment:
    # No escaping: a prompt is not HTML. Pages escape it like any other text.
    environment = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined, finalize=_mark
    )
    environment.globals.clear()
    environment.tests.clear()
    environment.filters = {name: environment.filters[name] for name in ALLOWED_FILTERS}
    return environment


def _mark(value: object) -> str:
    if isinstance(value, float):
        value = f"{value:g}"
    return f"{START}{value}{END}"


def _walk(node: nodes.Node, depth: int = 0) -> Iterator[tuple[nodes.Node, int]]:
    yield node, depth
    for child in node.iter_child_nodes():
        yield from _walk(child, depth + 1)


def _check_node(node: nodes.Node, depth: int, names: Collection[str]) -> None:
    problem = ""
    if type(node) not in ALLOWED_NODES:
        problem = f"{type(node).__name__.lower()} is not allowed"
    elif depth > DEEPEST_NESTING * 2:
        problem = f"it is nested deeper than {DEEPEST_NESTING} levels"
    elif isinstance(node, nodes.Filter) and node.name not in ALLOWED_FILTERS:
        problem = f"the filter {node.name!r} is not allowed"
    elif isinstance(node, nodes.Name) and node.name not in names:
        known = ", ".join(sorted(names)) or "none"
        problem = f"there is no variable {node.name!r}. Variables: {known}"
    elif isinstance(node, nodes.Const) and len(str(node.value)) > LONGEST_CONSTANT:
        problem = f"a text in quotes is longer than {LONGEST_CONSTANT} characters"
    if problem:
        raise PresetTemplateError(
            f"Line {node.lineno}: {problem}. A preset may use its variables, if and "
            f"else, comparisons and the filters {', '.join(ALLOWED_FILTERS)}."
        )


def _tidy(marked: str) -> str:
    """Drop empty values, collapse blanks and close gaps before punctuation."""
    text = re.sub(rf"{START}\s*{END}", "", marked)
    text = re.sub(r"\s+", " ", text)
    text = re.sub(r" +(?=[,.;:!?])", "", text)
    text = re.sub(r",(?:\s*,)+", ",", text)
    return text.strip(" ,")


def _split(text: str) -> Iterator[PromptPart]:
    for index, run in enumerate(re.split(f"[{START}{END}]", text)):
        if run:
            yield PromptPart(run, is_value=index % 2 == 1)
