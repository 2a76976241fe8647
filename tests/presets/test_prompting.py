import time

import jinja2
import pytest

from brandgen.presets.prompting import (
    PresetTemplateError,
    PromptLengthError,
    check_template,
    clean_value,
    render_prompt,
)

# Ways into Python, and ways to burn its time or memory.
PAYLOADS = [
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ subject.__init__.__globals__ }}",
    "{{ self.__init__.__globals__.__builtins__ }}",
    "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    "{{ lipsum(n=100000) }}",
    "{{ config.items() }}",
    "{{ subject|attr('__class__') }}",
    "{{ ()|attr('__class__')|attr('__base__') }}",
    "{{ '%s'.format(subject) }}",
    "{{ '{0.__class__}'.format(subject) }}",
    "{% for a in range(99999) %}{% for b in range(99999) %}x{% endfor %}{% endfor %}",
    "{{ 'A' * 2000000000 }}",
    "{{ 'A'|center(2000000000) }}",
    "{{ '%2000000000d' % 1 }}",
    "{{ 'a'|replace('a', 'aaaaaaaaaa')|replace('a', 'aaaaaaaaaa') }}",
    "{{ [subject, subject]|join(subject) }}",
    "{{ subject|indent(2000000000) }}",
    "{{ 9 ** 9 ** 9 }}",
    "{% include '/etc/passwd' %}",
    "{% extends 'base.html' %}",
    "{% import 'os' as os %}",
    "{% set x = subject %}{{ x }}",
    "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "{% with a = 1 %}{{ a }}{% endwith %}",
    "{% raw %}{{ x }}{% endraw %}{{ subject[0] }}",
    "{{ subject.upper() }}",
    "{{ subject is defined }}",
    "{% filter upper %}x{% endfilter %}",
    "{{ dict(a=1) }}",
    "{{ {'a': 1} }}",
    "{{ subject if subject }}",
    "{{ namespace() }}",
    "{{ '" + "A" * 201 + "' }}",
    "{% if subject %}" * 20 + "x" + "{% endif %}" * 20,
    "{{ " + "(" * 1500 + "subject" + ")" * 1500 + " }}",
    "{{ secret }}",
    "{{ subject",
    "{% if %}",
]


class TestCheckTemplate:
    @pytest.mark.parametrize("payload", PAYLOADS)
    def test_refuses_what_a_preset_has_no_use_for(self, payload: str) -> None:
        started = time.monotonic()

        with pytest.raises(PresetTemplateError):
            check_template(payload, {"subject"})

        assert time.monotonic() - started < 1.0

    def test_refuses_a_template_of_10000_characters(self) -> None:
        with pytest.raises(PresetTemplateError, match="10,000 characters"):
            check_template("x" * 10_000, set())

    def test_accepts_what_presets_are_made_of(self) -> None:
        check_template(
            "{% if season == 'None' or not season %}{{ subject|lower|trim }}"
            "{% elif count > 2 and count <= 4 %}{{ season|default('spring', true) }}"
            "{% else %}plain{% endif %}",
            {"subject", "season", "count"},
        )

    def test_runs_on_a_jinja_without_known_ways_out_of_the_sandbox(self) -> None:
        # CVE-2025-27516 and CVE-2024-56326 are fixed in 3.1.6.
        assert tuple(map(int, jinja2.__version__.split(".")[:3])) >= (3, 1, 6)


class TestRenderPrompt:
    def test_says_whose_words_are_whose(self) -> None:
        prompt = render_prompt("photo of {{ a }}, {{ b }}", {"a": "a mug", "b": "sand"})

        assert [(p.text, p.is_value) for p in prompt.parts] == [
            ("photo of ", False),
            ("a mug", True),
            (", ", False),
            ("sand", True),
        ]

    def test_leaves_no_hole_where_a_value_is_empty(self) -> None:
        prompt = render_prompt("photo of {{ a }}, {{ b }}, soft .", {"a": "x", "b": ""})

        assert prompt.text == "photo of x, soft."

    def test_keeps_template_code_in_a_value_as_text(self) -> None:
        prompt = render_prompt("photo of {{ a }}", {"a": "{{ 7 * 7 }} {% raw %}"})

        assert prompt.text == "photo of {{ 7 * 7 }} {% raw %}"

    def test_compares_values_unmarked(self) -> None:
        source = "{% if n > 1 %}{{ n }} cups{% else %}a cup{% endif %}"

        assert render_prompt(source, {"n": 3}).text == "3 cups"
        assert render_prompt(source, {"n": 1}).text == "a cup"

    def test_checks_the_template_again(self) -> None:
        with pytest.raises(PresetTemplateError, match="getattr"):
            render_prompt("{{ a.__class__ }}", {"a": "x"})

    def test_says_which_comparison_can_not_be_made(self) -> None:
        with pytest.raises(PresetTemplateError, match="can't be filled in"):
            render_prompt("{% if n > 1 %}x{% endif %}", {"n": "many"})

    def test_refuses_a_prompt_beyond_every_model(self) -> None:
        with pytest.raises(PromptLengthError, match="3,000 characters"):
            render_prompt("{{ a }}", {"a": "x" * 3000})


class TestPrompt:
    def test_marks_what_lies_behind_the_cut(self) -> None:
        prompt = render_prompt("ab{{ v }}ef", {"v": "cd"}).cut_at(3)

        assert [(p.text, p.is_value, p.is_cut) for p in prompt.parts] == [
            ("ab", False, False),
            ("c", True, False),
            ("d", True, True),
            ("ef", False, True),
        ]
        assert prompt.text == "abcdef"


class TestCleanValue:
    def test_drops_what_can_not_be_seen(self) -> None:
        assert clean_value("a\u200bb\ue000\ue001\x00  c\n\td ") == "ab c d"

    def test_leaves_numbers_alone(self) -> None:
        assert clean_value(2.5) == 2.5
