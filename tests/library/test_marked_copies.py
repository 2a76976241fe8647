"""Copies of creatives that are not approved: marked in and all over them."""

import io

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse
from PIL import Image

from brandgen.lib.storage import get_store
from brandgen.library.marked_copies import (
    NOT_FOR_USE,
    MarkError,
    make_marked_copy,
)
from brandgen.library.models import Asset
from brandgen.provenance import read_xmp
from tests.factories import NOW, make_asset, make_batch, run_jobs
from tests.pages import enter

pytestmark = pytest.mark.django_db

MARK_IS_SEEN = 0.05
"""Share of pixels that the letters change."""


def make_creative(file_type: str = "jpeg") -> Asset:
    batch = make_batch(formats=["square"], file_type=file_type)
    run_jobs()
    asset = batch.creatives.get().asset
    assert asset is not None
    return asset


def download(asset: Asset, client: Client | None = None, **headers: str):
    url = f"/b/northwind/library/{asset.id}/file?download"
    return (client or enter()).get(url, **headers)


def body(response) -> bytes:
    return (
        b"".join(response.streaming_content) if response.streaming else response.content
    )


def change(first: bytes, second: bytes) -> float:
    """Return the share of pixels that differ by what the eye sees."""
    a, b = (
        np.asarray(Image.open(io.BytesIO(data)).convert("RGB"), np.int16)
        for data in (first, second)
    )
    assert a.shape == b.shape
    return float((np.abs(a - b).max(axis=2) > 40).mean())


class TestDownload:
    @pytest.mark.parametrize("file_type", ["jpeg", "png", "webp", "avif"])
    def test_of_a_creative_that_is_not_approved_is_marked(self, file_type: str) -> None:
        asset = make_creative(file_type)
        stored = get_store().read(asset.sha256)

        response = download(asset)

        assert response["Content-Type"] == f"image/{file_type}"
        assert "_NOT-APPROVED." in response["Content-Disposition"]
        assert MARK_IS_SEEN < change(stored, body(response)) < 0.6
        assert get_store().read(asset.sha256) == stored

    def test_of_an_approved_one_is_the_stored_file(self) -> None:
        asset = make_creative()
        stored = get_store().read(asset.sha256)
        Asset.objects.update(state="approved", approved_at=NOW)

        response = download(asset)

        assert body(response) == stored
        assert "NOT-APPROVED" not in response["Content-Disposition"]

    def test_follows_the_approval_though_the_browser_has_a_copy(self) -> None:
        asset, client = make_creative(), enter()
        marked = download(asset, client)
        tag = marked["ETag"]
        same = download(asset, client, HTTP_IF_NONE_MATCH=tag)
        Asset.objects.update(state="approved", approved_at=NOW)

        clean = download(asset, client, HTTP_IF_NONE_MATCH=tag)

        assert marked["Cache-Control"] == clean["Cache-Control"] == "private, no-cache"
        assert (same.status_code, clean.status_code) == (304, 200)
        assert body(clean) == get_store().read(asset.sha256)

    @pytest.mark.parametrize("state", ["in_review", "changes_requested", "rejected"])
    def test_is_marked_in_every_state_before_the_approval(self, state: str) -> None:
        asset = make_creative()
        Asset.objects.filter(id=asset.id).update(state=state)

        assert "NOT-APPROVED" in download(asset)["Content-Disposition"]

    def test_is_marked_once_it_is_archived(self) -> None:
        asset = make_creative()
        Asset.objects.filter(id=asset.id).update(state="approved", approved_at=NOW)
        asset.refresh_from_db()
        asset.put_away()

        assert "NOT-APPROVED" in download(asset)["Content-Disposition"]

    def test_of_what_is_no_creative_stays_clean(self) -> None:
        asset = make_asset(state="draft")

        assert body(download(asset)) == get_store().read(asset.sha256)

    def test_leaves_what_pages_show_clean(self) -> None:
        asset, client = make_creative(), enter()

        shown = client.get(f"/b/northwind/library/{asset.id}/file")

        assert body(shown) == get_store().read(asset.sha256)

    def test_says_so_when_the_file_is_gone(self) -> None:
        asset = make_asset(kind="creative", sha256="ab" * 32)

        response = download(asset)

        assert response.status_code == 404
        assert b"not in storage" in response.content

    def test_gives_nothing_where_it_cant_be_marked(self) -> None:
        asset = make_asset(kind="creative", sha256=get_store().keep(b"not a picture"))

        response = download(asset)

        assert response.status_code == 422
        assert b"can't be marked" in response.content
        assert "attachment" not in response.headers.get("Content-Disposition", "")


class TestMakeMarkedCopy:
    def test_says_in_the_file_what_it_is_and_of_what(self) -> None:
        asset = make_creative()
        file = get_store().read(asset.sha256)
        original = read_xmp(file)
        assert original is not None

        said = read_xmp(make_marked_copy(asset, file))

        assert said is not None
        assert said.usage_terms == NOT_FOR_USE
        assert said.derived_from == original.document_id
        assert said.document_id not in {"", original.document_id}
        assert (said.source_type, said.alt_text, said.credit) == (
            original.source_type,
            original.alt_text,
            original.credit,
        )

    def test_of_what_is_no_picture_is_refused(self) -> None:
        asset = make_asset(title="Spring")

        with pytest.raises(MarkError, match="“Spring” is not approved"):
            make_marked_copy(asset, b"nothing")


class TestPages:
    def test_say_why_the_download_is_marked_until_it_is_approved(self) -> None:
        asset, client = make_creative(), enter()
        creative = asset.creatives.get()
        urls = [
            f"/b/northwind/library/{asset.id}/",
            reverse("creatives:cell", args=["northwind", creative.id]),
        ]
        words = "Not approved yet: the download carries a mark"

        before = [client.get(url).content.decode() for url in urls]
        Asset.objects.update(state="approved", approved_at=NOW)
        after = [client.get(url).content.decode() for url in urls]

        assert all(words in page and "?download" in page for page in before)
        assert not any(words in page for page in after)
        assert all("?download" in page for page in after)

    def test_say_nothing_of_it_beside_a_photo(self) -> None:
        page = enter().get(f"/b/northwind/library/{make_asset().id}/").content.decode()

        assert "carries a mark" not in page
