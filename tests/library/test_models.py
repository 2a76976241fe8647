from typing import Any

import pytest
from django.db import IntegrityError, transaction

from brandgen.library.models import Asset, AssetParent
from tests.factories import make_asset, make_brand

pytestmark = pytest.mark.django_db


class TestAsset:
    def test_names_every_relation_as_origin_or_use(self) -> None:
        relations = {r.get_accessor_name() for r in Asset._meta.related_objects}

        assert relations == {*Asset.USES, *Asset.ORIGINS}

    @pytest.mark.parametrize(
        "fields",
        [{"sha256": "0" * 64}, {"prompt": "x"}, {"kind": "uploaded"}, {"mime": "x"}],
    )
    def test_never_changes_its_file_in_any_state(self, fields: dict[str, Any]) -> None:
        asset = make_asset()

        with pytest.raises(IntegrityError), transaction.atomic():
            Asset.objects.filter(id=asset.id).update(**fields)

    def test_is_used_once_something_was_made_with_it(self) -> None:
        parent = make_asset()
        assert not parent.is_used()

        AssetParent.objects.create(asset=make_asset(), parent=parent, role="image")

        assert parent.is_used()

    def test_knows_how_wide_its_copies_are(self) -> None:
        tall = Asset(width_px=500, height_px=1000)
        tiny = Asset(width_px=64, height_px=64)

        assert (tall.small_width_px, tall.large_width_px) == (160, 480)
        assert (tiny.small_width_px, tiny.large_width_px) == (64, 64)


class TestPutAway:
    @pytest.mark.parametrize("state", ["draft", "approved", "rejected"])
    def test_comes_back_to_where_it_stood(self, state: str) -> None:
        asset = make_asset(state=state)

        assert asset.put_away()
        assert asset.state == "archived"
        assert asset.bring_back()
        assert asset.state == state

    @pytest.mark.parametrize("state", ["in_review"])
    def test_leaves_what_is_being_judged(self, state: str) -> None:
        asset = make_asset(state=state)

        assert not asset.put_away()
        assert asset.state == state


class TestVisibleTo:
    def test_keeps_strangers_out(self) -> None:
        asset = make_asset()
        other = make_asset(brand=make_brand(name="Southwind"))

        visible = Asset.objects.visible_to(asset.created_by)

        assert asset in visible
        assert (other in visible) == other.brand.memberships.filter(
            user=asset.created_by
        ).exists()
