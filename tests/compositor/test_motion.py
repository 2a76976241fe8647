"""What a document says of how it moves: read strictly, with a pointer to the place."""

from typing import Any

import pytest

from brandgen.compositor import TemplateDocumentError, dump_document, load_document
from tests.compositor.moving_documents import line, moving_document, panel, photo
from tests.compositor.pictures import plain_document

FADE = {"type": "fade"}


def refusal(data: Any) -> TemplateDocumentError:
    with pytest.raises(TemplateDocumentError) as caught:
        load_document(data)
    return caught.value


class TestMotion:
    def test_is_read_and_written_again(self) -> None:
        motion = {
            "enter": {"type": "slide", "side": "end", "distance": "5%"},
            "exit": {"type": "typewriter", "duration_s": 1.0},
            "loop": {"type": "pulse", "amount": 0.1},
        }

        dumped = dump_document(load_document(moving_document(line(motion))))

        assert dumped["layers"][0]["motion"] == motion
        assert dumped["motion"] == {"duration_s": 2, "fps": 10}

    def test_may_differ_in_a_format(self) -> None:
        change = {"motion": {"enter": FADE}}
        data = moving_document(panel(overrides={"formats": {"banner": change}}))

        layer = load_document(data).layers_in("banner")[0]

        assert layer.motion is not None
        assert layer.motion.enter is not None

    @pytest.mark.parametrize(
        ("layer", "pointer", "words"),
        [
            (panel({"enter": {"type": "fad"}}), "enter/type", "Did you mean 'fade'"),
            (panel({"enter": {}}), "enter", "'type' is missing"),
            (panel({"enter": {**FADE, "side": "top"}}), "enter/side", "not known"),
            (panel({"enter": {**FADE, "delay_s": 61}}), "enter/delay_s", "61"),
            (panel({"enter": {"type": "typewriter"}}), "enter/type", "only a text"),
            (panel({"loop": {"type": "ken_burns"}}), "loop/type", "only a picture"),
            (
                panel({"loop": {"type": "fade", "duration_s": 0.2}}),
                "loop/duration_s",
                "0.4",
            ),
            (
                photo({"loop": {"type": "ken_burns", "focal": [0.5]}}),
                "loop/focal",
                "two numbers",
            ),
            (
                panel(
                    {"enter": {**FADE, "delay_s": 1}, "exit": {**FADE, "delay_s": 1}}
                ),
                "exit",
                "takes 3.2 s; the video has 2 s",
            ),
        ],
    )
    def test_is_refused_at_its_place(
        self, layer: dict[str, Any], pointer: str, words: str
    ) -> None:
        error = refusal(moving_document(layer))

        assert error.pointer == f"/layers/0/motion/{pointer}"
        assert words in error.problem

    def test_needs_something_that_moves(self) -> None:
        data = moving_document({**panel(), "motion": {}})

        assert refusal(data).pointer == "/layers/0/motion"

    def test_needs_a_duration_of_the_document(self) -> None:
        error = refusal(plain_document(panel({"enter": FADE})))

        assert error.pointer == "/layers/0/motion"
        assert "duration_s" in error.problem

    def test_is_for_few_layers(self) -> None:
        layers = [panel({"enter": FADE}, id=f"panel{number}") for number in range(25)]

        assert refusal(moving_document(*layers)).pointer == "/layers/24/motion"


class TestTimeline:
    @pytest.mark.parametrize(
        ("fields", "pointer"),
        [
            ({"duration_s": 61}, "/motion/duration_s"),
            ({"duration_s": 0}, "/motion/duration_s"),
            ({"fps": 120}, "/motion/fps"),
            ({"fps": 12.5}, "/motion/fps"),
            ({"poster_s": 2.5}, "/motion/poster_s"),
        ],
    )
    def test_has_limits(self, fields: dict[str, Any], pointer: str) -> None:
        data = moving_document(panel({"enter": FADE}), **fields)

        assert refusal(data).pointer == pointer
