"""The job table: every piece of work for a worker is a row here, held by a lease."""

from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery

from brandgen.accounts.models import Brand, BrandScopedQuerySet

WORN_OUT = (
    "Given up after try {attempts}: its worker went away in the middle each time, "
    "which often means that memory ran out. Try a smaller size, or ask an admin to "
    "look at job {id}."
)

BEAT_EVERY_S = 15
GONE_AFTER_S = 45


def attempts_allowed() -> int:
    """Return how often a new job may be tried."""
    return int(settings.JOB_MAX_ATTEMPTS)


class JobQuerySet(BrandScopedQuerySet["Job"]):
    """Questions asked of many jobs."""

    def waiting(self, *, at: datetime) -> Self:
        """Keep what a worker may take: due, or held by a lease that ran out."""
        return self.filter(
            Q(state=Job.State.WAITING, not_before__lte=at)
            | Q(state=Job.State.RUNNING, lease_until__lt=at),
            attempt__lt=F("max_attempt"),
            is_cancel_requested=False,
        )

    def by_fairness(self) -> Self:
        """Order by priority, then the brand served least lately, then age."""
        last_served = (
            Job.objects.filter(brand=OuterRef("brand"), started_at__isnull=False)
            .order_by("-started_at")
            .values("started_at")[:1]
        )
        return self.annotate(brand_served_at=Subquery(last_served)).order_by(
            "-priority", F("brand_served_at").asc(nulls_first=True), "id"
        )

    def claim_next(self, *, queue: str, worker: str, at: datetime) -> "Job | None":
        """Take the best waiting job of a queue for this worker; None if there is none.

        The conditional UPDATE makes sure that of two workers exactly one gets the job.
        """
        due = self.waiting(at=at).filter(queue=queue)
        while candidates := list(due.by_fairness().values_list("id", "attempt")[:5]):
            for id_, attempt in candidates:
                if due.filter(id=id_, attempt=attempt).update(
                    state=Job.State.RUNNING,
                    attempt=F("attempt") + 1,
                    worker=worker,
                    lease_until=at + timedelta(seconds=settings.JOB_LEASE_S),
                    started_at=at,
                    changed_at=at,
                    stage="",
                    step=0,
                    steps=0,
                    message="",
                ):
                    return self.select_related("brand").get(id=id_)
        return None

    def give_up_worn_out(self, *, at: datetime) -> int:
        """End what nobody may take again: cancelled, or tried too often; count them."""
        expired = self.filter(state=Job.State.RUNNING, lease_until__lt=at)
        ended = expired.filter(is_cancel_requested=True).update(
            state=Job.State.CANCELLED, finished_at=at, changed_at=at
        )
        for job in expired.filter(attempt__gte=F("max_attempt")):
            error = WORN_OUT.format(attempts=job.attempt, id=job.id)
            ended += job.fail(error=error, details="The lease ran out.", at=at)
        return ended

    def return_expired(self, *, at: datetime) -> int:
        """Put back what a worker that went away still holds; count them."""
        return (
            self.waiting(at=at)
            .filter(state=Job.State.RUNNING)
            .update(
                state=Job.State.WAITING,
                not_before=at,
                changed_at=at,
                message="Its worker went away; it will be tried again.",
            )
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
    attempt = models.PositiveSmallIntegerField(
        default=0, help_text="Number of the last claim; only ever grows"
    )
    max_attempt = models.PositiveSmallIntegerField(
        default=attempts_allowed, help_text="Number of the last claim that may be made"
    )
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
            models.Index(fields=["brand", "-started_at"], name="job_brand_served"),
            models.Index(fields=["state", "-id"], name="job_state"),
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

    # What follows is done by the holder of this attempt only, and says whether it was:
    # a worker that stalled until another took the job changes nothing.

    def held(self) -> JobQuerySet:
        """Return this row as long as this attempt holds it."""
        return Job.objects.filter(
            id=self.id, attempt=self.attempt, state=Job.State.RUNNING
        )

    def finish(self, *, at: datetime) -> bool:
        """Record that the work is done."""
        return self._end(Job.State.DONE, at=at, error="", details="")

    def fail(self, *, error: str, details: str, at: datetime) -> bool:
        """Record that the work can't be done, and why."""
        return self._end(Job.State.FAILED, at=at, error=error[:500], details=details)

    def mark_cancelled(self, *, at: datetime) -> bool:
        """Record that the worker has stopped because a person asked for it."""
        return self._end(Job.State.CANCELLED, at=at)

    def put_back(
        self,
        *,
        at: datetime,
        not_before: datetime,
        message: str,
        details: str,
        is_free: bool,
    ) -> bool:
        """Let it be tried again, later; a free return does not use up an attempt."""
        return bool(
            self.held().update(
                state=Job.State.WAITING,
                not_before=not_before,
                message=message[:200],
                details=details,
                changed_at=at,
                max_attempt=F("max_attempt") + int(is_free),
            )
        )

    def _end(self, state: "Job.State", *, at: datetime, **columns: str) -> bool:
        return bool(
            self.held().update(state=state, finished_at=at, changed_at=at, **columns)
        )


class WorkerQuerySet(models.QuerySet["Worker"]):
    """Questions asked of many workers."""

    def alive(self, *, at: datetime) -> Self:
        """Keep those whose heartbeat came in time."""
        return self.filter(seen_at__gte=at - timedelta(seconds=GONE_AFTER_S))


class Worker(models.Model):
    """A worker process, known by its heartbeat."""

    name = models.CharField(
        max_length=120, unique=True, help_text="One process: host, pid and birth"
    )
    host = models.CharField(max_length=120)
    pid = models.PositiveIntegerField()
    queues = models.JSONField(default=list)
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()

    objects = WorkerQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        indexes = [models.Index(F("seen_at").desc(), name="worker_seen")]

    def __str__(self) -> str:
        return self.name
