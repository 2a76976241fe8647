from typing import Any

import pytest
from pytest_django import Settings

from brandgen.jobs.models import Job
from brandgen.jobs.services import request_cancel
from brandgen.model_registry import runner
from brandgen.model_registry.models import ModelState
from brandgen.model_registry.registry import get_entry
from brandgen.model_registry.services import request_check, request_fetch
from tests.factories import NOW, make_admin, make_job, run_jobs
from tests.hub_server import COMMIT, HubServer

pytestmark = pytest.mark.django_db


def ask_for_a_fetch() -> Job:
    return request_fetch(entry=get_entry("stable-cascade"), by=make_admin(), at=NOW)


class TestRunFetch:
    def test_brings_the_model_and_writes_down_its_commit(
        self, hub: HubServer, settings: Settings
    ) -> None:
        settings.MODELS_HUB_URL = hub.url
        ask_for_a_fetch()

        (job,) = run_jobs()

        state = ModelState.objects.get()
        assert (job.state, job.error) == (Job.State.DONE, "")
        assert state.revisions["stabilityai/stable-cascade"] == COMMIT
        assert len(state.sha256["stable-cascade-prior/prior/config.json"]) == 64
        assert state.checked_by == make_admin()
        assert get_entry("stable-cascade").is_here

    def test_stops_when_it_is_cancelled_and_goes_on_when_asked_again(
        self, hub: HubServer, settings: Settings, monkeypatch: Any
    ) -> None:
        settings.MODELS_HUB_URL = hub.url
        ask_for_a_fetch()
        report = runner.report_to

        def cancel_soon(lease: Any, stage: str) -> Any:
            tell = report(lease, stage)

            def on_progress(done: int, total: int, what: str) -> None:
                if done > 9000:
                    request_cancel(job=Job.objects.get(id=lease.job_id), at=NOW)
                    lease.renew()
                tell(done, total, what)

            return on_progress

        monkeypatch.setattr(runner, "report_to", cancel_soon)
        (stopped,) = run_jobs()
        monkeypatch.undo()
        settings.MODELS_HUB_URL = hub.url
        first = [path for path, _ in hub.requests if "/store/" in path]
        hub.requests.clear()
        ask_for_a_fetch()
        again = run_jobs()[-1]

        assert stopped.state == Job.State.CANCELLED
        assert again.state == Job.State.DONE
        # All but the last were whole when it was stopped.
        assert not set(first[:-1]) & {path for path, _ in hub.requests}
        assert ModelState.objects.get().problem == ""

    def test_fails_with_a_sentence_where_the_hub_refuses(
        self, hub: HubServer, settings: Settings
    ) -> None:
        settings.MODELS_HUB_URL = hub.url
        hub.statuses = [401]
        ask_for_a_fetch()

        (job,) = run_jobs()

        assert job.state == Job.State.FAILED
        assert "set MODELS_HUB_TOKEN" in job.error
        assert not ModelState.objects.exists()

    def test_fails_where_the_model_is_gone(self) -> None:
        make_job(work=runner.RUN_FETCH, subject_id="forgotten")

        (job,) = run_jobs()

        assert "There is no model 'forgotten'" in job.error


class TestRunCheck:
    def test_finds_whole_what_was_fetched(
        self, hub: HubServer, settings: Settings
    ) -> None:
        settings.MODELS_HUB_URL = hub.url
        ask_for_a_fetch()
        run_jobs()
        fetched = ModelState.objects.get().files

        entry = get_entry("stable-cascade")
        request_check(entry=entry, by=make_admin(), at=NOW)
        run_jobs()

        state = ModelState.objects.get()
        assert state.problem == ""
        assert state.files == fetched

    def test_writes_down_how_the_files_were_found(self) -> None:
        entry = get_entry("stable-cascade-miniature")
        request_check(entry=entry, by=make_admin(), at=NOW)

        (job,) = run_jobs()

        state = ModelState.objects.get()
        assert job.state == Job.State.DONE
        assert state.problem == ""
        assert state.size_bytes > 10**7

    def test_keeps_the_sound_hashes_when_the_files_are_gone(
        self, hub: HubServer, settings: Settings
    ) -> None:
        settings.MODELS_HUB_URL = hub.url
        ask_for_a_fetch()
        run_jobs()
        entry = get_entry("stable-cascade")
        before = ModelState.objects.get().files
        entry.folder.rename(entry.folder.with_name("moved"))

        request_check(entry=entry, by=make_admin(), at=NOW)
        run_jobs()

        state = ModelState.objects.get()
        assert "There is no folder" in state.problem
        assert state.files == before
