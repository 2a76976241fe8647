from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from brandgen.jobs.models import Job, Worker
from brandgen.model_registry.models import AddedModel, CommercialLicense, ModelState
from brandgen.model_registry.registry import get_entry
from brandgen.model_registry.services import request_fetch
from tests.factories import (
    NOW,
    make_admin,
    make_brand,
    make_commercial_license,
    make_manager,
    make_user,
    run_jobs,
)
from tests.hub_server import HubServer
from tests.model_registry.weights import (
    write_adapter,
    write_hub_repositories,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def ari(client: Client) -> Client:
    client.force_login(make_admin())
    return client


def url(name: str, *args: Any) -> str:
    return reverse(f"model_registry:{name}", args=args)


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


class TestModels:
    def test_shows_each_model_with_its_license_and_files(self, ari: Client) -> None:
        make_commercial_license()

        page = text(ari.get(url("list")))

        assert "The model in use is the demonstration model." in page
        assert "Stability AI Non-Commercial Research Community License" in page
        assert "No commercial use; derived weights allowed" in page
        assert "about 12 GB" in page
        assert "Not checked yet" in page
        # Large and lite alike: it lifts their license, not one set of weights.
        assert page.count('<span class="badge ok">Northwind</span>') == 2

    def test_says_so_where_the_model_in_use_is_unknown(
        self, ari: Client, settings: Settings
    ) -> None:
        settings.ENGINE_BUNDLE = Path("/models/other")

        page = text(ari.get(url("list")))

        assert "The model in use is not registered." in page
        assert "/models/other" in page

    def test_names_adapters_that_nobody_has_added(
        self, ari: Client, settings: Settings, tmp_path: Path
    ) -> None:
        settings.ENGINE_ADAPTERS_DIR = str(tmp_path)
        write_adapter(tmp_path / "glass.safetensors")

        page = text(ari.get(url("list")))

        assert "Adapters that nobody has added" in page
        assert f"?path={tmp_path}/glass.safetensors" in page

    def test_explains_a_list_that_can_not_be_read(
        self, ari: Client, settings: Settings
    ) -> None:
        settings.MODELS_FILE = "/nowhere/models.toml"

        assert "MODELS_FILE names /nowhere/models.toml" in text(ari.get(url("list")))
        assert ari.get(url("model", "stable-cascade")).status_code == 404

    def test_asks_few_questions_however_many_models(
        self, ari: Client, django_assert_max_num_queries: Any
    ) -> None:
        for number in range(30):
            AddedModel.objects.create(
                key=f"adapter-{number}",
                name=f"Adapter {number}",
                kind="adapter",
                family="stable-cascade",
                folder=f"/models/{number}.safetensors",
                license_name="CC BY-NC 4.0",
                license_purpose="non-commercial purposes",
                is_commercial_use_allowed=False,
                are_derivatives_allowed=True,
                added_at=NOW,
            )
            make_commercial_license(model_key=f"adapter-{number}", is_adapter=True)

        with django_assert_max_num_queries(14):
            page = text(ari.get(url("list")))

        assert page.count("Adapter for stable-cascade") == 30

    def test_is_closed_to_all_but_admins(self, client: Client) -> None:
        client.force_login(make_manager())

        for name, args in (("list", ()), ("add", ()), ("model", ["stable-cascade"])):
            assert client.get(url(name, *args)).status_code == 403


class TestModel:
    def test_shows_files_with_their_hashes(self, ari: Client) -> None:
        ari.post(url("check", "stable-cascade-miniature"))
        run_jobs()

        page = text(ari.get(url("model", "stable-cascade-miniature")))

        assert "Verified" in page
        assert "vqgan/diffusion_pytorch_model.safetensors" in page
        assert "This is the demonstration model." in page
        assert "<dt>Backdrops</dt><dd>plain, gradient," in page

    def test_says_who_uses_it(self, ari: Client, monkeypatch: Any) -> None:
        Worker.objects.create(
            name="gpu",
            host="gpu-1",
            pid=7,
            queues=["prior"],
            started_at=NOW,
            seen_at=NOW,
        )
        monkeypatch.setattr("brandgen.model_registry.views.db_now", lambda: NOW)

        page = text(ari.get(url("model", "stable-cascade-miniature")))

        assert "ENGINE_BUNDLE<br>worker gpu-1" in page

    def test_shows_a_fetch_at_work_and_how_to_stop_it(self, ari: Client) -> None:
        ari.post(url("fetch", "stable-cascade"))
        Job.objects.update(
            state=Job.State.RUNNING, step=3, steps=10, message="Fetching prior: 3 of 12"
        )

        page = text(ari.get(url("work", "stable-cascade")))

        assert "Fetching prior: 3 of 12" in page
        assert 'hx-trigger="every 2s"' in page
        assert reverse("jobs:cancel", args=[Job.objects.get().id]) in page

    def test_shows_why_a_fetch_failed(
        self, ari: Client, hub: HubServer, settings: Settings
    ) -> None:
        settings.MODELS_HUB_URL = hub.url
        hub.statuses = [403]
        ari.post(url("fetch", "stable-cascade"))
        run_jobs()

        page = text(ari.get(url("model", "stable-cascade")))

        assert "set MODELS_HUB_TOKEN" in page
        assert 'hx-trigger="every 2s"' not in page

    def test_offers_a_fetch_with_its_size_where_it_is_not_here(
        self, ari: Client
    ) -> None:
        assert "Fetch, about 12 GB" in text(ari.get(url("model", "stable-cascade")))
        assert "Fetch" not in text(ari.get(url("model", "stable-cascade-miniature")))

    def test_is_no_page_for_a_model_that_is_none(self, ari: Client) -> None:
        assert ari.get(url("model", "sdxl")).status_code == 404


class TestFetch:
    def test_brings_the_model_by_a_job_of_the_queue(
        self, ari: Client, hub: HubServer, settings: Settings
    ) -> None:
        settings.MODELS_HUB_URL = hub.url

        ari.post(url("fetch", "stable-cascade"))
        run_jobs()

        page = text(ari.get(url("model", "stable-cascade")))
        assert "Verified" in page
        assert "0123456789ab" in page
        assert "Fetch again" in page

    def test_stops_when_the_job_is_stopped(self, ari: Client) -> None:
        job = request_fetch(entry=get_entry("stable-cascade"), by=make_admin(), at=NOW)

        ari.post(reverse("jobs:cancel", args=[job.id]))

        assert run_jobs() == []
        assert not ModelState.objects.exists()


class TestLicense:
    FORM = {
        "holder": "Northwind Ltd",
        "reference": "SAI-2026-0815",
        "valid_until": "2999-12-31",
        "note": "Signed by legal",
    }

    def test_is_recorded_for_a_brand_and_shown(self, ari: Client) -> None:
        form = self.FORM | {"brand": make_brand().id}

        answer = ari.post(url("license", "stable-cascade"), form, follow=True)

        row = CommercialLicense.objects.get()
        assert row.brand == make_brand()
        assert "Recorded: what Stable Cascade makes for Northwind may leave." in text(
            answer
        )
        assert "SAI-2026-0815" in text(answer)

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            ({"brand": ""}, "This field is required."),
            ({"reference": ""}, "This field is required."),
            ({"valid_until": "2020-01-01"}, "has run out clears nothing"),
            ({"valid_until": "soon"}, "Enter a valid date."),
        ],
    )
    def test_says_beside_the_field_what_is_wrong(
        self, ari: Client, change: dict[str, str], said: str
    ) -> None:
        form = self.FORM | {"brand": make_brand().id} | change

        answer = ari.post(url("license", "stable-cascade"), form)

        assert answer.status_code == 422
        assert said in text(answer)
        assert not CommercialLicense.objects.exists()

    def test_is_not_asked_for_where_the_model_is_free(self, ari: Client) -> None:
        page = text(ari.get(url("license", "stable-cascade-miniature")))

        assert "No license is needed" in page

    def test_shows_what_is_valid_ran_out_and_was_withdrawn(self, ari: Client) -> None:
        make_commercial_license(reference="A-1")
        make_commercial_license(
            reference="B-2", valid_until=NOW.date() - timedelta(days=900)
        )
        row = make_commercial_license(reference="C-3")
        ari.post(url("withdraw", row.id), {"because": "Not renewed"})

        page = text(ari.get(url("model", "stable-cascade")))

        for words in ("Valid", "Ran out", "Withdrawn", "Not renewed"):
            assert words in page
        assert CommercialLicense.objects.count() == 3


class TestAdd:
    def test_takes_the_official_layout_and_has_it_checked(
        self, ari: Client, tmp_path: Path
    ) -> None:
        write_hub_repositories(tmp_path)
        form = {"path": str(tmp_path / "stabilityai"), "key": "research"}

        answer = ari.post(url("add"), form)
        (job,) = run_jobs()

        assert answer["Location"] == url("model", "research")
        assert (job.title, job.state) == ("Check Stable Cascade", Job.State.DONE)
        assert ModelState.objects.get().problem == ""

    @pytest.mark.parametrize(
        ("form", "said"),
        [
            ({"path": ""}, "This field is required."),
            ({"path": "/nowhere"}, "There is nothing at /nowhere"),
            ({"path": "glass"}, "says its license"),
            ({"path": "glass", "key": "No key"}, "Use a-z, 0-9 and - only."),
        ],
    )
    def test_says_what_it_lacks(
        self, ari: Client, tmp_path: Path, form: dict[str, str], said: str
    ) -> None:
        write_adapter(tmp_path / "glass.safetensors")
        if form["path"] == "glass":
            form = form | {"path": str(tmp_path / "glass.safetensors")}

        answer = ari.post(url("add"), form)

        assert answer.status_code == 422
        assert said in text(answer)
        assert not AddedModel.objects.exists()


class TestCreate:
    def test_says_that_the_demonstration_model_is_at_work(
        self, client: Client, settings: Settings
    ) -> None:
        client.force_login(make_user())
        address = reverse("generation:picker", args=["northwind"])

        before = text(client.get(address))
        settings.ENGINE_BUNDLE = settings.MODELS_DIR / "stable-cascade"

        assert "Pictures are made by the demonstration model." in before
        assert "demonstration model" not in text(client.get(address))
