from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, transaction

from brandgen.audit.models import Entry as AuditEntry
from brandgen.jobs.models import Job
from brandgen.model_registry.entries import Entry, License
from brandgen.model_registry.models import (
    AddedModel,
    CommercialLicense,
    ModelState,
)
from brandgen.model_registry.recognizing import recognize
from brandgen.model_registry.registry import find_entries, get_entry
from brandgen.model_registry.services import (
    CannotAddError,
    CannotFetchError,
    LicenseError,
    add_model,
    record_license,
    request_check,
    request_fetch,
    withdraw_license,
)
from tests.factories import (
    NOW,
    make_admin,
    make_brand,
    make_commercial_license,
    make_manager,
)
from tests.model_registry.weights import (
    write_adapter,
    write_hub_repositories,
)

pytestmark = pytest.mark.django_db
CC_BY_NC = License("CC BY-NC 4.0", "", "non-commercial purposes", False, True)


def add(path: Path, **fields: Any) -> Entry:
    defaults: dict[str, Any] = {"license": None, "by": make_admin(), "at": NOW}
    return add_model(found=recognize(path), **defaults | fields)


def lend(**fields: Any) -> CommercialLicense:
    defaults: dict[str, Any] = {
        "entry": get_entry("stable-cascade"),
        "brand": make_brand(),
        "holder": "Northwind Ltd",
        "reference": "SAI-2026-0815",
        "valid_until": None,
        "by": make_admin(),
        "at": NOW,
    }
    return record_license(**defaults | fields)


class TestAddModel:
    def test_puts_a_folder_into_the_registry(self, tmp_path: Path) -> None:
        write_hub_repositories(tmp_path)

        entry = add(tmp_path / "stabilityai", key="research", name="Research copy")

        assert find_entries()["research"] == entry
        assert entry.license.name.startswith("Stability AI Non-Commercial")
        assert AuditEntry.objects.get().action == "model.added"

    def test_needs_a_license_and_a_family_where_the_file_says_none(
        self, tmp_path: Path
    ) -> None:
        write_adapter(tmp_path / "glass.safetensors")

        with pytest.raises(CannotAddError, match="says its license"):
            add(tmp_path / "glass.safetensors")
        with pytest.raises(CannotAddError, match="which family"):
            add(tmp_path / "glass.safetensors", license=CC_BY_NC)

        entry = add(
            tmp_path / "glass.safetensors",
            license=CC_BY_NC,
            family="stable-cascade",
            learned_tokens=("[glass]",),
        )
        assert entry.is_adapter
        assert AddedModel.objects.get().learned_tokens == ["[glass]"]

    def test_believes_the_weights_over_the_person(self, tmp_path: Path) -> None:
        write_hub_repositories(tmp_path)
        free = License("Apache-2.0", "", "any purpose", True, True)

        entry = add(tmp_path / "stabilityai", key="research", license=free)

        assert not entry.license.is_commercial_use_allowed

    def test_takes_no_key_of_another_model(self, tmp_path: Path) -> None:
        write_hub_repositories(tmp_path)

        with pytest.raises(CannotAddError, match="Choose another key"):
            add(tmp_path / "stabilityai")

    def test_measures_anew_what_is_added_again(self, tmp_path: Path) -> None:
        write_hub_repositories(tmp_path)
        entry = add(tmp_path / "stabilityai", key="research")
        ModelState.objects.keep(entry, files={}, by=None, at=NOW)

        add(tmp_path / "stabilityai", key="research", name="New name")

        assert AddedModel.objects.get().name == "New name"
        assert not ModelState.objects.exists()


class TestRequestFetch:
    def test_queues_one_job_however_often_it_is_asked_for(self) -> None:
        entry = get_entry("stable-cascade")

        first = request_fetch(entry=entry, by=make_admin(), at=NOW)
        again = request_fetch(entry=entry, by=make_admin(), at=NOW)

        assert first == again
        assert (first.queue, first.subject_id) == ("default", "stable-cascade")
        assert first.title == "Fetch Stable Cascade"

    def test_says_where_files_go_that_nobody_hands_out(self) -> None:
        with pytest.raises(CannotFetchError, match="Put its files in"):
            request_fetch(
                entry=get_entry("stable-cascade-miniature"), by=make_admin(), at=NOW
            )

    def test_is_for_admins(self) -> None:
        entry = get_entry("stable-cascade")

        for request in (request_fetch, request_check):
            with pytest.raises(PermissionDenied):
                request(entry=entry, by=make_manager(), at=NOW)
        assert not Job.objects.exists()


class TestRecordLicense:
    def test_keeps_who_has_leave_for_what_and_puts_it_on_record(self) -> None:
        row = lend(note=" Signed by legal. ", valid_until=NOW.date())

        assert row.license_name.startswith("Stability AI Non-Commercial")
        assert (row.family, row.note) == ("stable-cascade", "Signed by legal.")
        trail = AuditEntry.objects.get()
        assert trail.action == "commercial_license.recorded"
        assert trail.brand == make_brand()
        assert trail.data["reference"] == "SAI-2026-0815"

    def test_is_for_admins(self) -> None:
        with pytest.raises(PermissionDenied):
            lend(by=make_manager())

    def test_refuses_what_clears_nothing(self) -> None:
        with pytest.raises(LicenseError, match="needs no other license"):
            lend(entry=get_entry("stable-cascade-miniature"))
        with pytest.raises(LicenseError, match="ran out on 23 November 2026"):
            lend(valid_until=NOW.date() - timedelta(days=1))
        assert not CommercialLicense.objects.exists()


class TestWithdrawLicense:
    def test_happens_once_and_keeps_the_row(self) -> None:
        row = make_commercial_license()

        was = withdraw_license(
            license_=row, because="Not renewed", by=make_admin(), at=NOW
        )
        again = withdraw_license(license_=row, because="", by=make_admin(), at=NOW)

        assert (was, again) == (True, False)
        assert row.withdrawn_because == "Not renewed"
        assert not CommercialLicense.objects.valid(on=NOW.date()).exists()
        assert AuditEntry.objects.get().action == "commercial_license.withdrawn"


class TestCommercialLicense:
    @pytest.mark.parametrize(
        "change", [{"valid_until": None}, {"reference": "x"}, {"family": "sdxl"}]
    )
    def test_never_changes(self, change: dict[str, Any]) -> None:
        row = make_commercial_license(valid_until=NOW.date())

        with pytest.raises(DatabaseError), transaction.atomic():
            CommercialLicense.objects.filter(id=row.id).update(**change)

    def test_is_never_given_back_once_withdrawn(self) -> None:
        row = make_commercial_license()
        row.withdraw(by=make_admin(), because="", at=NOW)

        with pytest.raises(DatabaseError), transaction.atomic():
            CommercialLicense.objects.filter(id=row.id).update(withdrawn_at=None)
