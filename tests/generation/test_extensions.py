import pytest

from brandgen.generation.extensions import find_extended, find_extension, find_focal
from brandgen.library.models import Asset
from tests.factories import (
    make_asset,
    make_extended_asset,
    make_generation,
    make_picture,
)
from tests.generation.test_edits import OPERATIONS, finish

pytestmark = pytest.mark.django_db


class TestFindExtension:
    def test_says_where_the_picture_lies_in_what_came_back(self) -> None:
        source = make_asset(focal_x=0.9, focal_y=0.25)

        child = finish(OPERATIONS["outpaint"](source))

        (found,) = find_extended([source])[source.id]
        assert found.asset == child
        assert found.original == source
        assert found.extension.sides == {"left": 128, "top": 0, "right": 0, "bottom": 0}
        assert found.extension.size == (child.width_px, child.height_px)

    def test_gives_the_image_a_focal_point_that_keeps_the_picture(self) -> None:
        source = make_asset(focal_x=0.9, focal_y=0.25)

        child = finish(OPERATIONS["outpaint"](source))

        assert (child.focal_x, child.focal_y) == (pytest.approx(2 / 3), 0.25)
        assert child.focal_source == "extended"

    def test_is_none_where_nothing_was_extended(self) -> None:
        assert find_extension(make_generation()) is None
        assert find_focal(make_generation()) is None
        varied = OPERATIONS["vary"](make_asset())
        assert find_extension(varied) is None

    def test_is_none_where_nobody_wrote_the_sides_down(self) -> None:
        old = make_extended_asset(make_asset(), left=128)
        generation = old.decodings.get().candidate.generation
        for name in ("left_px", "top_px", "right_px", "bottom_px"):
            del generation.inputs["source"][name]

        assert find_extension(generation) is None
        generation.inputs = {"source": {"colour": 1}}
        assert find_extension(generation) is None


class TestFindExtended:
    def test_finds_them_by_picture_the_newest_first(self) -> None:
        one, other = make_asset(), make_asset(data=make_picture(512, 256))
        first = make_extended_asset(one, left=128, right=128)
        second = make_extended_asset(one, top=128)
        wide = make_extended_asset(other, top=128, state=Asset.State.DRAFT)

        found = find_extended([one, other, make_asset()])

        assert set(found) == {one.id, other.id}
        assert [each.asset for each in found[one.id]] == [second, first]
        assert [each.asset for each in found[other.id]] == [wide]

    def test_passes_over_what_was_rejected_or_put_away(self) -> None:
        source = make_asset()
        put_away = make_extended_asset(source, left=128)
        put_away.put_away()
        make_extended_asset(source, left=128, state=Asset.State.REJECTED)

        assert find_extended([source]) == {}

    def test_asks_once_for_many(self, django_assert_num_queries: object) -> None:
        sources = [make_asset() for _ in range(3)]
        for source in sources:
            make_extended_asset(source, left=128)

        with django_assert_num_queries(1):  # type: ignore[operator]
            assert len(find_extended(sources)) == 3
