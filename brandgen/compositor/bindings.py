"""Bind data into texts and conditions: Jinja2, by a short list of what is allowed.

Documents come from people. A binding is held twice: only the syntax below is read, and
what is read runs in Jinja2's sandbox. Names are checked when a document is loaded, so
that `{{ product.nmae }}` never reaches a render.
"""

import functools
import re
from collections.abc import Iterator, Mapping
from typing import Any

from jinja2 import StrictUndefined, TemplateError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from brandgen.compositor.names import NAME_PATTERN
from brandgen.compositor.strict import name_nearest

MOST_NODES = 120
DEEPEST = 8
LONGEST = 2000
FILTERS = ("capitalize", "default", "int", "length", "lower", "title", "trim", "upper")
TESTS = ("defined", "none", "number", "string", "even", "odd")
ALLOWED = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Name,
    nodes.Const,
    nodes.Getattr,
    nodes.If,
    nodes.CondExpr,
    nodes.Compare,
    nodes.Operand,
    nodes.And,
    nodes.Or,
    nodes.Not,
    nodes.Concat,
    nodes.Filter,
    nodes.Test,
)


_TESTING = (nodes.Compare, nodes.Test, nodes.Not, nodes.Or)


class BindingError(ValueError):
    """A binding can't be read, or names what is not there. Fit to show."""


class _Sandbox(ImmutableSandboxedEnvironment):
    """Jinja2's sandbox without globals; attributes are keys of the data only."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        if isinstance(obj, Mapping) and attribute in obj:
            return obj[attribute]
        return self.undefined(obj=obj, name=attribute)


_SANDBOX = _Sandbox(undefined=StrictUndefined, autoescape=False)
_SANDBOX.globals.clear()
_SANDBOX.filters = {name: _SANDBOX.filters[name] for name in FILTERS}
_SANDBOX.tests = {name: _SANDBOX.tests[name] for name in TESTS}


def is_binding(text: str) -> bool:
    """Say whether a text has anything to bind."""
    return "{{" in text or "{%" in text or "{#" in text


def check_binding(text: str, known: Mapping[str, Mapping[str, Any] | str]) -> None:
    """Refuse a text with a binding that is not allowed, or names what is not known.

    Raises:
        BindingError: names the construct or the name, and the nearest known one.
    """
    if is_binding(text):
        _check(_parse(text), known)


def check_condition(text: str, known: Mapping[str, Mapping[str, Any] | str]) -> None:
    """Refuse a condition that is not a slot's name or an allowed expression.

    Raises:
        BindingError: names the construct or the name, and the nearest known one.
    """
    if is_binding(text):
        raise BindingError("a condition is written without braces: price and stock.")
    if re.fullmatch(NAME_PATTERN, text):
        if text not in known:
            raise BindingError(
                f"no slot is called {text!r}. {name_nearest(text, known)}"
            )
        return
    _check(_parse("{{ " + text + " }}"), known)


def bind(text: str, values: Mapping[str, Any]) -> str:
    """Put values into a text; at most 2,000 characters come out.

    Raises:
        BindingError: a value is missing, or not of the kind that a filter takes.
    """
    if not is_binding(text):
        return text
    try:
        rendered: str = _compile(text).render(values)
    except (TemplateError, ValueError, TypeError, ArithmeticError) as error:
        raise BindingError(f"{text[:80]!r} can't be filled in: {error}") from error
    return rendered[:LONGEST]


def holds(condition: str, values: Mapping[str, Any]) -> bool:
    """Say whether a condition is met by these values.

    Raises:
        BindingError: values can't be compared so.
    """
    if re.fullmatch(NAME_PATTERN, condition):
        value = values.get(condition, "")
        return bool(value.strip() if isinstance(value, str) else value)
    wrapped = "{% if " + condition + " %}1{% endif %}"
    return bind(wrapped, values) == "1"


@functools.lru_cache(maxsize=512)
def printed_in(text: str) -> frozenset[str]:
    """Give what a text prints whatever it holds: ``headline``, ``product.price``.

    What it tests before, as in `{% if product.price %}`, may be empty and is left out.
    """
    tree = _read(text, is_condition=False)
    return frozenset(_printed(tree, frozenset()) if tree else ())


@functools.lru_cache(maxsize=512)
def names_in(text: str, *, is_condition: bool = False) -> frozenset[str]:
    """Give all that a text or a condition names: ``headline``, ``product.price``."""
    return frozenset(_names(tree) if (tree := _read(text, is_condition)) else ())


@functools.lru_cache(maxsize=512)
def compared_in(text: str, *, is_condition: bool = False) -> frozenset[str]:
    """Give what a text or a condition compares: any other value is another case."""
    tree = _read(text, is_condition)
    compares = tree.find_all(nodes.Compare) if tree else ()
    return frozenset(name for compare in compares for name in _names(compare))


def _read(text: str, is_condition: bool) -> nodes.Template | None:
    if not is_condition and not is_binding(text):
        return None
    try:
        return _parse("{{ " + text + " }}" if is_condition else text)
    except BindingError:
        return None


def _printed(node: nodes.Node, tested: frozenset[str]) -> Iterator[str]:
    """Yield the names that are printed, but for those that were tested first."""
    if isinstance(node, nodes.Name | nodes.Getattr):
        yield from (name for name in _names(node) if name not in tested)
    elif isinstance(node, nodes.If | nodes.CondExpr):
        known = tested | {*_names(node.test)}
        for child in node.iter_child_nodes(exclude=("test",)):
            yield from _printed(child, known)
    elif not isinstance(node, _TESTING) and not _is_default(node):
        for child in node.iter_child_nodes():
            yield from _printed(child, tested)


@functools.lru_cache(maxsize=512)
def _compile(text: str) -> Any:
    return _SANDBOX.from_string(text)


def _parse(text: str) -> nodes.Template:
    try:
        return _SANDBOX.parse(text)
    except (TemplateError, RecursionError, ValueError) as error:
        reason = str(error) or "too deep"
        raise BindingError(f"{text[:60]!r} can't be read: {reason[:120]}") from error


def _check(tree: nodes.Template, known: Mapping[str, Any]) -> None:
    for count, (node, depth) in enumerate(_walk(tree)):
        if count > MOST_NODES or depth > DEEPEST:
            raise BindingError("the binding is too long or nested too deeply.")
        if not isinstance(node, ALLOWED):
            word = type(node).__name__
            raise BindingError(f"{word!r} is not allowed in a binding. Use data alone.")
        if isinstance(node, nodes.Filter):
            _require(node.name, FILTERS, "filter")
        elif isinstance(node, nodes.Test):
            _require(node.name, TESTS, "test")
        elif isinstance(node, nodes.Name):
            _require(node.name, known, "value")
        elif isinstance(node, nodes.Getattr):
            _check_attribute(node, known)


def _check_attribute(node: nodes.Getattr, known: Mapping[str, Any]) -> None:
    if not isinstance(node.node, nodes.Name):
        raise BindingError(f"{node.attr!r} is asked of something that has no parts.")
    _require(node.node.name, known, "value")
    parts = known[node.node.name]
    if not isinstance(parts, Mapping):
        raise BindingError(f"{node.node.name!r} is a text and has no {node.attr!r}.")
    _require(node.attr, parts, f"part of {node.node.name!r}")


def _is_default(node: nodes.Node) -> bool:
    """Say whether a filter stands in for what is empty: `default("none", true)`."""
    is_filter = isinstance(node, nodes.Filter) and node.name == "default"
    return is_filter and len(node.args) == 2  # type: ignore[attr-defined]


def _names(node: nodes.Node) -> Iterator[str]:
    if isinstance(node, nodes.Getattr) and isinstance(node.node, nodes.Name):
        yield f"{node.node.name}.{node.attr}"
    elif isinstance(node, nodes.Name):
        yield node.name
    else:
        for child in node.iter_child_nodes():
            yield from _names(child)


def _require(name: str, known: Any, noun: str) -> None:
    if name not in known:
        raise BindingError(
            f"no {noun} is called {name[:60]!r}. {name_nearest(name, known)}"
        )


def _walk(tree: nodes.Node, depth: int = 0) -> Iterator[tuple[nodes.Node, int]]:
    yield tree, depth
    if depth <= DEEPEST:
        for node in tree.iter_child_nodes():
            yield from _walk(node, depth + 1)
