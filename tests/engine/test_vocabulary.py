import json
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from brandgen.config.demo import northwind
from brandgen.engine.bundle import Bundle
from brandgen.engine.errors import WeightsError
from brandgen.engine.miniature.grammar import VOCABULARY
from brandgen.engine.registry import default_bundle
from brandgen.engine.vocabulary import (
    FILE_NAME,
    Vocabulary,
    find_vocabulary,
    read_vocabulary,
    write_vocabulary,
)


@pytest.fixture(scope="module")
def shipped() -> Vocabulary:
    vocabulary = default_bundle().vocabulary
    assert vocabulary is not None
    return vocabulary


class TestReadVocabulary:
    def test_reads_what_was_written(self, tmp_path: Path) -> None:
        write_vocabulary(tmp_path, VOCABULARY)

        read = read_vocabulary(tmp_path)

        assert read is not None
        assert asdict(read) == asdict(VOCABULARY)

    def test_says_nothing_of_a_bundle_that_says_nothing(self, tmp_path: Path) -> None:
        assert read_vocabulary(tmp_path) is None

    @pytest.mark.parametrize(
        "content", ["{", "{}", json.dumps({"colors": {"red": "rot"}})]
    )
    def test_refuses_a_file_that_is_none(self, tmp_path: Path, content: str) -> None:
        (tmp_path / FILE_NAME).write_text(content)

        with pytest.raises(WeightsError, match="Fetch the bundle again"):
            read_vocabulary(tmp_path)
        assert find_vocabulary(tmp_path) is None


class TestKnows:
    def test_knows_its_words_in_any_case(self, shipped: Vocabulary) -> None:
        assert shipped.knows("Teal waves, cream background")

    def test_does_not_know_others(self, shipped: Vocabulary) -> None:
        assert not shipped.knows("turquoise waves")


class TestShipped:
    def test_is_what_the_model_card_prints(self, shipped: Vocabulary) -> None:
        folder = Bundle(default_bundle().folder).folder
        card = " ".join((folder / "MODEL_CARD.md").read_text().split())

        named = (*shipped.colors, *shipped.backdrops, *shipped.products)
        assert [word for word in named if word not in card] == []
        assert f"Colors: {', '.join(shipped.colors)}." in card
        assert f"Products: {', '.join(shipped.products)};" in card

    def test_knows_what_the_demo_offers(self, shipped: Vocabulary) -> None:
        answers = (northwind.SCENES, northwind.MOODS, northwind.SIDES)
        words = [
            choice["words"] for some in answers for choice in northwind.offer(some)
        ]
        colors = [word for _, word, _, _ in northwind.COLORS]

        assert [text for text in words + colors if not shipped.knows(text)] == []
        assert {"waves", "radial gradient", "at night"} <= set(words)

    def test_decides_what_the_demo_offers(
        self, monkeypatch: pytest.MonkeyPatch, shipped: Vocabulary
    ) -> None:
        known = replace(shipped, words=shipped.words - {"radial"})
        monkeypatch.setattr(Bundle, "vocabulary", known)

        offered = [choice["label"] for choice in northwind.offer(northwind.SCENES)]

        assert offered == [label for label in northwind.SCENES if "adial" not in label]
