"""The brand kit's page: names of colors go to the clipboard."""

from collections.abc import Callable

import pytest

from tests.browser.conftest import DEVICES, Visitor
from tests.factories import make_layout_kit, make_user


class TestPalette:
    @pytest.mark.parametrize("device", DEVICES)
    def test_gives_what_templates_call_a_color(
        self, visit: Callable[..., Visitor], device: str
    ) -> None:
        make_layout_kit()
        visitor = visit(make_user(), **DEVICES[device])
        visitor.context.grant_permissions(["clipboard-read", "clipboard-write"])
        page = visitor.open("/b/northwind/kit/")

        page.get_by_role("button", name="Copy accent", exact=True).press("Enter")
        page.locator(".toast", has_text="Copied").wait_for()

        assert page.evaluate("navigator.clipboard.readText()") == "accent"
        room = page.locator(".colors .card").first.evaluate(
            "card => card.scrollWidth - card.clientWidth"
        )
        assert room == 0
        assert visitor.find_faults() == []
