from typing import Any

import pytest

from brandgen.generation.estimates import Estimate, estimate
from brandgen.generation.models import RUN_DECODER, RUN_PRIOR, Decoding
from brandgen.jobs.models import Job, Worker
from tests.factories import (
    NOW,
    make_candidate,
    make_decoding,
    make_generation,
    make_job,
)

pytestmark = pytest.mark.django_db

ASKED: dict[str, Any] = {
    "width_px": 256, "height_px": 256, "prior_steps": 4, "decoder_steps": 2, "at": NOW,
}  # fmt: skip


class TestEstimate:
    def test_knows_nothing_before_the_first_image(self) -> None:
        assert estimate(**ASKED) == Estimate(None, None)
        assert Estimate(None, None).sheet_s(12) is None

    def test_takes_the_middle_of_what_the_last_ones_took(self) -> None:
        generation = make_generation(seeds=[1, 2, 3])
        for seconds in (0.5, 0.6, 30.0):
            make_candidate(generation=generation, prior_s=seconds)

        assert estimate(**ASKED).sheet_s(2) == pytest.approx(1.2)

    def test_scales_with_pixels_and_steps(self) -> None:
        make_decoding(candidate=make_candidate(prior_s=1.0), decoder_s=3.0)

        result = estimate(**(ASKED | {"width_px": 512, "prior_steps": 8}))

        assert result.prior_s == pytest.approx(4.0)
        assert result.finish_s(2) == pytest.approx(12.0)
        assert Decoding.objects.count() == 1

    def test_counts_what_waits_before(self) -> None:
        make_decoding(candidate=make_candidate(prior_s=1.0), decoder_s=3.0)
        half_done = make_generation(seeds=[1, 2, 3])
        candidate = make_candidate(generation=half_done, prior_s=1.0)
        make_job(work=RUN_PRIOR, subject_id=str(half_done.id))
        waiting = make_decoding(candidate=candidate)
        make_job(work=RUN_DECODER, subject_id=str(waiting.id))

        result = estimate(**ASKED)

        assert result.prior_wait_s == pytest.approx(2.0)
        assert result.decoder_wait_s == pytest.approx(3.0)
        Job.objects.update(state=Job.State.DONE)
        assert estimate(**ASKED).prior_wait_s == 0

    def test_shares_what_waits_among_workers(self) -> None:
        make_candidate(prior_s=1.0)
        generation = make_generation(seeds=[1, 2])
        make_job(work=RUN_PRIOR, subject_id=str(generation.id))
        for name in ("a", "b"):
            Worker.objects.create(
                name=name,
                host="h",
                pid=1,
                queues=["prior"],
                started_at=NOW,
                seen_at=NOW,
            )

        assert estimate(**ASKED).prior_wait_s == pytest.approx(1.0)
