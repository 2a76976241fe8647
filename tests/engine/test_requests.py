from typing import Any

import numpy as np
import pytest

from brandgen.engine.errors import InvalidRequestError
from brandgen.engine.requests import (
    TUNED_TIMESTEPS,
    Control,
    DecoderRequest,
    PaletteColor,
    PaletteGoal,
    PriorRequest,
    Reference,
    Start,
    TextBox,
    check_batch,
)

PIXELS = np.zeros((256, 256, 3), np.uint8)
MASK = np.zeros((256, 256), np.uint8)
RED = PaletteColor(200, 30, 30, 0.6)


def make_request(**changes: Any) -> PriorRequest:
    return PriorRequest(
        **{"prompt": "x", "seed": 1, "width_px": 256, "height_px": 256} | changes
    )


class TestPriorRequest:
    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"width_px": 300}, "The width is 300 px"),
            ({"height_px": 4096}, "The height is 4096 px"),
            ({"seed": -1}, "The seed is -1"),
            ({"steps": 0}, "The prior steps is 0"),
            ({"guidance_scale": float("nan")}, "The prior guidance scale is nan"),
            ({"guidance_until": 1.5}, "The guided share of the steps is 1.5"),
            ({"timesteps": (0.9, 0.0)}, "go from 0.9 to 0"),
            ({"timesteps": (1.0, 0.5, 0.5, 0.0)}, "each below the one before"),
            ({"timesteps": (1.0,)}, "go from 1 to 1"),
            ({"prompt": " \n"}, "The prompt is empty"),
            ({"references": (Reference(PIXELS),) * 9}, "There are 9 references"),
            ({"references": (Reference(PIXELS, 0),)}, "No reference has a weight"),
            ({"width_px": 384, "start": Start(PIXELS)}, "is 256 x 256 px"),
            ({"start": Start(b"kept", 1, MASK[:128])}, "The mask to start from"),
        ],
    )
    def test_refuses_what_no_engine_can_run(
        self, changes: dict[str, Any], message: str
    ) -> None:
        with pytest.raises(InvalidRequestError, match=message):
            make_request(**changes)

    def test_needs_no_prompt_where_pictures_speak(self) -> None:
        assert make_request(prompt="", references=(Reference(PIXELS),)).prompt == ""
        assert make_request(prompt="", start=Start(PIXELS)).prompt == ""

    def test_counts_the_steps_of_a_schedule(self) -> None:
        assert make_request(timesteps=TUNED_TIMESTEPS).step_count == 29
        assert make_request(steps=7).step_count == 7


class TestParts:
    @pytest.mark.parametrize(
        ("make", "message"),
        [
            (lambda: Reference(PIXELS[..., 0]), "Give RGB pixels"),
            (lambda: Reference(PIXELS.astype(float)), "of float64"),
            (lambda: Reference(PIXELS[:8]), "256 x 8 px"),
            (lambda: Reference(PIXELS, -1), "weight of a reference is -1"),
            (lambda: Start(PIXELS, 1.1), "strength is 1.1"),
            (lambda: Start(PIXELS, 1, PIXELS), "The mask has the shape"),
            (lambda: PaletteGoal(()), "has 0 colors"),
            (lambda: PaletteGoal((PaletteColor(0, 0, 0, 0),)), "has a share"),
            (lambda: PaletteGoal((RED,), 2), "palette strength is 2"),
            (lambda: PaletteColor(256, 0, 0, 1), "red is 256"),
            (lambda: TextBox(0.5, 0, 0.5, 1), "has no inside"),
            (lambda: TextBox(0, 0, 1, 1.2), "bottom side of a text box is 1.2"),
            (lambda: TextBox(0, 0, 1, 1, contrast=30), "contrast of a text box is 30"),
            (
                lambda: TextBox(0, 0, 1, 1, (128, 128, 128), contrast=7),
                "reaches a contrast of at most 5.32 : 1",
            ),
            (lambda: Control("pose", PIXELS), "no control 'pose'"),  # type: ignore[arg-type]
            (lambda: Control("inpaint", PIXELS), "needs a mask"),
            (lambda: DecoderRequest(b"", 1, start=Start(b"kept")), "from pixels"),
        ],
    )
    def test_refuse_what_has_no_meaning(self, make: Any, message: str) -> None:
        with pytest.raises(InvalidRequestError, match=message):
            make()


class TestCheckBatch:
    def test_lets_prompts_and_seeds_differ(self) -> None:
        check_batch([make_request(), make_request(prompt="y", seed=2)])
        check_batch([DecoderRequest(b"a", 1), DecoderRequest(b"b", 2)])

    def test_refuses_other_differences(self) -> None:
        with pytest.raises(InvalidRequestError, match="differ in guidance scale"):
            check_batch([make_request(), make_request(guidance_scale=2.0)])
        with pytest.raises(InvalidRequestError, match="at least one"):
            check_batch([])
