from pathlib import Path

import boto3
import pytest

from brandgen.exports.models import Export
from brandgen.exports.runner import run_export
from brandgen.exports.services import (
    check_destination,
    request_export,
    save_destination,
)
from tests.factories import NOW, make_brand, make_manager, make_marked_asset, make_user
from tests.jobs_for import hold_job
from tests.s3_server import S3Server


@pytest.mark.django_db
@pytest.mark.parametrize("scheme", ["http", "https"])
class TestExportToS3:
    def test_delivers_twice_what_lies_there_once(
        self, scheme: str, s3_server: S3Server, s3_bucket: str
    ) -> None:
        destination = save_destination(
            brand=make_brand(),
            kind="s3",
            name="Bucket",
            values={
                "bucket": s3_bucket,
                "prefix": "drop",
                "endpoint_url": getattr(s3_server, f"{scheme}_url"),
                "access_key_id": s3_server.access_key_id,
                "secret_access_key": s3_server.secret_access_key,
                "ca_certificate": Path(s3_server.ca_bundle).read_text(),
            },
            by=make_manager(),
            at=NOW,
        )
        assets = [make_marked_asset(title=f"Mug {n}") for n in range(2)]
        assert check_destination(destination=destination, by=make_manager(), at=NOW)

        exports = []
        for _ in range(2):
            export = request_export(
                assets=assets,
                destination=destination,
                folder="Spring",
                by=make_user(),
                at=NOW,
            )
            run_export(hold_job(export))
            exports.append(Export.objects.get(id=export.id))

        client = boto3.client(
            "s3",
            endpoint_url=s3_server.http_url,
            region_name="us-east-1",
            aws_access_key_id=s3_server.access_key_id,
            aws_secret_access_key=s3_server.secret_access_key,
        )
        keys = {o["Key"] for o in client.list_objects_v2(Bucket=s3_bucket)["Contents"]}
        assert {export.state for export in exports} == {Export.State.DONE}
        assert len([key for key in keys if key.endswith(".png")]) == 2
        for export in exports:
            assert f"drop/{export.manifest_folder}/_COMPLETE.json" in keys
        again = exports[1].items.select_related("receipt")
        assert all(item.receipt.was_there_already for item in again)
