from typing import Any

import pytest

from brandgen.audit.models import Entry
from brandgen.engine.errors import InvalidRequestError
from brandgen.generation.models import RUN_DECODER, RUN_PRIOR, Decoding, Generation
from brandgen.generation.services import (
    MOST_SEEDS,
    NothingPickedError,
    PromptTooLongError,
    SeedsError,
    UnpublishedPresetError,
    cancel_generation,
    pick_candidate,
    request_decodings,
    request_generation,
    request_variations,
    resume_generation,
)
from brandgen.jobs.models import Job
from brandgen.jobs.services import TooManyJobsError
from brandgen.presets.engine_settings import EngineSettingsError
from brandgen.presets.services import BannedTermError, archive_preset
from brandgen.presets.variables import ValueErrors
from tests.factories import (
    NOW,
    current_kit,
    make_asset,
    make_brand,
    make_candidate,
    make_generation,
    make_manager,
    make_preset_version,
    make_user,
)

pytestmark = pytest.mark.django_db


def ask(**changes: Any) -> Generation:
    values = {"subject": "teal waves", "ground": "Sand"} | changes.pop("values", {})
    fields: dict[str, Any] = {
        "preset": changes.pop("preset", None) or make_preset_version(),
        "values": values,
        "seeds": [7, 8, 9],
        "requested_by": make_user(),
        "at": NOW,
    }
    return request_generation(**(fields | changes))


class TestRequestGeneration:
    def test_copies_everything_that_made_the_prompt(self) -> None:
        preset = make_preset_version(engine_settings={"prior_steps": 12})

        generation = ask(preset=preset, size_px=(512, 256))

        assert generation.prompt == "teal waves on a cream background"
        assert generation.negative_prompt == "text, watermark"
        assert generation.values == {"subject": "teal waves", "ground": "Sand"}
        assert (generation.width_px, generation.height_px) == (512, 256)
        assert generation.prior_steps == 12
        assert generation.brand_kit == current_kit(make_brand())

    def test_queues_its_contact_sheet_and_tells_the_audit_trail(self) -> None:
        generation = ask()

        job = Job.objects.get()
        assert (job.queue, job.work) == ("prior", RUN_PRIOR)
        assert job.subject_id == str(generation.id)
        assert Entry.objects.get().action == "generation.requested"

    @pytest.mark.parametrize(
        ("changes", "error", "message"),
        [
            ({"seeds": []}, SeedsError, "0 images"),
            ({"seeds": range(MOST_SEEDS + 1)}, SeedsError, "25 images"),
            ({"seeds": [3, 3]}, SeedsError, "same seed"),
            ({"seeds": [-1]}, InvalidRequestError, "seed is -1"),
            ({"size_px": (500, 512)}, EngineSettingsError, "multiple of 128"),
            ({"values": {"ground": "Mauve"}}, ValueErrors, "Mauve"),
            ({"values": {"subject": "x" * 10_000}}, ValueErrors, "10,000 characters"),
            ({"values": {"subject": "f r e e"}}, BannedTermError, "“free”"),
        ],
    )
    def test_refuses_and_writes_nothing(
        self, changes: dict[str, Any], error: type[Exception], message: str
    ) -> None:
        current_kit(make_brand()).banned_terms.create(term="free")

        with pytest.raises(error, match=message):
            ask(**changes)

        assert not Generation.objects.exists()
        assert not Job.objects.exists()

    def test_names_the_words_that_the_model_would_never_see(self) -> None:
        preset = make_preset_version(prompt_template="{{ subject }}" + " blue" * 80)

        with pytest.raises(PromptTooLongError, match=r"never see “(blue ?)+"):
            ask(preset=preset, values={"ground": ""})

    def test_keeps_template_code_in_a_value_as_text(self) -> None:
        generation = ask(values={"subject": "{{ 7 * 7 }}"})

        assert generation.prompt == "{{ 7 * 7 }} on a cream background"

    def test_refuses_a_draft(self) -> None:
        with pytest.raises(UnpublishedPresetError, match="is a draft"):
            ask(preset=make_preset_version(published_at=None))

    def test_refuses_an_archived_preset(self) -> None:
        version = make_preset_version()
        archive_preset(preset=version.preset, by=make_manager(), at=NOW)

        with pytest.raises(UnpublishedPresetError, match="was archived"):
            ask(preset=version)

    def test_writes_nothing_where_the_queue_is_full(self, settings: Any) -> None:
        settings.JOB_MAX_WAITING_PER_BRAND = 1
        ask()

        with pytest.raises(TooManyJobsError):
            ask()

        assert Generation.objects.count() == 1


class TestResumeGeneration:
    def test_queues_what_is_missing(self) -> None:
        generation = make_generation(seeds=[7, 8])
        make_candidate(generation=generation)

        assert resume_generation(
            generation=generation, requested_by=make_user(), at=NOW
        )
        assert Job.objects.get().work == RUN_PRIOR

    def test_does_nothing_for_a_whole_sheet(self) -> None:
        generation = make_candidate(generation=make_generation(seeds=[7])).generation

        assert not resume_generation(
            generation=generation, requested_by=make_user(), at=NOW
        )
        assert not Job.objects.exists()


class TestRequestDecodings:
    def test_finishes_the_picked_ones(self) -> None:
        generation = make_generation(seeds=[7, 8])
        make_candidate(generation=generation)
        picked = make_candidate(generation=generation)
        pick_candidate(candidate=picked, is_picked=True)

        decodings = request_decodings(
            generation=generation, requested_by=make_user(), at=NOW
        )

        assert [(d.candidate, d.seed) for d in decodings] == [(picked, 8)]
        assert Job.objects.get().work == RUN_DECODER

    def test_says_that_nothing_is_picked(self) -> None:
        with pytest.raises(NothingPickedError, match="Nothing is picked"):
            request_decodings(
                generation=make_candidate().generation, requested_by=make_user(), at=NOW
            )

    def test_does_not_decode_twice(self) -> None:
        candidate = make_candidate()
        asked = {"generation": candidate.generation, "requested_by": make_user()}
        request_decodings(**asked, at=NOW, positions=[0])
        request_decodings(**asked, at=NOW, positions=[0])

        assert Decoding.objects.count() == Job.objects.count() == 1

    def test_tries_a_failed_one_again_and_a_finished_one_never(self) -> None:
        candidate = make_candidate()
        asked = {"generation": candidate.generation, "requested_by": make_user()}
        request_decodings(**asked, at=NOW, positions=[0])
        Job.objects.update(state=Job.State.FAILED)

        request_decodings(**asked, at=NOW, positions=[0])
        assert Job.objects.count() == 2
        Job.objects.update(state=Job.State.DONE)
        Decoding.objects.update(asset=make_asset(), model_identity={})
        request_decodings(**asked, at=NOW, positions=[0])

        assert Job.objects.count() == 2


class TestRequestVariations:
    def test_uses_other_decoder_seeds_each_time(self) -> None:
        candidate = make_candidate()
        asked: dict[str, Any] = {"candidate": candidate, "requested_by": make_user()}
        request_decodings(
            generation=candidate.generation,
            requested_by=make_user(),
            at=NOW,
            positions=[0],
        )

        request_variations(**asked, count=2, at=NOW)
        request_variations(**asked, count=1, at=NOW)

        assert sorted(d.seed for d in candidate.decodings.all()) == [7, 8, 9, 10]
        assert not Job.objects.filter(work=RUN_PRIOR).exists()

    def test_refuses_too_many(self) -> None:
        with pytest.raises(SeedsError, match="99 images"):
            request_variations(
                candidate=make_candidate(), count=99, requested_by=make_user(), at=NOW
            )


class TestCancelGeneration:
    def test_stops_what_waits_and_keeps_what_is_done(self) -> None:
        generation = ask(seeds=[7, 8])
        make_candidate(generation=generation)
        request_decodings(
            generation=generation, requested_by=make_user(), at=NOW, positions=[0]
        )

        stopped = cancel_generation(generation=generation, by=make_user(), at=NOW)

        assert stopped == 2
        assert {job.state for job in Job.objects.all()} == {Job.State.CANCELLED}
        assert generation.candidates.count() == 1

    def test_has_nothing_to_do_the_second_time(self) -> None:
        generation = ask()
        cancel_generation(generation=generation, by=make_user(), at=NOW)

        assert cancel_generation(generation=generation, by=make_user(), at=NOW) == 0
        assert Entry.objects.filter(action="generation.cancelled").count() == 1
