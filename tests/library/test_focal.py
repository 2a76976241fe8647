"""Focal points are looked for once, and never put where a person did not want them."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from brandgen.library.focal import MIDDLE, suggest, suggest_missing
from brandgen.library.models import Asset
from brandgen.library.services import keep_asset, set_focal_point
from tests.factories import NOW, current_kit, make_asset, make_brand, make_user

pytestmark = pytest.mark.django_db
FACE = (Path(__file__).parents[1] / "compositor/photos/astronaut.jpg").read_bytes()


def point_of(asset: Asset) -> tuple[float, float, str]:
    asset.refresh_from_db()
    return round(asset.focal_x, 1), round(asset.focal_y, 1), asset.focal_source


def keep_face(kind: str = "uploaded") -> Asset:
    brand = make_brand()
    return keep_asset(
        brand=brand,
        brand_kit=current_kit(brand),
        kind=Asset.Kind(kind),
        data=FACE,
        mime="image/jpeg",
        title="Eileen",
        created_by=make_user(),
        at=NOW,
    )


class TestSuggest:
    def test_is_the_middle_of_what_it_cannot_read(self) -> None:
        assert suggest(b"text") == MIDDLE


class TestKeepAsset:
    @pytest.mark.parametrize("kind", ["uploaded", "generated"])
    def test_puts_the_focal_point_on_the_face(self, kind: str) -> None:
        assert point_of(keep_face(kind)) == (0.4, 0.2, "face")

    def test_says_so_on_the_page_until_a_person_knows_better(
        self, client: Client
    ) -> None:
        asset = keep_face()
        client.force_login(make_user())
        url = f"/b/northwind/library/{asset.id}/"

        before = client.get(url).content.decode()
        client.post(f"{url}focal-point", {"x": "80", "y": "50"})
        after = client.get(url).content.decode()

        assert "The crop keeps the face." in before
        assert "The crop keeps the point that a person set." in after
        assert point_of(asset) == (0.8, 0.5, "set")


class TestSuggestMissing:
    def test_looks_where_nobody_did(self) -> None:
        asset = make_asset(data=FACE, mime="image/jpeg")

        assert [is_changed for _, is_changed in suggest_missing()] == [True]
        assert point_of(asset) == (0.4, 0.2, "face")
        assert list(suggest_missing()) == []

    @pytest.mark.parametrize(
        "fields",
        [
            {"focal_x": 0.9},
            {"focal_source": "set"},
            {"state": "approved"},
            {"kind": "creative"},
            {"state": "rejected"},
        ],
    )
    def test_leaves_what_was_set_judged_or_made(self, fields: dict[str, str]) -> None:
        asset = make_asset(data=FACE, mime="image/jpeg", **fields)
        before = point_of(asset)

        assert list(suggest_missing()) == []
        assert point_of(asset) == before

    def test_gives_way_to_a_person_who_sets_it_meanwhile(self) -> None:
        assets = [make_asset(data=FACE + bytes([n]), mime="image/jpeg") for n in (1, 2)]
        done = suggest_missing()

        first, _ = next(done)
        (other,) = (asset for asset in assets if asset.id != first.id)
        set_focal_point(asset=other, focal_x=0, focal_y=1, by=make_user(), at=NOW)
        rest = [is_changed for _, is_changed in done]

        assert rest == [False]
        assert point_of(other) == (0, 1, "set")


class TestCommand:
    def test_does_one_brand(self) -> None:
        make_asset(data=FACE, mime="image/jpeg")
        make_asset(
            data=FACE,
            mime="image/jpeg",
            brand=make_brand(name="Contoso", slug="contoso"),
        )
        out = StringIO()

        call_command("suggest_focal_points", brand="northwind", stdout=out)

        assert out.getvalue() == "1 pictures have a focal point now.\n"

    def test_refuses_a_brand_that_does_not_exist(self) -> None:
        with pytest.raises(CommandError, match="no brand 'nobody'"):
            call_command("suggest_focal_points", brand="nobody")
