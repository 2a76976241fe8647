"""References and room for text, chosen and drawn in the page."""

from collections.abc import Callable

import pytest

from brandgen.generation.models import Generation
from brandgen.library.models import Asset
from tests.browser.conftest import DEVICES, Visitor
from tests.factories import (
    make_asset,
    make_layout_kit,
    make_picture,
    make_preset_version,
    make_template_version,
    make_user,
)

Visit = Callable[..., Visitor]


def address() -> str:
    make_layout_kit()
    for seed in range(9):
        data = make_picture(seed=700 + seed)
        make_asset(state=Asset.State.APPROVED, data=data)
    version = make_preset_version(engine_settings={"palette_strength": 0.5})
    return f"/b/northwind/create/preset/{version.preset_id}/"


class TestForm:
    @pytest.mark.parametrize("device", DEVICES)
    def test_is_accessible_and_fits_with_all_panels_open(
        self, visit: Visit, device: str
    ) -> None:
        path = address()
        make_template_version()
        visitor = visit(make_user(), **DEVICES[device])
        page = visitor.open(path + "?layout=own")

        page.click("summary:has-text('Reference images')")
        page.locator("[name=references]").first.check()

        assert visitor.find_faults() == []
        page.wait_for_load_state("networkidle")

    def test_counts_references_and_stops_at_eight(self, visit: Visit) -> None:
        page = visit(make_user()).open(address())
        page.click("summary:has-text('Reference images')")
        # At once: each change alone cancels the prompt that the one before asked for.
        page.eval_on_selector_all(
            "[name=references]", "all => all.slice(1, 8).forEach(t => t.checked = true)"
        )
        page.locator("[name=references]").first.check()

        assert page.inner_text("[data-chosen-count]") == "8 chosen"
        assert page.locator("[name=references]").nth(8).is_disabled()
        page.wait_for_load_state("networkidle")

    def test_draws_the_place_for_text_on_a_blank(self, visit: Visit) -> None:
        page = visit(make_user()).open(address() + "?layout=own")
        blank = page.locator("[data-room-blank]")
        blank.scroll_into_view_if_needed()
        page.evaluate("scrollBy(0, 200)")
        box = blank.bounding_box()

        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 4)
        page.mouse.down()
        page.mouse.move(
            box["x"] + box["width"] - 2, box["y"] + box["height"] / 2, steps=4
        )
        page.mouse.up()
        page.fill("[name=v_subject]", "teal waves")
        page.click("button:has-text('Generate contact sheet')")
        page.wait_for_selector(".cell")

        (room,) = Generation.objects.get().read_inputs().text_boxes
        assert 0.45 < room.left < 0.55
        assert room.right > 0.95
        assert 0.4 < room.bottom < 0.6
