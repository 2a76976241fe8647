import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from brandgen.exports.destinations.folder import FolderConnector
from brandgen.exports.destinations.protocol import (
    ConflictError,
    Delivered,
    DestinationError,
)
from tests.lib.storage.test_local import files_in, full_disk

DATA = b"a picture" * 100
SHA256 = hashlib.sha256(DATA).hexdigest()


@pytest.fixture
def folder(tmp_path: Path) -> FolderConnector:
    return FolderConnector(tmp_path / "northwind" / "out")


def deliver(
    folder: FolderConnector, path: str = "images/a.png", data: bytes = DATA
) -> Delivered:
    sha256 = hashlib.sha256(data).hexdigest()
    return folder.deliver(path=path, data=data, sha256=sha256, mime="image/png")


class TestDeliver:
    def test_puts_the_bytes_at_the_path(self, folder: FolderConnector) -> None:
        delivered = deliver(folder)

        assert not delivered.was_there_already
        assert Path(delivered.location).read_bytes() == DATA
        assert [p.name for p in files_in(folder.root)] == ["a.png"]

    def test_recognizes_what_lies_there(self, folder: FolderConnector) -> None:
        deliver(folder)

        assert deliver(folder).was_there_already

    def test_leaves_other_bytes_as_they_are(self, folder: FolderConnector) -> None:
        location = deliver(folder).location

        with pytest.raises(ConflictError) as caught:
            deliver(folder, data=b"other")

        assert caught.value.permanent
        assert Path(location).read_bytes() == DATA

    def test_lets_exactly_one_of_many_writers_win(
        self, folder: FolderConnector
    ) -> None:
        def write(number: int) -> bool:
            try:
                return not deliver(folder, data=b"%d" % number).was_there_already
            except ConflictError:
                return False

        with ThreadPoolExecutor(8) as pool:
            wins = list(pool.map(write, range(24)))

        assert wins.count(True) == 1
        assert (folder.root / "images/a.png").read_bytes() == b"%d" % wins.index(True)
        assert len(files_in(folder.root)) == 1

    @pytest.mark.parametrize(
        "path",
        [
            "../evil.png", "a/../../evil.png", "/etc/passwd", "a//b", "a/./b", "..",
            "", "a\0b", "a\nb", "\u202egnp.a", "a/", "A:\\b", ".hidden", "x" * 300,
            "a/b/c/d/e/f/g",
        ],
    )  # fmt: skip
    def test_refuses_a_path_that_leads_elsewhere(
        self, folder: FolderConnector, path: str
    ) -> None:
        with pytest.raises(DestinationError, match="can't be a path") as caught:
            deliver(folder, path)

        assert caught.value.permanent
        assert files_in(folder.root.parent) == []

    def test_refuses_a_symbolic_link_out_of_the_root(
        self, folder: FolderConnector, tmp_path: Path
    ) -> None:
        (tmp_path / "elsewhere").mkdir()
        folder.root.mkdir(parents=True)
        (folder.root / "images").symlink_to(tmp_path / "elsewhere")

        with pytest.raises(DestinationError, match="leads out of"):
            deliver(folder)

        assert files_in(tmp_path / "elsewhere") == []

    def test_leaves_no_half_file_on_a_full_disk(self, folder: FolderConnector) -> None:
        big = os.urandom(200_000)

        with full_disk(100_000), pytest.raises(DestinationError) as caught:
            deliver(folder, data=big)

        assert not caught.value.permanent
        assert "Free some space" in str(caught.value)
        assert files_in(folder.root) == []

    def test_says_what_is_in_the_way(self, folder: FolderConnector) -> None:
        folder.root.parent.mkdir(parents=True)
        folder.root.write_text("a file")

        with pytest.raises(DestinationError, match=r"File exists|Not a directory"):
            deliver(folder)


class TestReadBack:
    def test_returns_the_hash_of_what_lies_there(self, folder: FolderConnector) -> None:
        deliver(folder)

        assert folder.read_back("images/a.png") == SHA256

    def test_finds_nothing_where_nothing_is(self, folder: FolderConnector) -> None:
        assert folder.read_back("images/a.png") is None


class TestCheck:
    def test_leaves_nothing_behind(self, folder: FolderConnector) -> None:
        assert folder.check() == {"never_overwrites": True, "reads_back": True}
        assert files_in(folder.root) == []
