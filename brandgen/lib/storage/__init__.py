"""Files named by their SHA-256, written once, never changed, in one of two homes."""

from functools import cache

from django.conf import settings

from brandgen.lib.storage.local import LocalStore
from brandgen.lib.storage.protocol import BlobStore, MissingBlobError, StorageError

__all__ = ["BlobStore", "LocalStore", "MissingBlobError", "StorageError", "get_store"]


@cache
def get_store() -> BlobStore:
    """Return the store that STORAGE_URL names: ``file:///path`` or ``s3://bucket/prefix``.

    Raises:
        StorageError: another scheme.
    """
    return open_store(settings.STORAGE_URL)


def open_store(url: str) -> BlobStore:
    """Return the store at an address.

    Raises:
        StorageError: a scheme that no store knows.
    """
    scheme, _, rest = url.partition("://")
    if scheme == "file":
        return LocalStore(rest)
    if scheme == "s3":
        # boto3 takes half a second to import; the embedded default has no use for it.
        from brandgen.lib.storage.s3 import S3Store

        bucket, _, prefix = rest.partition("/")
        return S3Store(bucket=bucket, prefix=prefix, options=settings.S3)
    raise StorageError(
        f"STORAGE_URL starts with {scheme!r}. Use file:///PATH or s3://BUCKET/PREFIX."
    )
