from collections.abc import Callable

import pytest

from brandgen.audit.models import record
from brandgen.jobs.models import Job
from brandgen.library.models import Asset
from tests.browser.conftest import DEVICES, Visitor
from tests.factories import (
    NOW,
    PASSWORD,
    make_admin,
    make_asset,
    make_brand,
    make_job,
    make_review,
    make_reviewer,
    make_user,
)

Visit = Callable[..., Visitor]
PAGES = [
    "/b/northwind/",
    "/b/northwind/audit/",
    "/people/",
    "/people/invite/",
    "/people/1/",
    "/account/password/change/",
    "/account/2fa/",
    "/nowhere",
]


def furnish() -> None:
    """Put something on every page."""
    brand, mara = make_brand(), make_user()
    asset = make_asset(brand=brand, created_by=mara, state=Asset.State.IN_REVIEW)
    make_review(asset=asset)
    make_asset(brand=brand, state=Asset.State.APPROVED, approved_at=NOW)
    make_job(brand=brand, state=Job.State.RUNNING, step=3, steps=20)
    record(mara, "asset.kept", asset, at=NOW, data={"sha256": asset.sha256})


@pytest.mark.parametrize("device", DEVICES)
class TestEveryPage:
    def test_is_accessible_and_fits(self, visit: Visit, device: str) -> None:
        ari = make_admin()
        furnish()
        paths = [path.replace("/1/", f"/{ari.id}/") for path in PAGES]

        assert visit(ari, **DEVICES[device]).find_faults_of(paths) == []

    def test_before_sign_in_is_accessible_and_fits(
        self, visit: Visit, device: str
    ) -> None:
        paths = ["/account/login/", "/account/password/reset/", "/account/signup/"]

        assert visit(**DEVICES[device]).find_faults_of(paths) == []


class TestSignIn:
    def test_leads_to_the_brand_with_and_without_scripts(self, visit: Visit) -> None:
        mara = make_user()

        for has_scripts in (True, False):
            page = visit(java_script_enabled=has_scripts).open("/")
            page.fill("[name=login]", mara.email)
            page.fill("[name=password]", PASSWORD)
            page.click("button:has-text('Sign in')")

            assert page.url.endswith("/b/northwind/")


class TestShortcuts:
    def test_slash_goes_to_the_search(self, visit: Visit) -> None:
        page = visit(make_user()).open("/b/northwind/")

        page.keyboard.press("/")

        assert page.evaluate("document.activeElement.id") == "search"

    def test_question_mark_lists_them(self, visit: Visit) -> None:
        page = visit(make_user()).open("/b/northwind/")

        page.keyboard.press("?")

        assert page.inner_text("#shortcuts dl").split() == ["/", "Search"]

    def test_are_silent_once_switched_off(self, visit: Visit) -> None:
        page = visit(make_user()).open("/b/northwind/")
        page.click("summary:has(.me)")
        page.click("text=Switch keyboard shortcuts off")

        page.keyboard.press("/")

        assert page.evaluate("document.activeElement.id") != "search"
        assert not page.is_visible(".search kbd")


class TestTheme:
    def test_changes_at_once_and_stays(self, visit: Visit) -> None:
        page = visit(make_user(), color_scheme="light").open("/b/northwind/")
        light = page.evaluate("getComputedStyle(document.body).backgroundColor")

        page.click("summary:has(.me)")
        with page.expect_response("**/preferences/"):
            page.click("button[value=dark]")
        dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
        page.reload()

        assert light != dark
        assert dark == page.evaluate("getComputedStyle(document.body).backgroundColor")


class TestRunning:
    def test_shows_work_that_began_after_the_page(self, visit: Visit) -> None:
        make_job(brand=make_brand(), state=Job.State.RUNNING, step=1, steps=20)
        page = visit(make_user()).open("/b/northwind/")
        assert page.inner_text("#running .words") == "1 running"

        make_job(brand=make_brand())

        page.wait_for_selector("#running:has-text('1 running, 1 waiting')")


class TestMenu:
    def test_closes_on_escape_and_gives_the_focus_back(self, visit: Visit) -> None:
        page = visit(make_user()).open("/b/northwind/")
        page.click("summary:has(.me)")

        page.keyboard.press("Escape")

        assert page.evaluate("document.activeElement.tagName") == "SUMMARY"
        assert not page.is_visible("text=Sign out")


class TestPeople:
    def test_removes_a_member_only_after_a_second_click_without_scripts(
        self, visit: Visit
    ) -> None:
        ravi = make_reviewer()
        page = visit(make_admin(), java_script_enabled=False).open(
            f"/people/{ravi.id}/"
        )

        page.click("text=Remove from brand")
        assert ravi.memberships.exists()
        page.click("button:has-text('Remove')")

        assert not ravi.memberships.exists()
        assert page.is_visible("text=Ravi is no longer in Northwind")
