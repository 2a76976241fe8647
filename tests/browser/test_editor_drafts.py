"""Drafts in the editor: formats, problems, two people, other templates, publishing."""

import json
from typing import Any

import pytest

from brandgen.creatives.models import TemplateVersion
from brandgen.lib.finding_rules import explain
from tests.browser.editing import (
    Visit,
    choose,
    document,
    layer,
    open_editor,
    settle,
)
from tests.factories import (
    make_layout_kit,
    make_manager,
    make_template_version,
    make_torture_test,
)


class TestPublishing:
    def test_goes_by_what_changed(self, visit: Visit) -> None:
        make_layout_kit()
        make_template_version()
        page = open_editor(visit).page
        choose(page, "Headline")
        page.locator('[data-field="largest"]').fill("80")

        page.get_by_role("link", name="Review and publish").click()
        page.get_by_role("heading", name="What the draft of v2 changes").wait_for()
        assert "Largest size: 88 → 80" in " ".join(
            page.locator(".differences").inner_text().split()
        ).replace("became", "").replace("  ", " ")
        draft = TemplateVersion.objects.latest("id")
        make_torture_test(version=draft)
        page.get_by_role("button", name="Publish v2").click()
        page.get_by_text("is published").first.wait_for()

        draft.refresh_from_db()
        assert draft.published_at is not None


class TestFormats:
    def test_differ_where_one_asks_and_are_reset(self, visit: Visit) -> None:
        page = open_editor(visit).page
        page.locator(".ed-format", has_text="Link preview").click()
        choose(page, "Kicker")
        page.locator(".ed-choice button", has_text="Only Link preview").click()

        page.get_by_role("button", name="signal, accent").first.click()
        settle(page)
        kicker = layer("copy")["children"][0]
        assert kicker["overrides"]["formats"]["landscape"]["color"] == "signal"
        assert kicker["color"] == "quiet"
        assert page.locator(".ed-mark", has_text="Only in Link preview").count() >= 2
        page.locator('[data-field="reset color"]').click()
        settle(page)

        kicker = layer("copy")["children"][0]
        assert "color" not in kicker["overrides"]["formats"]["landscape"]

    def test_change_an_overridden_value_where_it_differs(self, visit: Visit) -> None:
        page = open_editor(visit).page
        page.locator(".ed-format", has_text="Story").click()
        choose(page, "Headline")

        page.locator('[data-field="largest"]').fill("120")
        settle(page)

        headline = layer("copy")["children"][1]
        assert headline["largest"] == 88
        assert headline["overrides"]["formats"]["story"]["largest"] == 120

    def test_come_from_the_library_and_go_with_what_differs(self, visit: Visit) -> None:
        page = open_editor(visit).page
        page.get_by_role("tab", name="Formats").click()

        page.locator('[data-field="library"]').select_option("instagram-portrait")
        settle(page)
        assert document()["formats"]["instagram-portrait"] == {
            "use": "instagram-portrait"
        }
        page.locator('[data-field="format story"]').click()
        page.locator("details[open] button", has_text="Remove this format").click()
        settle(page)

        assert "story" not in document()["formats"]
        assert "story" not in str(document()["layers"])


class TestProblems:
    def test_stand_at_the_field_and_nothing_wrong_is_saved(self, visit: Visit) -> None:
        page = open_editor(visit).page
        choose(page, "Kicker")
        before = document()

        page.locator('[data-field="visible_if"]').fill("nonsense and")
        page.wait_for_selector('[data-field="visible_if"][aria-invalid=true]')
        assert page.locator(".ed-row[aria-current] .tone-bad").count() == 1
        assert "Not saved" in page.locator("[data-part=saved]").inner_text()
        assert document() == before
        choose(page, "Logo")
        page.locator("[data-part=state] button").click()
        page.locator('[data-field="visible_if"]').fill("headline")
        settle(page)

        assert layer("copy")["children"][0]["visible_if"] == "headline"

    def test_of_the_drawing_lead_to_the_layer(self, visit: Visit) -> None:
        page = open_editor(visit).page
        choose(page, "Ground of the logo")
        page.keyboard.press("Escape")
        choose(page, "Copy")

        page.locator('[data-field="rect/x"]').fill("-200")
        settle(page)

        assert page.locator(".ed-row", has_text="Headline").locator(".tone-bad").count()
        assert "to look at" in page.locator("[data-part=findings]").inner_text()


class TestFiles:
    def test_take_the_template_out_and_put_it_in(self, visit: Visit) -> None:
        page = open_editor(visit).page
        more = page.locator("summary[aria-label='More for the template']")
        before = document()

        more.click()
        with page.expect_download() as download:
            page.get_by_role("button", name="Download as a file").click()
        taken = json.loads(download.value.path().read_text(encoding="utf-8"))
        taken["background"] = "signal"
        with page.expect_file_chooser() as chooser:
            page.get_by_role("button", name="Replace by a file").click()
        chooser.value.set_files(as_file("other.json", json.dumps(taken)))
        page.get_by_text("The template is what other.json says now").wait_for()
        settle(page)
        replaced = document()
        page.keyboard.press("Control+z")
        settle(page)

        assert download.value.suggested_filename == "northwind-spring.json"
        assert replaced == before | {"background": "signal"}
        assert document() == before

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("nothing", "no JSON"),
            ('{"schema": 1}', "no template of this version"),
            ('{"schema": 2}', "was not taken"),
        ],
    )
    def test_that_are_none_change_nothing(
        self, visit: Visit, text: str, said: str
    ) -> None:
        page = open_editor(visit).page
        before = document()

        page.locator("[data-part=file]").set_input_files(as_file("bad.json", text))
        page.locator(".toast", has_text=said).wait_for()

        assert page.locator("[data-do=undo]").is_disabled()
        assert document() == before


def as_file(name: str, text: str) -> Any:
    return {"name": name, "mimeType": "application/json", "buffer": text.encode()}


class TestLinks:
    def test_of_the_torture_test_open_at_the_layer(self, visit: Visit) -> None:
        page = open_editor(visit, query="?format=story&case=longest&layer=copy").page

        row = page.locator(".ed-row[aria-current]")
        assert row.get_attribute("data-id") == "copy"
        chosen = page.locator(".ed-format[aria-pressed=true]")
        assert "Story" in chosen.inner_text()
        assert page.get_by_label("Filled with").input_value() == "longest"
        found = page.locator("[data-part=panel] .ed-finding").first
        assert "longer than their place" in found.inner_text()
        found.locator("summary", has_text="Stack fits").press("Enter")
        found.get_by_text(explain("stack-fit")).wait_for()

    def test_of_another_state_open_all_the_same(self, visit: Visit) -> None:
        page = open_editor(visit, query="?format=gone&case=gone&layer=gone").page

        assert page.locator(".ed-row[aria-current]").count() == 0
        page.get_by_label("Filled with").select_option("rtl")
        settle(page)
        assert page.locator(".ed-sheet img").get_attribute("src")


class TestTwoTabs:
    @pytest.mark.parametrize("choice", ["Keep mine", "Take theirs"])
    def test_ask_whose_changes_stay(self, visit: Visit, choice: str) -> None:
        mine = open_editor(visit).page
        theirs = open_editor(visit, make_manager("Dan")).page
        choose(theirs, "Ground of the logo")
        theirs.locator(".ed-view").press("ArrowRight")
        settle(theirs)

        choose(mine, "Ground of the logo")
        mine.locator(".ed-view").press("Shift+ArrowDown")
        mine.wait_for_selector("#conflict[open]")
        assert "Dan changed this template" in mine.locator("#conflict").inner_text()
        mine.get_by_role("button", name=choice).click()
        settle(mine)

        box = layer("tab")["box"]
        kept = (box["x"]["offset"], box["y"]["offset"])
        assert kept == ((-40, -30) if choice == "Keep mine" else (-39, -40))
        mine.keyboard.press("Control+z")
        settle(mine)
        assert layer("tab")["box"]["x"]["offset"] != kept[0]


class TestClipboard:
    def test_brings_a_layer_to_another_template_with_what_it_needs(
        self, visit: Visit
    ) -> None:
        visitor = open_editor(visit)
        page = visitor.page
        choose(page, "Button")
        page.locator("summary[aria-label='More for the chosen layer']").click()
        page.locator("[data-do=copy]").click()
        other = make_template_version(published_at=None)
        plain = document() | {"slots": {"hero": document()["slots"]["hero"]}}
        plain["layers"] = plain["layers"][:1]
        TemplateVersion.objects.filter(id=other.id).update(document=plain)

        page = visitor.open(f"/b/northwind/templates/{other.template_id}/edit")
        page.wait_for_selector(".ed-sheet img[src]")
        page.locator("summary[aria-label='More for the chosen layer']").click()
        page.locator("[data-do=paste]").click()
        settle(page)

        assert layer("cta")["slot"] == "cta"
        assert document()["slots"]["cta"]["label"] == "Button"
