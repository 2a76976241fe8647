"""Says how long work will take, from how long the last took on this installation."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count

from brandgen.generation.models import (
    RUN_DECODER,
    RUN_PRIOR,
    Candidate,
    Decoding,
    Generation,
)
from brandgen.jobs.models import Job, Worker

LOOK_BACK = 20
MOST_AHEAD = 500
"""Jobs that are looked at; where more wait, the estimate is a lower bound."""


@dataclass(frozen=True)
class Estimate:
    """Seconds for one image, by stage, and for what waits before it.

    None before the first was ever made.
    """

    prior_s: float | None
    decoder_s: float | None
    prior_wait_s: float | None = None
    decoder_wait_s: float | None = None

    def sheet_s(self, count: int) -> float | None:
        """Return the seconds for a contact sheet of so many."""
        return None if self.prior_s is None else self.prior_s * count

    def finish_s(self, count: int) -> float | None:
        """Return the seconds for finishing so many."""
        return None if self.decoder_s is None else self.decoder_s * count


def estimate(
    *,
    width_px: int,
    height_px: int,
    prior_steps: int,
    decoder_steps: int,
    at: datetime,
) -> Estimate:
    """Scale what the last images took by their pixels and steps.

    Seconds are about proportional to both. What waits in a queue is shared by the
    workers that serve it now.
    """
    size = width_px * height_px
    sampled = Candidate.objects.exclude(
        generation__operation__in=Generation.WITHOUT_PRIOR
    )
    priors = sampled.order_by("-id").values_list(
        "prior_s",
        "generation__width_px",
        "generation__height_px",
        "generation__prior_steps",
    )
    decoders = (
        Decoding.objects.filter(decoder_s__isnull=False)
        .order_by("-requested_at")
        .values_list(
            "decoder_s",
            "candidate__generation__width_px",
            "candidate__generation__height_px",
            "steps",
        )
    )
    prior, decoder = (
        _seconds_per_work(rows[:LOOK_BACK]) for rows in (priors, decoders)
    )
    served = [set(worker.queues) for worker in Worker.objects.alive(at=at)]
    return Estimate(
        prior_s=_times(prior, size * prior_steps),
        decoder_s=_times(decoder, size * decoder_steps),
        prior_wait_s=_times(prior, _prior_work_ahead(), _count(served, "prior")),
        decoder_wait_s=_times(
            decoder, _decoder_work_ahead(), _count(served, "decoder")
        ),
    )


def _seconds_per_work(
    rows: Iterable[tuple[float | None, int, int, int]],
) -> float | None:
    """Return the median of the seconds for a pixel and a step; None without rows."""
    rates = sorted(
        seconds / (width_px * height_px * steps)
        for seconds, width_px, height_px, steps in rows
        if seconds is not None
    )
    return rates[len(rates) // 2] if rates else None


def _times(rate: float | None, work: int, workers: int = 1) -> float | None:
    return None if rate is None else rate * work / workers


def _prior_work_ahead() -> int:
    """Count pixels times steps of the sketches that are still to come."""
    rows = (
        Generation.objects.filter(id__in=_subjects(RUN_PRIOR))
        .annotate(done=Count("candidates"))
        .values_list("width_px", "height_px", "prior_steps", "seeds", "done")
    )
    return sum(
        width_px * height_px * steps * max(0, len(seeds) - done)
        for width_px, height_px, steps, seeds, done in rows
    )


def _decoder_work_ahead() -> int:
    """Count pixels times steps of the images that are still to be finished."""
    rows = Decoding.objects.filter(id__in=_subjects(RUN_DECODER)).values_list(
        "candidate__generation__width_px", "candidate__generation__height_px", "steps"
    )
    return sum(width_px * height_px * steps for width_px, height_px, steps in rows)


def _subjects(work: str) -> list[UUID]:
    jobs = Job.objects.unfinished().filter(work=work).order_by("id")
    return [
        UUID(each) for each in jobs.values_list("subject_id", flat=True)[:MOST_AHEAD]
    ]


def _count(served: Iterable[set[str]], queue: str) -> int:
    """Count the workers that serve a queue; one is expected where none does."""
    return max(1, sum(queue in queues for queues in served))
