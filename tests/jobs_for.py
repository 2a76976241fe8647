"""Claim the job of a row, as a worker would."""

from datetime import timedelta

from django.db.models import Model
from django.utils import timezone

from brandgen.jobs.lease import Lease
from brandgen.jobs.models import Job


def hold_job(subject: Model, *, subject_id: str = "") -> Lease:
    """Claim the newest job of a row and return the lease that holds it."""
    job = Job.objects.filter(subject_id=subject_id or str(subject.pk)).latest("id")
    job.attempt += 1
    job.state = Job.State.RUNNING
    job.lease_until = timezone.now() + timedelta(minutes=1)
    job.save()
    return Lease(job_id=job.id, attempt=job.attempt, subject_id=job.subject_id)
