"""Data, size classes and paper in the editor, by hand and by keys."""

import pytest

from brandgen.creatives.models import TemplateVersion
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
from tests.factories import make_layout_kit, make_priced_version

KEYS = "[data-part=content]"


def side_field(page, name):
    """Return a field of the list of content or formats."""
    return page.locator(f'.ed-left [data-field="{name}"]')


def retype(page, name, value):
    """Write a name anew; it counts when the field is left."""
    side_field(page, name).fill(value)
    side_field(page, name).press("Tab")
    settle(page)


def subline() -> str:
    found = TemplateVersion.objects.latest("id").load()
    (shown,) = (
        one.text
        for stack in found.layers
        for one in getattr(stack, "children", ())
        if getattr(one, "text", None)
    )
    return str(shown)


@pytest.fixture
def priced() -> TemplateVersion:
    make_layout_kit()
    return make_priced_version(published_at=None)


class TestData:
    def test_is_made_and_put_into_a_text(self, visit: Visit) -> None:
        page = open_editor(visit).page
        choose(page, "Headline")
        panel_field(page, "slot").select_option("")
        settle(page)
        page.get_by_role("tab", name="Content").click()

        side_field(page, "add data").click()
        retype(page, "data product name", "Offer")
        retype(page, "data offer name name", "Old price")
        side_field(page, "data offer old_price example").fill("$99")
        side_field(page, "data offer old_price insert").click()
        settle(page)

        text = "Made for brighter mornings {{ offer.old_price }}"
        assert document()["data"] == {"offer": {"old_price": "$99"}}
        assert panel_field(page, "text").input_value() == text
        assert "was inserted" in page.locator("[data-part=note]").inner_text()

    def test_goes_where_the_caret_is(self, visit: Visit, priced) -> None:
        page = open_editor(visit).page
        choose(page, "Only {{ product.price }}")
        text = panel_field(page, "text")
        text.click()
        text.press("Home")

        panel_field(page, "insert data").select_option("product.price")
        settle(page)

        assert subline() == "{{ product.price }}Only {{ product.price }} today"

    def test_is_renamed_with_the_texts_that_name_it(self, visit: Visit, priced) -> None:
        page = open_editor(visit).page
        page.get_by_role("tab", name="Content").click()
        side_field(page, "data product").click()

        retype(page, "data product price name", "amount")
        part = subline()
        retype(page, "data product name", "headline")
        group = subline()
        for _ in range(2):
            page.locator("[data-do=undo]").click()
        settle(page)

        assert part == "Only {{ product.amount }} today"
        assert group == "Only {{ headline_2.amount }} today"  # a slot has that name
        assert subline() == "Only {{ product.price }} today"
        assert document()["data"] == {"product": {"price": "$49"}}

    def test_that_is_used_stays(self, visit: Visit, priced) -> None:
        page = open_editor(visit).page
        page.get_by_role("tab", name="Content").click()
        side_field(page, "data product").click()
        remove = side_field(page, "data product price remove")

        assert remove.is_disabled()
        assert "Only {{ product.price }}" in remove.get_attribute("title")
        assert side_field(page, "data product remove").is_disabled()

        side_field(page, "data product add").click()
        side_field(page, "data product part remove").click()
        settle(page)

        assert document()["data"] == {"product": {"price": "$49"}}

    def test_is_removed_with_its_last_part(self, visit: Visit) -> None:
        page = open_editor(visit).page
        page.get_by_role("tab", name="Content").click()

        side_field(page, "add data").click()
        settle(page)
        made = document()["data"]
        side_field(page, "data product name remove").click()
        settle(page)

        assert made == {"product": {"name": "Name"}}
        assert "data" not in document()

    def test_that_the_server_refuses_is_told_at_its_group(self, visit: Visit) -> None:
        page = open_editor(visit).page
        page.get_by_role("tab", name="Content").click()
        side_field(page, "add data").click()
        page.locator("[data-part=panel] [data-field=name]").wait_for()
        side_field(page, "data product name example").evaluate(
            "field => { field.value = 'x'.repeat(2001);"
            " field.dispatchEvent(new Event('input', {bubbles: true})); }"
        )

        error = page.locator(f"{KEYS} .ed-error")
        error.wait_for()

        assert "2000" in error.inner_text()

    @pytest.mark.parametrize("device", DEVICES)
    def test_is_accessible_and_fits(self, visit: Visit, priced, device: str) -> None:
        visitor = open_editor(visit, **DEVICES[device])
        page = visitor.page
        found = []
        page.get_by_role("tab", name="Content").click()
        side_field(page, "data product").click()
        found += visitor.find_faults()
        page.get_by_role("tab", name="Formats").click()
        side_field(page, "paper").click()
        found += visitor.find_faults()
        page.get_by_role("tab", name="Layers").click()
        choose(page, "Only {{ product.price }}")
        found += visitor.find_faults()

        assert found == []


class TestSizeClass:
    def test_is_a_scope_of_changes(self, visit: Visit) -> None:
        page = open_editor(visit).page
        choose(page, "Ground of the logo")

        page.get_by_role("button", name="All square formats").click()
        panel_field(page, "opacity").fill("50")
        settle(page)
        classes = layer("tab")["overrides"]["classes"]
        mark = page.get_by_text("Only in square formats").first
        mark.wait_for()
        page.get_by_role("button", name="Reset all that differs in square").click()
        settle(page)

        assert classes == {"square": {"opacity": 0.5}}
        assert "classes" not in layer("tab").get("overrides", {})

    def test_follows_the_format_that_one_looks_at(self, visit: Visit) -> None:
        page = open_editor(visit).page
        choose(page, "Ground of the logo")
        page.get_by_role("button", name="All square formats").click()

        page.locator('[data-field="show landscape"]').click()
        settle(page)
        panel_field(page, "opacity").fill("40")
        settle(page)

        assert layer("tab")["overrides"]["classes"] == {"landscape": {"opacity": 0.4}}


class TestPaper:
    def test_is_a_size_in_millimeters_with_bleed(self, visit: Visit) -> None:
        page = open_editor(visit).page
        page.get_by_role("tab", name="Formats").click()
        side_field(page, "paper").click()

        side_field(page, "paper width_mm").fill("85")
        side_field(page, "paper height_mm").fill("55")
        side_field(page, "add paper").click()
        settle(page)
        side_field(page, "format print_85x55").click()
        side_field(page, "format print_85x55 dpi").fill("150")
        side_field(page, "format print_85x55 bleed_mm").fill("5")
        settle(page)

        assert document()["formats"]["print_85x55"] == {
            "width_mm": 85,
            "height_mm": 55,
            "bleed_mm": 5,
            "dpi": 150,
            "label": "85 × 55 mm",
        }
        assert "502 × 325" in side_field(page, "format print_85x55").inner_text()

    def test_has_bleed_that_differs_from_side_to_side(self, visit: Visit) -> None:
        page = open_editor(visit).page
        page.get_by_role("tab", name="Formats").click()
        side_field(page, "paper").click()
        side_field(page, "add paper").click()
        settle(page)
        side_field(page, "format print_210x297").click()
        whole = side_field(page, "format print_210x297 bleed_mm")

        side_field(page, "format print_210x297 bleed bottom").fill("5")
        settle(page)

        sides = {"top": 3, "right": 3, "bottom": 5, "left": 3}
        assert document()["formats"]["print_210x297"]["bleed_mm"] == sides
        assert whole.input_value() == ""
        assert whole.get_attribute("placeholder") == "differs"
        whole.fill("4")
        settle(page)
        assert document()["formats"]["print_210x297"]["bleed_mm"] == 4
        left = side_field(page, "format print_210x297 bleed left")
        assert left.input_value() == "4"
