import re
from collections.abc import Callable
from typing import Any

import pytest

from brandgen.brands import services as brands
from brandgen.brands.models import ImageryRule
from brandgen.engine.fake import FakeEngine
from brandgen.generation.models import Decoding, Generation
from brandgen.generation.runner import run_decoder, run_prior
from brandgen.generation.services import request_decodings
from brandgen.jobs.lease import Lease
from brandgen.jobs.models import Job
from tests.brands.test_fonts import make_font
from tests.brands.test_logos import make_logo
from tests.browser.conftest import DEVICES, Visitor
from tests.factories import (
    NOW,
    make_brand,
    make_generation,
    make_kit,
    make_manager,
    make_preset_version,
    make_user,
)

Visit = Callable[..., Visitor]


def take(work: str) -> list[Lease]:
    """Claim every open job of a kind, as a worker would."""
    jobs = Job.objects.filter(work__endswith=work, state=Job.State.WAITING)
    leases = [Lease(job_id=j.id, attempt=1, subject_id=j.subject_id) for j in jobs]
    jobs.update(state=Job.State.RUNNING, attempt=1, lease_until=NOW.replace(year=2099))
    return leases


def work_off() -> None:
    """Run what waits, as a worker would."""
    for work, run in (("run_prior", run_prior), ("run_decoder", run_decoder)):
        for lease in take(work):
            run(lease, engine=FakeEngine())
            Job.objects.filter(id=lease.job_id).update(state=Job.State.DONE)


def fill_kit() -> None:
    who: dict[str, Any] = {"by": make_manager(), "at": NOW}
    make_kit(voice="Calm.")
    kit = brands.start_draft(brand=make_brand(), **who)
    brands.add_font(kit=kit, data=make_font(), license_name="OFL 1.1", **who)
    brands.add_logo(
        kit=kit,
        data=make_logo(),
        variant="primary",
        clear_space_percent=25,
        smallest_width_px=80,
        **who,
    )
    for is_do in (True, False):
        brands.keep_part(kit=kit, part=ImageryRule(is_do=is_do, text="Light"), **who)
    brands.ban_terms(kit=kit, terms=["cheap"], **who)


def fill_sheet() -> Generation:
    generation = make_generation(
        seeds=[7, 8, 9], preset_version=make_preset_version(name="Hero")
    )
    asked: dict[str, Any] = {"requested_by": generation.requested_by, "at": NOW}
    Job.objects.create(
        work="brandgen.generation.runner.run_prior",
        queue="prior",
        subject_id=str(generation.id),
        title="Sheet",
        brand=generation.brand,
        not_before=NOW,
        created_at=NOW,
        changed_at=NOW,
    )
    work_off()
    request_decodings(generation=generation, positions=[0], **asked)
    work_off()
    return generation


class TestPages:
    @pytest.mark.parametrize("device", DEVICES)
    def test_are_accessible_and_fit(self, visit: Visit, device: str) -> None:
        fill_kit()
        generation = fill_sheet()
        preset_id = generation.preset_version.preset_id
        root = "/b/northwind/"
        pages = [
            "create/",
            f"create/preset/{preset_id}/",
            f"create/sheets/{generation.id}/",
            "create/sheets/",
            "presets/",
            "presets/new",
            f"presets/{preset_id}/",
            "kit/",
            "kit/draft/",
            "kit/draft/color/new",
            "kit/draft/font/new",
        ]

        visitor = visit(make_manager(), **DEVICES[device])

        assert visitor.find_faults_of(root + path for path in pages) == []


class TestCreate:
    def test_goes_from_a_form_to_finished_images(self, visit: Visit) -> None:
        version = make_preset_version()
        page = visit(make_user()).open(
            f"/b/northwind/create/preset/{version.preset_id}/"
        )

        page.fill("[name=v_subject]", "teal waves")
        page.wait_for_selector("#prompt mark:has-text('teal waves')")
        page.click("button:has-text('Generate contact sheet')")
        page.wait_for_selector(".cell.waiting")
        work_off()
        page.wait_for_selector("#cell-3.sketched")
        page.keyboard.press("2")
        page.wait_for_selector("button:has-text('Finish 1 image')")
        page.wait_for_load_state("networkidle")
        page.reload()
        assert page.is_checked("input[name=pick][value='1']")
        page.keyboard.press("f")
        page.wait_for_selector(".cell.finishing")
        work_off()
        page.wait_for_selector(".cell.finished")

        decoding = Decoding.objects.get()
        assert decoding.candidate.position == 1
        assert decoding.asset is not None

    def test_works_without_a_script(self, visit: Visit) -> None:
        version = make_preset_version()
        page = visit(make_user(), java_script_enabled=False).open(
            f"/b/northwind/create/preset/{version.preset_id}/"
        )

        page.fill("[name=v_subject]", "teal waves")
        page.click("button:has-text('Show the prompt first')")
        assert "teal waves" in page.inner_text("#prompt")
        page.click("button:has-text('Generate contact sheet')")
        work_off()
        page.reload()
        page.check("input[name=pick][value='0']")
        page.click("[data-finish]")
        work_off()
        page.reload()

        assert re.search(r"4 of 4 sketched · 1 finished", page.inner_text("#sheet"))
        page.click("button:has-text('More like this')")
        assert Decoding.objects.count() == 4

    def test_keeps_focus_and_ticks_while_the_sheet_changes(self, visit: Visit) -> None:
        generation = make_generation(seeds=[7, 8])
        Job.objects.create(
            work="brandgen.generation.runner.run_prior",
            queue="prior",
            subject_id=str(generation.id),
            title="Sheet",
            brand=generation.brand,
            not_before=NOW,
            created_at=NOW,
            changed_at=NOW,
        )
        page = visit(make_user()).open(f"/b/northwind/create/sheets/{generation.id}/")
        first = take("run_prior")[0]
        with pytest.raises(Exception, match="died"):
            run_prior(first, engine=FakeEngine(dies_after=1))
        page.wait_for_selector("#cell-0.sketched")

        page.focus("input[name=pick][value='0']")
        page.keyboard.press("Space")
        run_prior(first, engine=FakeEngine())
        page.wait_for_selector("#cell-1.sketched")

        assert page.is_checked("input[name=pick][value='0']")
        assert page.evaluate("document.activeElement.value") == "0"
