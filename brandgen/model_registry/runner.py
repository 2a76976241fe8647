"""What a worker does with a model: check its files, or bring them here."""

from django.conf import settings
from django.utils import timezone

from brandgen.accounts.models import User
from brandgen.jobs.lease import JobFailedError, Lease
from brandgen.jobs.models import Job
from brandgen.model_registry.catalog import CatalogError
from brandgen.model_registry.checking import OnProgress, check
from brandgen.model_registry.entries import Entry
from brandgen.model_registry.fetching import FetchError, fetch
from brandgen.model_registry.hub import HubError, open_hub
from brandgen.model_registry.models import ModelState
from brandgen.model_registry.registry import UnknownModelError, get_entry

RUN_CHECK = "brandgen.model_registry.runner.run_check"
RUN_FETCH = "brandgen.model_registry.runner.run_fetch"
MEGABYTE = 10**6


def run_check(lease: Lease) -> None:
    """Hash a model's files and write down how they were found. Safe to run twice.

    Raises:
        JobFailedError: there is no such model.
        JobCancelledError, LostLeaseError: this worker must stop.
    """
    entry = _get_entry(lease)
    state = ModelState.objects.filter(key=entry.key).first()
    known = state.sha256 if state else {}
    checked = check(entry, known=known, on_progress=report_to(lease, "check"))
    with lease.keeping():
        ModelState.objects.keep(
            entry,
            files=checked.files,
            problem=checked.problem,
            by=_asked_by(lease),
            at=timezone.now(),
        )


def run_fetch(lease: Lease) -> None:
    """Bring a model's files here; what has arrived before stays. Safe to run twice.

    Raises:
        JobFailedError: it can't be fetched however often it is tried.
        JobCancelledError, LostLeaseError: this worker must stop; what came stays.
    """
    entry = _get_entry(lease)
    try:
        hub = open_hub(settings.MODELS_HUB_URL, token=settings.MODELS_HUB_TOKEN)
        fetched = fetch(entry, hub, on_progress=report_to(lease, "fetch"))
    except (FetchError, HubError) as error:
        raise JobFailedError(str(error)) from error
    with lease.keeping():
        ModelState.objects.keep(
            entry,
            files=fetched.files,
            revisions=fetched.revisions,
            by=_asked_by(lease),
            at=timezone.now(),
        )


def report_to(lease: Lease, stage: str) -> OnProgress:
    """Return what tells a lease how many megabytes are done."""

    def on_progress(done: int, total: int, what: str) -> None:
        lease.report_step(
            stage=stage,
            step=min(done // MEGABYTE, total // MEGABYTE),
            steps=total // MEGABYTE + 1,
            message=f"{done / 1e9:.2f} of {total / 1e9:.2f} GB. {what}",
        )

    return on_progress


def _get_entry(lease: Lease) -> Entry:
    try:
        return get_entry(lease.subject_id)
    except (CatalogError, UnknownModelError) as error:
        raise JobFailedError(str(error)) from error


def _asked_by(lease: Lease) -> User | None:
    return Job.objects.select_related("requested_by").get(id=lease.job_id).requested_by
