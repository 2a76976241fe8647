import io
from pathlib import Path

import pytest
from pypdf import PdfReader
from pytest_django import Settings

from brandgen.audit.models import Entry
from brandgen.compositor.encode import srgb_profile
from brandgen.compositor.profiles import GENERIC, OWN
from brandgen.creatives import printing
from brandgen.creatives.models import Batch, Creative
from brandgen.library.models import Asset
from tests.compositor.press import find_foreign_colors
from tests.creatives.pages import address
from tests.factories import NOW, make_batch, run_jobs
from tests.pages import enter

pytestmark = pytest.mark.django_db

MM = 72 / 25.4


def make_creative(*, is_approved: bool = True) -> Creative:
    batch = make_batch(formats=["square"])
    run_jobs()
    if is_approved:
        Asset.objects.filter(creatives__batch=batch).update(
            state="approved", approved_at=NOW
        )
    return batch.creatives.get()


def read(creative: Creative, **query: str) -> str:
    return enter().get(address("print", creative.id), query).content.decode()


def download(creative: Creative, **query: str):
    return enter().get(address("print_file", creative.id), query)


class TestPrintPage:
    def test_is_linked_from_the_creative(self) -> None:
        creative = make_creative()

        page = enter().get(address("cell", creative.id)).content.decode()

        assert address("print", creative.id) in page

    def test_offers_rgb_and_the_profiles_there_are(
        self, settings: Settings, tmp_path: Path
    ) -> None:
        data = (OWN / f"{GENERIC}.icc").read_bytes()
        (tmp_path / "Our press.icc").write_bytes(data)
        (tmp_path / "screen.icc").write_bytes(srgb_profile())
        settings.ICC_DIR = tmp_path

        page = read(make_creative())

        assert "RGB (sRGB)" in page
        assert f"CMYK: ISO Coated v2 300% (basICColor), {GENERIC}" in page
        assert 'value="Our press"' in page
        assert "screen (can’t be used)" in page

    def test_says_how_large_it_is_on_paper(self) -> None:
        page = read(make_creative())

        assert "285.8 × 285.8 mm" in page
        assert "96 dpi" in page
        assert "is a format for screens" in page

    def test_says_what_was_found_about_the_inks(self) -> None:
        creative = make_creative()

        page = read(creative, color=GENERIC)

        assert "Ink on the paper" in page
        assert "allowed 300 %" in page
        assert "Ink on the paper" not in read(creative)

    def test_names_a_brand_color_that_can_not_be_printed(self) -> None:
        creative = make_creative()
        kit = creative.batch.brand_kit
        kit.colors.update(hex="#2200ff")

        page = read(creative, color=GENERIC)

        assert "Brand colors in print" in page
        assert "#2200ff can&#x27;t be printed" in page

    def test_says_what_is_wrong_with_a_profile(
        self, settings: Settings, tmp_path: Path
    ) -> None:
        (tmp_path / "screen.icc").write_bytes(srgb_profile())
        settings.ICC_DIR = tmp_path

        page = read(make_creative(), color="screen")

        assert "a profile for RGB" in page
        assert 'role="alert"' in page

    def test_refuses_a_profile_that_is_not_there(self) -> None:
        page = read(make_creative(), color="PSOcoated_v3")

        assert "Select a valid choice" in page

    def test_waits_for_the_picture(self) -> None:
        creative = make_batch(formats=["square"]).creatives.get()

        page = read(creative, color=GENERIC)

        assert "Not rendered yet" in page
        assert (
            address("print", creative.id)
            not in enter().get(address("cell", creative.id)).content.decode()
        )


class TestPrintFile:
    def test_is_in_the_inks_of_the_profile(self) -> None:
        creative = make_creative()

        answer = download(creative, color=GENERIC, marks="on")

        page = PdfReader(io.BytesIO(answer.content)).pages[0]
        assert answer["Content-Type"] == "application/pdf"
        assert find_foreign_colors(answer.content) == []
        assert "Morning 1" in " ".join(page.extract_text().split())
        assert page.trimbox != page.mediabox
        assert f"_{GENERIC.lower()}.pdf" in answer["Content-Disposition"]
        assert "NOT-APPROVED" not in answer["Content-Disposition"]

    def test_has_the_bleed_of_its_batch(self) -> None:
        creative = make_creative()
        Batch.objects.update(file_options={"bleed": "2 2 5 2"})

        page = read(creative)
        (sheet,) = PdfReader(io.BytesIO(download(creative, color="").content)).pages

        assert "2 2 5 2 mm</span> of bleed (top, right, bottom, left)" in page
        trim, bleed = sheet.trimbox, sheet.bleedbox
        assert float(trim.bottom - bleed.bottom) == pytest.approx(5 * MM, abs=0.01)

    def test_is_rgb_where_no_profile_is_chosen(self) -> None:
        answer = download(make_creative(), color="")

        assert find_foreign_colors(answer.content)
        assert "_rgb.pdf" in answer["Content-Disposition"]

    def test_says_by_its_key_what_it_is_made_of(self) -> None:
        creative = make_creative()
        marks = [
            read_packet(download(creative, **query).content)
            for query in (
                {"color": ""},
                {"color": GENERIC},
                {"color": GENERIC, "marks": "on"},
                {"color": GENERIC},
            )
        ]

        assert len(set(marks)) == 3
        assert marks[1] == marks[3]

    def test_takes_the_inks_of_the_brand_kit(self) -> None:
        creative = make_creative()
        plain = download(creative, color=GENERIC).content
        creative.batch.brand_kit.colors.update(inks="11 22 33 44")

        inked = download(creative, color=GENERIC).content

        content = PdfReader(io.BytesIO(inked)).pages[0].get_contents().get_data()
        assert b"0.11 0.22 0.33 0.44 k" in content
        assert plain != inked

    def test_is_marked_where_it_is_not_approved(self) -> None:
        creative = make_creative(is_approved=False)
        marked = download(creative, color=GENERIC)
        Asset.objects.filter(creatives=creative).update(
            state="approved", approved_at=NOW
        )

        clean = download(creative, color=GENERIC)

        assert "NOT-APPROVED" in marked["Content-Disposition"]
        assert len(marked.content) > len(clean.content)
        assert find_foreign_colors(marked.content) == []

    def test_stands_in_the_audit_trail(self) -> None:
        creative = make_creative()

        download(creative, color=GENERIC)

        entry = Entry.objects.get(action="creative.downloaded_for_print")
        assert entry.subject_id == str(creative.id)
        assert entry.brand == creative.batch.brand
        assert entry.data == {"profile": GENERIC, "is_marked": False}

    def test_goes_back_to_the_page_with_a_reason(self) -> None:
        creative = make_creative()

        answer = download(creative, color="none such")

        assert answer.status_code == 302
        page = enter().get(answer["Location"]).content.decode()
        assert "Select a valid choice" in page
        assert not Entry.objects.filter(action="creative.downloaded_for_print").exists()

    def test_says_that_others_are_being_made(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        creative = make_creative()
        monkeypatch.setattr(printing, "LONGEST_WAIT_S", 0.01)
        for _ in range(printing.MOST_AT_A_TIME):
            assert printing._rooms.acquire(timeout=1)
        try:
            answer = enter().get(
                address("print_file", creative.id), {"color": GENERIC}, follow=True
            )
        finally:
            printing._rooms.release(printing.MOST_AT_A_TIME)

        assert "Other files are being made" in answer.content.decode()


def read_packet(data: bytes) -> str:
    """Return the document's id in the XMP of a PDF."""
    packet = PdfReader(io.BytesIO(data)).trailer["/Root"]["/Metadata"].get_data()
    return packet.decode().partition("xmp.did:")[2][:36]
