from dataclasses import replace

import numpy as np
import pytest

from brandgen.engine.miniature.captions import (
    ATTRIBUTES,
    Caption,
    list_attributes,
    read_attributes,
    write_caption,
)
from brandgen.engine.miniature.course import SHIPPED
from brandgen.engine.miniature.grammar import VOCABULARY
from brandgen.engine.miniature.reading import UnreadableCaptionError, read_caption
from brandgen.engine.miniature.scenes import (
    Mix,
    Podium,
    Product,
    Scene,
    sample_scene,
)
from brandgen.engine.miniature.tokenizer import (
    NEVER,
    Babbler,
    encode_texts,
    find_known_from,
    find_word_ends,
    load_tokenizer,
)
from brandgen.engine.vocabulary import Vocabulary

SMALLER = replace(
    VOCABULARY,
    colors=dict(list(VOCABULARY.colors.items())[:21]),
    roles=("ground", "pattern"),
    backdrops=("plain", "gradient", "glow", "waves", "hills", "blobs"),
    products=VOCABULARY.products[:-1],
    moods=("none",),
    rooms=("none",),
    words=VOCABULARY.words - {"radial", "beams", "stripes", "tube", "striking", "copy"},
)
"""What a bundle may know that was trained on less."""


def sample_captions(
    count: int, known: Vocabulary = VOCABULARY
) -> list[tuple[Scene, str]]:
    rng = np.random.default_rng(1)
    scenes = [sample_scene(rng, Mix(vocabulary=known)) for _ in range(count)]
    return [(scene, write_caption(scene, rng, known).text) for scene in scenes]


class TestListAttributes:
    def test_leaves_out_what_a_bundle_has_one_value_of(self) -> None:
        known = list_attributes(SMALLER)

        assert "mood" not in known
        assert "mood" in ATTRIBUTES
        assert len(ATTRIBUTES["ground"]) == 24


class TestWriteCaption:
    def test_names_the_colors_that_it_does_not_keep_to_itself(self) -> None:
        for scene, text in sample_captions(200):
            used = [scene.ground, scene.pattern]
            used += [scene.podium.color] if scene.podium else []
            used += [scene.product.color] if scene.product else []
            words = text.replace(",", "").split()
            assert all(color in words for color in used if color)

    def test_has_many_wordings_for_one_scene(self) -> None:
        scene = Scene("waves", "cream", "teal", Product("cup", "red"))
        rng = np.random.default_rng(2)

        assert len({write_caption(scene, rng).text for _ in range(100)}) > 80

    def test_says_only_what_a_bundle_knows(self) -> None:
        known = SMALLER

        for _, text in sample_captions(300, known):
            assert known.knows(text)

    def test_settles_an_attribute_only_once_its_words_were_said(self) -> None:
        scene = Scene("waves", "cream", "teal", Product("cup", "red"))
        rng = np.random.default_rng(3)

        for caption in (write_caption(scene, rng) for _ in range(50)):
            words = caption.text.replace(",", "").split()
            said = words[: caption.known_after["ground"]]
            assert {"cream", "teal"} <= set(said)
            assert "red" in words[: caption.known_after["product color"]]

    def test_settles_what_is_not_said_at_the_end(self) -> None:
        caption = write_caption(Scene("plain", "red"), np.random.default_rng(4))

        assert caption.known_after["podium"] == len(caption.text.split())

    def test_keeps_a_detail_to_itself_now_and_then(self) -> None:
        scene = Scene("dots", "red", "blue", accent="sky", mood="soft", room="left")
        rng = np.random.default_rng(4)

        captions = [write_caption(scene, rng) for _ in range(200)]

        silent = [caption for caption in captions if "accent" not in caption.told]
        assert 2 < len(silent) < 40
        assert all("sky" not in caption.text.split() for caption in silent)

    @pytest.mark.parametrize("known", [VOCABULARY, SMALLER])
    def test_fits_the_text_encoder(self, known: Vocabulary) -> None:
        texts = [text for _, text in sample_captions(400, known)]

        # Every word of a vocabulary is one token of its bundle's tokenizer, but few.
        lengths = [len(text.replace(",", " ,").split()) + 2 for text in texts]

        assert sum(n > 32 for n in lengths) < 0.02 * len(texts)


class TestReadCaption:
    @pytest.mark.parametrize("known", [VOCABULARY, SMALLER])
    def test_reads_everything_that_was_told(self, known: Vocabulary) -> None:
        rng = np.random.default_rng(8)

        for _ in range(300):
            scene = sample_scene(rng, Mix(vocabulary=known))
            caption = write_caption(scene, rng, known)
            asked, read = map(read_attributes, (scene, read_caption(caption.text)))
            told = caption.told & ATTRIBUTES.keys()
            assert {k: asked[k] for k in told} == {k: read[k] for k in told}

    def test_reads_what_a_person_writes(self) -> None:
        text = "A big teal flask with a cream label, copy space left, plain peach wall"

        scene = read_caption(text)

        assert scene == Scene(
            "plain", "peach", None, Product("bottle", "teal", "large", "cream"),
            side="right",
        )  # fmt: skip

    def test_says_what_it_cannot_read(self) -> None:
        with pytest.raises(UnreadableCaptionError, match="No backdrop can be made out"):
            read_caption("a horse on the moon")


class TestReadAttributes:
    def test_states_a_value_of_every_attribute(self) -> None:
        rng = np.random.default_rng(5)

        for scene in (sample_scene(rng) for _ in range(100)):
            values = read_attributes(scene)
            assert list(values) == list(ATTRIBUTES)
            assert all(value in ATTRIBUTES[name] for name, value in values.items())

    def test_says_none_of_what_is_not_there(self) -> None:
        values = read_attributes(Scene("plain", "red", podium=Podium("round", "blue")))

        assert values["product"] == values["pattern"] == "none"
        assert values["podium color"] == "blue"


class TestFindWordEnds:
    def test_counts_the_tokens_that_the_whole_text_has(self) -> None:
        tokenizer = load_tokenizer(SHIPPED / "tokenizer")

        for _, text in sample_captions(100):
            ids = tokenizer(text, truncation=True).input_ids
            assert find_word_ends(tokenizer, text)[-1] == len(ids) - 1


class TestFindKnownFrom:
    def test_points_at_tokens_of_the_text(self) -> None:
        tokenizer = load_tokenizer(SHIPPED / "tokenizer")
        rng = np.random.default_rng(6)
        captions = [write_caption(sample_scene(rng), rng) for _ in range(20)]

        known_from = find_known_from(tokenizer, captions)

        lengths = encode_texts(tokenizer, [c.text for c in captions]).mask.sum(1)
        assert known_from.shape == (20, len(ATTRIBUTES))
        assert (known_from >= 1).all()
        told = known_from < NEVER
        assert (known_from[told] < lengths[:, None].expand_as(told)[told]).all()


class TestInsert:
    def test_moves_what_is_known_later(self) -> None:
        caption = Caption("teal waves on cream", {"pattern": 1, "ground": 4, "room": 0})

        longer = caption.insert(1, "fresh")

        assert longer.text == "teal fresh waves on cream"
        assert longer.known_after == {"pattern": 1, "ground": 5, "room": 0}


class TestBabbler:
    def test_says_nothing_that_a_model_knows(self) -> None:
        tokenizer = load_tokenizer(SHIPPED / "tokenizer")
        caption = Caption("teal waves on cream", {"ground": 4, "room": None})
        babbler, rng = Babbler(tokenizer, share=0.5), np.random.default_rng(1)

        said = [babbler.babble(caption, rng) for _ in range(60)]

        changed = [each for each in said if each is not caption]
        assert 15 < len(changed) < 45
        for each in changed:
            words = each.text.split()
            strange = [w for w in words if w not in caption.text.split()]
            assert [w for w in words if w not in strange] == caption.text.split()
            assert all(VOCABULARY.knows(word) is False for word in strange)
            settled = " ".join(words[: each.known_after["ground"]])
            assert "cream" in settled
            assert each.known_after["room"] is None
