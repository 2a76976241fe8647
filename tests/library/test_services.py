import io
import os
from pathlib import Path

import pytest
from PIL import Image
from pytest_django import Settings

from brandgen.audit.models import Entry
from brandgen.lib.images import ImageError
from brandgen.lib.storage import StorageError, get_store
from brandgen.library.models import Asset, Rendition
from brandgen.library.services import (
    UploadTooLargeError,
    ensure_rendition,
    ingest_upload,
    keep_asset,
)
from brandgen.provenance.xmp import read_xmp
from tests.factories import (
    NOW,
    current_kit,
    make_asset,
    make_brand,
    make_picture,
    make_user,
)

pytestmark = pytest.mark.django_db


def keep(data: bytes, **fields: object) -> Asset:
    brand = fields.setdefault("brand", make_brand())
    defaults = {
        "brand_kit": current_kit(brand),
        "kind": Asset.Kind.GENERATED,
        "mime": "image/png",
        "title": "Teal waves",
        "created_by": make_user(brand=brand),
        "at": NOW,
    }
    return keep_asset(data=data, **(defaults | fields))


def ingest(data: bytes, **fields: object) -> Asset:
    brand = fields.setdefault("brand", make_brand())
    defaults = {
        "brand_kit": current_kit(brand),
        "title": "Mug",
        "source_type": "digitalCapture",
        "uploaded_by": make_user(brand=brand),
        "at": NOW,
    }
    return ingest_upload(file=io.BytesIO(data), **(defaults | fields))


def count_files(settings: Settings) -> int:
    root = Path(settings.STORAGE_URL.removeprefix("file://"))
    return sum(1 for path in root.rglob("*") if path.is_file())


class TestKeepAsset:
    def test_keeps_the_file_the_row_and_two_small_copies(self) -> None:
        data = make_picture(1024, 512)

        asset = keep(data, prompt="teal waves", license_name="CC0")

        assert get_store().read(asset.sha256) == data
        assert (asset.width_px, asset.height_px, asset.state) == (1024, 512, "draft")
        sizes = {r.size: (r.width_px, r.height_px) for r in asset.renditions.all()}
        assert sizes == {"small": (320, 160), "large": (960, 480)}
        for rendition in asset.renditions.all():
            with Image.open(io.BytesIO(get_store().read(rendition.sha256))) as image:
                assert image.format == "WEBP"

    def test_records_lineage_and_trail(self) -> None:
        parent = make_asset()

        asset = keep(make_picture(seed=9), parents=[(parent, "image")])

        link = asset.parent_links.get()
        assert (link.parent, link.role) == (parent, "image")
        entry = Entry.objects.about(asset).get()
        assert entry.action == "asset.kept"
        assert entry.data["parents"] == [str(parent.id)]

    def test_returns_the_asset_that_is_there(self) -> None:
        first = keep(make_picture(seed=9))

        second = keep(make_picture(seed=9), title="Another name")

        assert (second.id, second.title) == (first.id, "Teal waves")
        assert Entry.objects.about(first).count() == 1

    def test_keeps_one_asset_per_brand(self) -> None:
        other = make_brand(name="Southwind")

        first, second = keep(make_picture()), keep(make_picture(), brand=other)

        assert first.sha256 == second.sha256
        assert first.id != second.id

    def test_refuses_a_wrong_type(self) -> None:
        with pytest.raises(ImageError, match="image/png, but was called image/jpeg"):
            keep(make_picture(), mime="image/jpeg")

        assert not Asset.objects.exists()

    @pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
    def test_writes_no_row_in_a_folder_without_rights(self, settings: Settings) -> None:
        root = Path(settings.STORAGE_URL.removeprefix("file://"))
        root.mkdir(parents=True)
        root.chmod(0o500)

        with pytest.raises(StorageError, match="nothing else was changed"):
            keep(make_picture())

        assert not Asset.objects.exists()

    def test_writes_no_row_when_the_store_fails(
        self, settings: Settings, tmp_path: Path
    ) -> None:
        (tmp_path / "blobs").write_text("a file where the folder should be")

        with pytest.raises(StorageError, match="nothing else was changed"):
            keep(make_picture())

        assert not Asset.objects.exists()


class TestEnsureRendition:
    def test_makes_what_is_missing_once(self) -> None:
        asset = make_asset()

        ensure_rendition(asset=asset, size=Rendition.Size.SMALL)
        ensure_rendition(asset=asset, size=Rendition.Size.SMALL)

        assert list(asset.renditions.values_list("size", flat=True)) == ["small"]


class TestIngestUpload:
    def test_keeps_a_cleaned_picture_with_its_rights(self) -> None:
        data = make_picture(64, 64) + b"<script>"

        asset = ingest(data, license_name="Ours", is_commercial_use_allowed=True)

        assert (asset.kind, asset.license_name) == ("uploaded", "Ours")
        assert asset.is_commercial_use_allowed
        assert asset.digital_source_type == "digitalCapture"
        file = get_store().read(asset.sha256)
        assert b"<script>" not in file
        said = read_xmp(file)
        assert said is not None
        assert (said.source_type, said.rights) == ("digitalCapture", "Ours")

    def test_refuses_one_byte_too_many(self, settings: Settings) -> None:
        data = make_picture(64, 64)
        settings.MAX_UPLOAD_BYTES = len(data) - 1

        with pytest.raises(UploadTooLargeError, match="larger than"):
            ingest(data)

        assert not Asset.objects.exists()

    def test_keeps_nothing_of_a_bad_picture(self, settings: Settings) -> None:
        with pytest.raises(ImageError, match="SVG"):
            ingest(b"<svg/>")

        assert not Asset.objects.exists()
        assert count_files(settings) == 0
