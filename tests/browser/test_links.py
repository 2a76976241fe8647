"""Signed addresses, made, tried and revoked by hand in a real browser."""

from collections.abc import Callable
from typing import Any

import pytest

from brandgen.links.models import SignedAddress
from tests.browser.conftest import DEVICES
from tests.factories import (
    make_layout_kit,
    make_manager,
    make_marked_asset,
    make_signed_address,
    make_template_version,
)

Visit = Callable[..., Any]
ADDRESSES = "/b/northwind/templates/addresses/"


class TestSignedAddresses:
    def test_are_made_tried_and_revoked(self, visit: Visit, settings: Any) -> None:
        make_layout_kit()
        make_template_version(name="Spring")
        photo = make_marked_asset(title="Mug")
        visitor = visit(make_manager())
        settings.PUBLIC_URL = visitor.address
        visitor.context.grant_permissions(["clipboard-read", "clipboard-write"])
        page = visitor.open(ADDRESSES)

        page.get_by_role("link", name="New address").click()
        page.fill("[name=name]", "Newsletter")
        page.select_option("[name=i-hero]", str(photo.id))
        page.get_by_role("button", name="Make the address").click()
        page.get_by_role("button", name="Copy the key").click()
        page.locator(".toast", has_text="Copied").wait_for()
        row = SignedAddress.objects.get()
        copied = page.evaluate("navigator.clipboard.readText()")
        page.get_by_role("link", name="I have kept the key").click()
        page.fill("[name=t-headline]", "Made for mornings")
        page.get_by_role("button", name="Sign it").click()
        picture = page.get_by_alt_text("The picture that this address answers with")
        picture.wait_for()
        page.wait_for_function("document.querySelector('.drawn img').naturalWidth > 0")
        signed = page.locator("#signed").input_value()
        page.locator("summary", has_text="Revoke").click()
        page.get_by_role("button", name="Revoke this address").click()
        page.locator(".toast", has_text="is revoked").wait_for()

        assert copied == row.read_key()
        assert page.request.get(signed).status == 410

    @pytest.mark.parametrize("device", DEVICES)
    def test_are_accessible_and_fit(self, visit: Visit, device: str) -> None:
        row, _ = make_signed_address()
        template = row.template_version.template_id
        paths = [ADDRESSES + page for page in ("", f"new/{template}", f"{row.id}/")]

        visitor = visit(make_manager(), **DEVICES[device])

        assert visitor.find_faults_of(paths) == []
