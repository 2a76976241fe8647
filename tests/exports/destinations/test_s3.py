import hashlib
from pathlib import Path

import pytest
from pytest_django import Settings

from brandgen.exports.destinations import config_fields, open_connector
from brandgen.exports.destinations.protocol import (
    ConflictError,
    Connector,
    Delivered,
    DestinationError,
)
from brandgen.exports.destinations.s3 import S3Connector
from tests.s3_server import S3Server

DATA = b"a picture" * 100
SHA256 = hashlib.sha256(DATA).hexdigest()


def connect(
    server: S3Server, bucket: str, scheme: str = "http", **changes: str
) -> Connector:
    config = {
        "bucket": bucket,
        "prefix": "drop/spring",
        "endpoint_url": getattr(server, f"{scheme}_url"),
        "region": "us-east-1",
        "access_key_id": server.access_key_id,
        "ca_certificate": Path(server.ca_bundle).read_text(),
    }
    secret = changes.pop("secret_access_key", server.secret_access_key)
    return open_connector(
        kind="s3",
        brand_slug="northwind",
        config=config | changes,
        secrets={"secret_access_key": secret},
    )


@pytest.fixture(params=["http", "https"])
def connector(
    request: pytest.FixtureRequest, s3_server: S3Server, s3_bucket: str
) -> Connector:
    return connect(s3_server, s3_bucket, request.param)


def deliver(connector: Connector, data: bytes = DATA) -> Delivered:
    sha256 = hashlib.sha256(data).hexdigest()
    return connector.deliver(
        path="images/a.png", data=data, sha256=sha256, mime="image/png"
    )


class TestDeliver:
    def test_puts_the_bytes_below_the_prefix(
        self, connector: S3Connector, s3_bucket: str
    ) -> None:
        delivered = deliver(connector)

        assert delivered.location == f"s3://{s3_bucket}/drop/spring/images/a.png"
        assert delivered.etag
        assert not delivered.was_there_already
        assert connector.bucket.read("drop/spring/images/a.png") == DATA

    def test_recognizes_what_lies_there(self, connector: Connector) -> None:
        deliver(connector)

        again = deliver(connector)

        assert again.was_there_already
        assert again.etag

    def test_leaves_other_bytes_as_they_are(self, connector: Connector) -> None:
        deliver(connector)

        with pytest.raises(ConflictError):
            deliver(connector, b"other")

        assert connector.read_back("images/a.png") == SHA256

    def test_refuses_a_path_that_leads_elsewhere(self, connector: Connector) -> None:
        with pytest.raises(DestinationError, match="can't be a path"):
            connector.deliver(
                path="../a.png", data=DATA, sha256=SHA256, mime="image/png"
            )

    def test_refuses_an_inside_address_that_nobody_allowed(
        self, s3_server: S3Server, settings: Settings
    ) -> None:
        settings.EXPORT_PRIVATE_HOSTS = []

        with pytest.raises(DestinationError, match="EXPORT_PRIVATE_HOSTS") as caught:
            deliver(connect(s3_server, "any"))

        assert caught.value.permanent

    def test_says_that_the_secret_is_wrong(
        self, s3_server: S3Server, s3_bucket: str
    ) -> None:
        wrong = connect(s3_server, s3_bucket, secret_access_key="hunter2")

        with pytest.raises(DestinationError, match="secret key is wrong") as caught:
            deliver(wrong)

        assert caught.value.permanent
        assert "hunter2" not in str(caught.value)

    def test_may_be_tried_again_where_nobody_answers(self, s3_server: S3Server) -> None:
        silent = connect(s3_server, "any", endpoint_url="http://127.0.0.1:9")

        with pytest.raises(DestinationError, match="did not answer") as caught:
            deliver(silent)

        assert not caught.value.permanent


class TestReadBack:
    def test_returns_the_hash_of_what_lies_there(self, connector: Connector) -> None:
        deliver(connector)

        assert connector.read_back("images/a.png") == SHA256
        assert connector.read_back("images/b.png") is None


class TestCheck:
    def test_says_what_the_server_can_do(
        self, s3_server: S3Server, s3_bucket: str
    ) -> None:
        connector = connect(s3_server, s3_bucket, "https")

        found = connector.check()

        # Ceph's radosgw 16 refuses checksums in a trailer.
        assert found == {
            "never_overwrites": True,
            "reads_back": True,
            "deletes": True,
            "checksum_mode": "when_required",
        }

    def test_says_that_the_bucket_is_missing(self, s3_server: S3Server) -> None:
        with pytest.raises(DestinationError, match="does not exist"):
            connect(s3_server, "nowhere").check()


class TestConfigFields:
    def test_marks_only_the_secret_as_secret(self) -> None:
        secret = {field.name for field in config_fields("s3") if field.is_secret}

        assert secret == {"secret_access_key"}

    def test_refuses_a_kind_that_does_not_exist(self) -> None:
        with pytest.raises(DestinationError, match="Use one of: folder, s3"):
            config_fields("ftp")
