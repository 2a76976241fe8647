import io

import pytest
from PIL import Image

from brandgen.review.findings import check_asset
from brandgen.review.services import submit_for_review
from tests.factories import (
    NOW,
    make_asset,
    make_batch,
    make_layout_kit,
    make_marked_asset,
    make_picture,
    make_user,
    run_jobs,
)

pytestmark = pytest.mark.django_db


def paint(color: str) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (1200, 1200), color).save(file, "PNG")
    return file.getvalue()


class TestCheckAsset:
    def test_tells_the_brands_colors_from_others(self) -> None:
        ours = check_asset(make_asset(data=paint("#0f4c5c")))
        theirs = check_asset(make_asset(data=paint("#ff00ff")))

        verdicts = [
            {one["rule"]: one["verdict"] for one in found} for found in (ours, theirs)
        ]
        assert verdicts[0] == {
            "palette": "pass",
            "sharpness": "pass",
            "resolution": "pass",
        }
        assert verdicts[1]["palette"] != "pass"

    def test_finds_a_picture_too_small(self) -> None:
        found = check_asset(make_asset(data=make_picture(64, 64)))

        assert {one["rule"]: one["verdict"] for one in found}["resolution"] == "warn"

    def test_says_so_when_the_file_can_not_be_read(self) -> None:
        (found,) = check_asset(make_asset(sha256="ab" * 32))

        assert (found["rule"], found["verdict"]) == ("file", "fail")

    @pytest.mark.parametrize("file_type", ["jpeg", "pdf"])
    def test_adds_the_colors_of_a_creative_to_what_its_renderer_found(
        self, file_type: str
    ) -> None:
        make_layout_kit()
        photo = make_marked_asset(data=paint("#ff00ff"))
        batch = make_batch(
            images={"hero": photo}, formats=["square"], file_type=file_type
        )
        run_jobs()
        creative = batch.creatives.get()
        assert creative.asset is not None, creative.error

        *found, palette = check_asset(creative.asset)

        assert found == creative.findings
        assert (palette["rule"], palette["verdict"]) == ("palette", "warn")

    def test_stands_on_the_review(self) -> None:
        asset = make_asset()

        (review,) = submit_for_review(assets=[asset], by=make_user(), at=NOW)

        review.refresh_from_db()
        assert [one["rule"] for one in review.findings] == [
            "palette",
            "sharpness",
            "resolution",
        ]
