from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from brandgen.generation.compare import (
    find_assets,
    find_others,
    read_facts,
    split_rows,
)
from brandgen.generation.models import Decoding, Generation
from brandgen.library.models import Asset
from tests.factories import (
    make_asset,
    make_brand,
    make_candidate,
    make_decoding,
    make_generation,
    make_picture,
    make_user,
)

pytestmark = pytest.mark.django_db

PAGE = "/b/northwind/create/compare/"


def make_image(generation: Generation, **fields: Any) -> Asset:
    candidate = make_candidate(generation=generation)
    asset = make_asset(
        brand=generation.brand,
        data=make_picture(seed=100 + Asset.objects.count()),
        title=f"Hero {candidate.seed}",
    )
    decoding = make_decoding(candidate=candidate, **fields)
    Decoding.objects.filter(id=decoding.id).update(
        asset=asset, model_identity={"name": "Fake", "revision": "1"}
    )
    return asset


class TestFindAssets:
    def test_keeps_the_order_and_each_once(self) -> None:
        generation = make_generation(seeds=[7, 8])
        first, second = make_image(generation), make_image(generation)

        found = find_assets(generation.brand, [second.id, first.id, second.id])

        assert found == [second, first]

    def test_finds_nothing_of_another_brand(self) -> None:
        other = make_image(make_generation(brand=make_brand(name="Contoso")))

        assert find_assets(make_brand(), [other.id]) == []


class TestFindOthers:
    def test_offers_the_same_sheet_without_what_is_shown(self) -> None:
        generation = make_generation(seeds=[7, 8, 9])
        first, second, third = (make_image(generation) for _ in range(3))
        make_image(make_generation(seeds=[7]))

        assert find_others([second]) == [first, third]


class TestReadFacts:
    def test_says_what_an_image_was_made_with(self) -> None:
        image = make_image(make_generation(seeds=[7]))

        (facts,) = read_facts([image])

        assert facts["Seed"] == "7"
        assert facts["Subject"] == "teal waves"
        assert facts["Sketch"] == "4 steps, guidance 3"
        assert facts["Finish"] == "2 steps, not guided"
        assert facts["Model"] == "Fake 1"

    def test_knows_little_of_an_upload(self) -> None:
        (facts,) = read_facts([make_asset()])

        assert "Seed" not in facts
        assert facts["Size"] == "256 × 256 px"


class TestSplitRows:
    def test_lists_what_differs_apart(self) -> None:
        generation = make_generation(seeds=[7, 8])

        differing, same = split_rows(
            read_facts([make_image(generation), make_image(generation)])
        )

        assert [(row.label, row.words) for row in differing] == [("Seed", ("7", "8"))]
        assert "What the model read" in {row.label for row in same}


class TestPage:
    def open(self, client: Client, assets: list[Asset], **query: str) -> str:
        client.force_login(make_user())
        named = [("asset", str(asset.id)) for asset in assets]
        answer = client.get(f"{PAGE}?{urlencode([*named, *query.items()])}")
        assert answer.status_code == 200
        return str(answer.content.decode())

    @pytest.mark.parametrize("mode", ["side", "slider", "difference", "nonsense"])
    def test_shows_two_pictures(self, client: Client, mode: str) -> None:
        generation = make_generation(seeds=[7, 8])
        pair = [make_image(generation), make_image(generation)]

        html = self.open(client, pair, mode=mode)

        assert "What differs" in html
        assert all(f"/{asset.id}/file" in html for asset in pair)

    def test_asks_for_a_second_picture(self, client: Client) -> None:
        generation = make_generation(seeds=[7, 8])
        first, second = make_image(generation), make_image(generation)

        html = self.open(client, [first])

        assert "Pick a second picture" in html
        assert f"asset={second.id}" in html

    @pytest.mark.parametrize("query", ["", "?asset=x", "?asset=&mode=x"])
    def test_is_empty_without_pictures(self, client: Client, query: str) -> None:
        client.force_login(make_user())

        answer = client.get(PAGE + query)

        assert "No pictures were named" in answer.content.decode()

    def test_asks_as_often_for_four_as_for_two(self, client: Client) -> None:
        generation = make_generation(seeds=[7, 8, 9, 10])
        images = [make_image(generation) for _ in range(4)]
        self.open(client, images)

        with CaptureQueriesContext(connection) as of_two:
            self.open(client, images[:2])
        with CaptureQueriesContext(connection) as of_four:
            self.open(client, images)

        assert len(of_four) == len(of_two)
