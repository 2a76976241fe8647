"""From an approved picture to files at a destination, by hand, in a real browser."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from brandgen.creatives.models import Batch
from brandgen.exports.models import Export
from brandgen.library.models import Asset
from brandgen.review.models import Review
from tests.browser.conftest import DEVICES
from tests.factories import (
    make_destination,
    make_layout_kit,
    make_manager,
    make_marked_asset,
    make_template_version,
    make_user,
    run_jobs,
)

Visit = Callable[..., Any]
TEMPLATES = "/b/northwind/templates/"
EXPORTS = "/b/northwind/exports/"


def make_stage() -> Asset:
    """Make a kit with a banned word, a template, and one approved picture."""
    make_layout_kit().banned_terms.create(term="cheap")
    make_template_version(name="Spring campaign")
    return make_marked_asset(title="Mug")


class TestFilling:
    def test_goes_from_copy_to_review(self, visit: Visit) -> None:
        photo = make_stage()
        page = visit(make_user()).open(f"{TEMPLATES}create?image={photo.id}")

        page.fill("[name=t-headline]", "Made for mornings")
        page.locator("figure[data-format=square] img[src^='data:']").wait_for()
        page.fill("[name=t-cta]", "So cheap")
        page.locator(".errorlist", has_text="does not allow cheap").wait_for()
        page.fill("[name=t-cta]", "See more")
        page.locator("[name=formats][value=story]").uncheck(force=True)
        page.get_by_role("button", name="Make 2 creatives").click()
        page.wait_for_url("**/batches/**")
        run_jobs()
        page.get_by_role("button", name="Send 2 to review").wait_for()
        page.keyboard.press("s")
        page.locator(".toast", has_text="2 sent to review").wait_for()

        assert [c.format for c in Batch.objects.get().creatives.all()] == [
            "square",
            "landscape",
        ]
        assert Review.objects.count() == 2

    def test_works_without_javascript(self, visit: Visit) -> None:
        photo = make_stage()
        visitor = visit(make_user(), java_script_enabled=False)
        page = visitor.open(f"{TEMPLATES}create?image={photo.id}")

        page.fill("[name=t-headline]", "No script")
        page.click("button[name=look]")
        shown = page.locator("figure[data-format=story] img").get_attribute("src")
        page.click("#make")
        page.wait_for_url("**/batches/**")
        run_jobs()
        page.reload()

        assert "No+script" in shown
        assert "i-hero" in shown
        assert page.locator(".cell img").count() == 3


class TestExporting:
    def test_says_what_will_happen_and_does_it(self, visit: Visit) -> None:
        photo = make_marked_asset(title="Mug")
        make_destination(name="Archive", config={"folder": "archive"})
        make_destination(name="Shop", config={"folder": "shop"})
        page = visit(make_user()).open(f"{EXPORTS}new?asset={photo.id}")

        page.get_by_text("Shop", exact=True).click()
        page.locator("#plan", has_text="northwind/shop").wait_for()
        page.get_by_role("button", name="Export 1 file").click()
        page.wait_for_url("**/exports/*-*/")
        run_jobs()
        page.locator("#progress", has_text="1 of 1 delivered").wait_for()

        path = Path(settings.EXPORT_DIR) / "northwind/shop"
        assert (path / Export.objects.get().items.get().path).exists()


@pytest.mark.parametrize("device", DEVICES)
class TestPages:
    def test_are_sound_for_everyone(self, visit: Visit, device: str) -> None:
        photo = make_stage()
        destination = make_destination(name="Shop")
        template = make_template_version(name="Second").template
        paths = [
            TEMPLATES,
            f"{TEMPLATES}import",
            f"{TEMPLATES}{template.id}/",
            f"{TEMPLATES}{template.id}/create?image={photo.id}",
            f"{TEMPLATES}batches/",
            EXPORTS,
            f"{EXPORTS}new?asset={photo.id}",
            f"{EXPORTS}destinations/add/s3",
            f"{EXPORTS}destinations/{destination.id}/",
        ]

        visitor = visit(make_manager(), **DEVICES[device])

        assert visitor.find_faults_of(paths) == []
