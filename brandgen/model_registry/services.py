"""Add models, have them checked and fetched, and record who may use them for what."""

from datetime import date, datetime

from django.db import transaction
from django.utils.text import slugify

from brandgen.accounts.access import require_admin
from brandgen.accounts.models import Brand, User
from brandgen.audit.models import record
from brandgen.jobs.models import Job
from brandgen.jobs.services import enqueue
from brandgen.model_registry.entries import Entry, License, Origin
from brandgen.model_registry.models import (
    AddedModel,
    CommercialLicense,
    ModelState,
)
from brandgen.model_registry.recognizing import Recognized
from brandgen.model_registry.registry import find_entries
from brandgen.model_registry.runner import RUN_CHECK, RUN_FETCH


class CannotAddError(Exception):
    """A model can't be added so. The message is fit to show."""


class CannotFetchError(Exception):
    """Nobody has said where a model is fetched from. The message is fit to show."""


class LicenseError(Exception):
    """A commercial license can't be recorded so. The message is fit to show."""


@transaction.atomic
def add_model(
    *,
    found: Recognized,
    license: License | None,  # noqa: A002 - it is the word
    by: User | None,
    at: datetime,
    key: str = "",
    name: str = "",
    family: str = "",
    learned_tokens: tuple[str, ...] = (),
) -> Entry:
    """Put a model into the registry; the same path added again replaces what was said.

    Args:
        found: what lies there.
        license: as the person says; what the weights themselves say comes first.
        by: who adds it; None for the command line.
        at: when.
        key: what it is called in commands; made of the name if empty.
        name: what people call it; as found if empty.
        family: of an adapter, which models it works on; as found if empty.
        learned_tokens: words in square brackets that an adapter has learned; as found
            if empty.

    Raises:
        CannotAddError: nobody says the license or the family, or the key is taken.
    """
    stated = found.license or license
    name = (name.strip() or found.name)[:120]
    key = key or slugify(name)[:60]
    family = (family.strip() or found.family)[:80]
    if stated is None:
        raise CannotAddError(
            f"Nothing at {found.path} says its license. Say it: its name, and whether "
            "commercial use and derived weights are allowed."
        )
    if not family:
        raise CannotAddError(
            f"Say which family of models {name} works on: stable-cascade, for instance."
        )
    known = find_entries().get(key)
    is_same = known is not None and known.folder.resolve() == found.path
    if not key or (known and not (is_same and known.origin == Origin.ADDED)):
        raise CannotAddError(
            f"The registry has a model {key!r} already. Choose another key."
            if key
            else f"{name!r} makes no key. Give one of a-z, 0-9 and -."
        )
    row, _ = AddedModel.objects.update_or_create(
        key=key,
        defaults={
            "name": name,
            "kind": found.kind,
            "family": family,
            "folder": str(found.path),
            "license_name": stated.name,
            "license_url": stated.url,
            "license_purpose": stated.purpose,
            "is_commercial_use_allowed": stated.is_commercial_use_allowed,
            "are_derivatives_allowed": stated.are_derivatives_allowed,
            "learned_tokens": list(learned_tokens or found.learned_tokens),
            "added_by": by,
            "added_at": at,
        },
    )
    # What was known of the files before is no measure for what lies there now.
    ModelState.objects.filter(key=key).delete()
    data = {"folder": row.folder, "license": row.license_name, "family": family}
    record(by, "model.added", row, at=at, data=data)
    return row.as_entry()


def request_check(*, entry: Entry, by: User, at: datetime) -> Job:
    """Queue the reading of every byte of a model.

    Raises:
        PermissionDenied: ``by`` is not an admin.
        TooManyJobsError: the queue is full.
    """
    require_admin(by)
    return _enqueue(RUN_CHECK, entry, title=f"Check {entry.name}", by=by, at=at)


@transaction.atomic
def request_fetch(*, entry: Entry, by: User, at: datetime) -> Job:
    """Queue the download of a model.

    Raises:
        PermissionDenied: ``by`` is not an admin.
        CannotFetchError: nobody has said where it is fetched from.
        TooManyJobsError: the queue is full.
    """
    require_admin(by)
    if not entry.sources:
        raise CannotFetchError(
            f"Nobody has said where {entry.name} is fetched from. Put its files in "
            f"{entry.folder}, or name a source in MODELS_FILE."
        )
    job = _enqueue(RUN_FETCH, entry, title=f"Fetch {entry.name}", by=by, at=at)
    record(by, "model.fetch_requested", job, at=at, data={"model": entry.key})
    return job


def find_jobs(entry: Entry) -> list[Job]:
    """Return the newest check and the newest fetch of a model, the newest first."""
    jobs = Job.objects.filter(subject_id=entry.key).order_by("-id")
    newest = [jobs.filter(work=work).first() for work in (RUN_FETCH, RUN_CHECK)]
    return sorted((job for job in newest if job), key=lambda job: -job.id)


@transaction.atomic
def record_license(
    *,
    entry: Entry,
    brand: Brand,
    holder: str,
    reference: str,
    valid_until: date | None,
    by: User,
    at: datetime,
    note: str = "",
) -> CommercialLicense:
    """Record that a brand may use commercially what a model's license forbids.

    Raises:
        PermissionDenied: ``by`` is not an admin.
        LicenseError: nothing is to be lifted, or it has run out already.
    """
    require_admin(by)
    if entry.license.is_commercial_use_allowed:
        raise LicenseError(
            f"{entry.license.name} allows commercial use: {entry.name} needs no other "
            "license."
        )
    if valid_until is not None and valid_until < at.date():
        raise LicenseError(
            f"A license that ran out on {valid_until:%d %B %Y} clears nothing. Record "
            "the one that replaced it."
        )
    row = CommercialLicense.objects.create(
        brand=brand,
        model_key=entry.key,
        model_name=entry.name,
        family=entry.family,
        license_name=entry.license.name,
        is_adapter=entry.is_adapter,
        holder=holder.strip()[:120],
        reference=reference.strip()[:120],
        valid_until=valid_until,
        note=note.strip()[:500],
        recorded_by=by,
        recorded_at=at,
    )
    data = {
        "model": entry.key,
        "lifts": row.license_name,
        "holder": row.holder,
        "reference": row.reference,
        "valid_until": valid_until.isoformat() if valid_until else None,
    }
    record(by, "commercial_license.recorded", row, at=at, data=data)
    return row


@transaction.atomic
def withdraw_license(
    *, license_: CommercialLicense, because: str, by: User, at: datetime
) -> bool:
    """Say that a recorded license counts no more; False if that was said before.

    What was exported under it stays exported; nothing more leaves.

    Raises:
        PermissionDenied: ``by`` is not an admin.
    """
    require_admin(by)
    if not license_.withdraw(by=by, because=because.strip(), at=at):
        return False
    data = {"because": license_.withdrawn_because}
    record(by, "commercial_license.withdrawn", license_, at=at, data=data)
    return True


def _enqueue(work: str, entry: Entry, *, title: str, by: User, at: datetime) -> Job:
    return enqueue(
        queue="default",
        work=work,
        subject_id=entry.key,
        title=title,
        brand=None,
        requested_by=by,
        at=at,
    )
