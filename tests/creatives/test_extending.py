import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from brandgen.audit.models import Entry
from brandgen.brands.models import BrandKit
from brandgen.compositor.examples.northwind import SPRING
from brandgen.creatives.batches import request_batch
from brandgen.creatives.extending import Extender, find_places
from brandgen.creatives.models import Batch, Creative
from brandgen.creatives.runner import Made, _keep, run_render
from brandgen.creatives.showing import Place
from brandgen.jobs.models import Job
from brandgen.library.models import Asset
from tests.factories import (
    NOW,
    make_collection,
    make_extended_asset,
    make_layout_kit,
    make_marked_asset,
    make_picture,
    make_template_version,
    make_user,
    run_jobs,
)
from tests.jobs_for import hold_job

pytestmark = pytest.mark.django_db

COPY = {"headline": "Brighter mornings", "cta": "See more"}


def make_square() -> Asset:
    return make_marked_asset(data=make_picture(512, 512, seed=5), title="Mug")


def make_wide(original: Asset, **fields: Any) -> Asset:
    """Extend a square picture to what the square post shows whole: 1080 × 632 px."""
    return make_extended_asset(original, left=256, right=256, **fields)


def order(photo: Asset, **changes: Any) -> Batch:
    fields: dict[str, Any] = {
        "template_version": make_template_version(),
        "images": {"hero": photo},
        "modifications": COPY,
        "formats": ["square", "landscape"],
        "name": "Spring",
        "by": make_user(),
        "at": NOW,
        "uses_extensions": True,
    }
    return request_batch(**(fields | changes))


def find_cells(batch: Batch) -> dict[str, Creative]:
    return {creative.format: creative for creative in batch.creatives.all()}


def made_of(creative: Creative) -> Asset:
    assert creative.asset is not None
    return creative.asset.parent_links.get().parent


@pytest.fixture(autouse=True)
def kit() -> BrandKit:
    return make_layout_kit()


class TestFindPlaces:
    def test_gives_the_boxes_of_each_format(self, kit: BrandKit) -> None:
        document = make_template_version().load()

        assert find_places(document, kit, "square") == {"hero": [Place(1080, 632)]}
        assert find_places(document, kit, "story") == {"hero": [Place(1080, 1040)]}
        assert find_places(document, kit, "landscape") == {"hero": [Place(600, 628)]}

    def test_knows_what_lies_beyond_the_page(self, kit: BrandKit) -> None:
        document = json.loads(SPRING.read_bytes())
        low = {"label": "Leaderboard", "width_px": 1456, "height_px": 158}
        document["formats"]["low"] = low
        version = make_template_version(document=document)

        (place,) = find_places(version.load(), kit, "low")["hero"]

        assert place == Place(1456, 632, seen=(0, 0, 1, 0.25))

    def test_is_empty_where_a_format_cant_be_laid_out(self, kit: BrandKit) -> None:
        document = make_template_version().load()
        kit.colors.all().delete()

        assert find_places(document, kit, "square") == {}
        assert find_places(document, kit, "poster") == {}


class TestExtender:
    def find(self, kit: BrandKit, photo: Asset, **version: Any) -> dict[str, str]:
        document = make_template_version(**version).load()
        extender = Extender(document, kit, [photo])
        return {
            name: swap.asset.title
            for name in document.formats
            for swap in extender.find_swaps({"hero": photo}, name).values()
        }

    def test_takes_an_extension_where_it_shows_more(self, kit: BrandKit) -> None:
        photo = make_square()
        make_wide(photo)

        assert self.find(kit, photo) == {"square": "Mug · extended"}

    @pytest.mark.parametrize(
        "change",
        [
            lambda one: Asset.objects.filter(id=one.id).update(
                state="draft", approved_at=None
            ),
            lambda one: Asset.objects.filter(id=one.id).update(
                state="in_review", approved_at=None
            ),
            lambda one: one.put_away(),
        ],
        ids=["draft", "in review", "archived"],
    )
    def test_takes_none_that_is_not_approved(
        self, kit: BrandKit, change: Callable[[Asset], Any]
    ) -> None:
        photo = make_square()
        change(make_wide(photo))

        assert self.find(kit, photo) == {}

    def test_takes_the_one_that_shows_the_most_then_the_newest(
        self, kit: BrandKit
    ) -> None:
        photo = make_square()
        make_extended_asset(photo, left=128)
        first, second = make_wide(photo), make_wide(photo)
        document = make_template_version().load()

        swaps = Extender(document, kit, [photo]).find_swaps({"hero": photo}, "square")

        assert first != second
        assert swaps["hero"].asset == second
        assert swaps["hero"].without < 0.6
        assert swaps["hero"].share > 0.9

    def test_takes_none_outside_of_the_collection_of_the_slot(
        self, kit: BrandKit
    ) -> None:
        photo = make_square()
        wide = make_wide(photo)
        mugs = make_collection(key="mugs", assets=[photo])

        assert self.find(kit, photo, collection="mugs") == {}
        mugs.items.create(asset=wide, added_by=make_user(), added_at=NOW)
        assert self.find(kit, photo, collection="mugs") == {"square": "Mug · extended"}

    def test_asks_nothing_of_each_further_cell(
        self, kit: BrandKit, django_assert_num_queries: Any
    ) -> None:
        photo = make_square()
        make_wide(photo)
        extender = Extender(make_template_version().load(), kit, [photo])
        extender.find_swaps({"hero": photo}, "square")

        with django_assert_num_queries(0):
            assert extender.find_swaps({"hero": photo}, "square")


class TestBatch:
    def test_uses_an_extension_only_where_it_shows_more(self) -> None:
        photo = make_square()
        wide = make_wide(photo)

        batch = order(photo)
        run_jobs()

        cells = find_cells(batch)
        assert batch.uses_extensions
        assert made_of(cells["landscape"]) == photo
        assert made_of(cells["square"]) == wide
        assert wide.parent_links.get().parent == photo
        assert batch.rows.get().images.get().asset == photo
        data = Entry.objects.get(action="batch.requested").data
        assert data["extended"] == 1

    def test_uses_none_unasked(self) -> None:
        photo = make_square()
        make_wide(photo)

        batch = order(photo, uses_extensions=False)
        run_jobs()

        assert made_of(find_cells(batch)["square"]) == photo
        assert "extended" not in Entry.objects.get(action="batch.requested").data

    def test_changes_the_content_key_only_of_cells_that_use_one(self) -> None:
        photo, version = make_square(), make_template_version()
        without = find_cells(
            order(photo, template_version=version, uses_extensions=False)
        )
        asked_in_vain = find_cells(order(photo, template_version=version))
        make_wide(photo)

        cells = find_cells(order(photo, template_version=version))

        for name in ("square", "landscape"):
            assert asked_in_vain[name].content_key == without[name].content_key
        assert cells["landscape"].content_key == without["landscape"].content_key
        assert cells["square"].content_key != without["square"].content_key

    def test_takes_over_what_was_rendered_with_the_same_extension(self) -> None:
        photo, version = make_square(), make_template_version()
        make_wide(photo)
        first = order(photo, template_version=version)
        run_jobs()
        jobs = Job.objects.count()

        again = order(photo, template_version=version)

        assert Job.objects.count() == jobs
        assert find_cells(again)["square"].asset == find_cells(first)["square"].asset
        assert find_cells(again)["square"].extended_images.get().is_used

    def test_minds_the_boxes_of_each_locale(self) -> None:
        document = json.loads(SPRING.read_bytes())
        document["locales"] = {"de": {}, "en": {}}
        photo = make_square()
        make_wide(photo)

        batch = order(
            photo,
            template_version=make_template_version(document=document),
            locales=["de", "en"],
        )

        extended = batch.creatives.filter(extended_images__isnull=False)
        assert {(one.locale, one.format) for one in extended} == {
            ("de", "square"), ("en", "square")
        }  # fmt: skip


class TestWithdrawn:
    def test_is_not_used_once_it_lost_its_approval(self) -> None:
        photo, version = make_square(), make_template_version()
        wide = make_wide(photo)
        batch = order(photo, template_version=version)
        wide.put_away()

        run_jobs()

        square = find_cells(batch)["square"]
        assert square.state == Creative.State.RENDERED
        assert made_of(square) == photo
        assert not square.extended_images.get().is_used
        plain = find_cells(
            order(photo, template_version=version, uses_extensions=False)
        )
        assert square.content_key == plain["square"].content_key
        assert plain["square"].asset == square.asset

    def test_stays_in_what_was_rendered_before(self) -> None:
        photo = make_square()
        wide = make_wide(photo)
        batch = order(photo)
        run_jobs()

        wide.put_away()
        run_jobs()

        square = find_cells(batch)["square"]
        assert made_of(square) == wide
        assert square.extended_images.get().is_used

    def test_does_not_stand_in_for_a_picture_that_lost_its_approval(self) -> None:
        photo = make_square()
        make_wide(photo)
        batch = order(photo)
        photo.put_away()

        run_jobs()

        square = find_cells(batch)["square"]
        assert square.state == Creative.State.FAILED
        assert "“Mug” is archived now" in square.error

    def test_counts_as_a_use_while_the_cell_waits(self) -> None:
        photo = make_square()
        wide = make_wide(photo)

        order(photo)

        assert wide.is_used()

    def test_leaves_alone_what_another_worker_rendered_meanwhile(self) -> None:
        photo = make_square()
        wide = make_wide(photo)
        batch = order(photo)
        square = find_cells(batch)["square"]
        lease = hold_job(batch, subject_id=f"{batch.id}:0:0")
        run_render(lease)
        wide.put_away()
        late = Made(square, {"hero": photo}, tuple(square.extended_images.all()))

        _keep(lease, batch, [replace(late, error="Too late.")])

        square.refresh_from_db()
        assert made_of(square) == wide
        assert square.error == ""
        assert square.extended_images.get().is_used
