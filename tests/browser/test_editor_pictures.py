"""A picture that a layer always shows: chosen by search, changed, given up again."""

from typing import Any

import pytest
from playwright.sync_api import expect

from brandgen.creatives.fixed_pictures import name_of
from tests.browser.conftest import DEVICES
from tests.browser.editing import Visit, choose, document, layer, open_editor, settle
from tests.factories import make_marked_asset, make_picture


def make_pictures() -> list[Any]:
    titles = ("Sand texture", "Blue sea", "Green hills")
    return [
        make_marked_asset(title=title, data=make_picture(seed=seed))
        for seed, title in enumerate(titles)
    ]


class TestAlwaysThisPicture:
    @pytest.mark.parametrize("device", DEVICES)
    def test_is_chosen_from_the_library(self, visit: Visit, device: str) -> None:
        sea = make_pictures()[1]
        visitor = open_editor(visit, **DEVICES[device])
        page = visitor.page
        choose(page, "Picture")
        source = page.get_by_label("Filled in by")
        dialog = page.get_by_role("dialog", name="Always this picture")

        source.select_option("Nobody: always the same picture")
        expect(dialog.get_by_role("radio")).to_have_count(3)
        take = dialog.get_by_role("button", name="Always show it")
        expect(take).to_be_disabled()
        assert visitor.find_faults() == []
        dialog.get_by_label("Search by title").fill("blue")
        expect(dialog.get_by_role("radio")).to_have_count(1)
        expect(dialog.get_by_role("status")).to_have_text("1 picture")
        dialog.get_by_role("radio", name="Blue sea").check()
        take.click()
        settle(page)

        assert layer("hero")["image"] == name_of(sea)
        assert "slot" not in layer("hero")
        panel = page.locator("[data-part=panel]")
        expect(panel.get_by_text("Blue sea")).to_be_visible()
        expect(source).to_have_value("=")
        assert visitor.find_faults() == []

    def test_leaves_all_as_it_was_where_nothing_is_chosen(self, visit: Visit) -> None:
        make_pictures()
        page = open_editor(visit).page
        before = document()
        choose(page, "Picture")
        source = page.get_by_label("Filled in by")

        source.select_option("Nobody: always the same picture")
        page.get_by_role("dialog").get_by_label("Search by title").fill("nothing so")
        told = page.get_by_role("dialog").get_by_role("status")
        expect(told).to_have_text("No approved picture is called “nothing so”.")
        page.keyboard.press("Escape")

        expect(source).to_have_value("hero")
        assert document() == before

    def test_can_be_undone_and_filled_in_by_people_again(self, visit: Visit) -> None:
        make_pictures()
        page = open_editor(visit).page
        choose(page, "Picture")
        source = page.get_by_label("Filled in by")

        source.select_option("Nobody: always the same picture")
        page.get_by_role("radio", name="Sand texture").check()
        page.keyboard.press("Enter")
        settle(page)
        page.get_by_role("button", name="Undo").click()
        settle(page)
        assert layer("hero")["slot"] == "hero"
        page.get_by_role("button", name="Redo").click()
        settle(page)
        assert "image" in layer("hero")
        source.select_option("hero")
        settle(page)

        assert layer("hero")["slot"] == "hero"
        assert "image" not in layer("hero")
