"""What a crop keeps in some creatives only: read, drawn, kept, and told apart."""

import io
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from PIL import Image

from brandgen.creatives.batches import request_batch
from brandgen.creatives.cropping import crop, crop_query
from brandgen.creatives.models import Batch, Creative
from brandgen.lib.storage import get_store
from brandgen.library.models import Asset
from tests.creatives.pages import address
from tests.factories import (
    NOW,
    make_layout_kit,
    make_manager,
    make_marked_asset,
    make_template_version,
    make_user,
    run_jobs,
)
from tests.pages import enter

pytestmark = pytest.mark.django_db


def make_wide() -> Asset:
    """Red on the left, blue on the right, four times as wide as high."""
    wide = Image.new("RGB", (2000, 500), "red")
    wide.paste("blue", (1000, 0, 2000, 500))
    file = io.BytesIO()
    wide.save(file, "PNG")
    return make_marked_asset(data=file.getvalue(), focal_x=0.0)


def order(photo: Asset, **changes: object) -> Creative:
    kwargs: dict = {
        "template_version": make_template_version(),
        "images": {"hero": photo},
        "modifications": {"headline": "Brighter mornings", "cta": "See more"},
        "formats": ["landscape"],
        "name": "Spring",
        "by": make_user(),
        "at": NOW,
    }
    return request_batch(**(kwargs | changes)).creatives.get()


def color_of(data: bytes) -> str:
    pixels = np.asarray(Image.open(io.BytesIO(data)).convert("RGB")).astype(int)
    height, width = pixels.shape[:2]
    red, _, blue = pixels[height // 2, width * 3 // 4]
    return "red" if red > blue else "blue"


class TestCrop:
    def test_reads_percent_from_a_form(self) -> None:
        photo = make_wide()

        found = crop(photo, {"i-hero.x": "100", "i-hero.y": "12.5"}, "i-hero")

        assert (found.focal_x, found.focal_y) == (1.0, 0.125)
        assert found == photo
        assert (photo.focal_x, photo.crop) == (0.0, None)

    def test_takes_the_pictures_own_for_an_axis_that_is_empty(self) -> None:
        assert crop(make_wide(), {"i-hero.y": "25"}, "i-hero").crop == (0.0, 0.25)

    @pytest.mark.parametrize("value", ["", "x", "nan", "inf", "-1", "101", "1e400"])
    def test_passes_over_what_is_no_percent(self, value: str) -> None:
        photo = make_wide()

        assert crop(photo, {"i-hero.x": value, "i-hero.y": value}, "i-hero") is photo

    def test_is_what_a_query_says(self) -> None:
        photo = make_wide()
        cropped = photo.focused((0.3333, 1.0))

        assert crop_query(photo, "i-hero") == {}
        query = crop_query(cropped, "i-hero")
        assert query == {"i-hero.x": "33.33", "i-hero.y": "100"}
        assert crop(photo, query, "i-hero").crop == (0.3333, 1.0)


class TestBatch:
    @pytest.mark.parametrize(("point", "color"), [(None, "red"), ((1.0, 0.5), "blue")])
    def test_draws_each_batch_by_its_own_point(
        self, point: tuple[float, float] | None, color: str
    ) -> None:
        make_layout_kit()
        creative = order(make_wide().focused(point))

        run_jobs()

        creative.refresh_from_db()
        assert creative.asset is not None
        assert color_of(get_store().read(creative.asset.sha256)) == color

    def test_draws_one_picture_both_ways_on_one_bench(self) -> None:
        make_layout_kit()
        photo, version = make_wide(), make_template_version()
        orders = [
            order(photo.focused(point), template_version=version)
            for point in (None, (1.0, 0.5))
        ]

        run_jobs()

        colors = []
        for creative in orders:
            creative.refresh_from_db()
            assert creative.asset is not None
            colors.append(color_of(get_store().read(creative.asset.sha256)))
        assert colors == ["red", "blue"]

    def test_changes_the_key_only_where_it_is_set(self) -> None:
        make_layout_kit()
        photo, version = make_wide(), make_template_version()

        plain, same, other = (
            order(photo.focused(point), template_version=version).content_key
            for point in (None, None, (1.0, 0.5))
        )

        assert plain == same
        assert plain != other

    def test_leaves_the_picture_as_it_is(self) -> None:
        make_layout_kit()
        photo = make_wide()

        image = order(photo.focused((1.0, 0.25))).row.images.get()

        assert (image.focal_x, image.focal_y) == (1.0, 0.25)
        assert image.picture.crop == (1.0, 0.25)
        photo.refresh_from_db()
        assert photo.focal_x == 0.0


class TestForm:
    def test_makes_creatives_with_the_point(self) -> None:
        make_layout_kit()
        photo, version = make_wide(), make_template_version()
        client = enter(make_manager())
        data = {
            "t-headline": "Brighter mornings",
            "t-cta": "See more",
            "i-hero": str(photo.id),
            "i-hero.x": "80",
            "i-hero.y": "10",
            "formats": ["landscape"],
            "name": "Spring",
            "file_type": "jpeg",
        }

        client.post(address("fill", version.template_id), data)

        image = Batch.objects.get().rows.get().images.get()
        assert (image.focal_x, image.focal_y) == (0.8, 0.1)

    def test_refuses_a_point_outside(self) -> None:
        make_layout_kit()
        photo, version = make_wide(), make_template_version()
        data = {"i-hero": str(photo.id), "i-hero.x": "180", "formats": ["landscape"]}

        page = enter(make_manager()).post(address("fill", version.template_id), data)

        assert page.status_code == 422
        assert "A number from 0 to 100 is needed, or nothing." in page.content.decode()
        assert not Batch.objects.exists()

    def test_shows_the_point_in_the_previews(self) -> None:
        make_layout_kit()
        photo, version = make_wide(), make_template_version()
        client = enter(make_manager())
        data = {"i-hero": str(photo.id), "i-hero.x": "100", "look": "1"}

        page = client.post(address("fill", version.template_id), data)

        sources = [one["src"] for one in page.context["previews"]]
        query = parse_qs(urlsplit(sources[-1]).query)
        assert (query["i-hero.x"], query["i-hero.y"]) == (["100"], ["50"])
        assert color_of(client.get(sources[-1]).content) == "blue"
        plain = f"{urlsplit(sources[-1]).path}?i-hero={photo.id}"
        assert color_of(client.get(plain).content) == "red"
