"""The bidirectional algorithm, held to Unicode's test file."""

import pytest

from brandgen.compositor.typesetting.bidi import base_level, find_levels, visual_order
from tests.compositor.typesetting.unicode_data import test_lines as lines_of


class TestFindLevels:
    def test_agrees_with_unicodes_tests(self) -> None:
        count, wrong = 0, []
        for line in lines_of("BidiCharacterTest"):
            codes, direction, base, levels, order = line.split(";")
            text = "".join(chr(int(code, 16)) for code in codes.split())
            told = base_level(text) or 0 if direction == "2" else int(direction)
            found = find_levels(text, told)
            wanted = levels.split()
            kept = [place for place, level in enumerate(wanted) if level != "x"]
            seen = [kept[n] for n in visual_order([found[p] for p in kept])]
            count += 1
            if (
                told != int(base)
                or any(str(found[place]) != wanted[place] for place in kept)
                or seen != list(map(int, order.split()))
            ):
                wrong.append(line)

        assert count > 10_000
        assert wrong == []

    def test_leaves_left_to_right_alone(self) -> None:
        assert find_levels("Café (№ 4)", 0) == [0] * 10


class TestVisualOrder:
    @pytest.mark.parametrize(
        ("levels", "order"),
        [([], []), ([0, 0], [0, 1]), ([1, 1], [1, 0]), ([1, 2, 2, 1], [3, 1, 2, 0])],
    )
    def test_turns_runs_around(self, levels: list[int], order: list[int]) -> None:
        assert visual_order(levels) == order
