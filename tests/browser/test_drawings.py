"""A drawing is imported, its notes read in the editor and dismissed, in a browser."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from brandgen.creatives.models import ImportedDrawing, TemplateVersion
from tests.browser.conftest import DEVICES
from tests.compositor.importing.pdfs import make_pdf, words
from tests.compositor.svg.test_import import TINY
from tests.factories import make_layout_kit, make_manager

FIGMA = Path(__file__).parents[1] / "compositor" / "svg" / "figma.svg"


class TestImportOfADrawing:
    @pytest.mark.parametrize("device", ["desk", "phone"])
    def test_becomes_a_draft_whose_notes_are_read_in_the_editor(
        self, visit: Callable[..., Any], tmp_path: Path, device: str
    ) -> None:
        make_layout_kit()
        drawing = tmp_path / "Spring post.txt"
        drawing.write_text(FIGMA.read_text().replace("PHOTO", TINY))
        visitor = visit(make_manager(), **DEVICES[device])
        page = visitor.open("/b/northwind/templates/import")

        page.get_by_label("Document or drawing").set_input_files(drawing)
        page.get_by_role("button", name="Check and import").click()
        page.get_by_role("heading", name="Spring post").wait_for()
        notes = page.locator("[data-notes]")
        notes.get_by_text("Its picture is not kept with the template").wait_for()
        assert visitor.find_violations() == []

        version = TemplateVersion.objects.get()
        page = visitor.open(f"/b/northwind/templates/{version.template_id}/edit")
        notes = page.locator("[data-notes]")
        notes.locator("summary").click()
        notes.get_by_text("Its picture is not kept with the template").wait_for()
        assert visitor.find_violations() == []
        notes.get_by_role("button", name="I have read them").press("Enter")
        notes.wait_for(state="detached")

        assert ImportedDrawing.objects.get().dismissed_at is not None
        assert page.evaluate("document.activeElement.dataset.part") == "view"
        page.reload()
        page.locator("[data-part=view]").wait_for()
        assert page.locator("[data-notes]").count() == 0
        assert visitor.troubles == []


class TestImportOfAPdf:
    @pytest.mark.parametrize("device", ["desk", "phone"])
    def test_becomes_a_draft_with_a_report(
        self, visit: Callable[..., Any], tmp_path: Path, device: str
    ) -> None:
        make_layout_kit()
        file = tmp_path / "Spring post.pdf"
        button = "0.957 0.502 0.235 rg 81 500 200 60 re f 0 g "
        file.write_bytes(make_pdf(["", button + words("See more", 90, 522)]))
        visitor = visit(make_manager(), **DEVICES[device])
        page = visitor.open("/b/northwind/templates/import")

        page.get_by_label("Document or drawing").set_input_files(file)
        page.get_by_label("Page of a PDF").fill("2")
        assert visitor.find_faults() == []
        page.get_by_role("button", name="Check and import").click()
        notes = page.locator("[data-notes]")
        notes.get_by_text("Taken over: 1 text, 1 shape.").wait_for()
        notes.get_by_text("Drawn otherwise").wait_for()
        notes.get_by_text("2 pages; page 2 was taken").wait_for()

        assert visitor.find_faults() == []
        assert visitor.troubles == []
