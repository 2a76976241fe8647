"""A picture without its background: asked for, made by a worker, a draft again."""

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from brandgen.compositor.marks import Mark
from brandgen.jobs.lease import JobFailedError
from brandgen.jobs.models import Job
from brandgen.lib.storage import get_store
from brandgen.library.cutouts import (
    CutoutRefusedError,
    preview_cutout,
    request_cutout,
)
from brandgen.library.cutting import run_cutout
from brandgen.library.models import Asset, Cutout
from brandgen.provenance import Provenance, build_packet, embed_xmp
from brandgen.provenance.xmp import read_xmp
from tests.compositor.test_cutouts import make_disc
from tests.factories import NOW, make_asset, make_lease, make_user, run_jobs

pytestmark = pytest.mark.django_db


def make_photo(**fields: Any) -> Asset:
    file = io.BytesIO()
    Image.fromarray(make_disc()).save(file, "PNG")
    packet = build_packet(
        Provenance(source_type="digitalCapture", document_id="xmp.did:photo")
    )
    defaults = {
        "data": embed_xmp(file.getvalue(), packet),
        "state": Asset.State.APPROVED,
        "digital_source_type": "digitalCapture",
        "license_name": "Ours",
        "alt_text": "A red disc",
        "title": "Disc",
    }
    return make_asset(**(defaults | fields))


def ask(asset: Asset, *marks: Mark) -> Cutout:
    return request_cutout(asset=asset, marks=marks, requested_by=make_user(), at=NOW)


class TestRequestCutout:
    def test_becomes_a_draft_with_lineage_rights_and_origin(self) -> None:
        photo = make_photo()

        cutout = ask(photo)
        jobs = run_jobs()

        cutout.refresh_from_db()
        made = cutout.asset
        assert made is not None
        assert [job.state for job in jobs] == [Job.State.DONE]
        assert made.state == Asset.State.DRAFT
        assert [(one.parent, one.role) for one in made.parent_links.all()] == [
            (photo, "source")
        ]
        assert made.license_name == "Ours"
        assert made.alt_text == "A red disc"
        data = get_store().read(made.sha256)
        found = read_xmp(data)
        assert found is not None
        assert found.source_type == made.digital_source_type == "digitalCapture"
        assert found.derived_from == "xmp.did:photo"
        with Image.open(io.BytesIO(data)) as picture:
            alpha = np.asarray(picture)[..., 3]
        assert alpha[80, 90] == 255
        assert alpha[5, 5] == 0
        assert (made.focal_x, made.focal_y) == pytest.approx((0.45, 0.5), abs=0.02)

    def test_is_one_however_often_it_is_asked_for(self) -> None:
        photo = make_photo()

        one, two = ask(photo), ask(photo)
        other = ask(photo, Mark("remove", "box", ((0.0, 0.0), (0.4, 1.0))))
        run_jobs()

        assert one == two
        assert other != one
        assert Asset.objects.filter(parent_links__parent=photo).count() == 2

    def test_refuses_what_is_not_approved(self) -> None:
        with pytest.raises(CutoutRefusedError, match="is draft"):
            ask(make_photo(state=Asset.State.DRAFT))

    def test_refuses_creatives(self) -> None:
        with pytest.raises(CutoutRefusedError, match="is a creative"):
            ask(make_photo(kind=Asset.Kind.CREATIVE))


class TestRunCutout:
    def test_makes_nothing_twice(self) -> None:
        cutout = ask(make_photo())
        lease = make_lease(cutout)
        run_cutout(lease)

        run_cutout(lease)

        assert Asset.objects.count() == 2

    def test_says_for_good_that_nothing_stands_out(self) -> None:
        file = io.BytesIO()
        Image.new("RGB", (64, 64), "gray").save(file, "PNG")
        cutout = ask(make_photo(data=file.getvalue()))

        with pytest.raises(JobFailedError, match="Nothing stands out"):
            run_cutout(make_lease(cutout))

    def test_stops_where_the_approval_is_gone(self) -> None:
        photo = make_photo()
        cutout = ask(photo)
        photo.put_away()

        with pytest.raises(JobFailedError, match="not approved any more"):
            run_cutout(make_lease(cutout))


class TestPreviewCutout:
    def test_shows_it_and_keeps_nothing(self) -> None:
        photo = make_photo()

        data = preview_cutout(asset=photo, marks=())

        with Image.open(io.BytesIO(data)) as picture:
            assert (picture.mode, picture.size) == ("RGBA", (200, 160))
        assert Cutout.objects.count() == 0
        assert Asset.objects.get() == photo
