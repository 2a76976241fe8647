"""A designer lets a layer move, and looks at how it does."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DEVICES
from tests.browser.editing import (
    Visit,
    choose,
    document,
    layer,
    open_editor,
    panel_field,
    settle,
)


class TestMotion:
    def test_is_set_and_played_by_the_renderer(self, visit: Visit) -> None:
        page = open_editor(visit).page
        choose(page, "Ground of the logo")

        panel_field(page, "motion/enter").select_option("slide")
        settle(page)
        panel_field(page, "motion/enter/side").select_option("top")
        panel_field(page, "motion/enter/delay_s").fill("0.4")
        panel_field(page, "motion/loop").select_option("pulse")
        panel_field(page, "video/duration_s").fill("2")
        settle(page)
        panel_field(page, "do play").click()
        picture = page.locator("#play img")
        expect(picture).to_be_visible()
        expect(picture).to_have_js_property("complete", True)

        assert picture.evaluate("one => one.naturalWidth") > 300
        assert document()["motion"] == {"duration_s": 2}
        assert layer("tab")["motion"] == {
            "enter": {"type": "slide", "side": "top", "delay_s": 0.4},
            "loop": {"type": "pulse"},
        }

        page.keyboard.press("Escape")
        panel_field(page, "motion/enter").select_option("")
        panel_field(page, "motion/loop").select_option("")
        settle(page)
        assert "motion" not in layer("tab")

    def test_says_where_times_do_not_fit(self, visit: Visit) -> None:
        page = open_editor(visit).page
        choose(page, "Ground of the logo")
        panel_field(page, "motion/exit").select_option("fade")
        settle(page)

        panel_field(page, "motion/exit/duration_s").fill("9")

        problem = page.locator("[data-part=panel]").get_by_text("the video has 6 s")
        expect(problem).to_be_visible()

    @pytest.mark.parametrize("device", DEVICES)
    def test_is_accessible_and_fits(self, visit: Visit, device: str) -> None:
        visitor = open_editor(visit, **DEVICES[device])
        page = visitor.page
        choose(page, "Picture")
        for name, value in (("enter", "scale"), ("exit", "wipe"), ("loop", "sway")):
            panel_field(page, f"motion/{name}").select_option(value)
            settle(page)

        found = visitor.find_faults()
        panel_field(page, "do play").click()
        expect(page.locator("#play img")).to_be_visible()
        found += visitor.find_faults()

        assert found == []
