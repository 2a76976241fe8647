from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from brandgen.engine.fake import FakeEngine
from brandgen.generation.models import RUN_DECODER, Decoding, Generation
from brandgen.generation.refusals import release_refusal
from brandgen.generation.runner import run_prior
from brandgen.generation.services import (
    UnpublishedPresetError,
    request_decodings,
    request_generation,
)
from brandgen.generation.sheet import Sheet
from brandgen.jobs.models import Job
from brandgen.library.models import Asset
from brandgen.presets.services import archive_preset
from brandgen.safety.models import Refusal
from brandgen.safety.services import (
    PromptRefusedError,
    judge_refusal,
    set_policy,
)
from tests.factories import (
    NOW,
    make_brand,
    make_generation,
    make_lease,
    make_manager,
    make_preset_version,
    make_refusal,
    make_reviewer,
    make_user,
    run_jobs,
)
from tests.safety.filters import HERE

pytestmark = pytest.mark.django_db


@pytest.fixture
def prompt_filter(settings: Settings) -> None:
    settings.SAFETY_PROMPT_FILTER = f"{HERE}.refuse_weapons"


@pytest.fixture
def image_filter(settings: Settings) -> None:
    settings.SAFETY_IMAGE_FILTER = f"{HERE}.refuse_all"


def ask(subject: str) -> Generation:
    return request_generation(
        preset=make_preset_version(),
        values={"subject": subject, "ground": "Sand"},
        seeds=[7],
        size_px=(512, 256),
        requested_by=make_user(),
        at=NOW,
    )


def finish() -> tuple[Decoding, Job]:
    """Sketch and finish one picture, as a worker would."""
    generation = make_generation(seeds=[7])
    run_prior(make_lease(generation), engine=FakeEngine())
    Job.objects.all().delete()
    (decoding,) = request_decodings(
        generation=generation, requested_by=make_user(), at=NOW, positions=[0]
    )
    (job,) = run_jobs()
    decoding.refresh_from_db()
    return decoding, job


def call_a_mistake(refusal: Refusal) -> None:
    set_policy(brand=make_brand(), is_release_allowed=True, by=make_manager(), at=NOW)
    judge_refusal(
        refusal=refusal,
        judgement=Refusal.Judgement.WRONG,
        note="",
        by=make_reviewer(),
        at=NOW,
    )


class TestRequestGeneration:
    def test_queues_nothing_that_the_filter_refuses(self, prompt_filter: None) -> None:
        with pytest.raises(PromptRefusedError):
            ask("a dagger")

        assert not Generation.objects.exists()
        assert not Job.objects.exists()
        assert Refusal.objects.get().prompt == "a dagger on a cream background"

    def test_says_so_on_the_form_and_keeps_what_was_typed(
        self, prompt_filter: None, client: Client
    ) -> None:
        client.force_login(make_user())
        preset = make_preset_version().preset
        address = reverse("generation:new", args=["northwind", preset.id])

        page = client.post(
            address,
            {"v_subject": "a dagger", "v_ground": "Sand", "size": "512x512"}
            | {"count": "4"},
        ).content.decode()

        assert "Refused by the safety filter: It asks for a weapon." in page
        assert 'value="a dagger"' in page
        assert Refusal.objects.count() == 1


class TestRunDecoder:
    def test_never_keeps_a_refused_picture(self, image_filter: None) -> None:
        decoding, job = finish()

        assert decoding.asset is None
        assert not Asset.objects.exists()
        assert job.state == Job.State.FAILED
        assert job.attempt == 1

    def test_says_so_in_the_cell(self, image_filter: None) -> None:
        decoding, _ = finish()

        (cell,) = Sheet(decoding.candidate.generation).cells

        assert cell.error == (
            "Refused by the safety filter: Pictures are not made on Sundays."
        )

    def test_keeps_one_refusal_with_a_blurred_preview(self, image_filter: None) -> None:
        decoding, job = finish()
        Job.objects.filter(id=job.id).update(state=Job.State.WAITING, max_attempt=9)
        run_jobs()

        refusal = Refusal.objects.get()

        assert refusal.subject_id == str(decoding.id)
        assert refusal.kind == Refusal.Kind.IMAGE
        assert bytes(refusal.preview[8:12]) == b"WEBP"
        assert len(refusal.preview) < 4000

    def test_lets_pass_what_the_filter_lets_pass(self, settings: Settings) -> None:
        settings.SAFETY_IMAGE_FILTER = f"{HERE}.refuse_dark"

        decoding, _ = finish()

        assert decoding.asset is not None


class TestReleaseRefusal:
    def test_makes_a_refused_prompt_for_the_person_who_asked(
        self, prompt_filter: None
    ) -> None:
        with pytest.raises(PromptRefusedError):
            ask("a dagger")
        refusal = Refusal.objects.get()
        call_a_mistake(refusal)

        generation = release_refusal(refusal=refusal, by=make_reviewer(), at=NOW)

        assert generation.requested_by == make_user()
        assert generation.prompt == refusal.prompt
        assert generation.seeds == [7]
        assert (generation.width_px, generation.height_px) == (512, 256)
        assert Job.objects.get().subject_id == str(generation.id)

    def test_finishes_a_refused_picture(self, image_filter: None) -> None:
        decoding, _ = finish()
        refusal = Refusal.objects.get()
        call_a_mistake(refusal)

        release_refusal(refusal=refusal, by=make_reviewer(), at=NOW)
        run_jobs()

        decoding.refresh_from_db()
        assert decoding.asset is not None
        assert Refusal.objects.count() == 1

    def test_queues_the_picture_where_its_job_is_gone(self, image_filter: None) -> None:
        decoding, job = finish()
        job.delete()
        refusal = Refusal.objects.get()
        call_a_mistake(refusal)

        release_refusal(refusal=refusal, by=make_reviewer(), at=NOW)

        job = Job.objects.get(work=RUN_DECODER)
        assert job.subject_id == str(decoding.id)

    def test_releases_nothing_that_can_not_be_made_any_more(
        self, prompt_filter: None
    ) -> None:
        with pytest.raises(PromptRefusedError):
            ask("a dagger")
        refusal = Refusal.objects.get()
        call_a_mistake(refusal)
        version = make_preset_version().preset.versions.model.objects.get(
            id=refusal.request["preset_version"]
        )
        archive_preset(preset=version.preset, by=make_manager(), at=NOW)

        with pytest.raises(UnpublishedPresetError):
            release_refusal(refusal=refusal, by=make_reviewer(), at=NOW)

        refusal.refresh_from_db()
        assert not refusal.is_released


class TestSafetyPage:
    @pytest.fixture
    def ravi(self, client: Client) -> Client:
        client.force_login(make_reviewer())
        return client

    def url(self, name: str, *args: Any) -> str:
        return reverse(f"safety:{name}", args=["northwind", *args])

    def test_is_closed_to_those_who_do_not_decide(self, client: Client) -> None:
        client.force_login(make_user())

        assert client.get(self.url("refusals")).status_code == 403

    def test_shows_what_waits_for_an_answer_then_everything(self, ravi: Client) -> None:
        make_refusal(prompt="a dagger")
        make_refusal(prompt="a spoon", judgement="right")

        waiting = ravi.get(self.url("refusals")).content.decode()
        everything = ravi.get(self.url("refusals") + "?show=all").content.decode()

        assert "a dagger" in waiting
        assert "a spoon" not in waiting
        assert "a spoon" in everything

    def test_asks_few_questions_of_the_database_however_long_the_list(
        self, ravi: Client, django_assert_max_num_queries: Any
    ) -> None:
        for number in range(30):
            make_refusal(prompt=f"dagger {number}", judgement="wrong")

        with django_assert_max_num_queries(16):
            page = ravi.get(self.url("refusals") + "?show=all").content.decode()

        assert page.count("dagger ") >= 25
        assert 'rel="next"' in page

    def test_goes_on_where_the_page_before_ended(self, ravi: Client) -> None:
        for number in range(30):
            make_refusal(prompt=f"dagger {number:02}", refused_at=NOW)
        first = ravi.get(self.url("refusals"))

        second = ravi.get(f"{self.url('refusals')}?after={first.context['next']}")

        shown = {line.refusal.id for line in first.context["lines"]}
        more = {line.refusal.id for line in second.context["lines"]}
        assert len(shown | more) == 30

    def test_takes_an_answer_and_a_release(
        self, ravi: Client, prompt_filter: None
    ) -> None:
        with pytest.raises(PromptRefusedError):
            ask("a dagger")
        refusal = Refusal.objects.get()
        set_policy(
            brand=make_brand(), is_release_allowed=True, by=make_manager(), at=NOW
        )

        ravi.post(self.url("judge", refusal.id), {"judgement": "wrong", "note": "Art"})
        answer = ravi.post(self.url("release", refusal.id))

        refusal.refresh_from_db()
        assert refusal.note == "Art"
        assert refusal.is_released
        assert answer["Location"] == reverse(
            "generation:sheet", args=["northwind", Generation.objects.get().id]
        )

    def test_shows_only_a_blurred_preview(self, ravi: Client) -> None:
        refusal = make_refusal(kind="image", preview=b"RIFF....WEBP", subject_id="1")

        answer = ravi.get(self.url("preview", refusal.id))

        assert answer.headers["Content-Type"] == "image/webp"
        assert ravi.get(self.url("preview", make_refusal().id)).status_code == 404

    def test_stands_in_the_navigation_where_a_filter_is_configured(
        self, ravi: Client, settings: Settings
    ) -> None:
        make_refusal()
        before = ravi.get("/b/northwind/").content.decode()
        settings.SAFETY_PROMPT_FILTER = f"{HERE}.refuse_weapons"

        after = ravi.get("/b/northwind/").content.decode()

        assert "/b/northwind/safety/" not in before
        assert "/b/northwind/safety/" in after
