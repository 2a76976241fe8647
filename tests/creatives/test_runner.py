import io
import json
from typing import Any

import numpy as np
import pytest
from PIL import Image

from brandgen.audit.models import Entry
from brandgen.compositor.encode import MIMES, VIDEO_KINDS
from brandgen.compositor.examples.northwind import SPRING
from brandgen.creatives.batches import Cell, Filling, create_batch, request_batch
from brandgen.creatives.models import Batch, Creative
from brandgen.creatives.runner import Made, _keep, run_render
from brandgen.jobs.lease import JobCancelledError, Lease, LostLeaseError
from brandgen.jobs.models import Job
from brandgen.lib.containers import kind_of
from brandgen.lib.storage import get_store
from brandgen.library.models import Asset, Rendition
from brandgen.library.services import ensure_rendition
from brandgen.provenance import read_xmp
from tests.factories import (
    NOW,
    make_batch,
    make_layout_kit,
    make_marked_asset,
    make_template_version,
    make_user,
    run_jobs,
)
from tests.jobs_for import hold_job

pytestmark = pytest.mark.django_db

STILL = set(Batch.FileType.values) - set(VIDEO_KINDS)
"""Those that move need a template that does: see `test_videos`."""


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
    run_jobs()
    creative.refresh_from_db()
    assert creative.asset is not None
    return creative.asset


class Killed(BaseException):
    """The process is gone."""


class Counted(Lease):
    """A lease that says no after some steps."""

    def steps_until(self, steps: int, reason: BaseException) -> None:
        self.left, self.reason = steps, reason

    def report_step(self, **progress: Any) -> None:
        if hasattr(self, "left"):
            if self.left == 0:
                raise self.reason
            self.left -= 1
        super().report_step(**progress)


def claim(batch: Batch) -> Counted:
    lease = hold_job(batch, subject_id=f"{batch.id}:{batch.round}:0")
    return Counted(lease.job_id, lease.attempt, lease.subject_id)


def keep_unless_killed(lease: Lease, batch: Batch, made: list[Made]) -> None:
    if getattr(lease, "left", 1) != 0:
        _keep(lease, batch, made)


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
        Job.objects.update(state=Job.State.WAITING)

        run_jobs()

        assert Asset.objects.filter(kind="creative").count() == 1

    def test_keeps_what_the_checks_found(self) -> None:
        make_layout_kit()
        creative = order()

        render(creative)

        # The picture has 256 px, and the layout draws it more than twice as large.
        rules = {finding["rule"] for finding in creative.findings}
        assert rules
        assert creative.verdict in {"warn", "fail"}

    def test_refuses_a_picture_that_lost_its_approval(self) -> None:
        batch = make_batch(formats=["square"])
        batch.rows.get().images.get().asset.put_away()

        (job,) = run_jobs()

        creative = batch.creatives.get()
        assert (job.state, creative.state, creative.asset) == ("done", "failed", None)
        assert "is archived now" in creative.error

    def test_goes_on_where_one_creative_can_not_be_rendered(self) -> None:
        batch = make_batch(rows=3, formats=["square"])
        batch.rows.filter(number=2).update(modifications={"headline": "x" * 99})

        run_jobs()

        cells = batch.creatives.order_by("position")
        assert [c.state for c in cells] == ["rendered", "failed", "rendered"]
        assert "70 are allowed" in cells[1].error

    def test_writes_nothing_once_another_worker_has_the_job(self) -> None:
        batch = make_batch()
        slow, quick = claim(batch), claim(batch)

        with pytest.raises(LostLeaseError):
            run_render(slow)

        assert not Asset.objects.filter(kind="creative").exists()
        run_render(quick)
        assert Asset.objects.filter(kind="creative").count() == 2

    def test_keeps_what_is_whole_when_it_is_cancelled(self) -> None:
        batch = make_batch(rows=4, formats=["square"])
        lease = claim(batch)
        lease.steps_until(2, JobCancelledError("Stop."))

        with pytest.raises(JobCancelledError):
            run_render(lease)

        states = batch.creatives.order_by("position").values_list("state", flat=True)
        assert list(states) == ["rendered", "rendered", "waiting", "waiting"]

    def test_loses_and_doubles_nothing_wherever_it_is_killed(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("brandgen.creatives.runner.GROUP", 2)
        batch = make_batch(rows=5, formats=["square"])

        for steps in (1, 2, 3, 0):
            lease = claim(batch)
            lease.steps_until(steps, Killed())
            # A killed process keeps nothing on its way out.
            with monkeypatch.context() as dead:
                dead.setattr("brandgen.creatives.runner._keep", keep_unless_killed)
                with pytest.raises(Killed):
                    run_render(lease)
        run_render(claim(batch))

        assets = Asset.objects.filter(kind="creative")
        assert assets.count() == 5
        assert Entry.objects.filter(action="asset.kept").count() == 5
        assert set(batch.creatives.values_list("state", flat=True)) == {"rendered"}

    def test_does_not_go_on_with_a_batch_that_is_paused(self) -> None:
        batch = make_batch()
        Batch.objects.update(state="paused")

        run_render(claim(batch))

        assert not Asset.objects.filter(kind="creative").exists()

    def test_does_a_job_of_before_there_were_rows(self) -> None:
        batch = make_batch(formats=["square"])
        Job.objects.update(subject_id=str(batch.creatives.get().id))

        run_jobs()

        assert batch.creatives.get().state == "rendered"

    def test_fills_in_locale_and_data(self) -> None:
        document = json.loads(SPRING.read_bytes())
        document["locales"] = {"en": {}, "de": {}}
        document["data"] = {"product": {"name": "Mug"}}
        stack = next(x for x in document["layers"] if x["id"] == "copy")
        (inside,) = (v for v in stack.values() if isinstance(v, list) and len(v) == 4)
        headline = next(x for x in inside if x["id"] == "headline")
        headline.pop("slot", None)
        headline["text"] = "{{ headline }} {{ product.name }}"
        version = make_template_version(document=document)
        make_layout_kit()
        batch = create_batch(
            template_version=version,
            kit=make_layout_kit(),
            name="Spring",
            fillings=[
                Filling(
                    texts={"headline": "Morning"},
                    localized={"de": {"headline": "Morgen"}},
                    data={"product": {"name": "Krug"}},
                    images={"hero": make_marked_asset()},
                )
            ],
            cells=[Cell(0, "square", "en"), Cell(0, "square", "de")],
            by=make_user(),
            at=NOW,
        )

        run_jobs()

        one, two = batch.creatives.order_by("position")
        assert (one.error, two.error) == ("", "")
        assert one.asset != two.asset
        assert "Morning" in one.asset.alt_text
        assert "Morgen" in two.asset.alt_text

    @pytest.mark.parametrize("file_type", sorted(STILL))
    def test_writes_the_file_type_that_was_asked_for(self, file_type: str) -> None:
        make_layout_kit()

        asset = render(order(file_type=file_type))

        data = get_store().read(asset.sha256)
        assert asset.mime == MIMES[file_type]
        assert kind_of(data) == file_type
        assert read_xmp(data).source_type == asset.digital_source_type
        ensure_rendition(asset=asset, size=Rendition.Size.SMALL)
        small = Image.open(io.BytesIO(get_store().read(asset.renditions.get().sha256)))
        assert (small.width, abs(small.height - 167) <= 1) == (320, True)
        assert np.asarray(small.convert("RGB")).std() > 10
