import hashlib
import os
import resource
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from brandgen.lib.storage.local import LocalStore
from brandgen.lib.storage.protocol import MissingBlobError, StorageError

DATA = b"a picture" * 1000


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    return LocalStore(tmp_path / "blobs")


@contextmanager
def full_disk(size_bytes: int) -> Iterator[None]:
    """Let no file grow beyond a size: the kernel breaks the write off in its middle."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


class TestKeep:
    def test_returns_what_read_needs(self, store: LocalStore) -> None:
        sha256 = store.keep(DATA)

        assert sha256 == hashlib.sha256(DATA).hexdigest()
        assert store.read(sha256) == DATA

    def test_keeps_the_same_bytes_once(self, store: LocalStore) -> None:
        store.keep(DATA)
        (first,) = files_in(store.root)
        before = first.stat()

        store.keep(DATA)

        (again,) = files_in(store.root)
        assert (again.stat().st_ino, again.stat().st_mtime_ns) == (
            before.st_ino,
            before.st_mtime_ns,
        )

    def test_makes_the_file_read_only(self, store: LocalStore) -> None:
        store.keep(DATA)

        (path,) = files_in(store.root)
        assert path.stat().st_mode & 0o777 == 0o444

    def test_lets_many_writers_of_one_file_agree(self, store: LocalStore) -> None:
        with ThreadPoolExecutor(8) as pool:
            names = set(pool.map(store.keep, [DATA] * 40))

        assert len(names) == 1
        assert len(files_in(store.root)) == 1
        assert store.read(names.pop()) == DATA

    def test_leaves_nothing_on_a_full_disk(self, store: LocalStore) -> None:
        kept = store.keep(b"small")
        big = os.urandom(200_000)

        with full_disk(100_000), pytest.raises(StorageError, match="Free some space"):
            store.keep(big)

        assert not store.has(hashlib.sha256(big).hexdigest())
        assert len(files_in(store.root)) == 1
        assert store.read(kept) == b"small"
        assert store.keep(big) == hashlib.sha256(big).hexdigest()

    def test_says_which_folder_it_can_not_use(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("not a folder")

        with pytest.raises(StorageError, match=str(tmp_path)):
            LocalStore(tmp_path / "file").keep(DATA)


class TestRead:
    def test_refuses_a_damaged_file(self, store: LocalStore) -> None:
        sha256 = store.keep(DATA)
        (path,) = files_in(store.root)
        path.chmod(0o644)
        path.write_bytes(DATA[:-1])

        with pytest.raises(StorageError, match="is damaged"):
            store.read(sha256)

    def test_says_that_a_file_is_missing(self, store: LocalStore) -> None:
        with pytest.raises(MissingBlobError):
            store.read("0" * 64)

    @pytest.mark.parametrize("name", ["../../etc/passwd", "", "A" * 64, "0" * 63])
    def test_refuses_a_name_that_is_no_hash(self, store: LocalStore, name: str) -> None:
        with pytest.raises(StorageError, match="no SHA-256"):
            store.read(name)


class TestOpen:
    def test_streams_the_bytes(self, store: LocalStore) -> None:
        sha256 = store.keep(DATA)

        with store.open(sha256) as file:
            assert file.read(9) == b"a picture"


class TestHas:
    def test_knows_what_is_there(self, store: LocalStore) -> None:
        sha256 = store.keep(DATA)

        assert store.has(sha256)
        assert not store.has("0" * 64)


class TestCheck:
    def test_leaves_nothing_behind(self, store: LocalStore) -> None:
        store.check()

        assert files_in(store.root) == []

    def test_says_what_is_wrong(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("not a folder")

        with pytest.raises(StorageError, match="Not a directory"):
            LocalStore(tmp_path / "file").check()
