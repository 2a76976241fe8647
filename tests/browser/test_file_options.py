"""A card for print: from the form of its template to a PDF with bleed."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect
from pypdf import PdfReader

from brandgen.creatives.models import Batch, TemplateVersion
from brandgen.library.models import Asset
from tests.browser.conftest import DEVICES, Visitor
from tests.compositor.pictures import plain_document, text_layer
from tests.factories import (
    NOW,
    make_layout_kit,
    make_template_version,
    make_user,
    run_jobs,
)

Visit = Callable[..., Visitor]
MM = 72 / 25.4


def make_card() -> TemplateVersion:
    make_layout_kit()
    formats = {"card": {"use": "print-a6"}, "post": {"use": "instagram-square"}}
    document = plain_document(text_layer(), formats=formats)
    return make_template_version(document=document)


class TestFileOptions:
    def test_lead_from_the_form_to_a_pdf_with_bleed(
        self, visit: Visit, tmp_path: Path
    ) -> None:
        version = make_card()
        visitor = visit(make_user())
        page = visitor.open(f"/b/northwind/templates/{version.template_id}/create")
        page.locator("[name=t-line]").fill("Brighter mornings")
        page.locator("[name=formats][value=post]").uncheck(force=True)
        page.get_by_text("File options").click()
        expect(page.get_by_label("Bleed in mm")).to_be_hidden()

        page.get_by_label("File type").select_option("pdf")
        expect(page.get_by_label("Transparent ground")).to_be_hidden()
        page.get_by_label("Bleed in mm").fill("50")
        page.get_by_label("Crop marks").check()
        page.locator("#make").click()
        page.get_by_text("50 mm is not a bleed of 0 to 20 mm.", exact=True).wait_for()
        page.get_by_label("Bleed in mm").fill("4")
        page.locator("#make").click()
        page.wait_for_url("**/batches/**")
        run_jobs()
        batch = Batch.objects.get()
        Asset.objects.filter(creatives__batch=batch).update(
            state="approved", approved_at=NOW
        )
        page.goto(
            f"{page.url.split('/batches')[0]}/creatives/{batch.creatives.get().id}/"
        )
        expect(page.locator(".look-stage img")).to_have_js_property("complete", True)
        with page.expect_download() as download:
            page.get_by_role("link", name="Download").click()

        file = tmp_path / "card.pdf"
        download.value.save_as(file)
        assert download.value.suggested_filename.endswith(".pdf")
        (sheet,) = PdfReader(file).pages
        trim, bleed = sheet.trimbox, sheet.bleedbox
        assert float(trim.width) == pytest.approx(148 * MM, abs=0.1)
        assert float(trim.left - bleed.left) == pytest.approx(4 * MM, abs=0.01)
        assert float(sheet.mediabox.width) > float(bleed.width) + 2

    @pytest.mark.parametrize("device", DEVICES)
    def test_are_accessible_and_fit(self, visit: Visit, device: str) -> None:
        version = make_card()
        visitor = visit(make_user(), **DEVICES[device])

        page = visitor.open(f"/b/northwind/templates/{version.template_id}/create")
        page.get_by_text("File options").click()

        expect(page.get_by_label("Density in dpi")).to_be_visible()
        assert visitor.find_faults() == []
