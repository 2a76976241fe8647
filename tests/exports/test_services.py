import json

import pytest
from cryptography.fernet import Fernet
from django.core import serializers
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django import Settings

from brandgen.audit.models import Entry
from brandgen.exports.destinations.fake import FakeConnector, unreachable
from brandgen.exports.destinations.protocol import DestinationError
from brandgen.exports.models import Destination, Export, ExportItem
from brandgen.exports.runner import RUN_EXPORT, run_export
from brandgen.exports.services import (
    DestinationInUseError,
    ExportError,
    check_destination,
    delete_destination,
    export_held_again,
    finish_without_failed,
    plan_export,
    request_export,
    retry_export,
    save_destination,
    set_destination_enabled,
)
from brandgen.jobs.lease import JobFailedError
from brandgen.jobs.models import Job
from brandgen.lib.secrets_box import SecretsError
from brandgen.library.models import Asset
from tests.factories import (
    NOW,
    make_asset,
    make_brand,
    make_destination,
    make_manager,
    make_marked_asset,
    make_reviewer,
    make_user,
)
from tests.jobs_for import hold_job

pytestmark = pytest.mark.django_db
SECRET = "hunter2-never-in-a-dump"
S3_VALUES = {
    "bucket": "press",
    "endpoint_url": "http://127.0.0.1:9",
    "access_key_id": "AKTEST",
    "secret_access_key": SECRET,
}


def request(*assets: Asset, destination: Destination | None = None) -> Export:
    return request_export(
        assets=assets,
        destination=destination or make_destination(),
        by=make_user(),
        at=NOW,
    )


def add_s3(**changes: str) -> Destination:
    return save_destination(
        brand=make_brand(),
        kind="s3",
        name="Press",
        values=S3_VALUES | changes,
        by=make_manager(),
        at=NOW,
    )


class TestPlanExport:
    def test_says_what_leaves_and_what_stays(self) -> None:
        good, draft = make_marked_asset(), make_asset()

        plan = plan_export(assets=[good, draft, good], destination=make_destination())

        assert [file.asset for file in plan.leaving] == [good]
        assert [file.asset for file in plan.held] == [draft]
        assert plan.size_bytes == good.size_bytes

    @pytest.mark.parametrize(
        ("fields", "is_production", "reason", "remedy"),
        [
            (
                {"state": Asset.State.IN_REVIEW},
                False,
                "It is in review; only approved pictures leave.",
                "A reviewer of Northwind",
            ),
            (
                {"is_commercial_use_allowed": False, "license_name": "SC NC"},
                True,
                "Its license (SC NC) does not allow commercial use",
                "Choose a destination that is not public",
            ),
            (
                {"digital_source_type": ""},
                False,
                "its DigitalSourceType is missing",
                "A marketer of Northwind",
            ),
        ],
    )
    def test_names_the_reason_and_who_clears_it(
        self, fields: dict, is_production: bool, reason: str, remedy: str
    ) -> None:
        destination = make_destination(is_production=is_production)

        plan = plan_export(
            assets=[make_marked_asset(**fields)], destination=destination
        )

        (file,) = plan.held
        assert reason in file.hold.reason
        assert remedy in file.hold.remedy

    def test_lets_a_research_license_go_where_the_public_does_not_look(self) -> None:
        asset = make_marked_asset(is_commercial_use_allowed=False)

        plan = plan_export(assets=[asset], destination=make_destination())

        assert plan.held == []

    def test_knows_what_was_delivered_before(self) -> None:
        asset, destination = make_marked_asset(), make_destination()
        run_export(hold_job(request(asset, destination=destination)))

        plan = plan_export(assets=[asset], destination=destination)

        assert plan.leaving[0].was_delivered_already
        assert plan.size_bytes == 0


class TestRequestExport:
    def test_queues_one_job_for_what_may_leave(self) -> None:
        export = request(make_marked_asset(), make_asset())

        job = Job.objects.get()
        assert (job.queue, job.work, job.subject_id) == (
            "export",
            RUN_EXPORT,
            str(export.id),
        )
        assert export.items.waiting().count() == 1
        assert export.items.filter(state=ExportItem.State.HELD).count() == 1
        assert export.state == Export.State.RUNNING

    def test_queues_nothing_where_all_is_held_back(self) -> None:
        export = request(make_asset())

        assert not Job.objects.exists()
        assert export.state == Export.State.HELD
        assert "only approved pictures leave" in export.items.get().error

    def test_refuses_an_empty_choice(self) -> None:
        with pytest.raises(ExportError, match="Nothing was chosen"):
            request()

    def test_refuses_another_brands_picture(self) -> None:
        other = make_marked_asset(brand=make_brand(name="Southwind"))

        with pytest.raises(ExportError, match="do not belong to Northwind"):
            request(other)

        assert not Export.objects.exists()

    def test_refuses_a_destination_that_is_off(self) -> None:
        with pytest.raises(ExportError, match="switched off"):
            request(make_marked_asset(), destination=make_destination(is_enabled=False))

    def test_refuses_who_may_not_export(self) -> None:
        with pytest.raises(PermissionDenied, match="export assets"):
            request_export(
                assets=[make_marked_asset()],
                destination=make_destination(),
                by=make_reviewer(),
                at=NOW,
            )


class TestRetryExport:
    def test_queues_what_was_refused(self) -> None:
        export = request(make_marked_asset())
        refusal = DestinationError("No.", permanent=True)
        with pytest.raises(JobFailedError):
            run_export(hold_job(export), connector=FakeConnector([refusal]))
        Job.objects.update(state=Job.State.FAILED)

        assert retry_export(export=export, by=make_user(), at=NOW)

        assert export.items.waiting().count() == 1
        run_export(hold_job(export))
        export.refresh_from_db()
        assert export.completed_at

    def test_does_nothing_to_a_finished_export(self) -> None:
        export = request(make_marked_asset())
        run_export(hold_job(export))
        export.refresh_from_db()

        assert not retry_export(export=export, by=make_user(), at=NOW)


class TestFinishWithoutFailed:
    def test_closes_with_what_arrived(self) -> None:
        export = request(make_marked_asset(), make_marked_asset())
        refusal = DestinationError("No.", permanent=True)
        with pytest.raises(JobFailedError):
            run_export(hold_job(export), connector=FakeConnector([refusal]))
        Job.objects.update(state=Job.State.FAILED)

        assert finish_without_failed(export=export, by=make_user(), at=NOW)
        run_export(hold_job(export))

        export.refresh_from_db()
        assert export.state == Export.State.DONE
        held = export.items.get(state=ExportItem.State.HELD)
        assert held.error == "Left out after it failed: No."


class TestExportHeldAgain:
    def test_sends_what_was_approved_since(self) -> None:
        asset = make_marked_asset(state=Asset.State.IN_REVIEW)
        first = request(asset)
        with pytest.raises(ExportError, match="Nothing can leave yet"):
            export_held_again(export=first, by=make_user(), at=NOW)
        Asset.objects.update(state=Asset.State.APPROVED, approved_at=NOW)

        second = export_held_again(export=first, by=make_user(), at=NOW)

        assert second.destination == first.destination
        assert [item.asset for item in second.items.waiting()] == [asset]


class TestSaveDestination:
    def test_keeps_no_secret_in_the_database(self) -> None:
        add_s3()

        models = [Destination, Entry, Job]
        dump = "".join(serializers.serialize("json", m.objects.all()) for m in models)
        with connection.cursor() as cursor:
            cursor.execute("SELECT * FROM exports_destination")
            dump += str(cursor.fetchall())
        assert SECRET not in dump
        assert "press" in dump

    def test_keeps_a_secret_that_was_not_entered_again(self) -> None:
        row = add_s3()

        save_destination(
            brand=row.brand,
            kind="s3",
            name="Press 2",
            values=S3_VALUES | {"secret_access_key": ""},
            by=make_manager(),
            at=NOW,
            destination=row,
        )

        row.refresh_from_db()
        connector = row.open()
        assert connector.bucket.options.secret_access_key == SECRET
        assert row.name == "Press 2"

    def test_says_that_the_key_was_changed(self, settings: Settings) -> None:
        row = add_s3()
        settings.ENCRYPTION_KEYS = [Fernet.generate_key().decode()]

        with pytest.raises(DestinationError, match="under another ENCRYPTION_KEYS"):
            row.open()
        with pytest.raises(SecretsError):
            save_destination(
                brand=row.brand,
                kind="s3",
                name="Press",
                values=S3_VALUES | {"secret_access_key": ""},
                by=make_manager(),
                at=NOW,
                destination=row,
            )

    def test_is_for_brand_managers(self) -> None:
        with pytest.raises(PermissionDenied):
            save_destination(
                brand=make_brand(),
                kind="folder",
                name="Mine",
                values={"folder": "out"},
                by=make_user(),
                at=NOW,
            )


class TestResealSecrets:
    def test_lets_the_old_key_go(self, settings: Settings) -> None:
        row = add_s3()
        old, new = settings.ENCRYPTION_KEYS[0], Fernet.generate_key().decode()
        settings.ENCRYPTION_KEYS = [new, old]

        call_command("reseal_secrets")

        settings.ENCRYPTION_KEYS = [new]
        row.refresh_from_db()
        assert row.open().bucket.options.secret_access_key == SECRET

    def test_changes_nothing_where_a_key_is_missing(self, settings: Settings) -> None:
        row = add_s3()
        settings.ENCRYPTION_KEYS = [Fernet.generate_key().decode()]

        with pytest.raises(CommandError, match="Nothing was changed"):
            call_command("reseal_secrets")

        sealed = row.encrypted_secrets
        row.refresh_from_db()
        assert row.encrypted_secrets == sealed


class TestCheckDestination:
    def test_writes_down_that_all_is_well(self) -> None:
        row = make_destination()

        assert check_destination(destination=row, by=make_manager(), at=NOW)

        row.refresh_from_db()
        assert (row.checked_at, row.check_error) == (NOW, "")
        assert row.capabilities["never_overwrites"]

    def test_writes_down_what_is_wrong(self) -> None:
        row = make_destination()

        is_well = check_destination(
            destination=row,
            by=make_manager(),
            at=NOW,
            connector=FakeConnector([unreachable()]),
        )

        row.refresh_from_db()
        assert not is_well
        assert "did not answer" in row.check_error


class TestDeleteDestination:
    def test_deletes_what_was_never_used(self) -> None:
        delete_destination(destination=make_destination(), by=make_manager(), at=NOW)

        assert not Destination.objects.exists()

    def test_keeps_what_has_a_history(self) -> None:
        row = request(make_marked_asset()).destination

        with pytest.raises(DestinationInUseError, match="Switch it off"):
            delete_destination(destination=row, by=make_manager(), at=NOW)

    def test_can_be_switched_off_instead(self) -> None:
        row = make_destination()

        set_destination_enabled(
            destination=row, is_enabled=False, by=make_manager(), at=NOW
        )

        assert not Destination.objects.enabled().exists()
        assert json.dumps(Entry.objects.get().data) == "{}"
