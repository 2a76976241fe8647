import json
from typing import Any

import pytest

from brandgen.brands.models import BrandKit
from brandgen.compositor.examples.northwind import SPRING
from brandgen.creatives.cuts import (
    Cut,
    describe_pictures,
    find_cuts,
    find_shared,
    write_share,
)
from brandgen.creatives.extending import Extender
from brandgen.creatives.models import TemplateVersion
from brandgen.library.models import Asset
from tests.creatives.test_extending import find_cells, make_square, make_wide, order
from tests.factories import (
    make_collection,
    make_extended_asset,
    make_layout_kit,
    make_marked_asset,
    make_picture,
    make_template_version,
    run_jobs,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def kit() -> BrandKit:
    return make_layout_kit()


def make_version(*, collection: str = "", **shapes: tuple[int, int]) -> TemplateVersion:
    document = json.loads(SPRING.read_bytes())
    for name, (width_px, height_px) in shapes.items():
        shape = {"label": name.title(), "width_px": width_px, "height_px": height_px}
        document["formats"][name] = shape
    if collection:
        document["slots"]["hero"]["collection"] = collection
    return make_template_version(document=document)


def find(
    kit: BrandKit,
    photo: Asset,
    version: TemplateVersion | None = None,
    *,
    uses_extensions: bool = False,
) -> dict[str, list[Cut]]:
    document = (version or make_version()).load()
    extender = Extender(document, kit, [photo])
    return {
        name: find_cuts(
            extender, {"hero": photo}, name, uses_extensions=uses_extensions
        )
        for name in document.formats
    }


class TestFindCuts:
    def test_names_what_is_cut_and_how_far_it_must_grow(self, kit: BrandKit) -> None:
        photo = make_square()

        found = find(kit, photo)

        assert (found["story"], found["landscape"]) == ([], [])
        (cut,) = found["square"]
        assert (cut.asset, cut.label, cut.shown) == (photo, "Picture", "58 %")
        assert cut.is_open
        assert cut.reach is not None
        assert cut.reach.sides == {"left": 128, "top": 0, "right": 256, "bottom": 0}

    def test_says_nothing_of_what_is_cut_by_a_third(self, kit: BrandKit) -> None:
        photo = make_marked_asset(data=make_picture(600, 400))

        assert find(kit, photo, make_version(low=(632, 632)))["low"] == []

    def test_knows_no_way_where_the_model_draws_nothing_that_large(
        self, kit: BrandKit
    ) -> None:
        version = make_version(bar=(3000, 632))

        (cut,) = find(kit, make_marked_asset(data=make_picture(1024, 1024)), version)[
            "bar"
        ]

        assert cut.shown == "21 %"
        assert cut.reach is None

    def test_offers_an_approved_extension(self, kit: BrandKit) -> None:
        photo = make_square()
        wide = make_wide(photo)

        (cut,) = find(kit, photo)["square"]

        assert cut.swap is not None
        assert cut.swap.asset == wide
        assert (cut.shown, cut.shown_extended) == ("58 %", "all")
        assert not cut.is_used
        assert not cut.is_open

    def test_goes_on_where_an_extension_shows_too_little_still(
        self, kit: BrandKit
    ) -> None:
        photo = make_square()
        make_extended_asset(photo, right=128)
        version = make_version(wide=(1600, 900))

        (cut,) = find(kit, photo, version)["wide"]
        better = make_wide(photo, state="draft")
        (waited_for,) = find(kit, photo, version)["wide"]

        assert cut.swap is not None
        assert (cut.shown, cut.shown_extended) == ("39 %", "49 %")
        assert cut.is_open
        assert cut.reach is not None
        assert waited_for.waiting == better
        assert not waited_for.is_open

    def test_says_which_extension_is_drawn(self, kit: BrandKit) -> None:
        photo = make_square()
        make_wide(photo)

        found = find(kit, photo, uses_extensions=True)

        assert [cut.is_used for cut in found["square"]] == [True]
        assert found["landscape"] == []

    def test_tells_of_one_that_a_slight_cut_does_not_need(self, kit: BrandKit) -> None:
        photo, version = make_square(), make_version(near=(900, 632))
        make_wide(photo)

        assert find(kit, photo, version)["near"] == []
        (cut,) = find(kit, photo, version, uses_extensions=True)["near"]
        assert (cut.shown, cut.is_used) == ("70 %", True)

    @pytest.mark.parametrize("state", ["draft", "in_review", "changes_requested"])
    def test_knows_one_that_waits_for_approval(self, kit: BrandKit, state: str) -> None:
        photo = make_square()
        waiting = make_wide(photo, state=state)

        (cut,) = find(kit, photo, uses_extensions=True)["square"]

        assert cut.waiting == waiting
        assert cut.swap is None
        assert not cut.is_open

    def test_passes_over_one_that_helps_another_format(self, kit: BrandKit) -> None:
        photo = make_square()
        make_extended_asset(photo, top=128, bottom=128, state="draft")

        (cut,) = find(kit, photo)["square"]

        assert cut.waiting is None
        assert cut.is_open

    def test_says_why_a_slot_does_not_take_one(self, kit: BrandKit) -> None:
        photo = make_square()
        make_wide(photo)
        make_collection(key="mugs", name="Mugs", assets=[photo])

        (cut,) = find(kit, photo, make_version(collection="mugs"))["square"]

        assert "is not in the collection “Mugs”" in cut.problem
        assert cut.swap is None
        assert not cut.is_open


class TestFindShared:
    def shared(self, kit: BrandKit, photo: Asset, **shapes: tuple[int, int]) -> Any:
        return list(find_shared(find(kit, photo, make_version(**shapes))))

    def test_finds_one_extension_that_serves_several_formats(
        self, kit: BrandKit
    ) -> None:
        photo = make_square()

        (one,) = self.shared(kit, photo, tall=(316, 1080))

        assert (one.asset, one.formats) == (photo, ("square", "tall"))
        assert one.reach.left > 0
        assert one.reach.top > 0

    def test_finds_none_for_one_format(self, kit: BrandKit) -> None:
        assert self.shared(kit, make_square()) == []

    def test_leaves_out_formats_that_are_served(self, kit: BrandKit) -> None:
        photo = make_square()
        make_wide(photo)

        assert self.shared(kit, photo, tall=(316, 1080)) == []

    def test_leaves_out_what_no_extension_serves(self, kit: BrandKit) -> None:
        photo = make_marked_asset(data=make_picture(1024, 1024))

        assert self.shared(kit, photo, bar=(3000, 632)) == []


class TestWriteShare:
    @pytest.mark.parametrize(
        ("share", "words"),
        [(1.0, "all"), (0.996, "all"), (0.994, "99 %"), (0.5856, "58 %"), (0, "1 %")],
    )
    def test_never_says_more_than_there_is(self, share: float, words: str) -> None:
        assert write_share(share) == words


class TestDescribePictures:
    def test_says_what_a_cell_cuts(self) -> None:
        photo = make_square()
        cells = find_cells(order(photo))

        (cut,) = describe_pictures(cells["square"])
        (whole,) = describe_pictures(cells["landscape"])

        assert (cut.asset, cut.extended, cut.lost) == (photo, None, None)
        assert cut.cut is not None
        assert cut.cut.shown == "58 %"
        assert whole.cut is None

    def test_names_the_extension_that_a_cell_is_drawn_with(self) -> None:
        photo = make_square()
        wide = make_wide(photo)
        batch = order(photo)
        run_jobs()

        (one,) = describe_pictures(find_cells(batch)["square"])

        assert (one.asset, one.extended, one.lost) == (photo, wide, None)

    def test_names_one_that_lost_its_approval_before(self) -> None:
        photo = make_square()
        wide = make_wide(photo)
        batch = order(photo)
        wide.put_away()
        run_jobs()

        (one,) = describe_pictures(find_cells(batch)["square"])

        assert (one.asset, one.extended, one.lost) == (photo, None, wide)
        assert one.cut is not None
        assert one.cut.is_open
