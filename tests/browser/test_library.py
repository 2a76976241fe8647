from collections.abc import Callable
from pathlib import Path
from typing import Any

from brandgen.library.models import Asset
from brandgen.review.models import Review
from tests.factories import current_kit, make_asset, make_brand, make_picture, make_user

Visit = Callable[..., Any]
LIBRARY = "/b/northwind/library/"


class TestGallery:
    def test_sends_a_selection_to_review(self, visit: Visit) -> None:
        for number in range(3):
            make_asset(title=f"Draft {number}")
        page = visit(make_user()).open(f"{LIBRARY}?view=all")

        page.get_by_label("Select Draft 0").check()
        page.get_by_label("Select Draft 2").check()
        assert "2 selected" in page.locator("[data-count]").inner_text()
        page.get_by_role("button", name="Send to review").click()
        page.fill("[name=message]", "For May")
        page.get_by_role("button", name="Send 2 to review").click()
        page.get_by_role("heading", name="Waiting for a decision").wait_for()

        sent = Review.objects.values_list("asset__title", flat=True)
        assert set(sent) == {"Draft 0", "Draft 2"}

    def test_filters_as_they_change_and_leads_back_there(self, visit: Visit) -> None:
        make_asset(title="Painted", kind="uploaded")
        make_asset(title="Made")
        page = visit(make_user()).open(f"{LIBRARY}?view=all")

        page.get_by_label("Uploaded").click()
        page.get_by_text("1 found").wait_for()
        page.locator("figure a").first.click()
        page.get_by_role("heading", name="Painted").wait_for()
        page.locator(".crumbs a").click()
        page.get_by_text("1 found").wait_for()

        assert page.get_by_label("Uploaded").is_checked()


class TestUpload:
    def test_takes_a_picture(self, visit: Visit, tmp_path: Path) -> None:
        current_kit(make_brand())
        (tmp_path / "autumn_mug.png").write_bytes(make_picture(120, 80))
        page = visit(make_user()).open(f"{LIBRARY}upload")

        page.set_input_files("input[type=file]", tmp_path / "autumn_mug.png")
        page.locator("[data-chosen]").wait_for()
        page.select_option("[name=source_type]", "digitalCapture")
        page.locator("[data-send]").click()
        page.get_by_role("heading", name="Autumn mug").wait_for()

        assert Asset.objects.get().state == "draft"

    def test_says_before_sending_that_a_file_is_too_large(
        self, visit: Visit, settings: Any, tmp_path: Path
    ) -> None:
        settings.MAX_UPLOAD_BYTES = 2**20
        (tmp_path / "big.png").write_bytes(b"\0" * (2**20 + 1))
        page = visit(make_user()).open(f"{LIBRARY}upload")

        page.set_input_files("input[type=file]", tmp_path / "big.png")

        assert "1 MB are allowed" in page.locator("[data-problem]").inner_text()
        assert page.locator("[data-send]").is_disabled()


class TestAsset:
    def test_sets_the_focal_point_by_a_click(self, visit: Visit) -> None:
        asset = make_asset(data=make_picture(400, 400))
        page = visit(make_user()).open(f"{LIBRARY}{asset.id}/")

        page.locator("[data-focal] img").click(position={"x": 100, "y": 300})
        page.get_by_role("button", name="Set focal point").click()
        page.get_by_text("Crops will keep that point").wait_for()

        changed = Asset.objects.get()
        assert (changed.focal_x, changed.focal_y) == (0.25, 0.75)
