import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from brandgen.engine.fake import FakeEngine
from brandgen.generation.models import Decoding, Generation, SamplingPreview
from brandgen.generation.runner import run_decoder, run_prior
from brandgen.generation.services import request_decodings
from brandgen.jobs.models import Job
from brandgen.library.models import Asset
from brandgen.presets.models import PresetVersion
from tests.factories import (
    NOW,
    current_kit,
    make_brand,
    make_candidate,
    make_generation,
    make_lease,
    make_preset_version,
    make_reviewer,
    make_user,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def mara(client: Client) -> Client:
    client.force_login(make_user())
    return client


def url(name: str, *args: Any) -> str:
    return reverse(f"generation:{name}", args=["northwind", *args])


def finish(generation: Generation) -> None:
    run_prior(make_lease(generation), engine=FakeEngine())
    decodings = request_decodings(
        generation=generation,
        requested_by=generation.requested_by,
        at=NOW,
        positions=[0],
    )
    Job.objects.all().delete()
    run_decoder(make_lease(decodings[0]), engine=FakeEngine())
    Job.objects.update(state=Job.State.DONE)


class TestPicker:
    def test_shows_what_a_preset_has_made(self, mara: Client) -> None:
        version = make_preset_version(name="Hero")
        finish(make_generation(seeds=[7], preset_version=version))

        page = mara.get(url("picker")).content.decode()

        assert "Hero" in page
        assert "1 image" in page
        assert "/thumb/small" in page

    def test_leaves_drafts_out(self, mara: Client) -> None:
        make_preset_version(name="Not yet", published_at=None)

        assert "Not yet" not in mara.get(url("picker")).content.decode()

    def test_asks_no_more_of_the_database_for_more_presets(
        self, mara: Client, django_assert_max_num_queries: Any
    ) -> None:
        for _ in range(6):
            make_preset_version()

        with django_assert_max_num_queries(30):
            mara.get(url("picker"))


class TestNew:
    def post(self, client: Client, version: PresetVersion, **fields: Any) -> Any:
        data = {
            "v_subject": "teal waves",
            "v_ground": "Sand",
            "size": "256x256",
            "count": "2",
        }
        return client.post(url("new", version.preset_id), data | fields)

    def test_queues_a_contact_sheet(self, mara: Client) -> None:
        answer = self.post(mara, make_preset_version(), seed="41")

        generation = Generation.objects.get()
        assert answer["Location"] == url("sheet", generation.id)
        assert generation.seeds == [41, 42]

    @pytest.mark.parametrize(
        ("fields", "message"),
        [
            ({"v_subject": ""}, "Subject is empty. Fill it in."),
            ({"v_subject": "x" * 10_000}, "Subject has 10,000 characters"),
            ({"v_ground": "Mauve"}, "which the palette does not have"),
            ({"count": "99"}, "You asked for 99 images"),
            ({"count": "lots"}, "whole number from 1 to 24"),
            ({"size": "1x1"}, "multiple of 128 px"),
            ({"seed": "-4"}, "greater than or equal to 0"),
            ({"v_subject": "a ch3ap mug"}, "does not allow “cheap”"),
        ],
    )
    def test_says_what_is_wrong_and_keeps_the_form(
        self, mara: Client, fields: dict[str, str], message: str
    ) -> None:
        current_kit(make_brand()).banned_terms.create(term="cheap")

        answer = self.post(mara, make_preset_version(), **fields)

        page = answer.content.decode()
        assert answer.status_code == 200
        assert message in page
        for name in fields.keys() - {"size"}:
            assert fields[name] in page
        assert not Generation.objects.exists()

    def test_survives_an_empty_form(self, mara: Client) -> None:
        version = make_preset_version()

        answer = mara.post(url("new", version.preset_id), {})

        assert answer.status_code == 200
        assert "This field is required" in answer.content.decode()

    def test_shows_template_code_in_a_value_as_text(self, mara: Client) -> None:
        self.post(mara, make_preset_version(), v_subject="{{ 7 * 7 }}")

        assert Generation.objects.get().prompt.startswith("{{ 7 * 7 }}")

    def test_escapes_markup_in_a_value(self, mara: Client) -> None:
        answer = self.post(
            mara, make_preset_version(), v_subject="<script>alert(1)</script>", show="1"
        )

        page = answer.content.decode()
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page

    def test_is_closed_to_reviewers(self, client: Client) -> None:
        client.force_login(make_reviewer())

        answer = self.post(client, make_preset_version())

        assert answer.status_code == 403
        assert not Generation.objects.exists()


class TestPrompt:
    def test_marks_the_words_of_the_marketer(self, mara: Client) -> None:
        version = make_preset_version()

        answer = mara.post(
            url("prompt", version.preset_id),
            {
                "v_subject": "waves",
                "v_ground": "Sand",
                "size": "256x256",
                "count": "2",
            },
        )

        page = answer.content.decode()
        assert "<mark>waves</mark> on a <mark>cream</mark> background" in page
        assert "tokens" in page

    def test_strikes_out_what_the_model_never_sees(self, mara: Client) -> None:
        version = make_preset_version(prompt_template="{{ subject }}" + " blue" * 80)

        page = mara.post(url("prompt", version.preset_id), {"v_subject": "waves"})

        assert "<del>" in page.content.decode()


class TestSheet:
    def test_shows_every_stage(self, mara: Client) -> None:
        generation = make_generation(seeds=[7, 8, 9])
        finish(Generation.objects.get(id=make_generation(seeds=[1]).id))
        make_candidate(generation=generation)
        Job.objects.create(
            work="brandgen.generation.runner.run_prior",
            queue="prior",
            subject_id=str(generation.id),
            title="x",
            state=Job.State.RUNNING,
            not_before=NOW,
            created_at=NOW,
            changed_at=NOW,
        )
        SamplingPreview.objects.create(
            generation=generation, position=1, step=2, steps=4, picture=b"x"
        )

        page = mara.get(url("sheet", generation.id)).content.decode()

        assert 'class="cell sketched" id="cell-0"' in page
        assert 'class="cell sketching" id="cell-1"' in page
        assert 'class="cell waiting" id="cell-2"' in page
        assert "1 of 3 sketched" in page
        assert "data-running" in page

    def test_offers_more_like_a_finished_image(self, mara: Client) -> None:
        generation = make_generation(seeds=[7])
        finish(generation)

        page = mara.get(url("cells", generation.id)).content.decode()
        mara.post(url("vary", generation.id, 0), {"count": "2"})

        assert "More like this" in page
        assert "data-running" not in page
        assert Decoding.objects.count() == 3

    def test_leads_to_review_with_what_is_finished(self, mara: Client) -> None:
        generation = make_generation(seeds=[7])
        finish(generation)
        image = Asset.objects.get()

        page = mara.get(url("cells", generation.id)).content.decode()
        Asset.objects.update(state=Asset.State.IN_REVIEW)
        later = mara.get(url("cells", generation.id)).content.decode()

        assert "Send 1 to review" in page
        assert f"/review/submit?asset={image.id}" in page
        assert "to review</a>" not in later

    def test_remembers_ticks_and_finishes_them(self, mara: Client) -> None:
        generation = make_generation(seeds=[7, 8])
        run_prior(make_lease(generation), engine=FakeEngine())

        mara.post(url("pick", generation.id, 1), {"pick": ["0", "1"]})
        page = mara.get(url("sheet", generation.id)).content.decode()
        mara.post(url("finish", generation.id), {"pick": ["1"]})

        assert re.findall(r'name="pick" value="(\d)"[^>]* checked', page) == ["1"]
        assert Decoding.objects.get().candidate.position == 1

    def test_unticks(self, mara: Client) -> None:
        candidate = make_candidate(is_picked=True)

        mara.post(url("pick", candidate.generation_id, 0), {"pick": ["1"]})

        candidate.refresh_from_db()
        assert not candidate.is_picked

    def test_says_that_nothing_is_picked(self, mara: Client) -> None:
        generation = make_candidate().generation

        answer = mara.post(url("finish", generation.id), {}, follow=True)

        assert "Nothing is picked" in answer.content.decode()

    def test_stops_and_goes_on(self, mara: Client) -> None:
        version = make_preset_version()
        TestNew().post(mara, version)
        generation = Generation.objects.get()

        mara.post(url("cancel", generation.id))
        page = mara.get(url("sheet", generation.id)).content.decode()
        mara.post(url("resume", generation.id))

        assert "then it was stopped" in page
        assert Job.objects.filter(state=Job.State.WAITING).count() == 1

    def test_costs_the_database_the_same_for_many_images(
        self, mara: Client, django_assert_max_num_queries: Any
    ) -> None:
        generation = make_generation(seeds=list(range(12)))
        run_prior(make_lease(generation), engine=FakeEngine())

        with django_assert_max_num_queries(17):
            mara.get(url("cells", generation.id))

    def test_is_hidden_from_another_brand(self, mara: Client) -> None:
        other = make_generation(brand=make_brand(name="Contoso"))

        assert mara.get(url("sheet", other.id)).status_code == 404
        assert mara.get(url("preview", other.id, 0)).status_code == 404

    def test_lets_a_reviewer_look_but_not_touch(self, client: Client) -> None:
        generation = make_candidate().generation
        client.force_login(make_reviewer())

        page = client.get(url("sheet", generation.id)).content.decode()

        assert "Finish" not in page
        assert client.post(url("finish", generation.id)).status_code == 403


class TestPreview:
    def test_serves_a_kept_sketch_for_ever(self, mara: Client) -> None:
        generation = make_generation(seeds=[7])
        run_prior(make_lease(generation), engine=FakeEngine())

        answer = mara.get(url("preview", generation.id, 0))

        assert answer["Content-Type"] == "image/webp"
        assert "immutable" in answer["Cache-Control"]
        assert answer["X-Content-Type-Options"] == "nosniff"

    def test_serves_a_sketch_in_the_making_afresh(self, mara: Client) -> None:
        generation = make_generation(seeds=[7])
        SamplingPreview.objects.create(
            generation=generation, position=0, step=1, steps=4, picture=b"RIFF1234WEBP"
        )

        answer = mara.get(url("preview", generation.id, 0))

        assert answer["Cache-Control"] == "no-store"
        assert answer.content == b"RIFF1234WEBP"


class TestHistory:
    def test_walks_back_and_forth_by_key(self, mara: Client) -> None:
        version = make_preset_version()
        for _ in range(30):
            make_generation(preset_version=version, seeds=[1])

        first = mara.get(url("history")).content.decode()
        older = first.split('rel="next" href="')[1].split('"')[0]
        second = mara.get(url("history") + older.replace("&amp;", "&"))

        text = second.content.decode()
        assert first.count("/create/sheets/") - text.count("/create/sheets/") >= 18
        assert 'rel="prev"' in text
        assert 'rel="next"' not in text

    def test_takes_a_broken_key_for_none(self, mara: Client) -> None:
        assert mara.get(url("history") + "?after=x_y").status_code == 200
