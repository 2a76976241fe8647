"""A bucket of any S3: Amazon's, Ceph's, or one of the many others."""

import hashlib
import secrets
from dataclasses import dataclass
from tempfile import NamedTemporaryFile
from typing import cast

from brandgen.exports.destinations.protocol import (
    Capabilities,
    ConfigField,
    ConflictError,
    Delivered,
    DestinationError,
    require_safe_path,
)
from brandgen.lib.addresses import AddressError, require_allowed_host
from brandgen.lib.s3 import Bucket, ChecksumMode, S3Error, S3Options

FIELDS = (
    ConfigField(
        name="bucket",
        label="Bucket",
        pattern=r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]",
        help_text="Must exist already.",
        max_length=63,
    ),
    ConfigField(
        name="prefix",
        label="Folder in the bucket",
        pattern=r"[a-z0-9_][a-z0-9._-]*(/[a-z0-9_][a-z0-9._-]*){0,3}",
        is_required=False,
        help_text="Empty for the top. Small letters, digits, hyphens and slashes.",
        max_length=120,
    ),
    ConfigField(
        name="endpoint_url",
        label="Endpoint",
        type="url",
        is_required=False,
        help_text="https://s3.example.com, or empty for Amazon S3.",
    ),
    ConfigField(name="region", label="Region", default="us-east-1", max_length=40),
    ConfigField(name="access_key_id", label="Access key", max_length=128),
    ConfigField(
        name="secret_access_key",
        label="Secret key",
        is_secret=True,
        help_text="Stored encrypted and never shown again.",
    ),
    ConfigField(
        name="addressing_style",
        label="Addresses",
        type="choice",
        choices=(("path", "endpoint/bucket"), ("virtual", "bucket.endpoint")),
        default="path",
    ),
    ConfigField(
        name="checksum_mode",
        label="Checksums",
        type="choice",
        choices=(
            ("auto", "Find out"),
            ("when_supported", "Always"),
            ("when_required", "Only where required (older Ceph)"),
        ),
        default="auto",
    ),
    ConfigField(
        name="ca_certificate",
        label="Own certificate authority",
        type="long",
        is_required=False,
        help_text="PEM text, where the endpoint's certificate is from your own.",
        max_length=20_000,
    ),
)


@dataclass(frozen=True)
class Place:
    """Where in S3 a destination lies."""

    bucket: str
    prefix: str
    options: S3Options
    ca_certificate: str = ""


def read_place(config: dict[str, str], secrets_: dict[str, str]) -> Place:
    """Read a destination's configuration."""
    options = S3Options(
        endpoint_url=config.get("endpoint_url", ""),
        region=config.get("region", ""),
        access_key_id=config.get("access_key_id", ""),
        secret_access_key=secrets_.get("secret_access_key", ""),
        checksum_mode=cast("ChecksumMode", config.get("checksum_mode", "auto")),
        addressing_style=(
            "virtual" if config.get("addressing_style") == "virtual" else "path"
        ),
    )
    prefix = config.get("prefix", "").strip("/")
    return Place(
        bucket=config.get("bucket", ""),
        prefix=f"{prefix}/" if prefix else "",
        options=options,
        ca_certificate=config.get("ca_certificate", ""),
    )


class S3Connector:
    """Delivers objects that the server itself refuses to overwrite."""

    def __init__(self, place: Place) -> None:
        self.place = place
        options = place.options
        if place.ca_certificate:
            # boto3 takes a path only; the file lives as long as the connector.
            self._ca_file = NamedTemporaryFile("w", suffix=".pem")  # noqa: SIM115
            self._ca_file.write(place.ca_certificate)
            self._ca_file.flush()
            options = S3Options(**{**vars(options), "ca_bundle": self._ca_file.name})
        self.bucket = Bucket(place.bucket, options)

    def check(self) -> Capabilities:
        """Put an object twice, read it back, delete it; say what the server can do.

        Raises:
            DestinationError: the bucket can't be used now, or overwrites.
        """
        self._require_allowed_host()
        key = f"{self.place.prefix}check-{secrets.token_hex(8)}"
        text = {"mime": "text/plain", "metadata": {}}
        try:
            self.bucket.put_if_absent(key, b"brandgen", **text)  # type: ignore[arg-type]
            second = self.bucket.put_if_absent(key, b"again", **text)  # type: ignore[arg-type]
            found = self.bucket.read(key)
        except S3Error as error:
            raise _explain(error) from error
        can_delete = self._can_delete(key)
        if found != b"brandgen" or not second.was_there_already:
            raise DestinationError(
                "This server overwrites objects when asked not to (it ignores "
                "If-None-Match). Use one that honors conditional writes.",
                permanent=True,
            )
        return {
            "never_overwrites": True,
            "reads_back": True,
            "deletes": can_delete,
            "checksum_mode": self.bucket.checksum_mode,
        }

    def deliver(self, *, path: str, data: bytes, sha256: str, mime: str) -> Delivered:
        """Put an object at a path below the prefix; never overwrite.

        Raises:
            ConflictError: other bytes lie there.
            DestinationError: refused, or no answer.
        """
        require_safe_path(path)
        self._require_allowed_host()
        key = self.place.prefix + path
        try:
            reply = self.bucket.put_if_absent(key, data, mime=mime, metadata={})
            if reply.was_there_already:
                return self._recognize(path, sha256)
        except S3Error as error:
            raise _explain(error) from error
        return Delivered(location=self._location(path), etag=reply.etag)

    def read_back(self, path: str) -> str | None:
        """Return the SHA-256 of what lies at a path; None if nothing does.

        Raises:
            DestinationError: refused, or no answer.
        """
        require_safe_path(path)
        self._require_allowed_host()
        try:
            data = self.bucket.read(self.place.prefix + path)
        except S3Error as error:
            if error.is_missing:
                return None
            raise _explain(error) from error
        return hashlib.sha256(data).hexdigest()

    def _recognize(self, path: str, sha256: str) -> Delivered:
        """Accept the object that is there if it is the same; the metadata may lie."""
        if self.read_back(path) != sha256:
            raise ConflictError(self._location(path))
        head = self.bucket.find_head(self.place.prefix + path)
        return Delivered(
            location=self._location(path),
            etag=head.etag if head else "",
            was_there_already=True,
        )

    def _can_delete(self, key: str) -> bool:
        try:
            self.bucket.delete(key)
        except S3Error:
            return False
        return True

    def _location(self, path: str) -> str:
        return f"s3://{self.place.bucket}/{self.place.prefix}{path}"

    def _require_allowed_host(self) -> None:
        if not self.place.options.endpoint_url:
            return
        try:
            require_allowed_host(self.place.options.endpoint_url)
        except AddressError as error:
            raise DestinationError(str(error), permanent=error.is_permanent) from error


def _explain(error: S3Error) -> DestinationError:
    return DestinationError(str(error), permanent=error.is_permanent)
