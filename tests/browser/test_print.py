"""A creative is written for print: checked on its page, then downloaded."""

from collections.abc import Callable
from pathlib import Path

import pytest

from brandgen.compositor.profiles import GENERIC
from brandgen.creatives.models import Creative
from brandgen.library.models import Asset
from tests.browser.conftest import DEVICES, Visitor
from tests.compositor.press import find_foreign_colors
from tests.factories import NOW, make_batch, make_user, run_jobs

Visit = Callable[..., Visitor]


def make_creative(*, is_approved: bool) -> Creative:
    batch = make_batch(formats=["square"])
    run_jobs()
    if is_approved:
        Asset.objects.filter(creatives__batch=batch).update(
            state="approved", approved_at=NOW
        )
    batch.brand_kit.colors.filter(role="accent").update(hex="#2200ff")
    return batch.creatives.get()


class TestPrint:
    @pytest.mark.parametrize("device", DEVICES)
    def test_is_accessible_and_fits_with_findings(
        self, visit: Visit, device: str
    ) -> None:
        creative = make_creative(is_approved=False)
        visitor = visit(make_user(), **DEVICES[device])

        path = f"/b/northwind/templates/creatives/{creative.id}/print"
        page = visitor.open(f"{path}?color={GENERIC}")

        assert page.locator(".findings li").count() >= 1
        assert visitor.find_faults() == []

    def test_leads_from_the_creative_to_its_pdf(
        self, visit: Visit, tmp_path: Path
    ) -> None:
        creative = make_creative(is_approved=True)
        page = visit(make_user()).open(
            f"/b/northwind/templates/creatives/{creative.id}/"
        )
        page.get_by_role("link", name="For print").click()
        page.get_by_label("Color", exact=True).select_option(GENERIC)
        page.get_by_label("Crop marks").check()
        page.get_by_role("button", name="Check the inks").click()
        page.get_by_role("heading", name="Inks").wait_for()

        with page.expect_download() as download:
            page.get_by_role("button", name="Download PDF").click()

        file = tmp_path / "print.pdf"
        download.value.save_as(file)
        assert download.value.suggested_filename.endswith(f"_{GENERIC.lower()}.pdf")
        assert find_foreign_colors(file.read_bytes()) == []
        assert page.get_by_label("Crop marks").is_checked()
