"""Tell open pages how work gets on: one look at the table for all who listen.

However many pages are open, each web process asks the database once in ``POLL_S``
seconds, and only while somebody listens. No stream holds a connection: 200 streams that
each ask for themselves exhaust PostgreSQL (docs/adr/0003).
"""

import asyncio
import json
import logging
import threading
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any
from weakref import WeakKeyDictionary

from django.db import DatabaseError, InterfaceError, connection
from django.utils import timezone

from brandgen.accounts.models import Brand
from brandgen.jobs.models import Job

log = logging.getLogger(__name__)

POLL_S = 0.5
PING_EVERY_S = 15.0
CLOSE_AFTER_S = 600.0
"""A stream ends after so long; the page opens another and is asked anew who it is."""
OVERLAP = timedelta(seconds=10)
"""Looked at again each time: a row can be committed later than it says."""
MOST_EVENTS = 500
MOST_STREAMS_PER_USER = 12

_streams_of: Counter[int] = Counter()
_streams_lock = threading.Lock()


@dataclass(frozen=True)
class JobEvent:
    """How one job stands, as pages are told."""

    brand_id: int | None
    changed_ms: int
    fields: dict[str, Any]

    def as_sse(self) -> bytes:
        """Write it as one message of a stream."""
        data = json.dumps(self.fields, separators=(",", ":"))
        return f"id: {self.changed_ms}\nevent: job\ndata: {data}\n\n".encode()


def event_of(job: Job) -> JobEvent:
    """Say how a job stands."""
    return JobEvent(
        brand_id=job.brand_id,
        changed_ms=int(job.changed_at.timestamp() * 1000),
        fields={
            "id": job.id,
            "work": job.work,
            "subject_id": job.subject_id,
            "title": job.title,
            "state": job.state,
            "stage": job.stage,
            "step": job.step,
            "steps": job.steps,
            "percent": job.percent,
            "message": job.message,
            "error": job.error,
            "is_cancel_requested": job.is_cancel_requested,
        },
    )


def load_events(*, brand: Brand, since: datetime | None) -> list[JobEvent]:
    """Return how a brand's unfinished jobs stand, and what changed since then."""
    jobs = Job.objects.of_brand(brand)
    found = {job.id: job for job in jobs.unfinished()[:MOST_EVENTS]}
    if since is not None:
        since = max(since, timezone.now() - timedelta(hours=1))
        changed = jobs.filter(changed_at__gte=since).order_by("-changed_at")
        found |= {job.id: job for job in changed[:MOST_EVENTS]}
    return [event_of(job) for job in sorted(found.values(), key=lambda j: j.changed_at)]


def moment_of(text: str) -> datetime | None:
    """Read milliseconds since 1970, the number of an event; None for anything else."""
    if not (text.isascii() and text.isdigit() and len(text) <= 14):
        return None
    return datetime.fromtimestamp(int(text) / 1000, tz=UTC)


def has_room(user_id: int) -> bool:
    """Say whether a person may open one more stream in this process."""
    return _streams_of[user_id] < MOST_STREAMS_PER_USER


@dataclass(eq=False)
class Subscription:
    """One open page; of each job it waits for the newest state only."""

    brand_id: int
    pending: dict[int, JobEvent] = field(default_factory=dict)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def take(self) -> list[JobEvent]:
        """Return what has come, and forget it."""
        events = list(self.pending.values())
        self.pending.clear()
        self.changed.clear()
        return events


class Hub:
    """Everybody who listens in one event loop, and the task that looks for them."""

    def __init__(self) -> None:
        self.subscriptions: set[Subscription] = set()
        self.task: asyncio.Task[None] | None = None

    @contextmanager
    def listening(self, brand_id: int) -> Iterator[Subscription]:
        """Listen to one brand."""
        subscription = Subscription(brand_id)
        self.subscriptions.add(subscription)
        if self.task is None or self.task.done():
            self.task = asyncio.create_task(self._poll())
        try:
            yield subscription
        finally:
            self.subscriptions.discard(subscription)

    async def _poll(self) -> None:
        since = timezone.now() - OVERLAP
        seen: dict[int, JobEvent] = {}
        while self.subscriptions:
            try:
                events = await asyncio.to_thread(_load_changed, since)
            except (DatabaseError, InterfaceError) as error:
                log.warning("No progress for open pages: %s", error)
                events = []
            for event in events:
                if seen.get(event.fields["id"]) != event:
                    self._tell(event)
            seen = {event.fields["id"]: event for event in events}
            if len(events) == MOST_EVENTS:
                since = max(since, _moment(events[-1]))
            elif events:
                since = max(since, _moment(events[-1]) - OVERLAP)
            await asyncio.sleep(POLL_S)

    def _tell(self, event: JobEvent) -> None:
        for subscription in self.subscriptions:
            if subscription.brand_id == event.brand_id:
                subscription.pending[event.fields["id"]] = event
                subscription.changed.set()


_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = WeakKeyDictionary()


async def stream(
    *, brand_id: int, user_id: int, first: list[JobEvent]
) -> AsyncIterator[bytes]:
    """Send what is known, then every change, until the page goes or time is up."""
    hub = _hubs.setdefault(asyncio.get_running_loop(), Hub())
    until = monotonic() + CLOSE_AFTER_S
    with _counted(user_id), hub.listening(brand_id) as subscription:
        yield b"retry: 2000\n\n" + b"".join(event.as_sse() for event in first)
        while (left_s := until - monotonic()) > 0:
            try:
                await asyncio.wait_for(
                    subscription.changed.wait(), min(PING_EVERY_S, left_s)
                )
            except TimeoutError:
                yield b": ping\n\n"
            else:
                yield b"".join(event.as_sse() for event in subscription.take())


@contextmanager
def _counted(user_id: int) -> Iterator[None]:
    with _streams_lock:
        _streams_of[user_id] += 1
    try:
        yield
    finally:
        with _streams_lock:
            _streams_of[user_id] -= 1
            if not _streams_of[user_id]:
                del _streams_of[user_id]


def _load_changed(since: datetime) -> list[JobEvent]:
    """Ask the table; runs in a thread, and leaves no connection behind."""
    try:
        changed = Job.objects.filter(changed_at__gte=since, brand__isnull=False)
        return [event_of(job) for job in changed.order_by("changed_at")[:MOST_EVENTS]]
    finally:
        connection.close()


def _moment(event: JobEvent) -> datetime:
    return datetime.fromtimestamp(event.changed_ms / 1000, tz=UTC)
