"""Change an area and extend, as hands, fingers and keys do it."""

from collections.abc import Callable

import numpy as np
import pytest

from brandgen.engine.fake import FakeEngine
from brandgen.generation.making import read_mask, read_pixels
from brandgen.generation.models import Generation
from brandgen.generation.runner import run_prior
from brandgen.generation.services import request_decodings
from brandgen.library.models import Asset
from tests.browser.conftest import DEVICES, Visitor
from tests.browser.test_create import take, work_off
from tests.factories import NOW, make_generation, make_user
from tests.generation.test_edits import OPERATIONS, finish

Visit = Callable[..., Visitor]
PAGES = ("", "change/", "extend/", "enlarge/", "fidelity/")


def draw() -> Asset:
    return finish(make_generation(seeds=[7], width_px=256, height_px=384))


def marked() -> np.ndarray:
    source = Generation.objects.get(operation="inpaint").read_inputs().source
    assert source is not None
    return read_mask(source.mask_sha256) > 0


class TestPages:
    @pytest.mark.parametrize("device", DEVICES)
    def test_are_accessible_and_fit(self, visit: Visit, device: str) -> None:
        asset = draw()
        tested = finish(OPERATIONS["reconstruct"](asset))
        sheet_id = tested.decodings.get().candidate.generation_id
        root = "/b/northwind/create/"
        paths = [f"{root}from/{asset.id}/{page}" for page in PAGES]

        visitor = visit(make_user(), **DEVICES[device])

        assert visitor.find_faults_of([*paths, f"{root}sheets/{sheet_id}/"]) == []


class TestChange:
    def test_goes_from_a_drawn_mask_to_a_picture_that_keeps_the_rest(
        self, visit: Visit
    ) -> None:
        asset = draw()
        page = visit(make_user()).open(f"/b/northwind/create/from/{asset.id}/change/")
        box = page.locator("[data-mask] canvas").bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

        page.mouse.move(x - 30, y)
        page.mouse.down()
        page.mouse.move(x + 30, y + 10, steps=4)
        page.mouse.up()
        page.fill("[name=prompt]", "red")
        page.fill("[name=count]", "1")
        page.click("button:has-text('Sketch the change')")
        page.wait_for_selector(".cell")
        for lease in take("run_prior"):
            run_prior(lease, engine=FakeEngine())
        generation = Generation.objects.get(operation="inpaint")
        request_decodings(
            generation=generation, positions=[0], requested_by=make_user(), at=NOW
        )
        work_off()

        child = Asset.objects.get(parent_links__parent=asset)
        before, after = read_pixels(asset.sha256), read_pixels(child.sha256)
        assert 0.01 < marked().mean() < 0.4
        assert marked()[192, 128]
        assert np.array_equal(before[~marked()], after[~marked()])
        assert not np.array_equal(before, after)

    def test_undoes_erases_inverts_and_takes_numbers(self, visit: Visit) -> None:
        asset = draw()
        page = visit(make_user()).open(f"/b/northwind/create/from/{asset.id}/change/")
        words = page.locator("[data-mask-words]")

        page.click("summary:has-text('by numbers')")
        for name, value in (("left", 0), ("top", 0), ("width", 128), ("height", 384)):
            page.fill(f"[name={name}]", str(value))
        page.click("button:has-text('Mark this rectangle')")
        assert words.inner_text() == "50 % of the picture is marked."
        page.click("[data-act=undo]")
        assert "Draw on the picture" in words.inner_text()
        page.click("[data-act=redo]")
        page.click("[data-act=invert]")
        page.fill("[name=prompt]", "red")
        page.click("button:has-text('Sketch the change')")
        page.wait_for_selector(".cell")

        assert not marked()[:, :128].any()
        assert marked()[:, 128:].all()

    def test_marks_with_a_finger_on_a_phone(self, visit: Visit) -> None:
        asset = draw()
        phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True}
        page = visit(make_user(), **phone).open(
            f"/b/northwind/create/from/{asset.id}/change/"
        )

        page.locator("[data-mask] canvas").tap()
        page.fill("[name=prompt]", "red")
        page.click("button:has-text('Sketch the change')")
        page.wait_for_selector(".cell")

        assert marked().any()

    def test_keeps_the_mask_where_the_words_have_to_be_mended(
        self, visit: Visit
    ) -> None:
        asset = draw()
        page = visit(make_user()).open(f"/b/northwind/create/from/{asset.id}/change/")
        page.locator("[data-mask] canvas").click()
        page.fill("[name=prompt]", "")
        page.click("button:has-text('Sketch the change')")
        page.wait_for_selector(".errorlist")

        page.wait_for_selector("[data-mask-words]:has-text('is marked')")

    def test_works_without_a_script(self, visit: Visit) -> None:
        asset = draw()
        page = visit(make_user(), java_script_enabled=False).open(
            f"/b/northwind/create/from/{asset.id}/change/"
        )

        page.click("summary:has-text('by numbers')")
        for name, value in (("left", 8), ("top", 16), ("width", 32), ("height", 64)):
            page.fill(f"[name={name}]", str(value))
        page.fill("[name=prompt]", "red")
        page.click("button:has-text('Sketch the change')")

        assert "area changed" in page.inner_text("h1")
        assert int(marked().sum()) == 32 * 64


class TestExtend:
    def test_grows_the_ground_as_a_ratio_is_chosen(self, visit: Visit) -> None:
        asset = draw()
        page = visit(make_user()).open(f"/b/northwind/create/from/{asset.id}/extend/")

        page.click("a.chip:has-text('1:1')")

        assert page.inner_text("[data-extension-words]") == "384 × 384 px"
        page.click("button:has-text('Sketch the extension')")
        page.wait_for_selector(".cell")
        generation = Generation.objects.get(operation="outpaint")
        assert (generation.width_px, generation.height_px) == (384, 384)
