"""A contact sheet as a page shows it: a cell for each sketch and finished image."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from django.utils import timezone

from brandgen.generation import compare
from brandgen.generation.estimates import Estimate, estimate
from brandgen.generation.models import (
    Candidate,
    Decoding,
    Generation,
    SamplingPreview,
)
from brandgen.jobs.models import Job
from brandgen.library.models import Asset

CellState = Literal[
    "waiting", "sketching", "sketched", "finishing", "finished", "failed", "stopped"
]
MOST_COUNTED = 99
"""Seeds of a finish so near its sketch's are told as "the third one"."""
STATE_WORDS: dict[CellState, str] = {
    "waiting": "Waiting",
    "sketching": "Sketching",
    "sketched": "Sketched",
    "finishing": "Finishing",
    "finished": "Finished",
    "failed": "Failed",
    "stopped": "Stopped",
}


@dataclass(frozen=True)
class Cell:
    """One picture on the sheet, at whatever stage it is."""

    position: int
    seed: int
    state: CellState
    candidate: Candidate | None = None
    decoding: Decoding | None = None
    preview: SamplingPreview | None = None
    job: Job | None = None
    is_variation: bool = False

    @property
    def key(self) -> str:
        """Its name on the page."""
        if self.is_variation and self.decoding is not None:
            return f"cell-{self.decoding.id}"
        return f"cell-{self.position}"

    @property
    def version(self) -> str:
        """Changes whenever it looks different; ticks are not part of it."""
        step = self.preview.step if self.preview else ""
        return f"{self.state}-{step}-{self.percent}-{self.stage}"

    @property
    def words(self) -> str:
        """Its state for people."""
        return STATE_WORDS[self.state]

    @property
    def seed_words(self) -> str:
        """The seed, and which image of that sketch it is."""
        if self.is_variation and self.decoding and self.candidate:
            number = self.decoding.seed - self.candidate.seed + 1
            if not 0 < number <= MOST_COUNTED:
                number = self.decoding.seed
            return f"{self.candidate.seed} · {number}"
        return str(self.seed)

    @property
    def own_settings(self) -> str:
        """How it was finished, where not as the sheet says; else empty."""
        if self.decoding is None or self.candidate is None:
            return ""
        usual = self.candidate.generation
        words = []
        if self.decoding.steps != usual.decoder_steps:
            words.append(f"{self.decoding.steps} steps")
        if self.decoding.guidance_scale != usual.decoder_guidance_scale:
            words.append(f"guidance {self.decoding.guidance_scale:g}")
        return ", ".join(words)

    @property
    def asset(self) -> Asset | None:
        """The finished image."""
        return self.decoding.asset if self.decoding else None

    @property
    def percent(self) -> int:
        """How far the stage that it is in has come."""
        if self.state in {"sketched", "finished"}:
            return 100
        if self.state == "sketching" and self.preview:
            return 100 * self.preview.step // max(1, self.preview.steps)
        if self.state == "finishing" and self.job:
            return self.job.percent
        return 0

    @property
    def stage(self) -> str:
        """The stage at work: C, B, A or none."""
        if self.state == "sketching":
            return "C"
        if self.state == "finishing":
            return (self.job.stage if self.job else "") or "B"
        return ""

    @property
    def stages(self) -> list[tuple[str, str]]:
        """Each stage's letter with done, now or nothing."""
        order = "CBA"
        if self.state == "finished":
            done = 3
        elif self.stage:
            done = order.index(self.stage)
        else:
            done = 1 if self.candidate else 0
        return [
            (letter, "done" if n < done else "now" if letter == self.stage else "")
            for n, letter in enumerate(order)
        ]

    @property
    def error(self) -> str:
        """Why it failed, for people."""
        return self.job.error if self.job and self.state == "failed" else ""


class Sheet:
    """The contact sheet of one generation, read in a handful of questions."""

    def __init__(self, generation: Generation) -> None:
        self.generation = generation
        self.candidates = {
            candidate.position: candidate
            for candidate in generation.candidates.prefetch_related("decodings__asset")
        }
        self.previews = {
            preview.position: preview
            for preview in generation.sampling_previews.defer("picture")
        }
        self.prior_job = generation.find_prior_job()
        self.decoder_jobs = generation.decoder_jobs()

    @cached_property
    def cells(self) -> list[Cell]:
        """Every cell, variations behind what they vary."""
        cells: list[Cell] = []
        for position in range(len(self.generation.seeds)):
            cells += self._cells_at(position)
        return cells

    def _cells_at(self, position: int) -> list[Cell]:
        candidate = self.candidates.get(position)
        if candidate is None:
            return [self._open_cell(position)]
        first, others = None, []
        usual = self.generation
        settings = (usual.decoder_steps, usual.decoder_guidance_scale)
        for decoding in sorted(candidate.decodings.all(), key=lambda each: each.seed):
            is_usual = (decoding.steps, decoding.guidance_scale) == settings
            if decoding.seed == candidate.seed and is_usual:
                first = decoding
            else:
                others.append(decoding)
        cells = [self._kept_cell(candidate, first)]
        return cells + [
            self._kept_cell(candidate, other, is_variation=True) for other in others
        ]

    def _open_cell(self, position: int) -> Cell:
        preview = self.previews.get(position)
        state: CellState = "waiting"
        job = self.prior_job
        if job is None or job.state == Job.State.CANCELLED:
            state = "stopped"
        elif job.state == Job.State.FAILED:
            state = "failed"
        elif job.state == Job.State.RUNNING and position == self._position_at_work:
            state = "sketching"
        return Cell(
            position,
            self.generation.seeds[position],
            state,
            preview=preview if state == "sketching" else None,
            job=job,
        )

    @cached_property
    def _position_at_work(self) -> int:
        places = range(len(self.generation.seeds))
        return next((place for place in places if place not in self.candidates), -1)

    def _kept_cell(
        self,
        candidate: Candidate,
        decoding: Decoding | None,
        *,
        is_variation: bool = False,
    ) -> Cell:
        job = self.decoder_jobs.get(str(decoding.id)) if decoding else None
        state: CellState = "sketched"
        if decoding is not None and decoding.asset_id:
            state = "finished"
        elif job is not None and not job.is_finished:
            state = "finishing"
        elif job is not None and job.state == Job.State.FAILED:
            state = "failed"
        elif is_variation:
            state = "stopped"
        return Cell(
            candidate.position,
            candidate.seed,
            state,
            candidate=candidate,
            decoding=decoding,
            job=job,
            is_variation=is_variation,
        )

    @property
    def running_jobs(self) -> list[Job]:
        """What is queued or running for this sheet."""
        jobs = [*self.decoder_jobs.values(), *([self.prior_job] * bool(self.prior_job))]
        return [job for job in jobs if job and not job.is_finished]

    @property
    def is_running(self) -> bool:
        """Whether the page will change by itself."""
        return bool(self.running_jobs)

    @property
    def is_sketching(self) -> bool:
        """Whether sketches are still to come."""
        return self.prior_job is not None and not self.prior_job.is_finished

    @property
    def missing_count(self) -> int:
        """How many sketches are not there."""
        return len(self.generation.seeds) - len(self.candidates)

    @property
    def finished_count(self) -> int:
        """How many images are whole."""
        return sum(cell.state == "finished" for cell in self.cells)

    @property
    def submittable(self) -> list[Asset]:
        """The finished images that may be sent to review, each once."""
        finished = {cell.asset.id: cell.asset for cell in self.cells if cell.asset}
        return [asset for asset in finished.values() if asset.is_submittable]

    @property
    def comparable(self) -> list[Asset]:
        """The first finished images that fit side by side, where there are two."""
        found = list(dict.fromkeys(cell.asset for cell in self.cells if cell.asset))
        return found[: compare.MOST] if len(found) >= compare.FEWEST else []

    @property
    def pickable(self) -> list[Cell]:
        """The sketches that can be finished."""
        return [
            cell
            for cell in self.cells
            if cell.candidate
            and not cell.is_variation
            and not cell.asset
            and cell.state != "finishing"
        ]

    @property
    def picked_count(self) -> int:
        """How many of them are ticked."""
        return sum(bool(c.candidate and c.candidate.is_picked) for c in self.pickable)

    @cached_property
    def estimate(self) -> Estimate:
        """How long an image takes here."""
        generation = self.generation
        return estimate(
            width_px=generation.width_px,
            height_px=generation.height_px,
            prior_steps=generation.prior_steps,
            decoder_steps=generation.decoder_steps,
            at=timezone.now(),
        )

    @property
    def finish_picked_s(self) -> float | None:
        """How long finishing what is ticked will take."""
        return self.estimate.finish_s(self.picked_count)

    @property
    def model_identity(self) -> dict[str, Any]:
        """The model that sketched it; empty before the first sketch."""
        first = next(iter(self.candidates.values()), None)
        return first.model_identity if first else {}

    @property
    def words(self) -> str:
        """Where it stands, in a line."""
        total, done = len(self.generation.seeds), len(self.candidates)
        if self.prior_job and self.prior_job.state == Job.State.FAILED:
            return f"{done} of {total} sketched, then it failed"
        if self.missing_count and not self.is_sketching:
            return f"{done} of {total} sketched, then it was stopped"
        parts = [f"{done} of {total} sketched"]
        if self.finished_count:
            parts.append(f"{self.finished_count} finished")
        if self.pickable:
            parts.append("pick the ones worth finishing")
        return " · ".join(parts)
