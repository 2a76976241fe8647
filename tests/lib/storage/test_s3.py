import hashlib
import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace

import boto3
import pytest

from brandgen.lib.s3 import Bucket, S3Error, S3Options
from brandgen.lib.storage.protocol import MissingBlobError, StorageError
from brandgen.lib.storage.s3 import S3Store
from tests.s3_server import S3Server

DATA = b"a picture" * 1000


@pytest.fixture(params=["http", "https"])
def options(request: pytest.FixtureRequest, s3_server: S3Server) -> S3Options:
    return S3Options(
        endpoint_url=getattr(s3_server, f"{request.param}_url"),
        access_key_id=s3_server.access_key_id,
        secret_access_key=s3_server.secret_access_key,
        ca_bundle=s3_server.ca_bundle,
    )


@pytest.fixture
def store(options: S3Options, s3_bucket: str) -> S3Store:
    return S3Store(bucket=s3_bucket, prefix="blobs", options=asdict(options))


@pytest.fixture
def raw(s3_server: S3Server) -> Iterator[object]:
    client = boto3.client(
        "s3",
        endpoint_url=s3_server.http_url,
        region_name="us-east-1",
        aws_access_key_id=s3_server.access_key_id,
        aws_secret_access_key=s3_server.secret_access_key,
    )
    yield client
    client.close()


class TestKeep:
    def test_returns_what_read_needs(self, store: S3Store) -> None:
        sha256 = store.keep(DATA)

        assert sha256 == hashlib.sha256(DATA).hexdigest()
        assert store.read(sha256) == DATA

    def test_keeps_the_same_bytes_once(self, store: S3Store, raw, s3_bucket) -> None:
        store.keep(DATA)
        first = raw.list_objects_v2(Bucket=s3_bucket)["Contents"]

        store.keep(DATA)

        again = raw.list_objects_v2(Bucket=s3_bucket)["Contents"]
        assert [(o["Key"], o["LastModified"]) for o in again] == [
            (o["Key"], o["LastModified"]) for o in first
        ]

    def test_names_the_file_by_its_hash_below_the_prefix(
        self, store: S3Store, raw, s3_bucket: str
    ) -> None:
        sha256 = store.keep(DATA)

        head = raw.head_object(
            Bucket=s3_bucket, Key=f"blobs/{sha256[:2]}/{sha256[2:4]}/{sha256}"
        )
        assert head["Metadata"] == {"brandgen-sha256": sha256}

    def test_lets_many_writers_of_one_file_agree(
        self, options: S3Options, s3_bucket: str
    ) -> None:
        stores = [
            S3Store(bucket=s3_bucket, prefix="race", options=asdict(options))
            for _ in range(6)
        ]

        with ThreadPoolExecutor(6) as pool:
            names = set(pool.map(lambda store: store.keep(DATA), stores))

        assert len(names) == 1
        assert stores[0].read(names.pop()) == DATA

    def test_refuses_a_place_that_holds_other_bytes(
        self, store: S3Store, raw, s3_bucket: str
    ) -> None:
        sha256 = hashlib.sha256(DATA).hexdigest()
        key = f"blobs/{sha256[:2]}/{sha256[2:4]}/{sha256}"
        raw.put_object(Bucket=s3_bucket, Key=key, Body=b"something else")

        with pytest.raises(StorageError, match="Another file lies under"):
            store.keep(DATA)

    def test_finds_the_checksum_mode_that_the_server_takes(
        self, store: S3Store, options: S3Options
    ) -> None:
        store.keep(DATA)

        is_https = options.endpoint_url.startswith("https")
        # radosgw 16 answers 411 to the trailer that boto3 sends over https.
        expected = "when_required" if is_https else "when_supported"
        assert store.bucket.checksum_mode == expected

    def test_says_that_the_secret_is_wrong_without_showing_it(
        self, options: S3Options, s3_bucket: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.INFO)
        wrong = asdict(replace(options, secret_access_key="hunter2-hunter2"))
        store = S3Store(bucket=s3_bucket, prefix="", options=wrong)

        with pytest.raises(StorageError, match="secret key is wrong") as caught:
            store.keep(DATA)

        assert "hunter2" not in str(caught.value) + caplog.text

    def test_says_that_the_bucket_does_not_exist(self, options: S3Options) -> None:
        store = S3Store(bucket="nowhere", prefix="", options=asdict(options))

        with pytest.raises(StorageError, match="Create it or correct its name"):
            store.keep(DATA)

    def test_says_that_nobody_answers(self, options: S3Options) -> None:
        gone = asdict(replace(options, endpoint_url="http://127.0.0.1:9"))
        store = S3Store(bucket="any", prefix="", options=gone)

        with pytest.raises(StorageError, match=r"http://127\.0\.0\.1:9 did not answer"):
            store.keep(DATA)

    def test_refuses_a_certificate_that_nobody_vouches_for(
        self, s3_server: S3Server, s3_bucket: str
    ) -> None:
        stranger = S3Options(
            endpoint_url=s3_server.https_url,
            access_key_id=s3_server.access_key_id,
            secret_access_key=s3_server.secret_access_key,
        )
        store = S3Store(bucket=s3_bucket, prefix="", options=asdict(stranger))

        with pytest.raises(StorageError, match="certificate"):
            store.keep(DATA)


class TestRead:
    def test_refuses_a_damaged_file(self, store: S3Store, raw, s3_bucket: str) -> None:
        sha256 = store.keep(DATA)
        key = f"blobs/{sha256[:2]}/{sha256[2:4]}/{sha256}"
        raw.put_object(Bucket=s3_bucket, Key=key, Body=b"rotten")

        with pytest.raises(StorageError, match="is damaged"):
            store.read(sha256)

    def test_says_that_a_file_is_missing(self, store: S3Store) -> None:
        with pytest.raises(MissingBlobError):
            store.read("0" * 64)

    def test_refuses_a_name_that_is_no_hash(self, store: S3Store) -> None:
        with pytest.raises(StorageError, match="no SHA-256"):
            store.read("../../etc/passwd")


class TestOpen:
    def test_streams_the_bytes(self, store: S3Store) -> None:
        sha256 = store.keep(DATA)

        with store.open(sha256) as file:
            assert file.read(9) == b"a picture"

    def test_says_that_a_file_is_missing(self, store: S3Store) -> None:
        with pytest.raises(MissingBlobError):
            store.open("0" * 64)


class TestHas:
    def test_knows_what_is_there(self, store: S3Store) -> None:
        sha256 = store.keep(DATA)

        assert store.has(sha256)
        assert not store.has("0" * 64)


class TestCheck:
    def test_leaves_nothing_behind(self, store: S3Store, raw, s3_bucket: str) -> None:
        store.check()

        assert "Contents" not in raw.list_objects_v2(Bucket=s3_bucket)

    def test_says_what_is_wrong(self, options: S3Options) -> None:
        with pytest.raises(StorageError, match="nowhere"):
            S3Store(bucket="nowhere", prefix="", options=asdict(options)).check()


class TestBucket:
    def test_lets_exactly_one_of_many_writers_win(
        self, options: S3Options, s3_bucket: str
    ) -> None:
        bucket = Bucket(s3_bucket, options)

        def write(number: int) -> bool:
            reply = bucket.put_if_absent(
                "one", b"%d" % number, mime="text/plain", metadata={}
            )
            return not reply.was_there_already

        with ThreadPoolExecutor(8) as pool:
            wins = list(pool.map(write, range(8)))

        assert wins.count(True) == 1
        assert bucket.read("one") == b"%d" % wins.index(True)

    def test_settles_the_mode_even_where_the_key_was_taken(
        self, options: S3Options, s3_bucket: str
    ) -> None:
        Bucket(s3_bucket, options).put_if_absent(
            "one", b"1", mime="text/plain", metadata={}
        )
        second = Bucket(s3_bucket, options)

        reply = second.put_if_absent("one", b"2", mime="text/plain", metadata={})

        assert reply.was_there_already
        assert second.find_head("one").sha256 == hashlib.sha256(b"1").hexdigest()

    def test_calls_a_refusal_permanent_and_silence_not(
        self, options: S3Options
    ) -> None:
        with pytest.raises(S3Error) as refused:
            Bucket("nowhere", options).read("key")
        silent = replace(options, endpoint_url="http://127.0.0.1:9")
        with pytest.raises(S3Error) as unanswered:
            Bucket("nowhere", silent).read("key")

        assert refused.value.is_permanent
        assert not unanswered.value.is_permanent

    def test_shows_no_secret_when_printed(self, options: S3Options) -> None:
        assert options.secret_access_key not in repr(options)
