"""A batch of PDFs in the inks of a color profile, from its form to its files."""

import shutil
from pathlib import Path

import pytest
from pytest_django import Settings

from brandgen.compositor.encode import srgb_profile
from brandgen.compositor.profiles import GENERIC, OWN, load_profile
from brandgen.creatives.file_choices import read_options
from brandgen.creatives.file_options import USUAL, FileOptions
from brandgen.creatives.models import Batch
from brandgen.lib.storage import get_store
from tests.compositor.press import find_foreign_colors
from tests.creatives.pages import address
from tests.creatives.test_feed_views import send
from tests.factories import (
    make_batch,
    make_feed,
    make_layout_kit,
    make_marked_asset,
    make_template_version,
    run_jobs,
)
from tests.pages import enter

pytestmark = pytest.mark.django_db


def in_inks(name: str = GENERIC) -> FileOptions:
    return read_options({"profile": name}, "pdf").options


class TestReadOptions:
    def test_keeps_the_profile_and_what_its_file_is(self) -> None:
        chosen = read_options({"profile": GENERIC}, "pdf")

        profile = load_profile(GENERIC)
        assert chosen.problems == []
        assert chosen.options == FileOptions(
            profile=GENERIC, profile_sha256=profile.digest
        )
        assert chosen.options.describe() == f"CMYK by {GENERIC}"

    @pytest.mark.parametrize(
        ("name", "file_type", "words"),
        [
            (GENERIC, "jpeg", "A jpeg has no color profile. Use pdf."),
            ("PSOcoated_v3", "pdf", "no color profile 'PSOcoated_v3'"),
            ("screen", "pdf", "a profile for RGB"),
        ],
    )
    def test_says_what_is_wrong(
        self,
        name: str,
        file_type: str,
        words: str,
        settings: Settings,
        tmp_path: Path,
    ) -> None:
        (tmp_path / "screen.icc").write_bytes(srgb_profile())
        settings.ICC_DIR = tmp_path

        chosen = read_options({"profile": name}, file_type)

        assert words in chosen.problems[0]
        assert chosen.options == USUAL


class TestBatch:
    def test_is_written_in_inks(self) -> None:
        batch = make_batch(formats=["square"], file_type="pdf", file_options=in_inks())

        run_jobs()

        creative = batch.creatives.get()
        assert batch.file_options["profile"] == GENERIC
        assert creative.asset is not None
        assert creative.asset.mime == "application/pdf"
        assert find_foreign_colors(get_store().read(creative.asset.sha256)) == []
        assert "ink-coverage" in {found["rule"] for found in creative.findings}
        page = enter().get(address("cell", creative.id)).content.decode()
        assert f"CMYK by {GENERIC}" in page

    def test_has_other_content_than_one_in_rgb(self) -> None:
        photo = {"hero": make_marked_asset()}
        version = make_template_version()
        kit = make_layout_kit()
        keys = [
            make_batch(
                formats=["square"],
                images=photo,
                template_version=version,
                kit=kit,
                file_type="pdf",
                file_options=options,
            )
            .creatives.get()
            .content_key
            for options in (USUAL, in_inks(), in_inks())
        ]

        assert keys[0] != keys[1] == keys[2]

    @pytest.mark.parametrize("then", ["away", "another"])
    def test_says_that_its_profile_is_not_what_it_was(
        self, then: str, settings: Settings, tmp_path: Path
    ) -> None:
        path = tmp_path / "press.icc"
        shutil.copy(OWN / f"{GENERIC}.icc", path)
        settings.ICC_DIR = tmp_path
        batch = make_batch(
            formats=["square"], file_type="pdf", file_options=in_inks("press")
        )
        if then == "away":
            path.unlink()
        else:
            data = bytearray(path.read_bytes())
            data[4:8] = b"new!"
            path.write_bytes(data)

        run_jobs()

        said = {
            "away": "There is no color profile 'press'",
            "another": "is another one than when this was asked for",
        }
        creative = batch.creatives.get()
        assert said[then] in creative.error
        assert creative.asset is None


class TestForms:
    def test_offer_it_and_make_it(self) -> None:
        make_layout_kit()
        version, photo = make_template_version(), make_marked_asset()
        url = address("fill", version.template_id)
        data = {
            "t-headline": "Brighter mornings",
            "t-cta": "See more",
            "i-hero": str(photo.id),
            "formats": ["square"],
            "name": "Spring",
            "file_type": "pdf",
            "profile": GENERIC,
        }

        page = enter().get(url).content.decode()
        enter().post(url, data)

        assert f'<option value="{GENERIC}">CMYK: ISO Coated v2 300%' in page
        assert Batch.objects.get().file_options["profile"] == GENERIC

    def test_of_a_table_keep_it_and_make_it(self) -> None:
        feed = make_feed()

        send(feed, file_type="pdf", profile=GENERIC)

        page = enter().get(address("feed", feed.id)).content.decode()
        assert f'<option value="{GENERIC}" selected>' in page
        feed.refresh_from_db()
        send(feed, profile=GENERIC, start="1")
        assert Batch.objects.get().file_options["profile"] == GENERIC
