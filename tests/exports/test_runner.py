import csv
import hashlib
import json
import os
import signal
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connections
from django.utils import timezone

from brandgen.audit.models import Entry
from brandgen.exports.destinations.fake import FakeConnector, unreachable
from brandgen.exports.destinations.protocol import DestinationError
from brandgen.exports.models import Destination, Export, ExportItem, Receipt
from brandgen.exports.runner import MOST_TRIES, run_export
from brandgen.exports.services import request_export
from brandgen.jobs.lease import (
    JobCancelledError,
    JobFailedError,
    Lease,
    LostLeaseError,
    RetryLaterError,
)
from brandgen.jobs.models import Job
from brandgen.library.models import Asset
from brandgen.provenance import read_xmp
from tests.factories import (
    NOW,
    make_asset,
    make_brand,
    make_destination,
    make_marked_asset,
    make_user,
)
from tests.jobs_for import hold_job

pytestmark = pytest.mark.django_db


def order(
    *assets: Asset, destination: Destination | None = None, folder: str = ""
) -> Export:
    return request_export(
        assets=list(assets) or [make_marked_asset(title="Hero")],
        destination=destination or make_destination(),
        folder=folder,
        by=make_user(),
        at=NOW,
    )


def root_of(export: Export) -> Path:
    return Path(settings.EXPORT_DIR) / "northwind" / export.destination.config["folder"]


class TestRunExport:
    def test_delivers_exactly_the_approved_file(self) -> None:
        asset = make_marked_asset(title="Hero product")
        export = order(asset)

        run_export(hold_job(export))

        item = export.items.get()
        data = (root_of(export) / item.path).read_bytes()
        assert hashlib.sha256(data).hexdigest() == asset.sha256
        assert read_xmp(data).source_type == "trainedAlgorithmicMedia"
        assert item.path.startswith("images/hero-product_256x256_")

    def test_keeps_a_receipt_of_what_was_read_back(self) -> None:
        export = order()

        run_export(hold_job(export))

        item = export.items.get()
        assert item.state == ExportItem.State.DONE
        assert item.receipt.sha256_read_back == item.asset.sha256
        assert item.receipt.location == str(root_of(export) / item.path)
        assert not item.receipt.was_there_already

    def test_closes_with_a_manifest_and_the_marker(self) -> None:
        assets = [make_marked_asset(title="=Sum"), make_marked_asset(title="Two")]
        export = order(*assets, make_asset(title="Draft"))

        run_export(hold_job(export))

        export.refresh_from_db()
        folder = root_of(export) / export.manifest_folder
        names = [entry["name"] for entry in export.manifest]
        assert names[-1] == "_COMPLETE.json"
        assert {path.name for path in folder.iterdir()} == set(names)
        with (folder / "manifest.csv").open(newline="") as file:
            rows = list(csv.DictReader(file))
        assert {row["sha256"] for row in rows} == {asset.sha256 for asset in assets}
        assert {row["title"] for row in rows} == {"'=Sum", "Two"}
        listing = json.loads((folder / "manifest.json").read_text())
        assert [row["title"] for row in listing["held_back"]] == ["Draft"]
        assert export.state == Export.State.DONE

    def test_writes_who_sent_what_where(self) -> None:
        export = order()

        run_export(hold_job(export))

        actions = list(Entry.objects.order_by("id").values_list("action", flat=True))
        assert actions == ["export.requested", "asset.exported", "export.completed"]
        assert Entry.objects.get(action="asset.exported").actor == export.requested_by

    def test_delivers_the_same_content_once(self) -> None:
        asset, destination = make_marked_asset(), make_destination()
        connector = FakeConnector()
        first = order(asset, destination=destination)
        run_export(hold_job(first), connector=connector)
        sent = list(connector.puts)

        second = order(asset, destination=destination)
        run_export(hold_job(second), connector=connector)

        pictures = [path for path in connector.puts if path.endswith(".png")]
        assert pictures == [path for path in sent if path.endswith(".png")]
        receipt = second.items.get().receipt
        assert receipt.was_there_already
        assert receipt.sha256_read_back == asset.sha256

    def test_delivers_again_what_was_taken_away(self) -> None:
        asset, destination = make_marked_asset(), make_destination()
        first = order(asset, destination=destination)
        run_export(hold_job(first))
        (root_of(first) / first.items.get().path).unlink()

        second = order(asset, destination=destination)
        run_export(hold_job(second))

        assert (root_of(second) / second.items.get().path).exists()
        assert not second.items.get().receipt.was_there_already

    def test_does_nothing_when_run_again(self) -> None:
        export, connector = order(), FakeConnector()
        run_export(hold_job(export), connector=connector)
        sent = list(connector.puts)

        run_export(hold_job(export), connector=connector)

        assert connector.puts == sent
        assert Receipt.objects.count() == 1

    def test_holds_back_what_lost_its_approval_meanwhile(self) -> None:
        asset = make_marked_asset()
        export = order(asset)
        Asset.objects.filter(id=asset.id).update(
            state=Asset.State.ARCHIVED, archived_from=Asset.State.APPROVED
        )

        run_export(hold_job(export))

        item = export.items.get()
        assert item.state == ExportItem.State.HELD
        assert "It is archived" in item.error
        assert not root_of(export).exists()

    def test_holds_back_a_file_that_does_not_say_how_it_was_made(self) -> None:
        asset = make_asset(
            state=Asset.State.APPROVED,
            approved_at=NOW,
            digital_source_type="trainedAlgorithmicMedia",
        )
        export = order(asset)

        run_export(hold_job(export))

        item = export.items.get()
        assert item.state == ExportItem.State.HELD
        assert "has no DigitalSourceType" in item.error
        assert "upload or render it again" in item.remedy

    def test_comes_back_when_nobody_answers(self) -> None:
        export = order(make_marked_asset(), make_marked_asset())
        connector = FakeConnector([None, unreachable()])

        with pytest.raises(RetryLaterError, match="did not answer") as caught:
            run_export(hold_job(export), connector=connector)

        assert caught.value.not_before > timezone.now()
        assert export.items.delivered().count() == 1
        assert export.items.waiting().count() == 1
        export.destination.refresh_from_db()
        assert "did not answer" in export.destination.check_error
        run_export(hold_job(export), connector=connector)
        assert export.items.delivered().count() == 2
        assert len(connector.puts) == len(set(connector.puts))
        export.destination.refresh_from_db()
        assert export.destination.check_error == ""

    def test_waits_longer_each_time_and_gives_up_in_the_end(self) -> None:
        export = order()
        pauses = []
        for _ in range(MOST_TRIES - 1):
            with pytest.raises(RetryLaterError) as caught:
                run_export(hold_job(export), connector=FakeConnector([unreachable()]))
            pauses.append(caught.value.not_before - timezone.now())

        with pytest.raises(JobFailedError):
            run_export(hold_job(export), connector=FakeConnector([unreachable()]))

        assert pauses[:3] == sorted(pauses[:3])
        assert max(pauses) <= timedelta(minutes=15)
        assert export.items.get().state == ExportItem.State.FAILED

    def test_delivers_the_rest_where_one_file_is_refused(self) -> None:
        export = order(make_marked_asset(), make_marked_asset())
        refusal = DestinationError("Names may not hold an e.", permanent=True)

        with pytest.raises(JobFailedError, match="were refused"):
            run_export(hold_job(export), connector=FakeConnector([refusal]))

        assert export.items.failed().get().error == "Names may not hold an e."
        assert export.items.delivered().count() == 1
        export.refresh_from_db()
        assert export.completed_at is None
        assert export.state == Export.State.FAILED

    def test_says_so_where_other_bytes_came_back(self) -> None:
        class Forgetful(FakeConnector):
            def read_back(self, path: str) -> str | None:
                return "0" * 64

        export = order()

        with pytest.raises(JobFailedError):
            run_export(hold_job(export), connector=Forgetful())

        assert "holds other bytes than were sent" in export.items.get().error
        assert Receipt.objects.count() == 0

    def test_writes_nothing_once_another_worker_has_the_job(self) -> None:
        export = order()
        slow = hold_job(export)
        hold_job(export)

        with pytest.raises(LostLeaseError):
            run_export(slow)

        assert Receipt.objects.count() == 0
        assert export.items.get().state == ExportItem.State.WAITING

    def test_stops_when_asked_and_keeps_what_arrived(self) -> None:
        export = order(make_marked_asset(), make_marked_asset())
        lease = hold_job(export)

        class Stopping(FakeConnector):
            def read_back(self, path: str) -> str | None:
                Job.objects.filter(id=lease.job_id).update(is_cancel_requested=True)
                lease._renewed_at = -10.0
                return super().read_back(path)

        with pytest.raises(JobCancelledError):
            run_export(lease, connector=Stopping())

        assert export.items.delivered().count() == 1
        assert export.items.waiting().count() == 1


@pytest.mark.django_db(transaction=True)
class TestRunExportUnderKill:
    @pytest.mark.parametrize("kill_after", [1, 2, 4, 6])
    def test_goes_on_where_a_killed_worker_stopped(self, kill_after: int) -> None:
        """Files 1 to 3 are pictures, then come the four that close the export."""
        export = order(*(make_marked_asset() for _ in range(3)))
        lease = hold_job(export)

        connections.close_all()  # a connection is of one process
        child = os.fork()
        if child == 0:
            _run_and_die(lease, export, kill_after)
        _, status = os.waitpid(child, 0)
        run_export(hold_job(export))

        assert os.WTERMSIG(status) == signal.SIGKILL
        export.refresh_from_db()
        assert export.state == Export.State.DONE
        assert Receipt.objects.count() == 3
        names = [path.name for path in root_of(export).rglob("*") if path.is_file()]
        assert len(names) == 3 + 4
        assert not any(name.startswith(".part") for name in names)

    def test_lets_two_exports_of_one_picture_agree(self) -> None:
        asset, destination = make_marked_asset(), make_destination()
        exports = [order(asset, destination=destination) for _ in range(2)]
        leases = [hold_job(export) for export in exports]

        def work(lease: Lease) -> None:
            try:
                run_export(lease)
            finally:
                connections.close_all()

        with ThreadPoolExecutor(2) as pool:
            list(pool.map(work, leases))

        assert Receipt.objects.count() == 2
        assert Receipt.objects.filter(was_there_already=False).count() == 1
        pictures = list(root_of(exports[0]).glob("images/*.png"))
        assert len(pictures) == 1


def _run_and_die(lease: Lease, export: Export, kill_after: int) -> None:
    """Run in a child process and kill it after so many files, before their rows."""
    connections.close_all()
    connector = export.destination.open()
    deliver, count = connector.deliver, 0

    def deadly(**file: object) -> object:
        nonlocal count
        delivered = deliver(**file)
        count += 1
        if count == kill_after:
            os.kill(os.getpid(), signal.SIGKILL)
        return delivered

    connector.deliver = deadly
    run_export(lease, connector=connector)
    os._exit(0)


class TestFactoriesBrand:
    def test_keeps_brands_apart_on_disk(self) -> None:
        brand = make_brand(name="Southwind")
        destination = make_destination(brand=brand)

        assert "/southwind/" in str(destination.open().root)
