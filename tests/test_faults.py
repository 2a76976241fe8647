"""What breaks below brandgen: a full disk, a storage that is away, a model that is not.

Each leaves a clear message and nothing half-written, and once it is mended the same
request works, without a restart.
"""

import io
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image
from pytest_django import Settings

from brandgen.exports.services import request_export
from brandgen.generation.services import request_generation
from brandgen.jobs.models import Job
from brandgen.lib.storage import get_store
from brandgen.library.models import Asset
from tests.factories import (
    NOW,
    current_kit,
    make_asset,
    make_brand,
    make_destination,
    make_marked_asset,
    make_preset_version,
    make_user,
    run_jobs,
)

ROOT = Path(__file__).resolve().parents[1]
UPLOAD = "/b/northwind/library/upload"


def draw_noise(side_px: int) -> bytes:
    """Draw a PNG that can't be made small."""
    pixels = np.random.default_rng(7).integers(0, 255, (side_px, side_px, 3), np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


@pytest.fixture
def mara() -> Client:
    current_kit(make_brand())
    client = Client(raise_request_exception=False)
    client.force_login(make_user("Mara"))
    return client


def send_picture(client: Client, side_px: int = 900) -> tuple[int, str]:
    """Upload a picture of about three bytes a pixel; return status and page."""
    file = SimpleUploadedFile("noise.png", draw_noise(side_px), "image/png")
    values = {"title": "Noise", "source_type": "digitalCapture", "license_name": "Ours"}
    answer = client.post(UPLOAD, {"file": file, **values})
    return answer.status_code, answer.content.decode()


@pytest.fixture
def small_disk(tmp_path: Path, settings: Settings) -> Iterator[Path]:
    """Keep files on a disk of one MB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)]
    if os.geteuid() != 0 or subprocess.run(command, check=False).returncode != 0:
        pytest.skip("only root may make a small disk here")
    settings.STORAGE_URL = f"file://{disk}"
    get_store.cache_clear()
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


def take_storage_away(settings: Settings) -> None:
    """Name a storage where nobody answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings.STORAGE_URL = "s3://nothing"
    keys = {"access_key_id": "a", "secret_access_key": "b"}
    settings.S3 = {**settings.S3, **keys, "endpoint_url": f"http://127.0.0.1:{port}"}
    get_store.cache_clear()


@pytest.mark.django_db
class TestFullDisk:
    def test_keeps_nothing_of_an_upload_and_takes_it_once_there_is_room(
        self, mara: Client, small_disk: Path
    ) -> None:
        status, page = send_picture(mara)

        assert status == 503
        assert "No space left on device" in page
        assert "Noise" in page
        assert not Asset.objects.exists()
        assert [path for path in (small_disk / "tmp").iterdir() if path.is_file()] == []

        remount = ["mount", "-o", "remount,size=32m", str(small_disk)]
        subprocess.run(remount, check=True)
        status, _ = send_picture(mara)

        assert status == 302
        asset = Asset.objects.get()
        assert len(get_store().read(asset.sha256)) == asset.size_bytes


@pytest.mark.django_db(transaction=True)
class TestFullExportFolder:
    def test_leaves_nothing_half_written_and_goes_on_once_there_is_room(
        self, small_disk: Path, settings: Settings, tmp_path: Path
    ) -> None:
        settings.STORAGE_URL, settings.EXPORT_DIR = f"file://{tmp_path}/b", small_disk
        get_store.cache_clear()
        request_export(
            assets=[make_marked_asset(data=draw_noise(900))],
            destination=make_destination(),
            folder="spring",
            by=make_user("Mara"),
            at=NOW,
        )

        (job,) = run_jobs()

        assert job.state == Job.State.WAITING
        assert "No space left on device" in job.message
        assert [path for path in small_disk.rglob("*") if path.is_file()] == []

        remount = ["mount", "-o", "remount,size=32m", str(small_disk)]
        subprocess.run(remount, check=True)
        (job,) = run_jobs()

        assert job.state == Job.State.DONE
        assert len(list(small_disk.rglob("*.png"))) == 1


@pytest.mark.django_db
class TestStorageAway:
    def test_is_said_by_readyz(self, settings: Settings) -> None:
        take_storage_away(settings)

        answer = Client().get("/readyz")

        assert answer.status_code == 503
        assert b"storage" in answer.content

    def test_loses_nothing_of_an_upload(self, mara: Client, settings: Settings) -> None:
        take_storage_away(settings)

        status, page = send_picture(mara, 60)

        assert status == 503
        assert "could not be kept" in page
        assert "Noise" in page
        assert not Asset.objects.exists()

    @pytest.mark.parametrize("tail", ["", "file", "thumb/small"])
    def test_is_no_fault_of_the_pages_that_show_a_picture(
        self, mara: Client, settings: Settings, tail: str
    ) -> None:
        asset = make_asset()
        take_storage_away(settings)

        answer = mara.get(f"/b/northwind/library/{asset.id}/{tail}")

        assert answer.status_code in ({200} if not tail else {503})


@pytest.mark.django_db(transaction=True)
class TestModelAway:
    @pytest.mark.parametrize("is_damaged", [False, True], ids=["missing", "damaged"])
    def test_fails_the_job_with_a_sentence_and_tells_admins_more(
        self, tmp_path: Path, settings: Settings, is_damaged: bool
    ) -> None:
        settings.ENGINE = "brandgen.engine.cascade.engine.CascadeEngine"
        settings.ENGINE_BUNDLE = tmp_path / "bundle"
        if is_damaged:
            settings.ENGINE_BUNDLE.mkdir()
            (settings.ENGINE_BUNDLE / "bundle.json").write_text('{"name": ')
        request_generation(
            preset=make_preset_version(),
            values={"subject": "teal waves", "ground": "Sand"},
            seeds=[7],
            requested_by=make_user("Mara"),
            at=NOW,
        )

        run_jobs()

        job = Job.objects.get()
        assert job.state == Job.State.FAILED
        assert job.attempt == 1
        assert "bundle" in job.error
        assert "Traceback" not in job.error
        assert "Traceback" in job.details


class TestBadSetting:
    @pytest.mark.parametrize(
        ("name", "value", "said"),
        [
            ("ENGINE_THREADS", "0", "ENGINE_THREADS is 0. Use 1 to 256."),
            ("ENGINE_THREADS", "all", "Use a whole number. Or use auto."),
            ("ENGINE_BATCH", "0", "ENGINE_BATCH is 0. Use 1 to 64."),
            ("ENGINE_DTYPE", "int8", "ENGINE_DTYPE is 'int8'."),
            ("MAX_UPLOAD_MB", "many", "MAX_UPLOAD_MB is 'many'."),
        ],
    )
    def test_stops_the_start_with_one_line(
        self, tmp_path: Path, name: str, value: str, said: str
    ) -> None:
        environ = os.environ | {"BRANDGEN_DATA_DIR": str(tmp_path), name: value}

        done = subprocess.run(
            [sys.executable, "manage.py", "up", "--port", "0"],
            cwd=ROOT,
            env=environ,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

        assert done.returncode != 0
        assert done.stderr.count("\n") == 1
        assert said in done.stderr
