import json
import shutil
from pathlib import Path

import pytest
import torch

from brandgen.engine.miniature.course import SHIPPED
from brandgen.engine.miniature.grammar import VOCABULARY
from brandgen.engine.miniature.networks import SIZES, make_text_encoder
from brandgen.engine.miniature.parts import load_network
from brandgen.engine.miniature.tokenizer import encode_texts, load_tokenizer
from brandgen.engine.miniature.words import teach_words, widen_text_encoder

WORDS = (*VOCABULARY.words, *VOCABULARY.colors, "turquoise", "checkerboard")


@pytest.fixture(scope="module")
def taught(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[list[int]]]:
    folder = tmp_path_factory.mktemp("words") / "tokenizer"
    shutil.copytree(SHIPPED / "tokenizer", folder)
    return folder, teach_words(folder, WORDS)


class TestTeachWords:
    def test_makes_every_word_one_token(
        self, taught: tuple[Path, list[list[int]]]
    ) -> None:
        tokenizer = load_tokenizer(taught[0])

        ids = tokenizer(list(WORDS), add_special_tokens=False).input_ids

        assert {len(numbers) for numbers in ids} == {1}

    def test_leaves_old_words_their_numbers(
        self, taught: tuple[Path, list[list[int]]]
    ) -> None:
        text = "a small teal jar with a cream label on a red square podium, on the left"

        old, new = (
            load_tokenizer(folder)(text).input_ids
            for folder in (SHIPPED / "tokenizer", taught[0])
        )

        assert old == new

    def test_says_how_each_new_token_was_spelled(
        self, taught: tuple[Path, list[list[int]]]
    ) -> None:
        folder, spelled = taught
        model = json.loads((folder / "tokenizer.json").read_text())["model"]
        old = load_tokenizer(SHIPPED / "tokenizer")

        number = model["vocab"]["turquoise</w>"] - len(old)

        ids = old("turquoise", add_special_tokens=False).input_ids
        assert spelled[number] == ids

    def test_teaches_nothing_twice(self, taught: tuple[Path, list[list[int]]]) -> None:
        before = (taught[0] / "tokenizer.json").read_bytes()

        assert teach_words(taught[0], WORDS) == []
        assert (taught[0] / "tokenizer.json").read_bytes() == before


class TestWidenTextEncoder:
    def test_says_of_old_captions_what_it_said(
        self, taught: tuple[Path, list[list[int]]]
    ) -> None:
        encoder = load_network(SHIPPED / "text_encoder", "text_encoder")
        tokens = encode_texts(load_tokenizer(taught[0]), ["teal waves on cream"])

        wide = widen_text_encoder(encoder, taught[1])

        before, after = (
            network(tokens.ids, attention_mask=tokens.mask).text_embeds
            for network in (encoder, wide)
        )
        assert torch.equal(before, after)
        assert wide.config.vocab_size == encoder.config.vocab_size + len(taught[1])

    def test_begins_a_new_row_at_the_mean_of_its_spelling(self) -> None:
        encoder = make_text_encoder(8, SIZES["s"])

        wide = widen_text_encoder(encoder, [[2, 4]])

        rows = wide.get_input_embeddings().weight
        assert torch.allclose(rows[8], (rows[2] + rows[4]) / 2)
