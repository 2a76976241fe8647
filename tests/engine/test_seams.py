import numpy as np

from brandgen.engine.canvas import compose, feather
from brandgen.engine.seams import match_edge


def make_gradient() -> np.ndarray:
    ramp = np.linspace(80, 160, 320)[None, :, None]
    return np.broadcast_to(ramp, (256, 320, 3)).astype(np.uint8).copy()


def make_mask() -> np.ndarray:
    mask = np.zeros((256, 320), np.uint8)
    mask[60:200, 90:240] = 255
    return feather(mask, 16)


class TestMatchEdge:
    def test_hides_a_shade_that_is_off(self) -> None:
        original, mask = make_gradient(), make_mask()
        drawn = np.clip(original + np.array([9, -7, 12]), 0, 255).astype(np.uint8)

        found = compose(original, match_edge(original, drawn, mask), mask)

        assert np.abs(found.astype(int) - original).max() <= 2
        assert np.array_equal(found[mask == 0], original[mask == 0])

    def test_hides_a_shade_that_is_off_on_one_side_only(self) -> None:
        original, mask = make_gradient(), make_mask()
        drawn = original.astype(int) + np.linspace(0, 20, 320).astype(int)[:, None]

        found = match_edge(original, drawn.astype(np.uint8), mask)

        edge = (mask > 0) & (mask < 100)
        assert np.abs(found.astype(int) - original)[edge].mean() < 1.5

    def test_leaves_another_thing_as_it_was_drawn(self) -> None:
        original, mask = make_gradient(), make_mask()
        drawn = np.full_like(original, (0, 136, 138))

        found = match_edge(original, drawn, mask)

        assert np.abs(found.astype(int) - drawn).mean() < 6

    def test_keeps_what_stands_inside(self) -> None:
        original, mask = make_gradient(), make_mask()
        drawn = np.clip(original.astype(int) + 10, 0, 255).astype(np.uint8)
        drawn[110:150, 140:180] = (200, 30, 30)

        found = match_edge(original, drawn, mask)

        middle = found[120:140, 150:170].astype(int)
        assert np.abs(middle - (200, 30, 30)).max() < 14

    def test_changes_nothing_where_all_is_made_anew(self) -> None:
        drawn = make_gradient()

        found = match_edge(drawn[::-1], drawn, np.full((256, 320), 255, np.uint8))

        assert found is drawn
