"""A store in an S3 bucket: for more than one machine, or more than one disk."""

import hashlib
import secrets
from collections.abc import Mapping
from typing import Any, BinaryIO

from brandgen.lib.s3 import Bucket, S3Error, S3Options
from brandgen.lib.storage.protocol import MissingBlobError, StorageError, blob_key


class S3Store:
    """Keeps files under ``prefix/ab/cd/<sha256>``; the server refuses to overwrite."""

    def __init__(self, *, bucket: str, prefix: str, options: Mapping[str, Any]) -> None:
        if not bucket:
            raise StorageError("STORAGE_URL names no bucket. Use s3://BUCKET/PREFIX.")
        self.prefix = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
        self.bucket = Bucket(bucket, S3Options(**options))

    def keep(self, data: bytes) -> str:
        """Keep bytes and return their SHA-256 in hex; never overwrite.

        Raises:
            StorageError: no room, no rights, no answer, or a damaged file in the place.
        """
        sha256 = hashlib.sha256(data).hexdigest()
        key = self._key(sha256)
        try:
            reply = self.bucket.put_if_absent(
                key, data, mime="application/octet-stream", metadata={}
            )
            if reply.was_there_already:
                self._require_whole(key, sha256, len(data))
        except S3Error as error:
            raise StorageError(f"The file could not be kept. {error}") from error
        return sha256

    def read(self, sha256: str) -> bytes:
        """Return the bytes, proven to match their name.

        Raises:
            MissingBlobError: no such file.
            StorageError: damaged, or no answer.
        """
        try:
            data = self.bucket.read(self._key(sha256))
        except S3Error as error:
            raise self._as_missing(error, sha256) from error
        if hashlib.sha256(data).hexdigest() != sha256:
            raise StorageError(
                f"The file {sha256} is damaged. Restore it from a backup."
            )
        return data

    def open(self, sha256: str) -> BinaryIO:
        """Open the bytes for reading as a stream.

        Raises:
            MissingBlobError: no such file.
            StorageError: no answer.
        """
        try:
            return self.bucket.open(self._key(sha256))
        except S3Error as error:
            raise self._as_missing(error, sha256) from error

    def locate(self, sha256: str) -> str:
        """Return the file's address: ``s3://bucket/key``."""
        return f"s3://{self.bucket.name}/{self._key(sha256)}"

    def has(self, sha256: str) -> bool:
        """Say whether the file is there.

        Raises:
            StorageError: no answer.
        """
        try:
            return self.bucket.find_head(self._key(sha256)) is not None
        except S3Error as error:
            raise StorageError(str(error)) from error

    def check(self) -> None:
        """Write, read back and delete a few bytes.

        Raises:
            StorageError: the bucket can't be used now.
        """
        key = f"{self.prefix}check-{secrets.token_hex(8)}"
        try:
            self.bucket.put_if_absent(key, b"brandgen", mime="text/plain", metadata={})
            data = self.bucket.read(key)
            self.bucket.delete(key)
        except S3Error as error:
            raise StorageError(str(error)) from error
        if data != b"brandgen":
            raise StorageError(
                f"The bucket {self.bucket.name!r} returned other bytes than were put."
            )

    def _key(self, sha256: str) -> str:
        return self.prefix + blob_key(sha256)

    def _require_whole(self, key: str, sha256: str, size_bytes: int) -> None:
        """Refuse to rely on a file that is not what its name says."""
        head = self.bucket.find_head(key)
        is_same = head and head.size_bytes == size_bytes
        if not is_same or (head and head.sha256 not in {"", sha256}):
            raise StorageError(
                f"Another file lies under {key}. Restore it from a backup or remove it."
            )

    def _as_missing(self, error: S3Error, sha256: str) -> StorageError:
        if error.is_missing:
            return MissingBlobError(f"There is no file {sha256} in storage.")
        return StorageError(str(error))
