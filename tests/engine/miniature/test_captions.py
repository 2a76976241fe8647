import numpy as np

from brandgen.engine.miniature.captions import (
    ATTRIBUTES,
    read_attributes,
    write_caption,
)
from brandgen.engine.miniature.course import SHIPPED
from brandgen.engine.miniature.scenes import Podium, Product, Scene, sample_scene
from brandgen.engine.miniature.tokenizer import (
    encode_texts,
    find_known_from,
    find_word_ends,
    load_tokenizer,
)


def sample_captions(count: int) -> list[tuple[Scene, str]]:
    rng = np.random.default_rng(1)
    scenes = [sample_scene(rng) for _ in range(count)]
    return [(scene, write_caption(scene, rng).text) for scene in scenes]


class TestWriteCaption:
    def test_names_every_color_of_the_scene(self) -> None:
        for scene, text in sample_captions(200):
            used = [scene.ground, scene.pattern]
            used += [scene.podium.color] if scene.podium else []
            used += [scene.product.color, scene.product.label] if scene.product else []
            assert all(
                color in text.split() or color + "," in text for color in used if color
            )

    def test_has_many_wordings_for_one_scene(self) -> None:
        scene = Scene("waves", "cream", "teal", Product("cup", "red"))
        rng = np.random.default_rng(2)

        assert len({write_caption(scene, rng).text for _ in range(100)}) > 25

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

    def test_fits_the_text_encoder(self) -> None:
        tokenizer = load_tokenizer(SHIPPED / "tokenizer")
        texts = [text for _, text in sample_captions(400)]

        lengths = [len(ids) for ids in tokenizer(texts).input_ids]

        too_long = [n for n in lengths if n > tokenizer.model_max_length]
        assert len(too_long) < 0.02 * len(texts)


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
        assert (known_from < lengths[:, None]).all()
