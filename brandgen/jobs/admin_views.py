"""Pages for those who run the installation: what works, what waits, what failed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.contrib import messages
from django.db.models import Count, Min, Q
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from brandgen.accounts.decorators import BrandRequest, admin_page
from brandgen.jobs.clock import db_now
from brandgen.jobs.health import find_health
from brandgen.jobs.models import GONE_AFTER_S, Job, Worker
from brandgen.jobs.services import enqueue, request_cancel, retry

PAGE_SIZE = 50


@dataclass(frozen=True)
class QueueLine:
    """One queue as the overview shows it."""

    name: str
    waiting: int
    running: int
    oldest_at: datetime | None
    workers: int


@dataclass(frozen=True)
class WorkerLine:
    """One worker process as the overview shows it."""

    worker: Worker
    job: Job | None
    is_gone: bool


@require_GET
@admin_page
def overview(request: BrandRequest) -> HttpResponseBase:
    """Show health, queues, workers, running work and the latest failures."""
    at = db_now()
    workers = list(Worker.objects.all())
    jobs = Job.objects.select_related("brand", "requested_by")
    running = list(jobs.filter(state=Job.State.RUNNING)[:PAGE_SIZE])
    context = {
        "findings": find_health(at=at),
        "queues": _queue_lines(workers, at=at),
        "workers": _worker_lines(workers, running, at=at),
        "running": running,
        "failed": jobs.filter(state=Job.State.FAILED)[:5],
    }
    return render(request, "jobs/overview.html", context)


@require_GET
@admin_page
def job_list(request: BrandRequest) -> HttpResponseBase:
    """List jobs, newest first, one state at a time or all."""
    state = request.GET.get("state", "")
    jobs = Job.objects.select_related("brand", "requested_by")
    if state in Job.State.values:
        jobs = jobs.filter(state=state)
    before = request.GET.get("before", "")
    is_later_page = before.isascii() and before.isdigit() and len(before) < 19
    if is_later_page:
        jobs = jobs.filter(id__lt=int(before))
    page = list(jobs.order_by("-id")[: PAGE_SIZE + 1])
    context = {
        "jobs": page[:PAGE_SIZE],
        "next": page[PAGE_SIZE - 1].id if len(page) > PAGE_SIZE else None,
        "is_later_page": is_later_page,
        "state": state if state in Job.State.values else "",
        "states": Job.State.choices,
    }
    return render(request, "jobs/job_list.html", context)


@require_GET
@admin_page
def job_page(request: BrandRequest, job_id: int) -> HttpResponseBase:
    """Show everything about one job, the traceback too."""
    job = get_object_or_404(
        Job.objects.select_related("brand", "requested_by"), id=job_id
    )
    may_retry = job.state in {Job.State.FAILED, Job.State.CANCELLED}
    context = {"job": job, "may_retry": may_retry}
    return render(request, "jobs/job.html", context)


@require_POST
@admin_page
def retry_job(request: BrandRequest, job_id: int) -> HttpResponseBase:
    """Queue a job that has failed or was cancelled again."""
    job = get_object_or_404(Job, id=job_id)
    if retry(job=job, at=timezone.now(), by=request.user):
        messages.success(request, f"Queued again: {job.title}.")
    else:
        messages.info(request, f"{job.title} is queued or running already, or done.")
    return redirect("jobs:job", job_id=job.id)


@require_POST
@admin_page
def cancel_job(request: BrandRequest, job_id: int) -> HttpResponseBase:
    """Cancel a job that waits or runs."""
    job = get_object_or_404(Job, id=job_id)
    if request_cancel(job=job, at=timezone.now(), by=request.user):
        messages.success(request, f"Stopping: {job.title}.")
    else:
        messages.info(request, f"Too late to stop: {job.title}.")
    return redirect("jobs:job", job_id=job.id)


@require_POST
@admin_page
def send_test_job(request: BrandRequest) -> HttpResponseBase:
    """Queue a job that does nothing, to see a worker answer."""
    queue = request.POST.get("queue", "")
    if queue not in settings.JOB_QUEUES:
        messages.error(
            request,
            f"There is no queue {queue[:20]!r}. "
            f"Choose from {', '.join(settings.JOB_QUEUES)}.",
        )
        return redirect("jobs:overview")
    job = enqueue(
        queue=queue,
        work="brandgen.jobs.runner.do_nothing",
        subject_id=queue,
        title=f"Test of queue {queue}",
        brand=None,
        requested_by=request.user,
        at=timezone.now(),
        priority=10,
    )
    return redirect("jobs:job", job_id=job.id)


def _queue_lines(workers: Iterable[Worker], *, at: datetime) -> list[QueueLine]:
    is_due = Q(state=Job.State.WAITING, not_before__lte=at)
    rows = (
        Job.objects.unfinished()
        .order_by()
        .values_list("queue")
        .annotate(
            waiting=Count("id", filter=Q(state=Job.State.WAITING)),
            running=Count("id", filter=Q(state=Job.State.RUNNING)),
            oldest_at=Min("created_at", filter=is_due),
        )
    )
    counts = {name: counted for name, *counted in rows}
    alive = [worker for worker in workers if not _is_gone(worker, at=at)]
    lines = []
    for name in dict.fromkeys([*settings.JOB_QUEUES, *sorted(counts)]):
        waiting, running, oldest_at = counts.get(name, (0, 0, None))
        served_by = sum(name in worker.queues for worker in alive)
        lines.append(QueueLine(name, waiting, running, oldest_at, served_by))
    return lines


def _worker_lines(
    workers: Iterable[Worker], running: Iterable[Job], *, at: datetime
) -> list[WorkerLine]:
    by_worker = {job.worker: job for job in running}
    return [
        WorkerLine(worker, by_worker.get(worker.name), _is_gone(worker, at=at))
        for worker in workers
    ]


def _is_gone(worker: Worker, *, at: datetime) -> bool:
    return (at - worker.seen_at).total_seconds() > GONE_AFTER_S
