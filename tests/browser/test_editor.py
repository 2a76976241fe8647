"""The canvas, the layers and the fields of the editor, by hand and by keys."""

import pytest
from playwright.sync_api import expect

from brandgen.creatives.models import Template
from tests.browser.conftest import DEVICES
from tests.browser.editing import (
    Visit,
    choose,
    document,
    drag,
    layer,
    number,
    open_editor,
    panel_field,
    settle,
)
from tests.factories import (
    make_collection,
    make_layout_kit,
    make_manager,
    make_marked_asset,
    make_template_version,
)


class TestPage:
    @pytest.mark.parametrize("device", DEVICES)
    def test_is_accessible_and_fits(self, visit: Visit, device: str) -> None:
        visitor = open_editor(visit, **DEVICES[device])
        page = visitor.page

        found = visitor.find_faults()
        for name in ("Headline", "Logo", "Ground of the copy"):
            choose(page, name)
            found += visitor.find_faults()
        for tab in ("Content", "Formats"):
            page.get_by_role("tab", name=tab).click()
            page.locator(f"#panel-{tab.lower()} summary").first.click()
            found += visitor.find_faults()

        assert found == []

    def test_only_shows_a_template_that_is_locked(self, visit: Visit) -> None:
        make_layout_kit()
        version = make_template_version(published_at=None)
        version.template.set_lock(level=Template.LockLevel.NOBODY, owner=None)
        visitor = open_editor(visit)
        page = visitor.page

        choose(page, "Headline")
        drag(page, (540, 800), (0, -200))
        page.keyboard.press("Delete")
        page.get_by_role("tab", name="Content").click()
        page.locator("#panel-content summary").first.click()

        assert page.locator("[data-part=note]").inner_text().startswith("The template")
        assert panel_field(page, "name").is_disabled()
        assert page.locator("[data-part=saved]").inner_text() == "Read only"
        assert document() == version.document
        assert visitor.find_violations() == []


class TestLayers:
    def test_are_drawn_with_the_pointer(self, visit: Visit) -> None:
        page = open_editor(visit).page

        page.get_by_text("Add a layer").click()
        page.locator("[data-kind=shape]").click()
        drag(page, (300, 300), (203, 151))
        settle(page)

        box = layer("shape")["box"]
        assert box["x"] == {"anchor": "start", "offset": 300, "size": 203}
        assert abs(box["y"]["size"] - 151) <= 2
        assert layer("shape")["fill"]["color"] == "signal"

    def test_are_added_by_keys_alone(self, visit: Visit) -> None:
        page = open_editor(visit).page

        page.locator("summary", has_text="Add a layer").press("Enter")
        page.locator("[data-kind=text]").press("Enter")
        settle(page)

        assert layer("text")["text"] == "Text"
        row = page.locator(".ed-row[aria-current]")
        assert row.get_attribute("data-id") == "text"

    @pytest.mark.parametrize("kind", ["image", "logo", "line", "path", "qr", "table"])
    def test_of_every_kind_can_be_drawn(self, visit: Visit, kind: str) -> None:
        page = open_editor(visit).page

        page.locator("summary", has_text="Add a layer").press("Enter")
        page.locator(f"[data-kind={kind}]").press("Enter")
        settle(page)

        assert layer(kind)["type"] == kind

    @pytest.mark.parametrize(
        "kind", ["barcode", "rating", "ai_label", "group", "stack", "shape"]
    )
    def test_of_the_other_kinds_too(self, visit: Visit, kind: str) -> None:
        self.test_of_every_kind_can_be_drawn(visit, kind)

    def test_are_reordered_duplicated_and_removed(self, visit: Visit) -> None:
        page = open_editor(visit).page
        choose(page, "Ground of the logo")

        page.keyboard.press("Alt+ArrowUp")
        settle(page)
        assert [one["id"] for one in document()["layers"]][2:4] == ["logo", "tab"]
        page.keyboard.press("Control+d")
        settle(page)
        assert layer("tab_2")["label"] == "Ground of the logo copy"
        page.keyboard.press("Delete")
        settle(page)
        assert [one["id"] for one in document()["layers"]][-2:] == ["tab", "copy"]

    def test_are_dragged_into_a_stack(self, visit: Visit) -> None:
        page = open_editor(visit).page

        page.locator("li[data-id=tab] > .ed-row-line").drag_to(
            page.locator("li[data-id=copy] > .ed-row-line")
        )
        settle(page)

        tab = layer("copy")["children"][-1]
        assert (tab["id"], "box" in tab) == ("tab", False)
        assert tab["size"]["height"] > 10

    def test_are_not_dragged_where_their_position_is_locked(self, visit: Visit) -> None:
        page = open_editor(visit).page
        before = document()

        page.locator("li[data-id=logo] > .ed-row-line").drag_to(
            page.locator("li[data-id=copy] > .ed-row-line")
        )
        words = "Its position is locked. Unlock it to move it."
        page.locator("[data-part=note]", has_text=words).wait_for()

        assert document() == before

    def test_stay_where_they_are_locked(self, visit: Visit) -> None:
        page = open_editor(visit).page
        choose(page, "Logo")
        before = document()

        assert page.locator('[data-field="rect/x"]').is_disabled()
        page.locator(".ed-view").press("ArrowRight")
        page.keyboard.press("Delete")
        assert "locked" in page.locator("[data-part=said]").inner_text()
        assert document() == before
        page.locator("label.chip", has_text="Position").click()
        page.locator(".ed-view").press("ArrowRight")
        settle(page)

        assert layer("logo")["locked"] == ["size", "style", "removal"]
        assert layer("logo")["box"]["x"]["offset"] == 57

    def test_are_unlocked_before_they_change_though_nothing_was_saved_between(
        self, visit: Visit
    ) -> None:
        visitor = open_editor(visit)
        page = visitor.page
        choose(page, "Logo")

        page.context.set_offline(True)
        page.locator("label.chip", has_text="Position").click()
        page.locator("label.chip", has_text="Removal").click()
        page.locator(".ed-view").press("ArrowRight")
        page.get_by_text("the server can't be reached").first.wait_for()
        page.context.set_offline(False)
        settle(page)

        assert layer("logo")["locked"] == ["size", "style"]
        assert layer("logo")["box"]["x"]["offset"] == 57
        visitor.troubles.clear()  # being offline is one


class TestMoving:
    def test_follows_hand_keys_and_fields(self, visit: Visit) -> None:
        page = open_editor(visit).page
        choose(page, "Ground of the logo")

        drag(page, (200, 120), (137, 211))
        settle(page)
        assert layer("tab")["box"]["x"]["offset"] == pytest.approx(97, abs=14)
        x, y = number(page, "x"), number(page, "y")
        page.keyboard.press("ArrowRight")
        page.keyboard.press("Shift+ArrowDown")
        settle(page)
        assert (number(page, "x"), number(page, "y")) == (x + 1, y + 10)
        page.locator('[data-field="rect/width"]').fill("300")
        settle(page)
        assert layer("tab")["box"]["x"] == {
            "anchor": "start",
            "offset": x + 1,
            "size": 300,
        }

    def test_snaps_to_the_edge_and_shows_the_line(self, visit: Visit) -> None:
        page = open_editor(visit).page
        choose(page, "Ground of the logo")
        box = page.locator(".ed-sheet").bounding_box()
        zoom = box["width"] / 1080

        page.mouse.move(box["x"] + 200 * zoom, box["y"] + 120 * zoom)
        page.mouse.down()
        page.mouse.move(box["x"] + 243 * zoom, box["y"] + 400 * zoom, steps=6)
        assert page.locator(".ed-line.hit.x").count() == 1
        page.mouse.up()
        settle(page)

        assert layer("tab")["box"]["x"]["offset"] == 0

    def test_goes_back_on_escape(self, visit: Visit) -> None:
        page = open_editor(visit).page
        before = document()
        choose(page, "Ground of the logo")
        x = number(page, "x")
        box = page.locator(".ed-sheet").bounding_box()

        page.mouse.move(box["x"] + 100, box["y"] + 60)
        page.mouse.down()
        page.mouse.move(box["x"] + 190, box["y"] + 160, steps=6)
        assert number(page, "x") != x
        page.keyboard.press("Escape")
        page.mouse.up()
        settle(page)

        assert number(page, "x") == x
        assert document() == before

    def test_resizes_by_a_handle_and_keeps_the_anchor(self, visit: Visit) -> None:
        page = open_editor(visit).page
        choose(page, "Copy")

        drag(page, (540, 676), (0, -97))
        settle(page)

        axis = layer("copy")["box"]["y"]
        assert (axis["anchor"], axis["offset"]) == ("end", 44)
        assert axis["size"] == pytest.approx(457, abs=8)

    def test_keeps_its_place_when_the_anchor_changes(self, visit: Visit) -> None:
        page = open_editor(visit).page
        choose(page, "Ground of the logo")

        page.locator('[data-field="box/x"]').select_option("end")
        settle(page)

        box = layer("tab")["box"]["x"]
        assert box == {"anchor": "end", "size": 404, "offset": 1080 - 364}
        assert number(page, "x") == -40


class TestFields:
    def test_keep_the_caret_where_one_types(self, visit: Visit) -> None:
        page = open_editor(visit).page
        choose(page, "Headline")
        example = panel_field(page, "slot/headline/example")
        before = example.input_value()

        example.focus()
        page.keyboard.press("Home")
        page.keyboard.type("New: ")
        settle(page)
        page.keyboard.type("now ")
        settle(page)

        assert document()["slots"]["headline"]["example"] == f"New: now {before}"

    def test_take_a_number_digit_by_digit(self, visit: Visit) -> None:
        page = open_editor(visit).page
        choose(page, "Headline")
        most = panel_field(page, "slot/headline/max_chars")

        most.press("Control+a")
        page.keyboard.type("120")
        settle(page)
        assert document()["slots"]["headline"]["max_chars"] == 120
        most.press("Control+a")
        page.keyboard.press("Delete")
        page.keyboard.press("Tab")

        assert most.input_value() == "120"
        settle(page)
        page.keyboard.press("Control+z")
        settle(page)
        assert document()["slots"]["headline"]["max_chars"] != 120

    def test_narrow_a_picture_to_a_collection(self, visit: Visit) -> None:
        photo = make_marked_asset(title="Mug")
        make_marked_asset(title="Bowl")
        make_collection(name="Summer 26", key="summer", assets=[photo])
        page = open_editor(visit).page
        choose(page, "Picture")

        panel_field(page, "slot/hero/collection").select_option(
            label="Only pictures of Summer 26"
        )
        settle(page)

        assert document()["slots"]["hero"]["collection"] == "summer"
        offered = panel_field(page, "try/hero").locator("option").all_inner_texts()
        assert offered == ["The newest approved", "Mug"]

    def test_show_the_old_value_after_undo(self, visit: Visit) -> None:
        page = open_editor(visit).page
        choose(page, "Ground of the logo")
        width = panel_field(page, "rect/width")

        width.fill("300")
        page.keyboard.press("Control+z")

        expect(width).to_have_value("404")
        assert width.evaluate("field => field === document.activeElement")

    def test_of_colors_keep_the_focus(self, visit: Visit) -> None:
        page = open_editor(visit).page
        choose(page, "Ground of the logo")
        color = page.get_by_role("button", name="signal, accent").first

        color.press("Enter")
        settle(page)

        assert layer("tab")["fill"]["color"] == "signal"
        assert color.evaluate("one => one === document.activeElement")


class TestHistory:
    def test_undoes_and_redoes_a_drag_as_one_step(self, visit: Visit) -> None:
        page = open_editor(visit).page
        before = document()
        choose(page, "Ground of the logo")
        drag(page, (200, 120), (137, 211))
        settle(page)
        after = document()

        page.keyboard.press("Control+z")
        settle(page)
        undone = document()
        assert page.locator("[data-do=undo]").is_disabled()
        page.keyboard.press("Control+Shift+z")
        settle(page)

        assert before != after
        assert (undone, document()) == (before, after)

    def test_outlives_the_server_being_away(self, visit: Visit) -> None:
        visitor = open_editor(visit)
        page = visitor.page
        page.route("**/draft", lambda route: route.abort())
        choose(page, "Ground of the logo")
        page.locator(".ed-view").press("ArrowRight")
        page.get_by_text("the server can't be reached").wait_for()
        visitor.troubles.clear()

        page.unroute("**/draft")
        page.reload()
        page.wait_for_selector(".toast")
        settle(page)
        visitor.troubles.clear()

        assert layer("tab")["box"]["x"]["offset"] == -39

    def test_outlives_being_signed_out(self, visit: Visit) -> None:
        visitor = open_editor(visit)
        page = visitor.page
        visitor.context.clear_cookies(name="session")
        choose(page, "Ground of the logo")

        page.locator(".ed-view").press("ArrowRight")
        page.get_by_text("Not saved: You are signed out").wait_for()
        visitor.sign_in(make_manager())
        page.reload()
        page.wait_for_selector(".toast")
        settle(page)

        assert layer("tab")["box"]["x"]["offset"] == -39


class TestGroups:
    def test_hold_a_layer_where_it_was_and_let_it_go_again(self, visit: Visit) -> None:
        page = open_editor(visit).page
        choose(page, "Ground of the logo")

        page.keyboard.press("Control+g")
        settle(page)
        group = layer("group")
        assert group["box"]["x"]["offset"] == -40
        assert group["children"][0]["id"] == "tab"
        page.locator('[data-field="do unwrap"]').click()
        settle(page)

        assert layer("tab")["box"]["x"] == {
            "anchor": "start",
            "offset": -40,
            "size": 404,
        }

    def test_move_their_layers_inside_their_own_room(self, visit: Visit) -> None:
        page = open_editor(visit).page
        page.locator("summary", has_text="Add a layer").press("Enter")
        page.locator("[data-kind=group]").press("Enter")
        settle(page)
        page.locator("li[data-id=group] li .ed-row").click()

        page.locator('[data-field="box/x"]').select_option("start")
        page.locator('[data-field="rect/x"]').fill("30")
        settle(page)

        child = layer("group")["children"][0]
        assert child["box"]["x"]["offset"] == 30
        assert number(page, "x") == 30


class TestLink:
    def test_of_a_layer_is_kept_or_says_what_is_wrong(self, visit: Visit) -> None:
        page = open_editor(visit).page
        choose(page, "Logo")
        field = page.get_by_label("Link", exact=True)

        field.fill("northwind.example")
        field.press("Tab")
        page.get_by_text("not an address to link to").first.wait_for()
        field.fill("https://northwind.example/mugs")
        field.press("Tab")
        settle(page)

        assert layer("logo")["link"] == "https://northwind.example/mugs"
        page.reload()
        page.wait_for_selector(".ed-sheet img[src]")
        choose(page, "Logo")
        assert page.get_by_label("Link", exact=True).input_value().endswith("/mugs")
        page.get_by_label("Link", exact=True).fill("")
        page.keyboard.press("Tab")
        settle(page)
        assert "link" not in layer("logo")


class TestPictures:
    def test_say_where_they_sit_once_they_are_shown_whole(self, visit: Visit) -> None:
        visitor = open_editor(visit)
        page = visitor.page

        choose(page, "Picture")
        assert panel_field(page, "align").count() == 0
        panel_field(page, "fit").select_option(label="Whole picture")
        settle(page)
        panel_field(page, "align").select_option(label="End")
        settle(page)
        panel_field(page, "valign").select_option(label="By its focal point")
        settle(page)

        (picture,) = (one for one in document()["layers"] if one["type"] == "image")
        assert (picture["fit"], picture["align"]) == ("contain", "end")
        assert picture["valign"] == "focal"
        assert visitor.find_violations() == []
