"""From a format that cuts a picture to an approved extension of it, and back."""

from collections.abc import Callable

import pytest

from brandgen.creatives.models import Creative
from brandgen.generation.models import Generation
from brandgen.generation.services import request_decodings
from brandgen.library.models import Asset
from brandgen.review.models import Decision, Review
from brandgen.review.services import decide, submit_for_review
from tests.browser.conftest import DEVICES, Visitor
from tests.browser.test_create import work_off
from tests.factories import (
    NOW,
    make_batch,
    make_extended_asset,
    make_layout_kit,
    make_marked_asset,
    make_picture,
    make_reviewer,
    make_template_version,
    make_user,
    run_jobs,
)

Visit = Callable[..., Visitor]
CHANGED = """before =>
    document.querySelector('[data-format=square] img').src !== before"""


def make_photo() -> Asset:
    return make_marked_asset(data=make_picture(512, 512), title="Mug")


def finish_first() -> Asset:
    """Sketch and finish what was asked for."""
    work_off()
    generation = Generation.objects.get(operation="outpaint")
    request_decodings(
        generation=generation, positions=[0], requested_by=make_user(), at=NOW
    )
    work_off()
    return Asset.objects.get(decodings__candidate__generation=generation)


def approve(asset: Asset) -> None:
    submit_for_review(assets=[asset], by=make_user(), message="", at=NOW)
    review = Review.objects.get(asset=asset)
    decide(
        review=review,
        reviewer=make_reviewer(),
        verdict=Decision.Verdict.APPROVE,
        seen_sha256=review.sha256,
        at=NOW,
    )


class TestPages:
    @pytest.mark.parametrize("device", DEVICES)
    def test_are_accessible_and_fit(self, visit: Visit, device: str) -> None:
        make_layout_kit()
        photo, version = make_photo(), make_template_version()
        form = f"/b/northwind/templates/{version.template_id}/create?i-hero={photo.id}"
        batch = make_batch(images={"hero": photo}, template_version=version)
        run_jobs()
        cell = batch.creatives.get(format="square")
        paths = [form, f"/b/northwind/templates/creatives/{cell.id}/"]
        visitor = visit(make_user(), **DEVICES[device])

        assert visitor.find_faults_of(paths) == []
        make_extended_asset(photo, left=128, right=256)
        assert visitor.find_faults_of([form, f"{form}&uses_extensions=on"]) == []


class TestExtend:
    def test_leads_from_the_form_to_an_extension_that_the_form_offers(
        self, visit: Visit
    ) -> None:
        make_layout_kit()
        photo, version = make_photo(), make_template_version()
        visitor = visit(make_user())
        page = visitor.open(f"/b/northwind/templates/{version.template_id}/create")
        square = page.locator("[data-format=square]")

        square.get_by_text("This format shows 58 % of the picture").wait_for()
        assert page.locator("[data-format=landscape] .cut").count() == 0
        page.locator("[name=t-headline]").fill("Brighter mornings")
        square.get_by_role("link", name="Extend the picture to fit").click()
        page.wait_for_url("**/extend/**")
        sides = [page.locator(f"[name={s}]").input_value() for s in ("left", "right")]
        assert sides == ["128", "256"]
        page.fill("[name=prompt]", "a mug on a table")
        page.fill("[name=count]", "1")
        page.click("button:has-text('Sketch the extension')")
        page.wait_for_selector(".cell")
        extended = finish_first()

        page.get_by_role("link", name="Go back").click()
        square.get_by_text("waits to be sent to review").wait_for()
        assert page.locator("[name=t-headline]").input_value() == "Brighter mornings"
        assert page.locator("[name=uses_extensions]").is_checked() is False

        approve(extended)
        page.reload()
        square.get_by_text("An approved extension shows all").wait_for()
        page.get_by_text("3 formats, about").wait_for()  # all previews are drawn
        before = square.locator("img").get_attribute("src")
        square.get_by_role("button", name="Use extended pictures").click()
        square.get_by_text("instead of 58 %").wait_for()
        page.wait_for_function(CHANGED, arg=before)
        assert visitor.find_violations() == []

        page.get_by_role("button", name="Make 3 creatives").click()
        page.wait_for_url("**/batches/**")
        run_jobs()
        cells = {cell.format: cell for cell in Creative.objects.all()}
        parents = {
            name: cell.asset.parent_links.get().parent if cell.asset else None
            for name, cell in cells.items()
        }
        assert parents == {"square": extended, "story": photo, "landscape": photo}
        page = visitor.open(f"/b/northwind/templates/creatives/{cells['square'].id}/")
        page.get_by_text("Drawn with an extension of “Mug”").wait_for()
        assert visitor.find_violations() == []
