"""From a table to creatives in review, by hand, in a real browser."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from brandgen.creatives.models import Batch, Feed
from brandgen.creatives.planning import Plan
from brandgen.review.models import Review
from tests.browser.conftest import DEVICES
from tests.factories import (
    make_feed,
    make_layout_kit,
    make_marked_asset,
    make_template_version,
    make_user,
    run_jobs,
)

Visit = Callable[..., Any]
TEMPLATES = "/b/northwind/templates/"
TABLE = (
    "Product,Claim,Photo,Stock\n"
    "Sea mug,Made for mornings,Mug,4\n"
    "Lagoon bowl,Room for berries,Mug,0\n"
    f"Night jug,{'x' * 71},Mug,9\n"
    "Shell cup,Light as a shell,Vase,2\n"
)


def make_stage(tmp_path: Path) -> str:
    """Make a kit, a template, an approved picture and a table; return the way in."""
    make_layout_kit()
    template = make_template_version(name="Spring campaign").template
    make_marked_asset(title="Mug")
    (tmp_path / "mugs.csv").write_text(TABLE)
    return f"{TEMPLATES}{template.id}/feed"


class TestFromTableToReview:
    def test_goes_all_the_way(self, visit: Visit, tmp_path: Path) -> None:
        way_in = make_stage(tmp_path)
        visitor = visit(make_user())
        page = visitor.open(way_in)

        page.set_input_files("[name=file]", tmp_path / "mugs.csv")
        page.get_by_role("button", name="Go on").click()
        page.wait_for_url("**/feeds/**")
        page.get_by_text("Headline is needed. Choose its column").wait_for()
        page.select_option("#c-headline", "column:Claim")
        page.get_by_role("button", name="Render 6 creatives").wait_for()
        page.get_by_text("2 rows can’t be used").wait_for()
        page.get_by_text("No approved picture is called “Vase”").wait_for()
        page.select_option("#c-cta", "same")
        page.fill("#f-cta", "See more")
        page.select_option("[name=r0-column]", "Stock")
        page.fill("[name=r0-value]", "0")
        page.select_option("[name=r0-format]", "story")
        page.get_by_role("button", name="Render 5 creatives").wait_for()
        page.get_by_role("button", name="Render 5 creatives").click()
        page.locator("#plan").get_by_text("2 of 4 rows can't be used").wait_for()
        page.get_by_label("Go on without these rows").check()
        page.locator("figure img[src*='/rows/2/square']").scroll_into_view_if_needed()
        page.wait_for_function(
            "[...document.querySelectorAll('figure img')].every(i => i.complete)"
        )
        page.get_by_role("button", name="Render 5 creatives").click()
        page.wait_for_url("**/batches/**")
        run_jobs()
        page.get_by_role("button", name="Send 5 to review").wait_for()
        page.keyboard.press("s")
        page.locator(".toast", has_text="5 sent to review").wait_for()

        batch = Batch.objects.get()
        assert {row.label for row in batch.rows.all()} == {"Sea mug", "Lagoon bowl"}
        assert batch.rows.first().modifications["cta"] == "See more"
        assert Review.objects.count() == 5

    def test_works_without_javascript(self, visit: Visit, tmp_path: Path) -> None:
        way_in = make_stage(tmp_path)
        visitor = visit(make_user(), java_script_enabled=False)
        page = visitor.open(way_in)

        page.set_input_files("[name=file]", tmp_path / "mugs.csv")
        page.get_by_role("button", name="Go on").click()
        page.select_option("#c-headline", "column:Claim")
        page.get_by_role("button", name="Save and check").click()
        page.get_by_label("Go on without these rows").check()
        page.get_by_role("button", name="Render 6 creatives").click()
        page.wait_for_url("**/batches/**")

        assert Batch.objects.get().creatives.count() == 6

    def test_keeps_what_is_chosen_at_once(self, visit: Visit) -> None:
        feed = make_feed()
        page = visit(make_user()).open(f"{TEMPLATES}feeds/{feed.id}/")

        page.locator("[name=formats][value=story]").uncheck(force=True)
        page.get_by_role("button", name="Render 4 creatives").wait_for()
        page.fill("#rows_out", "3")
        page.keyboard.press("Tab")
        page.get_by_role("button", name="Render 2 creatives").wait_for()

        plan = Plan.from_json(Feed.objects.get().plan)
        assert (plan.formats, plan.rows_out) == (("square", "landscape"), "3")

    def test_says_that_another_window_changed_it(self, visit: Visit) -> None:
        feed = make_feed()
        visitor = visit(make_user())
        page = visitor.open(f"{TEMPLATES}feeds/{feed.id}/")
        other = visitor.context.new_page()
        other.goto(page.url)

        other.fill("#name", "Theirs")
        other.get_by_role("button", name="Save and check").click()
        other.wait_for_load_state()
        page.locator("[name=formats][value=story]").uncheck(force=True)
        page.get_by_text("This was changed in another window").wait_for()

        assert Plan.from_json(Feed.objects.get().plan).name == "Theirs"


@pytest.mark.parametrize("device", DEVICES)
class TestPages:
    def test_are_sound_for_everyone(
        self, visit: Visit, tmp_path: Path, device: str
    ) -> None:
        way_in = make_stage(tmp_path)
        feed = make_feed(TABLE)
        paths = [
            way_in,
            way_in.replace("/feed", "/matrix"),
            f"{TEMPLATES}feeds/{feed.id}/",
            f"{TEMPLATES}batches/",
        ]

        visitor = visit(make_user(), **DEVICES[device])

        assert visitor.find_faults_of(paths) == []
