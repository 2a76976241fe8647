import io

import numpy as np
import pytest
from PIL import Image

from brandgen.creatives.models import Batch, Creative
from brandgen.creatives.runner import run_render
from brandgen.creatives.services import request_batch
from brandgen.jobs.lease import JobFailedError, LostLeaseError
from brandgen.lib.storage import get_store
from brandgen.library.models import Asset
from brandgen.provenance import read_xmp
from tests.factories import (
    NOW,
    make_layout_kit,
    make_marked_asset,
    make_template_version,
    make_user,
)
from tests.jobs_for import hold_job

pytestmark = pytest.mark.django_db


def order(*, asset: Asset | None = None, **changes: object) -> Creative:
    version = changes.pop("template_version", None) or make_template_version()
    kwargs: dict = {
        "images": {"hero": asset or make_marked_asset(alt_text="A mug on a table.")},
        "modifications": {"headline": "Brighter mornings", "cta": "See more"},
        "formats": ["landscape"],
        "name": "Spring",
        "by": make_user(),
        "at": NOW,
    }
    batch = request_batch(template_version=version, **(kwargs | changes))
    return batch.creatives.get()


def render(creative: Creative) -> Asset:
    run_render(hold_job(creative))
    creative.refresh_from_db()
    assert creative.asset is not None
    return creative.asset


class TestRunRender:
    def test_keeps_a_picture_of_the_formats_size(self) -> None:
        make_layout_kit()
        creative = order()

        asset = render(creative)

        picture = Image.open(io.BytesIO(get_store().read(asset.sha256)))
        assert picture.size == (1200, 628) == (asset.width_px, asset.height_px)
        assert np.asarray(picture).std() > 10
        assert (asset.kind, asset.state) == ("creative", "draft")
        assert creative.render_s > 0

    def test_puts_the_approved_picture_into_the_layout(self) -> None:
        make_layout_kit()
        flat = io.BytesIO()
        Image.new("RGB", (700, 700), (250, 0, 250)).save(flat, "PNG")
        creative = order(asset=make_marked_asset(data=flat.getvalue()))

        asset = render(creative)

        data = io.BytesIO(get_store().read(asset.sha256))
        pixels = np.asarray(Image.open(data).convert("RGB")).astype(int)
        distance = np.abs(pixels[200:400, 800:1100] - (250, 0, 250)).max()
        assert distance < 12

    def test_says_in_the_file_that_ai_had_a_part(self) -> None:
        kit = make_layout_kit(credit_line="Northwind", rights_line="© Northwind")
        creative = order()

        asset = render(creative)

        mark = read_xmp(get_store().read(asset.sha256))
        assert mark.source_type == "compositeWithTrainedAlgorithmicMedia"
        assert asset.digital_source_type == mark.source_type
        assert mark.credit == kit.credit_line
        assert mark.alt_text == asset.alt_text
        assert asset.alt_text == ("A mug on a table. Text: Brighter mornings. See more")

    def test_says_so_where_it_had_none(self) -> None:
        make_layout_kit()
        photo = make_marked_asset(digital_source_type="digitalCapture")

        asset = render(order(asset=photo))

        assert asset.digital_source_type == "compositeCapture"

    def test_takes_the_stricter_license(self) -> None:
        make_layout_kit()
        strict = make_marked_asset(
            is_commercial_use_allowed=False, license_name="Research only"
        )

        asset = render(order(asset=strict))

        assert not asset.is_commercial_use_allowed
        assert asset.license_name == "Research only"

    def test_records_what_it_was_made_from(self) -> None:
        make_layout_kit()
        photo = make_marked_asset()

        asset = render(order(asset=photo))

        link = asset.parent_links.get()
        assert (link.parent, link.role) == (photo, "image")

    def test_makes_the_same_asset_of_the_same_content(self) -> None:
        make_layout_kit()
        photo, version = make_marked_asset(), make_template_version()

        first = render(order(asset=photo, template_version=version))
        second = render(order(asset=photo, template_version=version))

        assert first == second

    @pytest.mark.parametrize(("focal_x", "color"), [(0.0, "red"), (1.0, "blue")])
    def test_follows_the_focal_point(self, focal_x: float, color: str) -> None:
        make_layout_kit()
        wide = Image.new("RGB", (1600, 500), "red")
        wide.paste("blue", (800, 0, 1600, 500))
        file = io.BytesIO()
        wide.save(file, "PNG")
        photo = make_marked_asset(data=file.getvalue(), focal_x=focal_x)

        asset = render(order(asset=photo))

        data = io.BytesIO(get_store().read(asset.sha256))
        pixels = np.asarray(Image.open(data).convert("RGB")).astype(int)
        expected = (255, 0, 0) if color == "red" else (0, 0, 255)
        assert np.abs(pixels[300, 900] - expected).max() < 12

    def test_does_nothing_when_run_again(self) -> None:
        make_layout_kit()
        creative = order()
        render(creative)

        run_render(hold_job(creative))

        assert Asset.objects.filter(kind="creative").count() == 1

    def test_keeps_what_the_checks_found(self) -> None:
        make_layout_kit()
        creative = order()

        render(creative)

        # The picture has 256 px, and the layout draws it more than twice as large.
        rules = {finding["rule"] for finding in creative.findings}
        assert rules
        assert creative.worst_verdict in {"warn", "fail"}

    def test_refuses_a_picture_that_lost_its_approval(self) -> None:
        make_layout_kit()
        photo = make_marked_asset()
        creative = order(asset=photo)
        photo.put_away()

        with pytest.raises(JobFailedError, match="is archived now"):
            run_render(hold_job(creative))

        creative.refresh_from_db()
        assert creative.asset is None

    def test_writes_nothing_once_another_worker_has_the_job(self) -> None:
        make_layout_kit()
        creative = order()
        slow = hold_job(creative)
        hold_job(creative)

        with pytest.raises(LostLeaseError):
            run_render(slow)

        creative.refresh_from_db()
        assert creative.asset is None

    @pytest.mark.parametrize("file_type", Batch.FileType.values)
    def test_writes_the_file_type_that_was_asked_for(self, file_type: str) -> None:
        make_layout_kit()

        asset = render(order(file_type=file_type))

        assert asset.mime == f"image/{file_type}"
        assert read_xmp(get_store().read(asset.sha256)).source_type
