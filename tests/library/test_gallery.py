from datetime import date, timedelta

import pytest
from django.db import connection

from brandgen.library.gallery import (
    PAGE_SIZE,
    Filters,
    Key,
    Page,
    count_facets,
    get_page,
)
from brandgen.library.models import Asset
from tests.factories import NOW, current_kit, make_asset, make_brand, make_user

pytestmark = pytest.mark.django_db


def make_many(number: int, **fields: object) -> None:
    """Make rows without files; every third moment is shared by three of them."""
    brand = make_brand()
    kit, mara = current_kit(brand), make_user()
    Asset.objects.bulk_create(
        Asset(
            **{
                "brand": brand,
                "brand_kit": kit,
                "kind": ("generated", "uploaded")[n % 2],
                "state": "approved",
                "approved_at": NOW,
                "title": f"Picture {n}",
                "prompt": "teal waves" if n % 5 == 0 else "",
                "preset_name": ("Hero", "Backdrop", "")[n % 3],
                "sha256": f"{n:064x}",
                "mime": "image/png",
                "size_bytes": 1,
                "width_px": 64,
                "height_px": 64,
                "created_by": mara,
                "created_at": NOW + timedelta(seconds=n // 3),
            }
            | fields
        )
        for n in range(number)
    )


class TestGetPage:
    def test_walks_every_asset_once_in_both_directions(self) -> None:
        make_many(2 * PAGE_SIZE + 10)
        assets = Filters().of_brand(make_brand())
        everything = [asset.id for asset in assets]

        pages: list[Page] = [get_page(assets)]
        while pages[-1].older:
            pages.append(get_page(assets, after=pages[-1].older))
        back: list[Page] = [pages[-1]]
        while back[0].newer:
            back.insert(0, get_page(assets, before=back[0].newer))

        forth = [asset.id for page in pages for asset in page.assets]
        assert forth == everything
        assert sorted(a.id for page in back for a in page.assets) == sorted(everything)
        assert [len(page.assets) for page in pages] == [PAGE_SIZE, PAGE_SIZE, 10]
        assert pages[0].newer is None

    def test_reads_two_thousand_rows_by_index(self) -> None:
        make_many(2000)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        approved = Filters().of_brand(make_brand())
        everything = Filters(is_all=True).of_brand(make_brand())
        middle = Key.of(approved[1000])

        for assets in (approved, everything):
            page = get_page(assets, after=middle)
            older = assets.filter(created_at__lte=middle.created_at)[:PAGE_SIZE]
            plan = older.explain()

            assert len(page.assets) == PAGE_SIZE
            if connection.vendor == "sqlite":
                assert "USING INDEX asset_" in plan
                assert "TEMP B-TREE" not in plan

    def test_ends_where_there_is_nothing(self) -> None:
        page = get_page(Filters().of_brand(make_brand()))

        assert page == Page([], None, None)


class TestKey:
    def test_survives_an_address(self) -> None:
        key = Key.of(make_asset())

        assert Key.find(str(key)) == key

    @pytest.mark.parametrize("text", ["", "x", "2026-01-01_x", "_", "9" * 300])
    def test_is_none_for_nonsense(self, text: str) -> None:
        assert Key.find(text) is None


class TestFilters:
    def test_keep_what_fits(self) -> None:
        waves = make_asset(title="Waves", state="approved", preset_name="Hero")
        draft = make_asset(title="Draft", prompt="stormy waves")
        old = make_asset(title="Old", created_at=NOW - timedelta(days=9))
        gone = make_asset(title="Gone", state="archived", archived_from="draft")
        cases = [
            (Filters(), {waves}),
            (Filters(is_all=True), {waves, draft, old}),
            (Filters(is_all=True, states=("archived",)), {gone}),
            (Filters(is_all=True, text="wAves"), {waves, draft}),
            (Filters(is_all=True, text="stormy waves"), {draft}),
            (Filters(is_all=True, presets=("Hero",)), {waves}),
            (Filters(is_all=True, kinds=("uploaded",)), set()),
            (Filters(is_all=True, until=date(2026, 11, 20)), {old}),
            (Filters(is_all=True, since=date(2026, 11, 24)), {waves, draft}),
        ]

        for filters, expected in cases:
            assert set(filters.of_brand(waves.brand)) == expected, filters

    def test_stay_inside_the_brand(self) -> None:
        make_asset(brand=make_brand(name="Southwind"), state="approved")

        assert not Filters().of_brand(make_brand()).exists()

    def test_lose_one_value_by_its_chip(self) -> None:
        filters = Filters(kinds=("generated", "uploaded"), text="teal")

        queries = {chip.label: chip.query for chip in filters.chips()}

        assert queries == {
            "teal": "kind=generated&kind=uploaded",
            "Generated": "kind=uploaded&q=teal",
            "Uploaded": "kind=generated&q=teal",
        }


class TestCountFacets:
    def test_counts_beside_the_other_filters(self) -> None:
        make_many(30)

        facets = count_facets(make_brand(), Filters(kinds=("uploaded",)))

        assert facets.total == 15
        kinds = {o.value: (o.count, o.is_chosen) for o in facets.kinds}
        assert kinds["generated"] == (15, False)
        assert kinds["uploaded"] == (15, True)
        assert {o.value: o.count for o in facets.presets} == {"Hero": 5, "Backdrop": 5}

    def test_asks_once(self, django_assert_num_queries: object) -> None:
        make_many(10)
        brand = make_brand()

        with django_assert_num_queries(1):
            count_facets(brand, Filters(text="teal"))
