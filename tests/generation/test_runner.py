import io
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from PIL import Image

from brandgen.engine.embeddings import read_embeddings, write_embeddings
from brandgen.engine.errors import DeviceMemoryError
from brandgen.engine.fake import EngineDiedError, FakeEngine
from brandgen.engine.protocol import PriorResult
from brandgen.generation import runner
from brandgen.generation.models import (
    RUN_DECODER,
    RUN_PRIOR,
    Candidate,
    Decoding,
    Generation,
    SamplingPreview,
)
from brandgen.generation.runner import run_decoder, run_prior
from brandgen.generation.sheet import Sheet
from brandgen.jobs.lease import (
    JobCancelledError,
    JobFailedError,
    Lease,
    LostLeaseError,
)
from brandgen.jobs.models import Job
from brandgen.jobs.worker import run_job
from brandgen.lib.storage import get_store
from brandgen.library.models import Asset
from brandgen.provenance.xmp import read_xmp
from tests.factories import make_candidate, make_decoding, make_generation, make_lease

pytestmark = pytest.mark.django_db


def sketch(generation: Generation) -> Candidate:
    run_prior(make_lease(generation), engine=FakeEngine())
    candidate = generation.candidates.first()
    assert candidate is not None
    return candidate


class TestRunPrior:
    def test_keeps_one_candidate_per_seed(self) -> None:
        generation = make_generation(seeds=[7, 8])

        run_prior(make_lease(generation), engine=FakeEngine())

        assert [c.seed for c in generation.candidates.all()] == [7, 8]

    def test_keeps_what_it_takes_to_decode_anywhere(self) -> None:
        candidate = sketch(make_generation(seeds=[7]))

        assert b"brandgen" in get_store().read(candidate.embeddings_sha256)
        preview = get_store().read(candidate.preview_sha256)
        assert Image.open(io.BytesIO(preview)).format == "WEBP"
        assert candidate.model_identity["license"]["name"] == "Apache-2.0"
        assert candidate.prior_s > 0

    def test_goes_on_where_a_killed_worker_stopped(self) -> None:
        generation = make_generation(seeds=[7, 8])
        with suppress(EngineDiedError):
            run_prior(make_lease(generation), engine=FakeEngine(dies_after=1))
        engine = FakeEngine()
        Job.objects.all().delete()

        run_prior(make_lease(generation), engine=engine)

        assert engine.seeds_seen == [8]
        assert generation.candidates.count() == 2

    def test_shows_the_picture_while_it_sharpens(self, monkeypatch: Any) -> None:
        monkeypatch.setattr(runner, "SHOW_EVERY_S", 0.0)
        generation = make_generation(seeds=[7, 8])
        with suppress(EngineDiedError):
            run_prior(make_lease(generation), engine=DyingEngine(at_step=3))

        preview = SamplingPreview.objects.get()

        assert (preview.position, preview.step, preview.steps) == (0, 2, 4)
        assert Image.open(io.BytesIO(preview.picture)).format == "WEBP"

    def test_clears_the_sampling_preview_once_kept(self, monkeypatch: Any) -> None:
        monkeypatch.setattr(runner, "SHOW_EVERY_S", 0.0)

        sketch(make_generation(seeds=[7]))

        assert not SamplingPreview.objects.exists()

    def test_keeps_what_is_done_when_cancelled(self) -> None:
        generation = make_generation(seeds=[7, 8])
        lease = make_lease(generation)
        engine = CancellingEngine(after=1)

        with pytest.raises(JobCancelledError):
            run_prior(lease, engine=engine)

        assert [c.seed for c in generation.candidates.all()] == [7]

    def test_writes_nothing_once_the_lease_is_lost(self) -> None:
        generation = make_generation(seeds=[7])
        lease = make_lease(generation)
        Job.objects.update(attempt=2)

        with pytest.raises(LostLeaseError):
            run_prior(lease, engine=FakeEngine())

        assert not generation.candidates.exists()

    def test_fails_for_good_where_the_engine_refuses(self) -> None:
        generation = make_generation(seeds=[7], prompt="a <|endoftext|> b")

        with pytest.raises(JobFailedError, match="control word"):
            run_prior(make_lease(generation), engine=FakeEngine())

    def test_queues_every_decoding_where_all_are_wanted(self) -> None:
        generation = make_generation(seeds=[7, 8], is_decoding_all=True)

        run_prior(make_lease(generation), engine=FakeEngine())

        assert Decoding.objects.count() == 2
        assert Job.objects.filter(work=RUN_DECODER).count() == 2

    def test_picks_instead_where_the_queue_is_full(self, settings: Any) -> None:
        settings.JOB_MAX_WAITING_PER_BRAND = 0
        generation = make_generation(seeds=[7], is_decoding_all=True)

        run_prior(make_lease(generation), engine=FakeEngine())

        assert generation.candidates.get().is_picked
        assert not Decoding.objects.exists()


class TestRunPriorInBatches:
    @pytest.fixture(autouse=True)
    def batches(self, settings: Any) -> None:
        settings.ENGINE_BATCH = 2

    def test_keeps_the_candidates_that_come_one_by_one(self, settings: Any) -> None:
        batched = make_generation(seeds=[7, 8, 9])
        run_prior(make_lease(batched), engine=FakeEngine())
        settings.ENGINE_BATCH = 1
        alone = make_generation(seeds=[7, 8, 9])
        run_prior(make_lease(alone), engine=FakeEngine())

        pairs = zip(batched.candidates.all(), alone.candidates.all(), strict=True)

        for one, other in pairs:
            assert (one.seed, one.position) == (other.seed, other.position)
            assert one.embeddings_sha256 == other.embeddings_sha256

    def test_records_which_seeds_were_drawn_together(self) -> None:
        generation = make_generation(seeds=[7, 8, 9])

        run_prior(make_lease(generation), engine=FakeEngine())

        kept = [
            c.model_identity.get("batch_seeds") for c in generation.candidates.all()
        ]
        assert kept == [[7, 8], [7, 8], None]

    def test_shows_each_picture_and_the_progress_of_all(self, monkeypatch: Any) -> None:
        monkeypatch.setattr(runner, "SHOW_EVERY_S", 0.0)
        generation = make_generation(seeds=[7, 8, 9])
        with suppress(EngineDiedError):
            run_prior(make_lease(generation), engine=DyingEngine(at_step=3))

        shown = SamplingPreview.objects.order_by("position")

        assert [(each.position, each.step) for each in shown] == [(0, 2), (1, 2)]
        job = Job.objects.get()
        assert job.message == "Sketching 1 to 2 of 3"
        assert job.steps == 12

    def test_loses_one_batch_to_a_killed_worker_and_doubles_nothing(self) -> None:
        generation = make_generation(seeds=[7, 8, 9, 10, 11])
        with suppress(EngineDiedError):
            run_prior(make_lease(generation), engine=FakeEngine(dies_after=1))
        Candidate.objects.filter(position=1).delete()  # killed between two rows
        engine = FakeEngine()
        Job.objects.all().delete()

        run_prior(make_lease(generation), engine=engine)

        assert engine.seeds_seen == [8, 9, 10, 11]
        assert [c.position for c in generation.candidates.all()] == [0, 1, 2, 3, 4]

    def test_stops_within_a_step_when_cancelled(self) -> None:
        generation = make_generation(seeds=[7, 8, 9, 10])

        with pytest.raises(JobCancelledError):
            run_prior(make_lease(generation), engine=CancellingEngine(after=2))

        assert [c.seed for c in generation.candidates.all()] == [7, 8]

    def test_falls_back_to_what_fits_and_says_why(
        self, settings: Any, caplog: Any
    ) -> None:
        settings.ENGINE_BATCH = 4
        generation = make_generation(seeds=[7, 8, 9, 10, 11])
        engine = SmallEngine(fits=1)

        run_prior(make_lease(generation), engine=engine)

        assert engine.batches == [4, 2, 1, 1, 1, 1, 1]
        assert generation.candidates.count() == 5
        assert "Sketching 2 at once after 4: 4 do not fit." in caplog.text

    def test_gives_up_where_not_even_one_fits(self) -> None:
        generation = make_generation(seeds=[7, 8])

        with pytest.raises(DeviceMemoryError, match="1 do not fit"):
            run_prior(make_lease(generation), engine=SmallEngine(fits=0))

    def test_goes_on_without_the_one_seed_that_has_no_picture(self) -> None:
        generation = make_generation(seeds=[7, 8, 9])

        with pytest.raises(JobFailedError):
            run_prior(make_lease(generation), engine=NanEngine(sketching=[8]))

        assert [c.seed for c in generation.candidates.all()] == [7, 9]

    def test_refuses_an_engine_that_loses_a_result(self) -> None:
        generation = make_generation(seeds=[7, 8])

        with pytest.raises(JobFailedError, match="1 results for 2 seeds"):
            run_prior(make_lease(generation), engine=ForgettingEngine())


class TestRunDecoder:
    def test_keeps_an_asset_with_all_that_was_known(self) -> None:
        decoding = make_decoding(candidate=sketch(make_generation(seeds=[7])))

        run_decoder(make_lease(decoding), engine=FakeEngine())

        decoding.refresh_from_db()
        asset = decoding.asset
        assert asset is not None
        assert asset.kind == Asset.Kind.GENERATED
        assert (asset.width_px, asset.height_px) == (256, 256)
        assert asset.license_name == "Apache-2.0"
        assert asset.is_commercial_use_allowed
        assert asset.prompt == "teal waves on a cream background"
        assert asset.digital_source_type == "trainedAlgorithmicMedia"
        assert decoding.decoder_s is not None
        assert decoding.model_identity is not None

    def test_writes_into_the_file_what_made_it_but_not_the_prompt(self) -> None:
        decoding = make_decoding(candidate=sketch(make_generation(seeds=[7])))

        run_decoder(make_lease(decoding), engine=FakeEngine())

        data = get_store().read(Asset.objects.get().sha256)
        found = read_xmp(data)
        assert found is not None
        assert found.source_type == "trainedAlgorithmicMedia"
        assert (found.ai_system, found.ai_system_version) == ("Fake engine", "1")
        assert found.ai_prompt.startswith("sha256:")
        assert b"teal waves" not in data

    def test_paints_what_the_prompt_says(self) -> None:
        decoding = make_decoding(candidate=sketch(make_generation(seeds=[7])))

        run_decoder(make_lease(decoding), engine=FakeEngine())

        decoding.refresh_from_db()
        assert decoding.asset is not None
        picture = Image.open(io.BytesIO(get_store().read(decoding.asset.sha256)))
        pixels = np.asarray(picture.convert("RGB")).reshape(-1, 3).astype(int)
        teal = np.abs(pixels - (0, 136, 138)).sum(axis=1).min()
        cream = np.abs(pixels - (250, 236, 210)).sum(axis=1).min()
        assert max(teal, cream) < 30

    def test_does_no_harm_when_run_twice(self) -> None:
        decoding = make_decoding(candidate=sketch(make_generation(seeds=[7])))
        run_decoder(make_lease(decoding), engine=FakeEngine())
        engine = FakeEngine()
        Job.objects.all().delete()

        run_decoder(make_lease(decoding), engine=engine)

        assert engine.decoder_seeds_seen == []
        assert Asset.objects.count() == 1

    def test_comes_to_the_same_asset_where_a_worker_died_before_the_last_row(
        self,
    ) -> None:
        decoding = make_decoding(candidate=sketch(make_generation(seeds=[7])))
        run_decoder(make_lease(decoding), engine=FakeEngine())
        asset = Asset.objects.get()
        Decoding.objects.update(asset=None)
        Job.objects.all().delete()

        run_decoder(make_lease(decoding), engine=FakeEngine())

        decoding.refresh_from_db()
        assert decoding.asset == asset

    def test_writes_nothing_once_the_lease_is_lost(self) -> None:
        decoding = make_decoding(candidate=sketch(make_generation(seeds=[7])))
        lease = make_lease(decoding)
        Job.objects.filter(id=lease.job_id).update(attempt=2)

        with pytest.raises(LostLeaseError):
            run_decoder(lease, engine=FakeEngine())

        assert not Asset.objects.exists()

    def test_fails_for_good_on_embeddings_of_another_model(self) -> None:
        decoding = make_decoding(candidate=make_candidate())

        with pytest.raises(JobFailedError, match="image embeddings"):
            run_decoder(make_lease(decoding), engine=FakeEngine())


class TestNoNumbers:
    """A picture of no numbers is black, and looks like one that was meant."""

    def test_never_become_a_sketch_and_the_other_seeds_go_on(self) -> None:
        generation = make_generation(seeds=[7, 8, 9])
        lease = make_lease(generation, work=RUN_PRIOR)
        stored = set(stored_files())

        run_to_its_end(lease, run_prior, NanEngine(sketching=[8]))

        job = Job.objects.get(id=lease.job_id)
        assert job.state == Job.State.FAILED
        assert job.error.startswith("Seed 8: The prior (Stage C) ended in values that")
        assert "Try another seed" in job.error
        assert [c.seed for c in generation.candidates.all()] == [7, 9]
        assert len(set(stored_files()) - stored) == 4  # embeddings and preview of two

    def test_never_become_an_image(self) -> None:
        generation = make_generation(seeds=[7])
        decoding = make_decoding(candidate=sketch(generation))
        lease = make_lease(decoding, work=RUN_DECODER)
        stored = set(stored_files())

        run_to_its_end(lease, run_decoder, NanEngine(finishing=[decoding.seed]))

        job = Job.objects.get(id=lease.job_id)
        assert job.state == Job.State.FAILED
        assert "The autoencoder (Stage A) ended in values that are" in job.error
        assert set(stored_files()) == stored
        assert not Asset.objects.exists()
        (cell,) = [cell for cell in Sheet(generation).cells if cell.decoding]
        assert (cell.state, cell.error) == ("failed", job.error)

    def test_are_named_on_the_page(self, client: Client) -> None:
        generation = make_generation(seeds=[7])
        lease = make_lease(generation, work=RUN_PRIOR)
        run_to_its_end(lease, run_prior, NanEngine(sketching=[7]))
        client.force_login(generation.requested_by)

        page = client.get(
            reverse("generation:sheet", args=[generation.brand.slug, generation.id])
        ).content.decode()

        assert "Seed 7: The prior (Stage C) ended in values that are" in page


def stored_files() -> list[str]:
    """List what the store holds."""
    root = Path(settings.STORAGE_URL.removeprefix("file://"))
    return [str(path) for path in root.rglob("*") if path.is_file()]


def run_to_its_end(lease: Lease, run: Any, engine: FakeEngine) -> None:
    """Run a job as a worker does, with this engine."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runner, "get_engine", lambda: engine)
        run_job(Job.objects.get(id=lease.job_id))


class NanEngine(FakeEngine):
    """Gives no numbers for some seeds, as a network that overflows does."""

    def __init__(
        self, *, sketching: Sequence[int] = (), finishing: Sequence[int] = ()
    ) -> None:
        super().__init__()
        self.sketching, self.finishing = sketching, finishing

    def run_prior_batch(self, requests: Any, *, on_step: Any = None) -> Any:
        results = super().run_prior_batch(requests, on_step=on_step)
        return [
            blacken(result) if request.seed in self.sketching else result
            for request, result in zip(requests, results, strict=True)
        ]

    def run_decoder(self, request: Any, *, on_step: Any = None) -> Any:
        pixels = super().run_decoder(request, on_step=on_step)
        return pixels * np.nan if request.seed in self.finishing else pixels


def blacken(result: PriorResult) -> PriorResult:
    found = read_embeddings(result.embeddings, family="fake")
    black = replace(found, image=np.full_like(found.image, np.nan))
    return replace(result, embeddings=write_embeddings(black))


class DyingEngine(FakeEngine):
    """Dies in the middle of its first run, after some steps."""

    def __init__(self, *, at_step: int) -> None:
        super().__init__()
        self.at_step = at_step

    def run_prior_batch(self, requests: Any, *, on_step: Any = None) -> Any:
        def step_then_die(step: Any) -> None:
            if step.index == self.at_step:
                raise EngineDiedError("Died.")
            if step.index == 2:
                pictures = (np.zeros((8, 8, 3), np.uint8),) * len(requests)
                step = type(step)("C", 2, step.of, pictures)
            on_step(step)

        return super().run_prior_batch(requests, on_step=step_then_die)


class CancellingEngine(FakeEngine):
    """Has a person cancel the job after some finished runs."""

    def __init__(self, *, after: int) -> None:
        super().__init__()
        self.after = after

    def run_prior_batch(self, requests: Any, *, on_step: Any = None) -> Any:
        if len(self.seeds_seen) == self.after:
            Job.objects.update(is_cancel_requested=True)
        return super().run_prior_batch(requests, on_step=on_step)


class SmallEngine(FakeEngine):
    """Has the memory for few pictures at once."""

    def __init__(self, *, fits: int) -> None:
        super().__init__()
        self.fits = fits
        self.batches: list[int] = []

    def run_prior_batch(self, requests: Any, *, on_step: Any = None) -> Any:
        self.batches.append(len(requests))
        if len(requests) > self.fits:
            raise DeviceMemoryError(f"{len(requests)} do not fit.")
        return super().run_prior_batch(requests, on_step=on_step)


class ForgettingEngine(FakeEngine):
    """Gives back one result too few."""

    def run_prior_batch(self, requests: Any, *, on_step: Any = None) -> Any:
        return super().run_prior_batch(requests, on_step=on_step)[:-1]
