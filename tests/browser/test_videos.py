"""A video: from the form of a template that moves to its player."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from brandgen.creatives.models import Batch, TemplateVersion
from tests.browser.conftest import DEVICES, Visitor
from tests.compositor.moving_documents import line, moving_document, panel
from tests.factories import (
    make_layout_kit,
    make_template_version,
    make_user,
    run_jobs,
)

Visit = Callable[..., Visitor]
SLIDE = {"enter": {"type": "slide", "side": "start", "duration_s": 0.5}}


def make_moving_version() -> TemplateVersion:
    make_layout_kit()
    formats = {"post": {"use": "instagram-square"}}
    document = moving_document(panel(), line(SLIDE), duration_s=1)
    return make_template_version(document={**document, "formats": formats})


def make_video(page: Page, version: TemplateVersion) -> Batch:
    page.locator("[name=t-line]").fill("Brighter mornings")
    page.get_by_label("File type").select_option("mp4")
    page.locator("#make").click()
    page.wait_for_url("**/batches/**")
    run_jobs()
    return Batch.objects.get()


class TestVideo:
    def test_plays_when_a_person_asks_for_it(self, visit: Visit) -> None:
        version = make_moving_version()
        visitor = visit(make_user())
        page = visitor.open(f"/b/northwind/templates/{version.template_id}/create")
        batch = make_video(page, version)
        asset = batch.creatives.get().asset
        assert asset is not None

        page = visitor.open(f"/b/northwind/library/{asset.id}/")
        player = page.locator("video")

        expect(player).to_have_js_property("error", None)
        expect(player).to_have_js_property("paused", True)
        assert player.get_attribute("autoplay") is None
        player.evaluate("video => { video.muted = true; return video.play(); }")
        expect(player).to_have_js_property("ended", True)
        assert player.evaluate("video => [video.videoWidth, video.videoHeight]") == [
            1080,
            1080,
        ]
        assert player.evaluate("video => video.duration") == pytest.approx(1.0)

    @pytest.mark.parametrize("device", DEVICES)
    def test_is_accessible_and_fits(self, visit: Visit, device: str) -> None:
        version = make_moving_version()
        visitor = visit(make_user(), **DEVICES[device])
        page = visitor.open(f"/b/northwind/templates/{version.template_id}/create")
        batch = make_video(page, version)
        asset = batch.creatives.get().asset
        assert asset is not None

        visitor.open(f"/b/northwind/library/{asset.id}/")

        assert visitor.find_faults() == []
