"""A public form, made by a manager and filled in by a stranger, in a real browser."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from brandgen.links.models import FormPicture, PublicForm
from tests.browser.conftest import DEVICES
from tests.factories import (
    make_layout_kit,
    make_manager,
    make_marked_asset,
    make_public_form,
    make_template_version,
)

Visit = Callable[..., Any]
FORMS = "/b/northwind/templates/forms/"
CHANGED = "before => document.querySelector('#look img').src !== before"
MID_PICTURE = (540, 400)
"""A place of the square that the photo covers."""


def plain(hex_color: str) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (1200, 1200), hex_color).save(file, "PNG")
    return file.getvalue()


class TestPublicForm:
    def test_leads_from_the_manager_to_the_strangers_file(
        self, visit: Visit, settings: Any
    ) -> None:
        make_layout_kit()
        version = make_template_version(name="Spring")
        red = make_marked_asset(title="Red", data=plain("#c81e1e"))
        blue = make_marked_asset(title="Blue", data=plain("#1e3cc8"))
        manager = visit(make_manager())
        settings.PUBLIC_URL = manager.address
        page = manager.open(f"/b/northwind/templates/{version.template_id}/")

        page.get_by_label("More for Spring").click()
        page.get_by_role("link", name="Public form").click()
        page.fill("[name=name]", "Your town")
        for key in ("kicker", "subline", "cta"):
            page.uncheck(f"[name=open-{key}]")
        page.fill("[name=t-kicker]", "Spring collection")
        for photo in (red, blue):
            page.check(f"[name=i-hero][value='{photo.id}']")
        page.get_by_role("button", name="Make the form").click()
        address = page.locator("#address").input_value()

        stranger = visit()
        page = stranger.page
        page.goto(address)
        before = page.locator("#look img").get_attribute("src")
        page.locator(f"[name=i-hero][value='{blue.id}']").check()
        page.fill("[name=t-headline]", "Made for Lund")
        page.wait_for_function(CHANGED, arg=before)
        page.locator(".chip", has_text="PNG").click()
        with page.expect_download() as coming:
            page.get_by_role("button", name="Download the picture").click()
        file = Path(coming.value.path()).read_bytes()

        picture = Image.open(io.BytesIO(file)).convert("RGB")
        assert coming.value.suggested_filename.startswith("your-town-square-")
        assert picture.size == (1080, 1080)
        drawn = picture.getpixel(MID_PICTURE)
        assert isinstance(drawn, tuple)
        assert max(abs(a - b) for a, b in zip(drawn, (30, 60, 200), strict=True)) <= 3
        row = FormPicture.objects.get()
        assert row.texts == {"headline": "Made for Lund"}
        manager.page.reload()
        manager.page.get_by_text("Made for Lund").wait_for()

    def test_says_at_the_field_what_is_too_long(self, visit: Visit) -> None:
        make_layout_kit()
        visitor = visit()
        page = visitor.open(make_public_form().path)
        headline = page.locator("[name=t-headline]")

        headline.fill("x" * 71)
        page.get_by_text("71 characters; 70 are allowed").wait_for()
        page.get_by_role("button", name="Download the picture").click()
        page.get_by_role("alert").wait_for()

        assert page.get_by_text("at most 70 characters").is_visible()
        assert headline.input_value() == "x" * 71
        assert visitor.find_violations() == []
        assert PublicForm.objects.get().picture_count == 0

    def test_works_without_a_script(self, visit: Visit) -> None:
        make_layout_kit()
        visitor = visit(java_script_enabled=False)
        page = visitor.open(make_public_form().path)
        before = page.locator("#look img").get_attribute("src")

        page.fill("[name=t-headline]", "Made for Lund")
        page.get_by_role("button", name="Show the preview again").click()
        after = page.locator("#look img").get_attribute("src")
        with page.expect_download() as coming:
            page.get_by_role("button", name="Download the picture").click()

        assert before != after
        assert coming.value.suggested_filename.endswith(".jpeg")

    @pytest.mark.parametrize("device", DEVICES)
    def test_is_accessible_and_fits(self, visit: Visit, device: str) -> None:
        make_layout_kit()
        photos = [make_marked_asset() for _ in "123"]
        form = make_public_form(images={"hero": photos})
        locked = make_public_form(
            version=form.template_version, pass_phrase="blue sea mug"
        )
        ended = make_public_form(version=form.template_version, most_pictures=1)
        PublicForm.objects.filter(id=ended.id).update(picture_count=1)
        template = form.template_version.template_id
        pages = [FORMS, f"{FORMS}new/{template}", f"{FORMS}{form.id}/"]

        manager, stranger = (
            visit(make_manager(), **DEVICES[device]),
            visit(**DEVICES[device]),
        )

        assert manager.find_faults_of(pages) == []
        paths = [form.path, locked.path, ended.path, "/forms/nobody/"]
        assert stranger.find_faults_of(paths) == []
