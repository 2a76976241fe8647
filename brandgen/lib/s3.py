"""One bucket of any S3: put-if-absent, read, and errors that say what to do.

Servers differ in how they take checksums. boto3 sends them as a trailer over https,
which Ceph's radosgw 16 refuses with 411 (github.com/boto/boto3/issues/4398). So the
checksum mode is an option of each endpoint, and ``auto`` finds it out by trying.
"""

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from threading import Lock
from typing import TYPE_CHECKING, Any, BinaryIO, Literal, TypeVar, cast

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as NoConnectionError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

T = TypeVar("T")
ChecksumMode = Literal["auto", "when_supported", "when_required"]

CONNECT_TIMEOUT_S = 5
READ_TIMEOUT_S = 60
TRIES = 4
WITHOUT_TRAILERS = {400, 411, 501}
"""Statuses by which servers refuse checksums in a trailer."""

URL = re.compile(r"(?: for|:)? ?\"?https?://[^\s\"]+\"?")
ADVICE = {
    "InvalidAccessKeyId": "The access key is not known there. Check it.",
    "SignatureDoesNotMatch": "The secret key is wrong. Enter it again.",
    "AccessDenied": "The key may not do this. Allow it to put, get and head objects.",
    "NoSuchBucket": "The bucket does not exist. Create it or correct its name.",
    "QuotaExceeded": "The bucket is full. Ask its owner for room.",
    "RequestTimeTooSkewed": "The clocks differ. Set this machine's clock.",
}


class S3Error(Exception):
    """A bucket could not be used. The message is fit to show and holds no secret."""

    def __init__(self, message: str, *, code: str = "", status: int = 0) -> None:
        super().__init__(message)
        self.code = code
        self.status = status

    @property
    def is_permanent(self) -> bool:
        """Whether trying again can't help: the request itself was refused."""
        return 300 <= self.status < 500 and self.status not in {408, 409, 425, 429}

    @property
    def is_missing(self) -> bool:
        """Whether the object, not the bucket, is absent."""
        return self.code in {"404", "NoSuchKey", "NotFound"}


@dataclass(frozen=True)
class S3Options:
    """How to reach an S3; empty keys mean the machine's own role."""

    endpoint_url: str = ""
    region: str = "us-east-1"
    access_key_id: str = ""
    secret_access_key: str = ""
    checksum_mode: ChecksumMode = "auto"
    addressing_style: Literal["path", "virtual"] = "path"
    ca_bundle: str = ""

    def __repr__(self) -> str:
        return f"S3Options({self.endpoint_url or 'AWS'!r}, {self.region!r})"


@dataclass(frozen=True)
class PutReply:
    """What a put-if-absent found: its own write, or an object that was there."""

    etag: str
    was_there_already: bool


@dataclass(frozen=True)
class Head:
    """What is known of an object without reading it."""

    size_bytes: int
    etag: str
    sha256: str


class Bucket:
    """One bucket. Safe to share between threads."""

    def __init__(self, name: str, options: S3Options) -> None:
        self.name = name
        self.options = options
        self._client: S3Client | None = None
        self._lock = Lock()

    @property
    def checksum_mode(self) -> ChecksumMode:
        """The mode in use; ``auto`` until the first write has found out."""
        return self.options.checksum_mode

    def put_if_absent(
        self, key: str, data: bytes, *, mime: str, metadata: Mapping[str, str]
    ) -> PutReply:
        """Write an object unless its key is taken; its SHA-256 goes into metadata.

        Raises:
            S3Error: the server refused, or did not answer.
        """
        sha256 = hashlib.sha256(data).hexdigest()
        request: dict[str, Any] = {
            "Bucket": self.name,
            "Key": key,
            "Body": data,
            "ContentType": mime,
            "Metadata": {"brandgen-sha256": sha256, **metadata},
        }
        try:
            reply = self._write(
                lambda client: client.put_object(**request, IfNoneMatch="*")
            )
        except S3Error as error:
            if error.status == 412:
                return PutReply(etag="", was_there_already=True)
            if error.status != 501:
                raise
            # A server without conditional writes: look first, which two writers of
            # different bytes could race through. check() tells the difference.
            if self.find_head(key) is not None:
                return PutReply(etag="", was_there_already=True)
            reply = self._write(lambda client: client.put_object(**request))
        return PutReply(etag=reply["ETag"].strip('"'), was_there_already=False)

    def find_head(self, key: str) -> Head | None:
        """Return what is known of an object; None if there is none.

        Raises:
            S3Error: the server refused, or did not answer.
        """
        try:
            reply = self._call(
                lambda client: client.head_object(Bucket=self.name, Key=key)
            )
        except S3Error as error:
            if error.is_missing:
                return None
            raise
        return Head(
            size_bytes=reply["ContentLength"],
            etag=reply["ETag"].strip('"'),
            sha256=reply["Metadata"].get("brandgen-sha256", ""),
        )

    def read(self, key: str) -> bytes:
        """Return an object's bytes.

        Raises:
            S3Error: absent, refused, or broken off.
        """
        return self._call(
            lambda client: client.get_object(Bucket=self.name, Key=key)["Body"].read()
        )

    def open(self, key: str) -> BinaryIO:
        """Open an object as a stream.

        Raises:
            S3Error: absent or refused.
        """
        body = self._call(
            lambda client: client.get_object(Bucket=self.name, Key=key)["Body"]
        )
        return cast("BinaryIO", body)

    def delete(self, key: str) -> None:
        """Delete an object, there or not.

        Raises:
            S3Error: refused.
        """
        self._call(lambda client: client.delete_object(Bucket=self.name, Key=key))

    def _write(self, call: Callable[["S3Client"], T]) -> T:
        """Call; in ``auto`` mode find out whether checksums may come as a trailer."""
        if self.options.checksum_mode != "auto":
            return self._call(call)
        try:
            reply = self._call(call)
        except S3Error as error:
            if error.status not in WITHOUT_TRAILERS and (
                error.code != "XAmzContentSHA256Mismatch"
            ):
                raise
            plain = Bucket(
                self.name, replace(self.options, checksum_mode="when_required")
            )
            try:
                reply = plain._call(call)
            except S3Error as second:
                # 412 is an answer to the question itself, so the mode is right.
                if second.status == 412:
                    self._settle(plain)
                raise
            self._settle(plain)
        else:
            self.options = replace(self.options, checksum_mode="when_supported")
        return reply

    def _settle(self, other: "Bucket") -> None:
        """Keep the options that worked."""
        with self._lock:
            self.options, self._client = other.options, other._client

    def _call(self, call: Callable[["S3Client"], T]) -> T:
        """Call the server and turn what goes wrong into one kind of error."""
        try:
            return call(self._get_client())
        except ClientError as error:
            raise self._explain(error) from error
        except (HTTPClientError, NoConnectionError) as error:
            where = self.options.endpoint_url or "AWS"
            raise S3Error(
                f"{where} did not answer: {_first_line(error)}. "
                "Check the address, the certificate and the network; nothing was lost."
            ) from error
        except (BotoCoreError, ValueError) as error:
            raise S3Error(
                f"S3 can't be used as it is set up: {_first_line(error)}.", status=400
            ) from error

    def _explain(self, error: ClientError) -> S3Error:
        details = error.response.get("Error", {})
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        code = str(details.get("Code", "") or status)
        advice = ADVICE.get(code, "")
        if not advice:
            said = details.get("Message") or "no reason given"
            advice = f"It said: {said[:200]}."
        return S3Error(
            f"The bucket {self.name!r} answered {status} {code}. {advice}",
            code=code,
            status=status,
        )

    def _get_client(self) -> "S3Client":
        with self._lock:
            if self._client is None:
                self._client = _make_client(self.options)
            return self._client


def _make_client(options: S3Options) -> "S3Client":
    mode = options.checksum_mode
    calculation: Literal["when_supported", "when_required"] = (
        "when_supported" if mode == "auto" else mode
    )
    session = boto3.session.Session()
    return session.client(
        "s3",
        endpoint_url=options.endpoint_url or None,
        region_name=options.region or None,
        aws_access_key_id=options.access_key_id or None,
        aws_secret_access_key=options.secret_access_key or None,
        verify=options.ca_bundle or True,
        config=Config(
            request_checksum_calculation=calculation,
            response_checksum_validation=calculation,
            connect_timeout=CONNECT_TIMEOUT_S,
            read_timeout=READ_TIMEOUT_S,
            retries={"mode": "standard", "total_max_attempts": TRIES},
            s3={"addressing_style": options.addressing_style},
            max_pool_connections=16,
            proxies={},
        ),
    )


def _first_line(error: Exception) -> str:
    """Return what boto3 says, without the address that stands beside it anyway."""
    text = (str(error).splitlines() or ["no reason given"])[0]
    return URL.sub("", text)[:300].rstrip(". :")
