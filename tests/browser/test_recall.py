from collections.abc import Callable

from tests.browser.conftest import Visitor
from tests.browser.test_create import fill_sheet
from tests.factories import make_user

Visit = Callable[..., Visitor]


class TestRecall:
    def test_takes_settings_and_puts_them_back(self, visit: Visit) -> None:
        generation = fill_sheet()
        visitor = visit(make_user())
        page = visitor.open(f"/b/northwind/create/sheets/{generation.id}/")
        subject = page.locator("[name=v_subject]")
        subject.fill("my own words")

        page.click("[aria-label='More for sketch 2']")
        page.click("[aria-label='Recall settings of sketch 2']")
        page.wait_for_selector("#recall-title:focus")
        assert subject.input_value() == "my own words"
        assert visitor.find_violations() == []
        page.click("[data-field=v_subject] [data-take]")
        assert subject.input_value() == "teal waves"
        page.wait_for_selector("#prompt mark:has-text('teal waves')")
        page.click("[data-field=v_subject] [data-take]")
        assert subject.input_value() == "my own words"
        page.click("[data-take-all]")
        assert page.locator("[name=seed]").input_value() == "8"
        assert page.locator("[name=seed]").is_visible()
        page.click("[data-recall-close]")
        assert page.locator("[data-recall]").count() == 0
        assert subject.input_value() == "teal waves"

    def test_works_without_a_script(self, visit: Visit) -> None:
        generation = fill_sheet()
        visitor = visit(make_user(), java_script_enabled=False)
        page = visitor.open(f"/b/northwind/create/sheets/{generation.id}/")

        page.click("[aria-label='More for sketch 2']")
        page.click("[aria-label='Recall settings of sketch 2']")
        page.click("[data-field=seed] [data-take]")

        assert page.locator("[name=seed]").input_value() == "8"
