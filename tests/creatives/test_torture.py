"""The torture test in the product: a job makes it, the version keeps it."""

import json
from dataclasses import asdict

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from brandgen.accounts.models import User
from brandgen.compositor.examples.northwind import SPRING
from brandgen.creatives.models import TemplateVersion, TortureTest
from brandgen.creatives.runner import run_torture
from brandgen.creatives.torture import (
    RUN_TORTURE,
    TemplateError,
    content_key,
    find_test,
    request_test,
)
from brandgen.jobs.lease import JobFailedError
from brandgen.jobs.models import Job
from brandgen.lib.finding_rules import explain
from brandgen.lib.findings import Finding, Verdict
from tests.creatives.pages import address
from tests.factories import (
    NOW,
    make_layout_kit,
    make_manager,
    make_template_version,
    make_torture_test,
    make_user,
    run_jobs,
)
from tests.jobs_for import hold_job

pytestmark = pytest.mark.django_db


def draft(**changes: object) -> TemplateVersion:
    """Make a draft of the spring template, which breaks with its longest texts."""
    document = json.loads(SPRING.read_bytes()) | changes
    return make_template_version(published_at=None, document=document)


def easy_slots() -> dict[str, object]:
    """Take limits that the spring template holds."""
    slots = json.loads(SPRING.read_bytes())["slots"]
    slots["subline"]["max_chars"] = slots["headline"]["max_chars"] = 55
    return slots


def enter(user: User | None = None) -> Client:
    client = Client()
    client.force_login(user or make_manager())
    return client


class TestRequestTest:
    def test_queues_one_job(self) -> None:
        make_layout_kit()
        version, bea = draft(), make_manager()

        first = request_test(version=version, by=bea, at=NOW)
        again = request_test(version=version, by=bea, at=NOW)

        assert first == again
        assert (first.queue, first.work) == ("render", RUN_TORTURE)

    def test_needs_no_job_where_the_result_is_there(self) -> None:
        make_layout_kit()
        version = draft()
        make_torture_test(version)

        assert request_test(version=version, by=make_manager(), at=NOW) is None
        assert not Job.objects.exists()

    def test_is_for_brand_managers(self) -> None:
        make_layout_kit()

        with pytest.raises(PermissionDenied):
            request_test(version=draft(), by=make_user(), at=NOW)

    def test_needs_a_brand_kit(self) -> None:
        with pytest.raises(TemplateError, match="no published brand kit"):
            request_test(version=draft(), by=make_manager(), at=NOW)


class TestRunTorture:
    def test_keeps_what_breaks_and_where(self) -> None:
        kit = make_layout_kit()
        version = draft()
        request_test(version=version, by=make_manager(), at=NOW)

        run_torture(hold_job(version))

        test = find_test(version, kit)
        assert test is not None
        assert (test.cell_count, test.fail_count) == (30, 1)
        (broken,) = [c for c in test.report["cells"] if c["verdict"] == "fail"]
        assert (broken["case"], broken["format"]) == ("longest", "story")
        assert set(broken["boxes"]) == {"copy"}
        assert [c["name"] for c in test.report["cases"] if c["lacks_font"]] == ["cjk"]

    def test_tells_how_far_it_is(self) -> None:
        make_layout_kit()
        version = draft()
        job = request_test(version=version, by=make_manager(), at=NOW)

        run_torture(hold_job(version))

        assert job is not None
        job.refresh_from_db()
        assert (job.step, job.steps) == (30, 30)

    def test_may_be_run_twice(self) -> None:
        make_layout_kit()
        version = draft()
        request_test(version=version, by=make_manager(), at=NOW)

        run_torture(hold_job(version))
        run_torture(hold_job(version))

        assert TortureTest.objects.count() == 1

    def test_is_no_result_of_what_was_saved_meanwhile(self) -> None:
        kit = make_layout_kit()
        version = draft()
        request_test(version=version, by=make_manager(), at=NOW)
        run_torture(hold_job(version))

        version.document = version.document | {"name": "Changed"}
        version.save()

        assert find_test(version, kit) is None

    def test_replaces_older_results(self) -> None:
        kit = make_layout_kit()
        version = draft()
        make_torture_test(version, content_key="0" * 64)
        request_test(version=version, by=make_manager(), at=NOW)

        run_torture(hold_job(version))

        (only,) = TortureTest.objects.all()
        assert only.content_key == content_key(version, kit)

    def test_says_why_it_can_not_be_tried(self) -> None:
        make_layout_kit()
        version = draft()
        request_test(version=version, by=make_manager(), at=NOW)
        version.document = {"schema": 99}
        version.save()

        with pytest.raises(JobFailedError, match="99 is unknown"):
            run_torture(hold_job(version))


class TestPage:
    def test_publishing_tries_first(self) -> None:
        make_layout_kit()
        version = draft(slots=easy_slots())
        client = enter()

        answer = client.post(address("publish", version.id))
        assert answer.url == address("torture", version.id)
        assert b"data-progress" in client.get(answer.url).content
        run_jobs()
        page = client.get(answer.url).content.decode()
        client.post(address("publish", version.id))

        assert "It holds" in page
        version.refresh_from_db()
        assert version.published_at is not None

    def test_shows_what_breaks_with_its_picture(self) -> None:
        make_layout_kit()
        version = draft()
        client = enter()
        client.post(address("torture", version.id))
        run_jobs()

        page = client.get(address("torture", version.id)).content.decode()
        picture = address("torture-cell", version.id, "longest", "story")

        assert "It breaks" in page
        assert picture in page
        assert 'class="mark"' in page
        assert "Give the stack more room" in page
        assert "/edit?format=story&amp;case=longest&amp;layer=copy" in page
        assert address("publish", version.id) not in page
        assert client.get(picture).content[:2] == b"\xff\xd8"

    def test_publishes_with_warnings_once_they_were_seen(self) -> None:
        make_layout_kit()
        version = draft()
        make_torture_test(version, warn_count=2)
        client = enter()

        first = client.post(address("publish", version.id))
        page = client.get(first.url).content.decode()
        client.post(address("publish", version.id), {"despite_warnings": "1"})

        assert "Publish with 2 warnings" in page
        version.refresh_from_db()
        assert version.published_at is not None

    def test_says_when_the_draft_was_changed(self) -> None:
        make_layout_kit()
        version = draft()
        make_torture_test(version, content_key="0" * 64)

        page = enter().get(address("torture", version.id)).content.decode()

        assert "changed since it was tried" in page

    def test_counts_as_holding_only_what_was_tried(self) -> None:
        make_layout_kit()
        version = draft()
        case = {"name": "cjk", "label": "", "says": "", "lacks_font": True}
        make_torture_test(version, report={"cases": [case], "cells": []})

        page = enter().get(address("torture", version.id)).content.decode()

        assert "18 hold, 3 left out." in page

    def test_asks_for_no_picture_of_what_can_not_be_drawn(self) -> None:
        make_layout_kit()
        version = draft()
        finding = Finding("drawing", "can't be drawn", "", Verdict.FAIL, "No font.")
        cell = {
            "case": "longest",
            "format": "story",
            "verdict": "fail",
            "findings": [asdict(finding)],
            "boxes": {},
        }
        case = {"name": "longest", "label": "", "says": "", "lacks_font": False}
        make_torture_test(
            version, fail_count=1, report={"cases": [case], "cells": [cell]}
        )

        page = enter().get(address("torture", version.id)).content.decode()

        assert "No font." in page
        assert "Can be drawn" in page
        assert explain("drawing") in page
        assert address("torture-cell", version.id, "longest", "story") not in page

    @pytest.mark.parametrize(
        ("case", "format_name"), [("nothing", "story"), ("longest", "nowhere")]
    )
    def test_draws_no_picture_that_is_not(self, case: str, format_name: str) -> None:
        make_layout_kit()
        url = address("torture-cell", draft().id, case, format_name)

        assert enter().get(url).status_code == 404

    def test_is_for_brand_managers(self) -> None:
        make_layout_kit()

        assert enter(make_user()).get(address("torture", draft().id)).status_code == 403
