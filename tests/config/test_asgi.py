"""The web process takes no body that is larger than it may be."""

import asyncio
from typing import Any

import pytest
from pytest_django import Settings

from brandgen.config.asgi import application, bounded
from tests.loops import run_in_own_loop


class TestBounded:
    def test_passes_on_what_is_small(self, settings: Settings) -> None:
        settings.MAX_REQUEST_BYTES = 100

        body, scope = read_through([b"a" * 60, b"b" * 40])

        assert body == b"a" * 60 + b"b" * 40
        assert "brandgen.body_bytes" not in scope

    def test_throws_away_what_is_too_much_and_says_how_much_it_was(
        self, settings: Settings
    ) -> None:
        settings.MAX_REQUEST_BYTES = 100

        body, scope = read_through([b"a" * 60, b"b" * 60, b"c" * 60])

        assert body == b"a" * 60
        assert scope["brandgen.body_bytes"] == 180

    @pytest.mark.django_db
    def test_leads_to_a_page_where_no_length_was_said(self, settings: Settings) -> None:
        settings.MAX_REQUEST_BYTES = 100

        status, page = ask_application([b"a=" + b"b" * 200, b"c" * 200])

        assert status == 413
        assert b"Nothing was kept" in page


def receiver(chunks: list[bytes]) -> Any:
    """Return what hands over a body in chunks, then waits as a server does."""
    left = list(chunks)

    async def receive() -> dict[str, Any]:
        if not left:
            await asyncio.sleep(3600)
        body = left.pop(0)
        return {"type": "http.request", "body": body, "more_body": bool(left)}

    return receive


def read_through(chunks: list[bytes]) -> tuple[bytes, dict[str, Any]]:
    """Return the body that reaches an application, and its scope."""
    scope: dict[str, Any] = {"type": "http"}
    found = []

    async def read(scope: Any, receive: Any, send: Any) -> None:
        is_more = True
        while is_more:
            message = await receive()
            found.append(message["body"])
            is_more = message["more_body"]

    async def send(message: Any) -> None:
        raise AssertionError(message)

    run_in_own_loop(bounded(read)(scope, receiver(chunks), send))
    return b"".join(found), scope


def ask_application(chunks: list[bytes]) -> tuple[int, bytes]:
    """Send a body without its length to the real application."""
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/preferences/",
        "query_string": b"",
        "headers": [
            (b"host", b"localhost"),
            (b"content-type", b"application/x-www-form-urlencoded"),
        ],
    }
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    run_in_own_loop(application(scope, receiver(chunks), send))
    return sent[0]["status"], b"".join(one.get("body", b"") for one in sent[1:])
