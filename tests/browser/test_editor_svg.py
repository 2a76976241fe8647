"""Drawings as layers of a template: chosen, pasted, refused, led to brand colors."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DEVICES
from tests.browser.editing import Visit, document, open_editor, panel_field, settle

ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 20">'
    '<rect width="40" height="20" rx="4" fill="#00ff00"/>'
    '<circle cx="20" cy="10" r="6" fill="#fff"/></svg>'
)


def drawings() -> list[dict[str, Any]]:
    return [one for one in document()["layers"] if one["type"] == "svg"]


def open_dialog(page: Any) -> Any:
    page.get_by_text("Add a layer").click()
    page.get_by_role("button", name="Drawing", exact=True).click()
    return page.get_by_role("dialog", name="Add a drawing")


class TestAddADrawing:
    @pytest.mark.parametrize("device", DEVICES)
    def test_takes_a_file_and_leads_its_colors_to_the_brands(
        self, visit: Visit, tmp_path: Path, device: str
    ) -> None:
        file = tmp_path / "Leaf.svg"
        file.write_text(ICON)
        visitor = open_editor(visit, **DEVICES[device])
        page = visitor.page

        dialog = open_dialog(page)
        assert visitor.find_violations() == []
        dialog.get_by_label("File").set_input_files(file)
        dialog.get_by_role("button", name="Add").click()
        dialog.wait_for(state="hidden")
        settle(page)
        panel = page.locator("[data-part=panel]")
        panel.get_by_text("that are not in the brand kit").wait_for()
        assert visitor.find_faults() == []
        panel_field(page, "nearest colors").click()
        settle(page)
        panel.get_by_text("that are not in the brand kit").wait_for(state="hidden")

        [drawing] = drawings()
        assert drawing["label"] == "Leaf"
        assert list(drawing["colors"]) == ["#00ff00"]
        box = drawing["box"]
        assert box["x"]["size"] == pytest.approx(2 * box["y"]["size"], abs=2)
        assert visitor.find_faults() == []
        assert visitor.troubles == []

    def test_says_what_is_wrong_and_adds_nothing(self, visit: Visit) -> None:
        visitor = open_editor(visit)
        page = visitor.page

        dialog = open_dialog(page)
        source = dialog.get_by_label("Or paste its source here")
        source.fill(ICON.replace("<circle", "<script/><circle"))
        dialog.get_by_role("button", name="Add").click()
        expect(dialog.get_by_role("alert")).to_contain_text("script element")
        assert visitor.find_violations() == []
        dialog.get_by_role("button", name="Cancel").click()

        assert drawings() == []
        # The browser itself tells of the answer 422 that refused it.
        assert all("422" in trouble for trouble in visitor.troubles)

    def test_is_pasted_onto_the_canvas_and_replaced(self, visit: Visit) -> None:
        visitor = open_editor(visit)
        page = visitor.page

        page.locator("[data-part=view]").focus()
        page.evaluate(
            """(text) => {
                const data = new DataTransfer();
                data.setData("text/plain", text);
                document.dispatchEvent(new ClipboardEvent(
                    "paste", { clipboardData: data, bubbles: true, cancelable: true }));
            }""",
            ICON,
        )
        panel_field(page, "replace drawing").wait_for()
        settle(page)
        panel_field(page, "replace drawing").click()
        dialog = page.get_by_role("dialog", name="Replace the drawing")
        source = dialog.get_by_label("Or paste its source here")
        source.fill(ICON.replace("#00ff00", "#000"))
        dialog.get_by_role("button", name="Replace").click()
        dialog.wait_for(state="hidden")
        settle(page)

        [drawing] = drawings()
        assert "#000" in drawing["svg"]
        choices = panel_field(page, "colors/#000000").locator("option")
        assert choices.first.inner_text() == "As drawn"
        assert visitor.troubles == []
