"""Pictures that a template always shows, on every way to a picture."""

import io
import json
from typing import Any

import numpy as np
import pytest
from PIL import Image

from brandgen.compositor import ImageSource, load_document
from brandgen.compositor.examples.northwind import SPRING
from brandgen.compositor.torture import list_cases, place_pictures
from brandgen.creatives.batches import request_batch
from brandgen.creatives.content import BatchError
from brandgen.creatives.fixed_pictures import (
    FixedPictureError,
    find_fixed,
    find_lost,
    name_of,
    require_fixed,
)
from brandgen.creatives.models import TemplateVersion
from brandgen.creatives.rendering import render_preview
from brandgen.creatives.services import publish_template
from brandgen.creatives.torture import TemplateError, get_kit
from brandgen.lib.storage import get_store
from brandgen.library.models import Asset
from brandgen.links.models import SignedAddress
from tests.creatives.editor_pages import draw
from tests.factories import (
    NOW,
    make_asset,
    make_batch,
    make_brand,
    make_layout_kit,
    make_manager,
    make_marked_asset,
    make_picture,
    make_template_version,
    make_torture_test,
    make_user,
    run_jobs,
)
from tests.links.signer import Signer

pytestmark = pytest.mark.django_db

MAGENTA = (230, 0, 200)


@pytest.fixture(autouse=True)
def kit(db: None) -> None:
    make_layout_kit()


def make_badge(color: tuple[int, int, int] = MAGENTA, **fields: Any) -> Asset:
    file = io.BytesIO()
    Image.new("RGB", (300, 300), color).save(file, "PNG")
    data = {"data": file.getvalue(), "title": "Badge", "alt_text": "A badge."}
    return make_marked_asset(**(data | fields))


def with_badge(name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(SPRING.read_bytes())
    side = {"anchor": "start", "offset": 0, "size": 200}
    badge = {"type": "image", "id": "badge", "label": "Badge", "image": name}
    document["layers"].append(badge | {"box": {"x": side, "y": side}})
    return document


def make_version(badge: Asset | None = None, **fields: Any) -> TemplateVersion:
    document = with_badge(name_of(badge or make_badge()))
    return make_template_version(document=document, **fields)


def has_badge(data: bytes, color: tuple[int, int, int] = MAGENTA) -> bool:
    with Image.open(io.BytesIO(data)) as image:
        corner = image.convert("RGB").resize((100, 100)).crop((2, 2, 8, 8))
    return bool(np.abs(np.asarray(corner, int) - color).max() < 30)


class TestFindFixed:
    def test_gives_pictures_of_the_brand_only(self) -> None:
        stranger = make_brand(name="Southwind", slug="southwind")
        foreign = make_badge(brand=stranger)
        document = make_version(foreign).load()

        assert find_fixed(make_brand(), document) == {}
        assert find_fixed(stranger, document) == {name_of(foreign): foreign}

    def test_asks_nothing_where_there_are_none(
        self, django_assert_num_queries: Any
    ) -> None:
        document, brand = load_document(SPRING.read_bytes()), make_brand()

        with django_assert_num_queries(0):
            assert find_fixed(brand, document) == {}

    @pytest.mark.parametrize("name", ["texture", "asset-12", "asset-" + "0" * 32])
    def test_passes_over_what_is_no_picture_of_the_library(self, name: str) -> None:
        document = load_document(with_badge(name))

        assert find_fixed(make_brand(), document) == {}
        (lost,) = find_lost(make_brand(), document)
        assert (lost.layer, lost.layer_id) == ("Badge", "badge")
        assert lost.pointer.endswith("/image")
        assert "library does not have" in lost.message

    def test_lists_pictures_that_nobody_approved(self) -> None:
        document = make_version(make_asset(title="Draft", state="draft")).load()

        (lost,) = find_lost(make_brand(), document)

        assert "“Draft” is draft" in lost.message
        with pytest.raises(FixedPictureError, match="“Draft” is draft"):
            require_fixed(make_brand(), document)


class TestBatch:
    def test_draws_them_and_records_them_as_parents(self) -> None:
        badge = make_badge()
        batch = make_batch(template_version=make_version(badge), formats=["square"])

        run_jobs()

        asset = batch.creatives.get().asset
        assert asset is not None, batch.creatives.get().error
        assert has_badge(get_store().read(asset.sha256))
        parents = {link.parent for link in asset.parent_links.all()}
        assert parents == {badge, batch.rows.get().images.get().asset}

    def test_tells_creatives_of_other_pictures_apart(self) -> None:
        photo = make_marked_asset()
        keys = set()
        for seed in range(2):
            badge = make_badge(data=make_picture(seed=seed))
            batch = make_batch(
                template_version=make_version(badge),
                images={"hero": photo},
                formats=["square"],
            )
            keys.add(batch.creatives.get().content_key)

        assert len(keys) == 2

    def test_is_refused_where_one_was_put_away(self) -> None:
        badge = make_badge()
        version = make_version(badge)
        badge.put_away()

        with pytest.raises(BatchError, match="“Badge” is archived"):
            request_batch(
                template_version=version,
                images={"hero": make_marked_asset()},
                modifications={"headline": "Morning", "cta": "See"},
                formats=["square"],
                name="Spring",
                by=make_user(),
                at=NOW,
            )

    def test_renders_nothing_with_one_that_was_put_away_meanwhile(self) -> None:
        badge = make_badge()
        batch = make_batch(template_version=make_version(badge), formats=["square"])
        badge.put_away()

        run_jobs()

        creative = batch.creatives.get()
        assert (creative.state, creative.asset) == ("failed", None)
        assert "“Badge” is archived now" in creative.error


class TestPreviews:
    def test_show_them(self) -> None:
        version = make_version()

        preview = render_preview(
            version=version,
            kit=get_kit(version),
            format_name="square",
            modifications={},
            images={},
        )

        assert has_badge(preview.picture)

    def test_of_a_draft_show_them_or_say_what_is_missing(self) -> None:
        make_template_version()
        shown = draw(with_badge(name_of(make_badge())), scale="0.5").json()
        lost = draw(with_badge("texture"), scale="0.5").json()

        assert shown["boxes"]["badge"] == [0, 0, 200, 200]
        rules = [
            [one["layer"] for one in seen["findings"] if one["rule"] == "own-picture"]
            for seen in (shown, lost)
        ]
        assert rules == [[], ["badge"]]


class TestTorture:
    def test_leaves_them_as_they_are(self) -> None:
        document = load_document(with_badge("texture"))
        images = {"hero": ImageSource(b"hero"), "texture": ImageSource(b"texture")}
        case = next(c for c in list_cases(document) if c.picture)

        placed = place_pictures(document, case, images)

        assert placed["texture"] == images["texture"]
        assert placed["hero"] != images["hero"]


class TestPublish:
    def publish(self, document: dict[str, Any]) -> bool:
        version = make_template_version(document=document, published_at=None)
        by = make_manager()
        make_torture_test(version=version)
        return publish_template(version=version, by=by, at=NOW, despite_warnings=True)

    def test_takes_approved_pictures(self) -> None:
        assert self.publish(with_badge(name_of(make_badge())))

    def test_refuses_what_the_library_does_not_have(self) -> None:
        with pytest.raises(TemplateError, match="'Badge'") as caught:
            self.publish(with_badge("texture"))

        assert caught.value.pointer == "/layers/5/image"

    def test_refuses_what_was_put_away(self) -> None:
        badge = make_badge()
        badge.put_away()

        with pytest.raises(TemplateError, match="is archived"):
            self.publish(with_badge(name_of(badge)))


class TestSignedAddress:
    def test_draws_them(self) -> None:
        signer = Signer(version=make_version())

        assert has_badge(signer.ask().body)

    def test_ends_where_one_was_put_away(self) -> None:
        badge = make_badge()
        signer = Signer(version=make_version(badge))
        badge.put_away()

        answer = signer.ask()

        assert answer.status_code == 422
        assert SignedAddress.objects.get().pictures.count() == 0
