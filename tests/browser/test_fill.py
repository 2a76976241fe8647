"""The form of a template: every format and its findings follow while one types."""

import json
from collections.abc import Callable
from typing import Any

from brandgen.compositor.examples.northwind import SPRING
from brandgen.creatives.models import Creative
from brandgen.lib.finding_rules import explain
from tests.factories import (
    make_layout_kit,
    make_marked_asset,
    make_template_version,
    make_user,
)

CHANGED = "before => document.querySelector('[data-preview] img').src !== before"
LOCALES = {"en": {"label": "English"}, "ar": {"label": "العربية", "direction": "rtl"}}


class TestFill:
    def test_shows_formats_and_findings_live_in_each_language(
        self, visit: Callable[..., Any]
    ) -> None:
        make_layout_kit()
        make_marked_asset(width_px=64, height_px=64)
        document = json.loads(SPRING.read_bytes()) | {"locales": LOCALES}
        slot = document["slots"]["headline"] | {"change_required": True}
        document["slots"]["headline"] = slot
        version = make_template_version(document=document)
        visitor = visit(make_user())
        page = visitor.open(f"/b/northwind/templates/{version.template_id}/create")
        figure = page.locator("[data-preview]").first
        image = figure.locator("img")

        figure.get_by_text("1 warning").wait_for()  # the picture of 64 px
        headline = page.locator("[name=t-headline]")
        headline.fill(slot["example"])
        figure.get_by_text("1 error, 1 warning").wait_for()
        assert "Write your own" in figure.locator("details.found").inner_text()
        why = figure.locator("summary", has_text="Examples replaced")
        why.focus()
        page.keyboard.press("Enter")
        figure.get_by_text(explain("placeholder")).wait_for()
        before = image.get_attribute("src")
        page.locator("[name=t-cta]").fill("Read on")
        page.wait_for_function(CHANGED, arg=before)
        assert figure.get_by_text(explain("placeholder")).is_visible()  # stays open
        page.get_by_text("3 formats with errors").wait_for()
        before = image.get_attribute("src")
        headline.fill("x" * 71)
        page.get_by_text("71 characters; 70 are allowed").wait_for()
        assert headline.get_attribute("aria-invalid") == "true"
        assert image.get_attribute("src") == before
        headline.fill("Brighter mornings")
        page.wait_for_function(CHANGED, arg=before)
        assert headline.get_attribute("aria-invalid") == "false"
        assert "error" not in figure.locator("details.found > summary").inner_text()
        assert visitor.find_violations() == []

        before = image.get_attribute("src")
        page.locator("[data-language=ar] summary").click()
        page.locator("[name='t-headline@ar']").fill("صباح")
        page.wait_for_function(CHANGED, arg=before)
        assert page.locator("#locale").input_value() == "ar"

        page.locator("[name=locales][value=ar]").check(force=True)
        page.locator("[name=formats][value=story]").uncheck(force=True)
        page.get_by_text("2 formats × 2 languages").wait_for()
        page.get_by_role("button", name="Make 4 creatives").click()
        page.wait_for_url("**/batches/**")
        made = Creative.objects.values_list("locale", "format")
        assert set(made) == {
            (tag, name) for tag in LOCALES for name in ("square", "landscape")
        }
