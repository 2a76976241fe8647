"""The job table: every piece of work for a worker is a row here, held by a lease."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from brandgen.accounts.models import Brand, BrandScopedQuerySet


class JobQuerySet(BrandScopedQuerySet["Job"]):
    """Questions asked of many jobs."""

    def waiting(self, *, at: datetime) -> Self:
        """Keep the jobs that a worker may take: due, or held by a lease that ran out."""
        return self.filter(
            Q(state=Job.State.WAITING, not_before__lte=at)
            | Q(state=Job.State.RUNNING, lease_until__lt=at)
        )

    def unfinished(self) -> Self:
        """Keep what is waiting or running."""
        return self.filter(state__in=[Job.State.WAITING, Job.State.RUNNING])


class Job(models.Model):
    """One unit of work for a worker."""

    class State(models.TextChoices):
        """Where a job stands; the last three are final."""

        WAITING = "waiting", "Waiting"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"
        CANCELLED = "cancelled", "Cancelled"

    brand = models.ForeignKey(Brand, models.PROTECT, null=True, related_name="jobs")
    queue = models.CharField(max_length=20)
    work = models.CharField(
        max_length=120, help_text="Dotted path of the runner's function"
    )
    subject_id = models.CharField(max_length=64)
    title = models.CharField(max_length=120, help_text="What a person calls this work")
    priority = models.SmallIntegerField(default=0, help_text="Higher runs first")
    state = models.CharField(
        max_length=20, choices=State.choices, default=State.WAITING
    )
    attempt = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)
    worker = models.CharField(max_length=120, blank=True)
    stage = models.CharField(max_length=20, blank=True)
    step = models.PositiveIntegerField(default=0)
    steps = models.PositiveIntegerField(default=0)
    message = models.CharField(max_length=200, blank=True)
    error = models.CharField(max_length=500, blank=True, help_text="Fit to show")
    details = models.TextField(blank=True, help_text="For admins: the traceback")
    is_cancel_requested = models.BooleanField(default=False)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["queue", "state", "-priority", "id"],
                condition=Q(state__in=["waiting", "running"]),
                name="job_open",
            ),
            models.Index(fields=["work", "subject_id"], name="job_subject"),
            models.Index(fields=["changed_at"], name="job_changed"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["work", "subject_id"],
                condition=Q(state__in=["waiting", "running"]),
                name="one_open_job_per_work_and_subject",
            )
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.state})"

    @property
    def is_finished(self) -> bool:
        """Whether nothing more will happen by itself."""
        return self.state in {self.State.DONE, self.State.FAILED, self.State.CANCELLED}

    @property
    def percent(self) -> int:
        """How far it is, 0 to 100."""
        if self.state == self.State.DONE:
            return 100
        return min(100, 100 * self.step // self.steps) if self.steps else 0


class Worker(models.Model):
    """A worker process, known by its heartbeat."""

    name = models.CharField(max_length=120, unique=True)
    host = models.CharField(max_length=120)
    pid = models.PositiveIntegerField()
    queues = models.JSONField(default=list)
    job = models.ForeignKey(Job, models.SET_NULL, null=True, related_name="+")
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()

    class Meta:
        ordering = ["name"]
        indexes = [models.Index(F("seen_at").desc(), name="worker_seen")]

    def __str__(self) -> str:
        return self.name
