"""Says how long work will take, from how long the last took on this installation."""

from collections.abc import Iterable
from dataclasses import dataclass

from brandgen.generation.models import Candidate, Decoding

LOOK_BACK = 20


@dataclass(frozen=True)
class Estimate:
    """Seconds for one image, by stage; None before the first was ever made."""

    prior_s: float | None
    decoder_s: float | None

    def sheet_s(self, count: int) -> float | None:
        """Return the seconds for a contact sheet of so many."""
        return None if self.prior_s is None else self.prior_s * count

    def finish_s(self, count: int) -> float | None:
        """Return the seconds for finishing so many."""
        return None if self.decoder_s is None else self.decoder_s * count


def estimate(
    *, width_px: int, height_px: int, prior_steps: int, decoder_steps: int
) -> Estimate:
    """Scale what the last images took by their pixels and steps.

    Seconds are about proportional to both; queues ahead are not counted.
    """
    work = width_px * height_px
    priors = Candidate.objects.order_by("-id").values_list(
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
    return Estimate(
        _scale(priors[:LOOK_BACK], work * prior_steps),
        _scale(decoders[:LOOK_BACK], work * decoder_steps),
    )


def _scale(
    rows: Iterable[tuple[float | None, int, int, int]], work: int
) -> float | None:
    """Return the median of the seconds, each scaled to this much work."""
    scaled = sorted(
        seconds * work / (width_px * height_px * steps)
        for seconds, width_px, height_px, steps in rows
        if seconds is not None
    )
    return scaled[len(scaled) // 2] if scaled else None
