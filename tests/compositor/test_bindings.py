"""Bindings: data in, and nothing but data."""

import time

import pytest

from brandgen.compositor.bindings import (
    LONGEST,
    BindingError,
    bind,
    check_binding,
    check_condition,
    holds,
)

KNOWN = {"line": "", "price": "", "product": {"name": "Mug", "size": "9 cm"}}
VALUES = {"line": "Hi", "price": "", "product": {"name": "Mug {{ 7*7 }}", "size": "9"}}


class TestBind:
    @pytest.mark.parametrize(
        ("text", "bound"),
        [
            ("No braces", "No braces"),
            ("{{ line }}!", "Hi!"),
            ("{{ product.size ~ ' cm' }}", "9 cm"),
            ("{{ price or 'free' }}", "free"),
            ("{{ line|upper }}", "HI"),
            ("{% if price %}{{ price }}{% else %}soon{% endif %}", "soon"),
            ("{{ 'yes' if line is defined else 'no' }}", "yes"),
        ],
    )
    def test_puts_values_in(self, text: str, bound: str) -> None:
        check_binding(text, KNOWN)

        assert bind(text, VALUES) == bound

    def test_leaves_code_in_a_value_as_text(self) -> None:
        assert bind("{{ product.name }}", VALUES) == "Mug {{ 7*7 }}"

    def test_gives_no_more_than_a_layer_takes(self) -> None:
        assert len(bind("{{ line ~ line }}", {"line": "x" * LONGEST})) == LONGEST

    def test_says_that_a_value_can_not_be_used_so(self) -> None:
        with pytest.raises(BindingError, match="can't be filled in"):
            bind("{{ product < line }}", VALUES)


class TestCheckBinding:
    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("{{ lime }}", "Did you mean 'line'"),
            ("{{ product.nmae }}", "Did you mean 'name'"),
            ("{{ line.name }}", "is a text"),
            ("{{ product.name.size }}", "has no parts"),
            ("{{ line|uper }}", "Did you mean 'upper'"),
            ("{{ line is divisibleby(2) }}", "no test"),
            ("{{ line", "can't be read"),
            ("{{ line|upper" + "|lower" * 200 + " }}", "too long"),
        ],
    )
    def test_names_what_is_wrong(self, text: str, words: str) -> None:
        with pytest.raises(BindingError, match=words):
            check_binding(text, KNOWN)

    @pytest.mark.parametrize(
        "text",
        [
            "{{ ''.__class__ }}",
            "{{ ''.__class__.__mro__[1].__subclasses__() }}",
            "{{ line.__init__.__globals__ }}",
            "{{ product['name'] }}",
            "{{ product|attr('__class__') }}",
            "{{ line.format(1) }}",
            "{{ '%s' % line }}",
            "{{ 'a' * 1000000000 }}",
            "{{ 9 ** 9999999 }}",
            "{{ 7 * 7 }}",
            "{% for x in range(1000000000) %}x{% endfor %}",
            "{{ range(10) }}",
            "{{ [1, 2] }}",
            "{{ {'a': 1} }}",
            "{% set x = 1 %}",
            "{% include 'secrets' %}",
            "{% import 'os' as os %}",
            "{% extends 'x' %}",
            "{% macro m() %}{% endmacro %}",
            "{{ self }}",
            "{{ config }}",
            "{{ cycler.__init__.__globals__.os }}",
            "{{ lipsum() }}",
            "{{ namespace() }}",
            "{{ line|map('upper') }}",
            "{% raw %}{{ x }}{% endraw %}{{ joiner }}",
            "{{ (((((((((((line))))))))))|upper).x }}",
        ],
    )
    def test_refuses_everything_but_data(self, text: str) -> None:
        started = time.perf_counter()

        with pytest.raises(BindingError):
            check_binding(text, KNOWN)

        assert time.perf_counter() - started < 0.5


class TestHolds:
    @pytest.mark.parametrize(
        ("condition", "is_met"),
        [
            ("line", True),
            ("price", False),
            ("line and not price", True),
            ("product.size == '9'", True),
            ("line == 'Hi' and price", False),
        ],
    )
    def test_asks_the_values(self, condition: str, is_met: bool) -> None:
        check_condition(condition, KNOWN)

        assert holds(condition, VALUES) is is_met

    @pytest.mark.parametrize(
        "condition", ["lime", "line ==", "{{ line }}", "line()", "1 }}{{ line", "a-b"]
    )
    def test_refuses_what_is_no_condition(self, condition: str) -> None:
        with pytest.raises(BindingError):
            check_condition(condition, KNOWN)
