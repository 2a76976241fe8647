import socket
from collections.abc import Iterator
from typing import Any

import pytest
from pytest_django import Settings

from brandgen.lib import fetching
from brandgen.lib.fetching import FetchError, fetch
from tests.file_server import Answer, FileServer, running_files

MOST = 1000


@pytest.fixture
def files() -> Iterator[FileServer]:
    with running_files() as server:
        yield server


@pytest.fixture(autouse=True)
def allows_this_machine(settings: Settings) -> None:
    settings.EXPORT_PRIVATE_HOSTS = ["127.0.0.1"]


class TestFetch:
    def get(self, files: FileServer, path: str, **kwargs: float) -> fetching.Fetched:
        return fetch(files.url + path, most_bytes=MOST, **kwargs)

    def test_brings_a_file_and_its_name(self, files: FileServer) -> None:
        files.answers["/tables/mugs.csv?v=2"] = Answer(b"a,b\n")

        fetched = self.get(files, "/tables/mugs.csv?v=2")

        assert (fetched.data, fetched.name) == (b"a,b\n", "mugs.csv")

    @pytest.mark.parametrize(
        ("head", "name"),
        [
            ('attachment; filename="Spring - Mugs.csv"', "Spring - Mugs.csv"),
            ("attachment; filename*=UTF-8''Fr%C3%BChling.csv", "Frühling.csv"),
            ('attachment; filename="..\\..\\x.csv"', "x.csv"),
        ],
    )
    def test_calls_it_as_the_host_does(
        self, files: FileServer, head: str, name: str
    ) -> None:
        files.answers["/export"] = Answer(b"a\n", headers={"Content-Disposition": head})

        assert self.get(files, "/export").name == name

    def test_tells_nothing_of_who_asks(self, files: FileServer) -> None:
        files.answers["/t.csv"] = Answer(b"a\n")
        address = files.url.replace("//", "//ann:secret@") + "/t.csv"

        fetch(address, most_bytes=MOST)

        (_, headers), *_ = files.asked
        assert headers["Host"] == files.url.removeprefix("http://")
        assert not {"Authorization", "Cookie"} & set(headers)

    def test_follows_where_it_is_led(self, files: FileServer) -> None:
        files.answers["/old"] = Answer(status=307, headers={"Location": "/new/t.csv"})
        files.answers["/new/t.csv"] = Answer(b"a\n")

        fetched = self.get(files, "/old")

        assert fetched.address == files.url + "/new/t.csv"

    @pytest.mark.parametrize(
        "to", ["http://169.254.169.254/latest", "http://[::1]:1/", "file:///etc/passwd"]
    )
    def test_is_not_led_inside(self, files: FileServer, to: str) -> None:
        files.answers["/old"] = Answer(status=302, headers={"Location": to})

        with pytest.raises(FetchError, match=r"no place|EXPORT_PRIVATE|no address"):
            self.get(files, "/old")

    def test_does_not_run_in_circles(self, files: FileServer) -> None:
        files.answers["/x"] = Answer(status=301, headers={"Location": "/x"})

        with pytest.raises(FetchError, match="leads from one address to the next"):
            self.get(files, "/x")

        assert len(files.asked) == fetching.MOST_REDIRECTS + 1

    @pytest.mark.parametrize(
        ("answer", "message"),
        [
            (Answer(status=404), "nothing at this address"),
            (Answer(status=403), "lets only some people"),
            (Answer(status=503), "answers 503"),
            (Answer(b"x" * (MOST + 1)), "more than 0 MB"),
            (Answer(b"x" * 10, length=20), "can't be reached"),
            (Answer(b"xy", pause_s=1.0), "too slow"),
        ],
    )
    def test_says_why_it_brings_nothing(
        self, files: FileServer, answer: Answer, message: str
    ) -> None:
        files.answers["/t.csv"] = answer

        with pytest.raises(FetchError, match=message):
            self.get(files, "/t.csv", most_s=0.5)

    def test_does_not_wait_for_silence(
        self, files: FileServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(fetching, "QUIET_S", 0.2)
        files.answers["/t.csv"] = Answer(b"xy", pause_s=1.0)

        with pytest.raises(FetchError, match="does not answer"):
            self.get(files, "/t.csv")

    @pytest.mark.parametrize(
        "address", ["http://127.0.0.1:1/t.csv", "http://127.0.0.1:99999/t.csv"]
    )
    def test_says_where_nobody_is(self, address: str) -> None:
        with pytest.raises(FetchError, match=r"127\.0\.0\.1 can't be reached"):
            fetch(address, most_bytes=MOST)

    def test_calls_the_address_that_was_judged(
        self, files: FileServer, monkeypatch: pytest.MonkeyPatch, settings: Settings
    ) -> None:
        """A name that is public when judged, and inside when called, gains nothing."""
        settings.EXPORT_PRIVATE_HOSTS = ["tables.example"]
        found, really = ["127.0.0.1", "192.0.2.1"], socket.getaddrinfo

        def resolve(host: str, *args: Any, **kwargs: Any) -> Any:
            name = found.pop(0) if host == "tables.example" else host
            return really(name, *args, **kwargs)

        monkeypatch.setattr(socket, "getaddrinfo", resolve)
        files.answers["/t.csv"] = Answer(b"a\n")
        port = files.url.rpartition(":")[2]

        fetched = fetch(f"http://tables.example:{port}/t.csv", most_bytes=MOST)

        assert fetched.data == b"a\n"
        assert found == ["192.0.2.1"]
        assert files.asked[0][1]["Host"] == f"tables.example:{port}"
