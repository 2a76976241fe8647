"""Videos of a template that moves: asked for, written, kept, shown and handed out."""

import io
import zipfile
from typing import Any

import av
import numpy as np
import pytest
from django.test import Client
from PIL import Image

from brandgen.compositor.video import LIBRARY
from brandgen.creatives import file_options
from brandgen.creatives.batches import request_batch
from brandgen.creatives.content import BatchError
from brandgen.creatives.file_options import list_file_types
from brandgen.creatives.models import Batch, Creative, TemplateVersion
from brandgen.creatives.zips import stream_zip
from brandgen.lib.images import shrink
from brandgen.lib.storage import get_store
from brandgen.library.models import Asset
from brandgen.provenance import read_xmp
from brandgen.review.findings import check_asset
from tests.compositor.moving_documents import line, moving_document, panel
from tests.factories import (
    NOW,
    make_layout_kit,
    make_template_version,
    make_user,
    run_jobs,
)

pytestmark = pytest.mark.django_db

FADE = {"enter": {"type": "fade", "duration_s": 0.5}}


def make_moving_version(*, is_still_in: str = "") -> TemplateVersion:
    """Make a template of a banner whose line comes, and of a post where it does not."""
    still = (
        {"overrides": {"formats": {"post": {"motion": None}}}} if is_still_in else {}
    )
    document = moving_document(panel(), line(FADE, **still), duration_s=1)
    formats: dict[str, Any] = {
        "banner": {"width_px": 400, "height_px": 200, "label": "Banner"}
    }
    if is_still_in:
        formats[is_still_in] = {"use": "instagram-square"}
    return make_template_version(document={**document, "formats": formats})


def order(version: TemplateVersion | None = None, **fields: Any) -> Batch:
    options: dict[str, Any] = {
        "images": {},
        "modifications": {"line": "Two words"},
        "formats": ["banner"],
        "name": "Spring",
        "by": make_user(),
        "at": NOW,
        "file_type": "mp4",
    }
    version = version or make_moving_version()
    return request_batch(template_version=version, **(options | fields))


def render(batch: Batch) -> Asset:
    run_jobs()
    creative = batch.creatives.get()
    assert creative.asset is not None, creative.error
    return creative.asset


@pytest.fixture(autouse=True)
def _kit() -> None:
    make_layout_kit()


class TestRender:
    def test_keeps_a_video_with_its_still_and_its_mark(self) -> None:
        batch = order()

        asset = render(batch)

        data = get_store().read(asset.sha256)
        mark = read_xmp(data)
        with av.open(io.BytesIO(data)) as container:
            assert container.streams.video[0].frames == 10
        assert (asset.mime, asset.file_extension) == ("video/mp4", "mp4")
        assert asset.is_video
        assert mark is not None
        assert mark.title == str(batch.creatives.get())
        small = Image.open(io.BytesIO(shrink(data, longest_px=100).data))
        assert small.size == (100, 50)

    def test_finds_what_checks_say_of_it(self) -> None:
        asset = render(order())

        rules = {finding["rule"] for finding in check_asset(asset)}

        assert {"flashes", "palette", "text-contrast"} <= rules

    def test_takes_over_a_video_that_is_there(self) -> None:
        version = make_moving_version()
        first = render(order(version))

        again = order(version)

        assert again.creatives.get().asset == first


class TestRequestBatch:
    def test_refuses_formats_in_which_nothing_moves(self) -> None:
        version = make_moving_version(is_still_in="post")

        with pytest.raises(BatchError, match="Nothing moves in Instagram post"):
            order(version, formats=["banner", "post"])

        assert not Batch.objects.exists()

    def test_says_what_is_not_installed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(file_options, "can_write_videos", lambda: False)

        with pytest.raises(BatchError, match=f"package {LIBRARY}"):
            order()


class TestListFileTypes:
    def test_offers_a_video_where_something_moves(self) -> None:
        moving = list_file_types(make_moving_version().load(), Batch.FileType.choices)
        still = list_file_types(make_template_version().load(), Batch.FileType.choices)

        assert ("mp4", "MP4") in moving
        assert ("mp4", "MP4") not in still


class TestHandingOut:
    def test_marks_every_frame_of_what_is_not_approved(self, client: Client) -> None:
        asset = render(order())
        client.force_login(make_user())

        page = client.get(f"/b/northwind/library/{asset.id}/file?download")

        marked = page.getvalue()
        assert "NOT-APPROVED.mp4" in page["Content-Disposition"]
        plain = get_store().read(asset.sha256)
        pairs = list(zip(frames_of(plain), frames_of(marked), strict=True))
        assert len(pairs) == 10
        assert all((np.abs(a - b) > 40).mean() > 0.01 for a, b in pairs)
        said = read_xmp(marked)
        assert said is not None
        assert said.usage_terms.startswith("Not approved")

    def test_goes_into_the_archive(self) -> None:
        asset = render(order())
        Asset.objects.update(state="approved", approved_at=NOW)
        ids = list(Creative.objects.values_list("id", flat=True))

        data = b"".join(stream_zip(ids, at=NOW))

        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            (name,) = (n for n in archive.namelist() if n.endswith(".mp4"))
            assert archive.read(name) == get_store().read(asset.sha256)

    @pytest.mark.parametrize(
        ("asked", "start", "end"),
        [("bytes=0-99", 0, 100), ("bytes=50-", 50, None), ("bytes=-20", -20, None)],
    )
    def test_answers_with_the_part_that_a_player_asks_for(
        self, client: Client, asked: str, start: int, end: int | None
    ) -> None:
        asset = render(order())
        data = get_store().read(asset.sha256)
        client.force_login(make_user())
        address = f"/b/northwind/library/{asset.id}/file"

        part = client.get(address, headers={"range": asked})
        whole = client.get(address)
        beyond = client.get(address, headers={"range": f"bytes={len(data)}-"})

        assert part.status_code == 206
        assert part.content == data[start:end]
        assert part["Content-Range"].endswith(f"/{len(data)}")
        assert whole.status_code == 200
        assert whole["Accept-Ranges"] == "bytes"
        assert beyond.status_code == 416
        assert part["Cache-Control"] == whole["Cache-Control"]


def frames_of(data: bytes) -> list[np.ndarray]:
    with av.open(io.BytesIO(data)) as container:
        return [
            frame.to_ndarray(format="rgb24").astype(int)
            for frame in container.decode(video=0)
        ]
