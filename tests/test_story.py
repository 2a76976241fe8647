"""The whole story on the real miniature: what `make start` tells, from end to end."""

import csv
import hashlib
import subprocess
from pathlib import Path
from typing import Any

import pytest

from brandgen.provenance.xmp import read_xmp
from tests.installation import Installation
from tests.s3_server import S3Server

COMPOSITE = "compositeWithTrainedAlgorithmicMedia"

pytestmark = [pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def installation(
    tmp_path_factory: pytest.TempPathFactory, migrated_file: Path
) -> Installation:
    return Installation(tmp_path_factory.mktemp("story"), migrated_file)


@pytest.fixture(scope="module")
def story(installation: Installation) -> dict[str, Any]:
    return installation.tell_story()


class TestStory:
    def test_makes_what_it_says(self, story: dict[str, Any]) -> None:
        assert story["candidates"] == 4
        assert [asset["state"] for asset in story["assets"]] == [
            "approved",
            "changes_requested",
        ]
        assert {creative["format"] for creative in story["creatives"]} == {
            "square",
            "story",
            "landscape",
        }

    def test_names_real_files(self, story: dict[str, Any]) -> None:
        for item in story["assets"] + story["creatives"]:
            data = Path(item["path"]).read_bytes()

            assert hashlib.sha256(data).hexdigest() == item["sha256"]
        assert all(Path(path).is_file() for path in story["export"]["files"])

    def test_delivers_the_approved_bytes(
        self, story: dict[str, Any], installation: Installation
    ) -> None:
        delivered = {
            hashlib.sha256(path.read_bytes()).hexdigest()
            for path in (installation.data_dir / "exports").rglob("*.jpg")
        }

        assert delivered == {creative["sha256"] for creative in story["creatives"]}

    def test_marks_every_file_as_made_by_ai(
        self, story: dict[str, Any], installation: Installation
    ) -> None:
        for path in (installation.data_dir / "exports").rglob("*.jpg"):
            fields = read_xmp(path.read_bytes())

            assert fields is not None
            assert COMPOSITE in str(fields)

    def test_closes_with_manifest_and_checksums(
        self, story: dict[str, Any], installation: Installation
    ) -> None:
        (folder,) = {
            path.parent
            for path in (installation.data_dir / "exports").rglob("_COMPLETE.json")
        }
        rows = list(csv.DictReader((folder / "manifest.csv").open(encoding="utf-8")))
        checked = subprocess.run(
            ["sha256sum", "--check", "--strict", "sha256sums.txt"],
            cwd=folder,
            capture_output=True,
            check=False,
        )

        assert len(rows) == len(story["creatives"])
        assert checked.returncode == 0, checked.stderr

    def test_keeps_an_unbroken_audit_trail(
        self, story: dict[str, Any], installation: Installation
    ) -> None:
        verified = installation.run("audit", "verify")

        assert verified.returncode == 0, verified.stdout + verified.stderr

    def test_can_be_made_again_byte_for_byte(
        self, story: dict[str, Any], installation: Installation
    ) -> None:
        again = installation.run("reproduce", story["assets"][0]["sha256"])

        assert again.returncode == 0, again.stdout + again.stderr

    def test_told_twice_makes_other_images_and_no_second_brand(
        self, story: dict[str, Any], installation: Installation
    ) -> None:
        second = installation.tell_story()

        count = installation.count
        assert second["generation"] != story["generation"]
        assert second["assets"][0]["sha256"] != story["assets"][0]["sha256"]
        assert count("SELECT count(DISTINCT seed) FROM generation_candidate") == 8
        assert count("SELECT count(*) FROM accounts_brand") == 1
        assert count("SELECT count(*) FROM accounts_user") == 5

    def test_is_refused_where_passwords_must_not_be_known(
        self, installation: Installation
    ) -> None:
        from brandgen.config.production_check import production_environment

        strict = Installation(
            installation.data_dir,
            **production_environment(str(installation.data_dir)),
        )

        refused = strict.run("demo")

        assert refused.returncode != 0
        assert "DEBUG" in refused.stderr


@pytest.mark.services
class TestStoryAtScale:
    def test_runs_on_postgresql_redis_and_s3_by_environment_alone(
        self,
        tmp_path: Path,
        postgres_url: str,
        redis_url: str,
        s3_server: S3Server,
        s3_bucket: str,
    ) -> None:
        here = Installation(
            tmp_path,
            DATABASE_URL=postgres_url,
            CELERY_BROKER_URL=redis_url,
            STORAGE_URL=f"s3://{s3_bucket}",
            S3_ENDPOINT_URL=s3_server.https_url,
            S3_CA_BUNDLE=str(s3_server.ca_bundle),
            S3_ACCESS_KEY_ID=s3_server.access_key_id,
            S3_SECRET_ACCESS_KEY=s3_server.secret_access_key,
        )

        story = here.tell_story()
        again = here.run("reproduce", story["assets"][0]["sha256"])
        verified = here.run("audit", "verify")

        assert len(story["creatives"]) == 3
        assert story["assets"][0]["path"].startswith(f"s3://{s3_bucket}/")
        assert again.returncode == 0, again.stdout + again.stderr
        assert verified.returncode == 0, verified.stdout + verified.stderr
        assert not (tmp_path / "db.sqlite3").exists()
        assert not (tmp_path / "blobs").exists()
