"""The form of a template: a point is dragged or moved by keys, and previews follow."""

import io
from collections.abc import Callable
from typing import Any

from PIL import Image

from brandgen.creatives.models import Batch
from brandgen.library.models import Asset
from tests.browser.conftest import DEVICES
from tests.factories import (
    make_layout_kit,
    make_marked_asset,
    make_template_version,
    make_user,
)

CHANGED = "before => document.querySelector('[data-preview] img').src !== before"
Visit = Callable[..., Any]


def make_wide(title: str = "A shore", color: str = "navy") -> Asset:
    wide = Image.new("RGB", (1600, 800), "teal")
    wide.paste(color, (800, 0, 1600, 800))
    file = io.BytesIO()
    wide.save(file, "PNG")
    return make_marked_asset(data=file.getvalue(), title=title, focal_x=0.25)


def open_form(visit: Visit, **options: Any) -> tuple[Any, Any]:
    make_layout_kit()
    make_wide()
    version = make_template_version()
    visitor = visit(make_user(), **options)
    page = visitor.open(f"/b/northwind/templates/{version.template_id}/create")
    page.locator(".photo").filter(has=page.get_by_alt_text("A shore")).click()
    page.get_by_text("What the crop keeps").click()
    return visitor, page


class TestCrop:
    def test_follows_a_drag_and_the_keys(self, visit: Visit) -> None:
        visitor, page = open_form(visit)
        mark, preview = page.locator("[data-crop-mark]"), page.locator("figure img")
        page.wait_for_function("document.querySelector('[data-preview]').drawn")
        before = preview.first.get_attribute("src")
        assert page.get_by_text("the picture’s own point").is_visible()

        mark.hover()
        box = page.locator("[data-crop-stage] img").bounding_box()
        page.mouse.down()
        for share in (0.4, 0.8):
            page.mouse.move(
                box["x"] + share * box["width"], box["y"] + 0.25 * box["height"]
            )
        page.mouse.up()
        page.wait_for_function(CHANGED, arg=before)
        assert page.locator("[name='i-hero.x']").input_value() == "80"
        assert page.locator("[name='i-hero.y']").input_value() == "25"

        page.keyboard.press("ArrowRight")
        page.keyboard.press("Shift+ArrowDown")
        assert mark.get_attribute("aria-label") == (
            "Point that the crop keeps: 81 % from the left, 35 % from the top"
        )
        for _ in range(3):
            page.keyboard.press("Shift+ArrowRight")
        assert page.locator("[name='i-hero.x']").input_value() == "100"
        assert visitor.find_violations() == []

        page.fill("[name=t-headline]", "Brighter mornings")
        page.fill("[name=t-cta]", "See more")
        page.locator("#make").click()
        page.wait_for_url("**/batches/**")
        image = Batch.objects.get().rows.get().images.get()
        assert (image.focal_x, image.focal_y) == (1.0, 0.35)
        assert image.asset.focal_x == 0.25

    def test_goes_back_to_the_pictures_own(self, visit: Visit) -> None:
        _, page = open_form(visit)
        field = page.locator("[name='i-hero.x']")
        field.fill("60")
        assert "60 % from the left, 50 %" in page.locator(".crop summary").inner_text()

        page.get_by_role("button", name="Back to the picture’s own").click()

        assert field.input_value() == ""
        assert field.get_attribute("placeholder") == "25"
        assert page.get_by_text("the picture’s own point").is_visible()

    def test_begins_anew_with_another_picture(self, visit: Visit) -> None:
        make_layout_kit()
        make_wide("Dunes", "olive")
        _, page = open_form(visit)
        page.locator("[name='i-hero.x']").fill("60")

        page.locator(".photo").filter(has=page.get_by_alt_text("Dunes")).click()

        assert page.locator("[name='i-hero.x']").input_value() == ""
        assert "Dunes" in page.locator("[data-crop-stage] img").get_attribute("alt")

    def test_is_dragged_by_a_finger(self, visit: Visit) -> None:
        visitor, page = open_form(visit, **DEVICES["phone"])
        stage = page.locator("[data-crop-stage] img")
        stage.scroll_into_view_if_needed()
        box = stage.bounding_box()

        page.touchscreen.tap(
            box["x"] + 0.5 * box["width"], box["y"] + 0.75 * box["height"]
        )

        assert page.locator("[name='i-hero.y']").input_value() == "75"
        assert visitor.find_violations() == []
