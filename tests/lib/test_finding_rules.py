"""Rules: each has a name and a sentence for people, and a line in the reference."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from brandgen.lib.finding_rules import RULES, Rule, explain, label_of

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "docs" / "reference" / "templates.md"
MAKES_FINDINGS = ("Finding", "report", "fail", "warn")
ON_PICTURES = {"collection", "drawing", "file", "palette", "resolution", "sharpness"}
"""Checks of what templates are filled with, and of whether they can be drawn."""


def find_rules() -> set[str]:
    """Read the code for the checks that it makes findings of."""
    return {
        rule
        for path in (ROOT / "brandgen").rglob("*.py")
        for rule in rules_in(ast.parse(path.read_bytes()))
        if rule.replace("-", "").islower()
    }


def rules_in(tree: ast.Module) -> Iterator[str]:
    constants = {
        target.id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        name = getattr(call.func, "attr", getattr(call.func, "id", ""))
        named = [one.value for one in call.keywords if one.arg == "rule"]
        first = [*named, *call.args][:1] if name in MAKES_FINDINGS else []
        for value in first:
            rule = constants.get(value.id) if isinstance(value, ast.Name) else value
            if isinstance(rule, ast.Constant) and isinstance(rule.value, str):
                yield rule.value


class TestRules:
    def test_are_those_that_the_code_makes_findings_by(self) -> None:
        assert find_rules() == set(RULES)

    def test_are_told_apart(self) -> None:
        assert len({rule.label for rule in RULES.values()}) == len(RULES)
        assert len({rule.explanation for rule in RULES.values()}) == len(RULES)

    @pytest.mark.parametrize("rule", RULES.values(), ids=list(RULES))
    def test_say_in_one_sentence_what_they_ask(self, rule: Rule) -> None:
        assert re.fullmatch(
            r"[A-Z][^.]*(\.\d[^.]*)*\.", rule.explanation.replace(" : ", ":")
        )
        assert 20 <= len(rule.explanation) <= 140
        assert rule.label not in ("", rule.explanation)

    def test_are_explained_in_the_reference(self) -> None:
        text = REFERENCE.read_text(encoding="utf-8")

        unexplained = {rule for rule in RULES if f"`{rule}`" not in text}
        assert unexplained - ON_PICTURES == set()


class TestLabelOf:
    def test_reads_like_words(self) -> None:
        assert label_of("missing-glyph") == "Missing letters"

    def test_names_a_check_that_is_no_more(self) -> None:
        assert label_of("some-old-rule") == "Some old rule"


class TestExplain:
    def test_says_what_a_rule_asks(self) -> None:
        assert explain("font-family").endswith("the fonts of the brand kit only.")

    def test_says_nothing_of_a_rule_that_is_no_more(self) -> None:
        assert explain("some-old-rule") == ""
