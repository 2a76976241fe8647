"""Remove a background, as hands and keys do it."""

import io
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from brandgen.lib.storage import get_store
from brandgen.library.models import Cutout
from tests.browser.conftest import DEVICES, Visitor
from tests.factories import make_user, run_jobs
from tests.library.test_cutouts import make_photo

Visit = Callable[..., Visitor]


def path_of(photo: object) -> str:
    return f"/b/northwind/library/{photo.id}/cutout"  # type: ignore[attr-defined]


class TestCutoutPage:
    @pytest.mark.parametrize("device", DEVICES)
    def test_is_accessible_and_fits(self, visit: Visit, device: str) -> None:
        photo = make_photo()

        visitor = visit(make_user(), **DEVICES[device])

        assert visitor.find_faults_of([path_of(photo)]) == []

    def test_goes_from_strokes_to_a_draft(self, visit: Visit) -> None:
        page = visit(make_user()).open(path_of(make_photo()))
        page.get_by_text("Found without a mark").wait_for()
        page.get_by_role("button", name="Remove", exact=True).click()
        box = page.locator("[data-sheet] canvas").bounding_box()

        page.mouse.move(box["x"] + box["width"] * 0.4, box["y"] + box["height"] * 0.5)
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.5)
        page.mouse.up()
        page.get_by_text("1 mark", exact=True).wait_for()
        page.get_by_role("button", name="Dark").click()
        page.get_by_role("button", name="Keep the cut-out").click()
        page.get_by_role("heading", name="Cut out before").wait_for()
        run_jobs()
        page.get_by_role("link", name="Disc, cut out").wait_for()

        made = Cutout.objects.get().asset
        assert made is not None
        with Image.open(io.BytesIO(get_store().read(made.sha256))) as picture:
            alpha = np.asarray(picture)[..., 3]
        assert alpha[80, 90] == 0
        assert alpha[50, 90] == 255

    def test_takes_a_box_by_keys_and_undoes_it(self, visit: Visit) -> None:
        page = visit(make_user()).open(path_of(make_photo()))
        page.get_by_text("Found without a mark").wait_for()
        page.get_by_text("Mark a box by numbers").press("Enter")
        for name, value in (("left", 0), ("top", 0), ("right", 70), ("bottom", 100)):
            page.fill(f"[name={name}]", str(value))

        page.get_by_role("button", name="Mark this box").press("Enter")
        page.get_by_text("1 mark", exact=True).wait_for()
        page.get_by_role("button", name="Undo the last mark").press("Enter")

        page.get_by_text("Found without a mark").wait_for()
