import io
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import AsyncClient, Client
from pytest_django import Settings

from brandgen.lib.storage import get_store
from brandgen.library.models import Asset, AssetParent
from tests.factories import (
    current_kit,
    make_asset,
    make_brand,
    make_picture,
    make_reviewer,
    make_user,
)
from tests.loops import run_in_own_loop

pytestmark = pytest.mark.django_db
LIBRARY = "/b/northwind/library/"


@pytest.fixture
def mara(client: Client) -> Client:
    current_kit(make_brand())
    client.force_login(make_user())
    return client


def send(client: Client, data: bytes, name: str = "mug.png", **fields: str):
    form = {"title": "Mug", "source_type": "digitalCapture", "license_name": "Ours"}
    file = SimpleUploadedFile(name, data)
    return client.post(f"{LIBRARY}upload", form | fields | {"file": file})


class TestGallery:
    def test_shows_what_is_approved_and_all_work_beside_it(self, mara: Client) -> None:
        make_asset(title="Ready", state="approved")
        make_asset(title="Sketch")

        library = mara.get(LIBRARY).content.decode()
        work = mara.get(f"{LIBRARY}?view=all").content.decode()

        assert "Ready" in library
        assert "Sketch" not in library
        assert "Ready" in work
        assert "Sketch" in work

    def test_asks_the_database_as_often_for_many_as_for_few(
        self, mara: Client, django_assert_max_num_queries: object
    ) -> None:
        for number in range(30):
            make_asset(state="approved", data=make_picture(8, 8, seed=number))
        mara.get(LIBRARY)

        with django_assert_max_num_queries(16):
            response = mara.get(LIBRARY)

        assert response.content.decode().count("<figure") == 30

    def test_draws_two_sizes_with_width_and_height(self, mara: Client) -> None:
        asset = make_asset(state="approved", data=make_picture(1200, 600))

        html = mara.get(LIBRARY).content.decode()

        assert f"/{asset.id}/thumb/small 320w" in html
        assert f"/{asset.id}/thumb/large 960w" in html
        assert 'width="1200" height="600"' in html

    @pytest.mark.parametrize(
        "query", ["after=x", "since=yesterday", "kind=x&state=y", "q=" + "x" * 999]
    )
    def test_leaves_out_filters_that_make_no_sense(
        self, mara: Client, query: str
    ) -> None:
        assert mara.get(f"{LIBRARY}?{query}").status_code == 200

    def test_leads_back_to_the_same_place(self, mara: Client) -> None:
        asset = make_asset(title="Sketch")
        html = mara.get(f"{LIBRARY}?view=all&q=sketch").content.decode()
        assert "?back=view%3Dall%26q%3Dsketch" in html

        page = mara.get(f"{LIBRARY}{asset.id}/?back=view%3Dall%26q%3Dsketch")

        expected = f'href="{LIBRARY}?view=all&amp;q=sketch#a-{asset.id}"'
        assert expected in page.content.decode()


class TestUpload:
    def test_keeps_a_picture_as_a_draft(self, mara: Client) -> None:
        response = send(mara, make_picture(64, 48))

        asset = Asset.objects.get()
        assert response.url == f"{LIBRARY}{asset.id}/"
        assert (asset.title, asset.state, asset.kind) == ("Mug", "draft", "uploaded")

    def test_names_it_after_its_file(self, mara: Client) -> None:
        send(mara, make_picture(8, 8), name="autumn_mug-2.png", title="")

        assert Asset.objects.get().title == "Autumn mug 2"

    @pytest.mark.parametrize(
        ("data", "says"),
        [
            (b"<svg onload='alert(1)'/>", "an SVG drawing"),
            (b"", "The file is empty"),
            (make_picture(64, 64)[:150], "damaged or cut off"),
            (b"GIF89a" + b"\0" * 50, "a GIF"),
        ],
    )
    def test_says_what_is_wrong_and_keeps_the_form(
        self, mara: Client, data: bytes, says: str
    ) -> None:
        response = send(mara, data, license_name="Our own shoot")

        html = response.content.decode()
        assert response.status_code == 422
        assert says in html
        assert "Our own shoot" in html
        assert not Asset.objects.exists()

    def test_refuses_a_huge_body_before_reading_it(self, mara: Client) -> None:
        class Untouchable(io.BytesIO):
            def read(self, *args: object) -> bytes:
                raise AssertionError("the body was read")

        response = mara.generic(
            "POST",
            f"{LIBRARY}upload",
            b"",
            content_type="multipart/form-data; boundary=x",
            CONTENT_LENGTH=str(200 * 2**20),
            **{"wsgi.input": Untouchable()},
        )

        assert response.status_code == 413
        assert "What you sent has 210 MB" in response.content.decode()
        assert not Asset.objects.exists()

    def test_keeps_the_form_when_the_file_alone_is_too_large(
        self, mara: Client, settings: Settings
    ) -> None:
        settings.MAX_UPLOAD_BYTES = 100

        response = send(mara, make_picture(64, 64), license_name="Our own shoot")

        html = response.content.decode()
        assert response.status_code == 422
        assert "The file is larger than" in html
        assert "Our own shoot" in html

    def test_loses_nothing_when_storage_is_broken(
        self, mara: Client, settings: Settings, tmp_path: Path
    ) -> None:
        get_store.cache_clear()
        (tmp_path / "blobs").write_text("in the way")

        response = send(mara, make_picture(8, 8), license_name="Our own shoot")

        html = response.content.decode()
        assert response.status_code == 503
        assert "nothing else was changed" in html
        assert "Our own shoot" in html
        assert not Asset.objects.exists()

    def test_asks_for_the_token(self) -> None:
        client = Client(enforce_csrf_checks=True)
        current_kit(make_brand())
        client.force_login(make_user())

        assert send(client, make_picture(8, 8)).status_code == 403

    def test_says_so_when_the_picture_is_there_already(self, mara: Client) -> None:
        send(mara, make_picture(8, 8))

        send(mara, make_picture(8, 8), title="Again")

        assert Asset.objects.get().title == "Mug"


class TestFile:
    def test_is_inert_private_and_kept_for_ever(self, mara: Client) -> None:
        asset = make_asset(title="Mug “on” sand/../x")

        response = mara.get(f"{LIBRARY}{asset.id}/file")

        assert b"".join(response.streaming_content) == get_store().read(asset.sha256)
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["Content-Security-Policy"].startswith("sandbox")
        assert response["Cache-Control"] == "private, max-age=31536000, immutable"
        assert response["Content-Type"] == "image/png"
        assert response["Content-Length"] == str(asset.size_bytes)
        name = f"mug-on-sandx-{asset.sha256[:8]}.png"
        assert response["Content-Disposition"] == f'inline; filename="{name}"'

    def test_is_an_attachment_on_demand(self, mara: Client) -> None:
        response = mara.get(f"{LIBRARY}{make_asset().id}/file?download")

        assert response["Content-Disposition"].startswith("attachment")

    def test_is_not_sent_twice(self, mara: Client) -> None:
        asset = make_asset()
        etag = mara.get(f"{LIBRARY}{asset.id}/file")["ETag"]

        again = mara.get(f"{LIBRARY}{asset.id}/file", HTTP_IF_NONE_MATCH=etag)

        assert etag == f'"{asset.sha256}"'
        assert (again.status_code, again.content) == (304, b"")

    def test_is_a_404_in_another_brand_and_for_strangers(self, mara: Client) -> None:
        theirs = make_asset(
            brand=make_brand(name="Southwind"),
            created_by=make_user("Max", brand=make_brand(name="Southwind")),
        )
        for place in ("northwind", "southwind"):
            for end in ("file", "thumb/small", "", "describe"):
                url = f"/b/{place}/library/{theirs.id}/{end}"
                response = mara.post(url) if end == "describe" else mara.get(url)
                assert response.status_code == 404, url
        assert Client().get(f"{LIBRARY}{theirs.id}/file").status_code == 302

    def test_says_so_when_the_file_is_gone(
        self, mara: Client, settings: Settings
    ) -> None:
        asset = make_asset(sha256="ab" * 32)

        response = mara.get(f"{LIBRARY}{asset.id}/file")

        assert response.status_code == 404
        assert b"not in storage" in response.content

    @pytest.mark.django_db(transaction=True)
    def test_streams_under_asgi_too(self) -> None:
        asset = make_asset()
        client = AsyncClient()
        client.force_login(asset.created_by)

        async def fetch() -> bytes:
            response = await client.get(f"{LIBRARY}{asset.id}/file")
            chunks = [chunk async for chunk in response.streaming_content]
            return b"".join(chunks)

        assert run_in_own_loop(fetch()) == get_store().read(asset.sha256)


class TestThumb:
    def test_is_made_when_it_is_missing(self, mara: Client) -> None:
        asset = make_asset()

        first = mara.get(f"{LIBRARY}{asset.id}/thumb/small")

        assert first["Content-Type"] == "image/webp"
        assert asset.renditions.get().size == "small"

    def test_is_a_404_in_an_unknown_size(self, mara: Client) -> None:
        url = f"{LIBRARY}{make_asset().id}/thumb/huge"

        assert mara.get(url).status_code == 404


class TestAsset:
    def test_tells_everything_in_four_tabs(self, mara: Client) -> None:
        parent = make_asset(title="The mother")
        asset = make_asset(title="The child", prompt="teal waves")
        AssetParent.objects.create(asset=asset, parent=parent, role="image")
        url = f"{LIBRARY}{asset.id}/"

        details, lineage = mara.get(url), mara.get(f"{url}?tab=lineage")
        uses = mara.get(f"{LIBRARY}{parent.id}/?tab=uses")
        history = mara.get(f"{url}?tab=history")

        assert asset.sha256 in details.content.decode()
        assert "teal waves" in details.content.decode()
        assert "The mother" in lineage.content.decode()
        assert "The child" in uses.content.decode()
        assert history.status_code == 200

    def test_is_a_404_for_what_is_not_there(self, mara: Client) -> None:
        assert mara.get(f"{LIBRARY}{uuid4()}/").status_code == 404

    def test_keeps_changes_from_those_who_only_judge(self, client: Client) -> None:
        client.force_login(make_reviewer())
        asset = make_asset()

        for action in ("archive", "describe", "focal-point", "restore"):
            url = f"{LIBRARY}{asset.id}/{action}"
            assert client.post(url).status_code == 403


class TestChanges:
    def test_describe_saves_until_it_is_approved(self, mara: Client) -> None:
        draft, approved = make_asset(), make_asset(state="approved", title="Fixed")

        for asset in (draft, approved):
            mara.post(
                f"{LIBRARY}{asset.id}/describe", {"title": "New", "alt_text": "A mug"}
            )

        assert Asset.objects.get(id=draft.id).alt_text == "A mug"
        assert Asset.objects.get(id=approved.id).title == "Fixed"

    @pytest.mark.parametrize(("x", "stands"), [("25", 0.25), ("101", 0.5), ("x", 0.5)])
    def test_focal_point_takes_percent(
        self, mara: Client, x: str, stands: float
    ) -> None:
        asset = make_asset()

        mara.post(f"{LIBRARY}{asset.id}/focal-point", {"x": x, "y": "50"})

        assert Asset.objects.get(id=asset.id).focal_x == stands

    def test_archive_can_be_undone(self, mara: Client) -> None:
        asset = make_asset(state="approved")

        mara.post(f"{LIBRARY}{asset.id}/archive")
        away = Asset.objects.get(id=asset.id).state
        mara.post(f"{LIBRARY}{asset.id}/restore")

        assert (away, Asset.objects.get(id=asset.id).state) == ("archived", "approved")
