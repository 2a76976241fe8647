import json
import shutil
from pathlib import Path

import pytest

from brandgen.engine.errors import InvalidRequestError, WeightsError
from brandgen.engine.registry import default_bundle
from brandgen.engine.tokens import count_tokens

TOKENIZER = default_bundle().tokenizer_file


class TestCountTokens:
    def test_counts_words_with_start_and_end(self) -> None:
        found = count_tokens("a teal bottle", TOKENIZER)

        assert (found.count, found.limit) == (5, 32)
        assert (found.kept_text, found.cut_text) == ("a teal bottle", "")
        assert not found.is_too_long

    def test_counts_an_empty_prompt_as_start_and_end(self) -> None:
        assert count_tokens("", TOKENIZER).count == 2

    def test_splits_a_long_prompt_where_the_model_stops_reading(self) -> None:
        prompt = "teal " * 40

        found = count_tokens(prompt, TOKENIZER)

        assert found.is_too_long
        assert found.count == 42
        assert found.kept_text == ("teal " * 30).strip()
        assert found.kept_text + found.cut_text == prompt
        assert not count_tokens(found.kept_text, TOKENIZER).is_too_long

    def test_agrees_with_the_tokenizer_of_the_model(self) -> None:
        from transformers import CLIPTokenizer

        tokenizer = CLIPTokenizer.from_pretrained(TOKENIZER.parent)
        for prompt in (
            "",
            "A TEAL  bottle,\nnaïve €5 coffee ☕",
            "x" * 300,
            "ﬁ é ß 漢字",
        ):
            expected = len(tokenizer(prompt).input_ids)
            assert count_tokens(prompt, TOKENIZER).count == expected

    def test_counts_ten_thousand_characters(self) -> None:
        assert count_tokens("teal bottle " * 834, TOKENIZER).count == 1670

    @pytest.mark.parametrize("word", ["<|endoftext|>", "<|StartOfText|>"])
    def test_refuses_control_words(self, word: str) -> None:
        with pytest.raises(InvalidRequestError, match="control word"):
            count_tokens(f"a bottle {word} on a podium", TOKENIZER)

    def test_refuses_broken_characters(self) -> None:
        with pytest.raises(InvalidRequestError, match="at place 3"):
            count_tokens("a \ud800", TOKENIZER)

    def test_reads_the_limit_beside_the_tokenizer(self, tmp_path: Path) -> None:
        shutil.copytree(TOKENIZER.parent, tmp_path / "tokenizer")
        config = tmp_path / "tokenizer" / "tokenizer_config.json"
        config.write_text(json.dumps({"model_max_length": 77}))

        found = count_tokens("teal " * 40, tmp_path / "tokenizer" / "tokenizer.json")

        assert (found.count, found.limit, found.cut_text) == (42, 77, "")

    @pytest.mark.parametrize("limit", [-1, 0, 2, "77", None, [77]])
    def test_refuses_a_limit_that_leaves_no_words(
        self, limit: object, tmp_path: Path
    ) -> None:
        shutil.copytree(TOKENIZER.parent, tmp_path / "tokenizer")
        config = tmp_path / "tokenizer" / "tokenizer_config.json"
        config.write_text(json.dumps({"model_max_length": limit}))

        with pytest.raises(WeightsError, match="can't be read"):
            count_tokens("teal", tmp_path / "tokenizer" / "tokenizer.json")

    def test_says_when_the_tokenizer_is_damaged(self, tmp_path: Path) -> None:
        path = tmp_path / "tokenizer.json"
        path.write_text("{")

        with pytest.raises(WeightsError, match=r"tokenizer\.json can't be read"):
            count_tokens("a", path)
