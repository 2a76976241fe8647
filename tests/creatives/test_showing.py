import pytest

from brandgen.creatives.showing import (
    Place,
    View,
    find_reach,
    find_shown,
    is_cut,
    measure,
)
from brandgen.engine.extending import WHOLE, Extension
from brandgen.engine.framing import find_fit

SQUARE = View(1024, 1024)
WIDE, STORY = Place(1600, 900), Place(1080, 1920)
BANNER = Place(728, 90)


class TestFindShown:
    def test_is_the_middle_where_nobody_said_what_matters(self) -> None:
        left, top, right, bottom = find_shown(SQUARE, WIDE)

        assert (left, right) == (0, 1)
        assert top == pytest.approx((1 - 0.5625) / 2)
        assert bottom == pytest.approx(1 - top)

    def test_is_near_the_focal_point_and_inside_of_the_picture(self) -> None:
        top_left = View(1024, 1024, focal=(0.1, 0.1))

        assert find_shown(top_left, WIDE)[1] == 0
        assert find_shown(top_left, STORY)[0] == 0

    def test_minds_the_focal_point_of_the_layer_first(self) -> None:
        place = Place(1600, 900, focal=(0.5, 1.0))

        assert find_shown(View(1024, 1024, focal=(0.5, 0)), place)[3] == 1

    @pytest.mark.parametrize("box", [(1600, 900), (900, 1600), (500, 500)])
    def test_is_all_where_nothing_is_cut(self, box: tuple[int, int]) -> None:
        assert find_shown(SQUARE, Place(*box, fit="contain")) == WHOLE

    def test_minds_where_a_contained_picture_sits(self) -> None:
        left_half = (0, 0, 0.5, 1)
        start = Place(2000, 1000, fit="contain", seen=left_half, align=(0.0, 0.5))
        end = Place(2000, 1000, fit="contain", seen=left_half, align=(1.0, 0.5))

        assert find_shown(SQUARE, start) == pytest.approx((0, 0, 1, 1))
        shown = find_shown(SQUARE, end)
        assert shown[2] <= shown[0] + 1e-9

    def test_is_less_where_the_box_reaches_out_of_the_page(self) -> None:
        lower_half, left_half = (0, 0.5, 1, 1), (0, 0, 0.5, 1)

        cover = find_shown(SQUARE, Place(1000, 500, seen=lower_half))
        contain = find_shown(SQUARE, Place(500, 1000, fit="contain", seen=lower_half))
        beside = find_shown(SQUARE, Place(2000, 500, fit="contain", seen=left_half))

        assert cover == pytest.approx((0, 0.5, 1, 0.75))
        assert contain == pytest.approx((0, 0.5, 1, 1))
        assert beside == pytest.approx((0, 0, 0.5, 1))


class TestMeasure:
    @pytest.mark.parametrize(
        ("size", "place", "share"),
        [
            ((1024, 1024), WIDE, 0.5625),
            ((1024, 1024), STORY, 0.5625),
            ((1024, 1024), Place(1080, 1350), 0.8),
            ((3000, 2000), Place(1080, 1080), 2 / 3),
            ((3000, 2000), STORY, 0.375),
            ((1024, 1024), BANNER, 90 / 728),
            ((1024, 1024), Place(300, 300), 1.0),
        ],
    )
    def test_says_how_much_of_a_picture_a_box_shows(
        self, size: tuple[int, int], place: Place, share: float
    ) -> None:
        assert measure(View(*size), [place]) == pytest.approx(share)

    def test_takes_the_box_that_shows_the_most(self) -> None:
        blurred_ground = STORY

        assert measure(SQUARE, [blurred_ground, Place(900, 900)]) == 1
        assert measure(SQUARE, []) == 0

    def test_counts_of_an_extension_only_what_was_there_before(self) -> None:
        extension = Extension(find_fit(1024, 1024), left=384, right=512)
        wide = SQUARE.extended(extension)

        assert measure(wide, [WIDE]) == pytest.approx(1)
        assert measure(wide, [Place(1000, 1000)]) == pytest.approx(1)
        assert measure(wide, [STORY]) == pytest.approx(0.5625)

    def test_does_not_bring_back_what_the_model_never_saw(self) -> None:
        photo = View(1000, 420)
        fit = find_fit(1000, 420)
        kept = 1 - fit.cut_percent(1000, 420) / 100

        larger = photo.extended(Extension(fit, top=512, bottom=512))

        assert kept < 1
        assert measure(larger, [Place(1000, 1000)]) == pytest.approx(kept)


class TestIsCut:
    def test_speaks_of_more_than_a_third(self) -> None:
        assert not is_cut(2 / 3)
        assert is_cut(0.66)


class TestFindReach:
    @pytest.mark.parametrize(
        ("size", "places", "sides"),
        [
            # 1024 · 16/9 = 1820 px: seven steps of 128 px, the last on the right.
            ((1024, 1024), [WIDE], (384, 0, 512, 0)),
            ((1024, 1024), [STORY], (0, 384, 0, 512)),
            ((1024, 1024), [Place(1080, 1350)], (0, 128, 0, 128)),
            ((1024, 1024), [WIDE, STORY], (384, 384, 512, 512)),
            # A photograph is seen at 1152 × 768 px, and 1152 · 16/9 is 2048.
            ((3000, 2000), [STORY], (0, 640, 0, 640)),
            ((256, 256), [WIDE], (128, 0, 128, 0)),
        ],
    )
    def test_takes_the_fewest_steps_that_leave_nothing_cut(
        self, size: tuple[int, int], places: list[Place], sides: tuple[int, ...]
    ) -> None:
        view = View(*size)

        found = find_reach(view, [[place] for place in places])

        assert found is not None
        assert (found.left, found.top, found.right, found.bottom) == sides
        larger = view.extended(found)
        assert all(measure(larger, [p]) >= 0.999 * larger.share for p in places)
        assert max(found.size) <= 2048

    @pytest.mark.parametrize("focal", [(0.0, 0.0), (0.3, 0.8), (1.0, 0.5)])
    def test_leaves_nothing_cut_wherever_the_focal_point_lies(
        self, focal: tuple[float, float]
    ) -> None:
        view = View(1024, 1024, focal=focal)

        found = find_reach(view, [[WIDE], [STORY]])

        assert found is not None
        assert measure(view.extended(found), [WIDE]) == pytest.approx(1)
        assert measure(view.extended(found), [STORY]) == pytest.approx(1)

    def test_spreads_new_ground_as_a_layer_with_a_focal_point_needs(self) -> None:
        # The box keeps to the right edge: one step to the right would push the picture
        # out of it on the left.
        place = Place(1050, 1000, focal=(1.0, 0.5))

        found = find_reach(SQUARE, [[place]])

        assert found is not None
        assert (found.left, found.right) == (128, 0)
        assert measure(SQUARE.extended(found), [place]) == pytest.approx(1)

    def test_leaves_room_for_what_lies_beyond_the_page(self) -> None:
        bleed = Place(1700, 1000, seen=(0.03, 0.05, 0.97, 0.95))

        found = find_reach(SQUARE, [[bleed]])

        assert found is not None
        assert measure(SQUARE.extended(found), [bleed]) == pytest.approx(1)
        assert found.top > 0
        assert found.bottom > 0

    def test_finds_none_where_the_model_draws_no_picture_that_large(self) -> None:
        assert find_reach(SQUARE, [[BANNER]]) is None
        assert find_reach(SQUARE, [[WIDE], [BANNER]]) is None

    def test_takes_any_box_that_shows_it_all(self) -> None:
        found = find_reach(SQUARE, [[BANNER, WIDE]])

        assert found is not None
        assert found.sides == find_reach(SQUARE, [[WIDE]]).sides  # type: ignore[union-attr]
