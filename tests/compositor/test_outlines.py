"""Outlines: SVG path data read to the letter, and refused where it is none."""

import math

import pytest

from brandgen.compositor.outlines import (
    MOST_STEPS,
    Outline,
    OutlineError,
    dot,
    heart,
    moved,
    parse_path,
    star,
)


class TestParsePath:
    @pytest.mark.parametrize(
        ("data", "steps"),
        [
            ("M1 2 3 4", [("M", 1, 2), ("L", 3, 4)]),
            ("m1,2l3-4z", [("M", 1, 2), ("L", 4, -2), ("Z",)]),
            ("M0 0H5V6h-1", [("M", 0, 0), ("L", 5, 0), ("L", 5, 6), ("L", 4, 6)]),
            ("M1 6v-.5", [("M", 1, 6), ("L", 1, 5.5)]),
            (
                "M0 0C1 1 2 1 3 0S5-1 6 0",
                [("M", 0, 0), ("C", 1, 1, 2, 1, 3, 0), ("C", 4, -1, 5, -1, 6, 0)],
            ),
            ("M0 0Q1 1 2 0T4 0", [("M", 0, 0), ("Q", 1, 1, 2, 0), ("Q", 3, -1, 4, 0)]),
            ("M0 0T4 0", [("M", 0, 0), ("Q", 0, 0, 4, 0)]),
            ("M1e1.5", [("M", 10, 0.5)]),
        ],
    )  # fmt: skip
    def test_gives_absolute_steps(self, data: str, steps: list[object]) -> None:
        assert list(parse_path(data)) == steps

    def test_draws_an_arc_as_curves_on_its_circle(self) -> None:
        steps = parse_path("M0 0 a5 5 0 1110 0")

        ends = [step[-2:] for step in steps]
        assert ends[-1] == (10.0, 0.0)
        for x, y in ends:
            assert math.hypot(float(x) - 5, float(y)) == pytest.approx(5)

    def test_enlarges_radii_that_do_not_reach(self) -> None:
        steps = parse_path("M0 0A1 1 0 0 1 10 0")

        assert steps[-1][-2:] == (10.0, 0.0)
        assert min(float(step[-1]) for step in steps) == pytest.approx(-5)

    @pytest.mark.parametrize(
        "data",
        [
            "",
            "L1 2",
            "M1",
            "M1 2 3",
            "M0 0 A1 1 0 2 1 5 5",
            "M0 0 X",
            "M0 0 <script>",
            "M0 0 z 5",
            "M0 0 L1e999 0",
            "M0 0 L2000000 0",
            "M0 0 A1 1 1e999 0 1 5 5",
            "url(#x)",
            "M0 0" + "L1 1" * (MOST_STEPS + 1),
        ],
    )
    def test_refuses_what_is_no_path(self, data: str) -> None:
        with pytest.raises(OutlineError):
            parse_path(data)


class TestShapes:
    @pytest.mark.parametrize("outline", [star(), heart(), dot()])
    def test_lie_in_the_unit_square(self, outline: Outline) -> None:
        numbers = [float(v) for step in outline for v in step[1:]]

        assert min(numbers) >= -1e-9
        assert max(numbers) <= 1 + 1e-9


class TestMoved:
    def test_scales_before_it_moves(self) -> None:
        (first, *_) = moved(parse_path("M1 2"), x=10, y=20, scale_x=2, scale_y=3)

        assert first == ("M", 12, 26)
