from collections.abc import Callable

from brandgen.generation.models import Decoding
from brandgen.generation.services import request_decodings
from tests.browser.conftest import Visitor
from tests.browser.test_create import fill_sheet, work_off
from tests.factories import NOW, make_user

Visit = Callable[..., Visitor]
PHONE = {"width": 390, "height": 844}


class TestCompare:
    def test_slides_between_two_finished_images(self, visit: Visit) -> None:
        generation = fill_sheet()
        request_decodings(
            generation=generation,
            positions=[1],
            requested_by=generation.requested_by,
            at=NOW,
        )
        work_off()
        first, second = Decoding.objects.order_by("candidate__position")
        visitor = visit(make_user())
        page = visitor.open(f"/b/northwind/create/sheets/{generation.id}/")

        page.click("a:has-text('Compare')")
        page.wait_for_selector(".contest")
        page.wait_for_load_state()
        assert page.locator(".contest img").count() == 2
        assert "Seed" in page.inner_text(".facts-of table")
        page.keyboard.press("l")
        page.wait_for_selector("[data-at]")
        page.focus("[data-at]")
        page.keyboard.press("Home")
        assert page.evaluate("document.querySelector('.over').style.cssText") == (
            "--at: 0%;"
        )
        assert visitor.find_violations() == []
        page.mouse.move(*middle(page, ".both", 0.25))
        page.mouse.down()
        page.mouse.up()
        assert page.input_value("[data-at]") == "25"

        page.goto(page.url.replace("slider", "difference"))
        page.check("[data-strong]")
        assert page.locator(".over.strong").count() == 1
        page.set_viewport_size(PHONE)
        page.emulate_media(color_scheme="dark")
        assert visitor.find_violations() == []
        assert not visitor.is_wider_than_window()
        page.click("a:has-text('Swap')")
        assert page.url.index(str(second.asset_id)) < page.url.index(
            str(first.asset_id)
        )


def middle(page: object, selector: str, share: float) -> tuple[float, float]:
    box = page.locator(selector).bounding_box()  # type: ignore[attr-defined]
    return box["x"] + share * box["width"], box["y"] + box["height"] / 2
