"""The rows of a batch become one file."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from tests.browser.conftest import DEVICES, Visitor
from tests.factories import make_batch, make_user, run_jobs

Visit = Callable[..., Visitor]


class TestTogether:
    @pytest.mark.parametrize("device", DEVICES)
    def test_is_accessible_and_fits(self, visit: Visit, device: str) -> None:
        batch = make_batch(rows=3)
        run_jobs()
        visitor = visit(make_user(), **DEVICES[device])

        visitor.open(f"/b/northwind/templates/batches/{batch.id}/together")

        assert visitor.find_faults() == []

    def test_leads_from_the_batch_to_an_animation(
        self, visit: Visit, tmp_path: Path
    ) -> None:
        batch = make_batch(rows=3)
        run_jobs()
        page = visit(make_user()).open(f"/b/northwind/templates/batches/{batch.id}/")
        page.locator("summary", has_text="Download").click()
        page.get_by_role("link", name="One file of all").click()
        page.get_by_label("Format").select_option("landscape")
        page.get_by_label("Seconds").fill("0.5")

        with page.expect_download() as download:
            page.get_by_role("button", name="Download").click()

        file = tmp_path / "all.gif"
        download.value.save_as(file)
        with Image.open(file) as picture:
            assert (picture.n_frames, picture.size) == (3, (1200, 628))
            assert picture.info["duration"] == 500
