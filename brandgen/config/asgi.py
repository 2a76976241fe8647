"""The web process: ``granian --interface asgi brandgen.config.asgi:application``."""

import os
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from django.conf import settings
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "brandgen.config.settings")

Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[dict[str, Any], Receive, Send], Awaitable[None]]


def bounded(app: App) -> App:
    """Let no request bring more than MAX_REQUEST_BYTES, said or unsaid.

    Django writes a whole body to disk before anything of ours sees the request. What
    is too much is read and thrown away, so that the browser comes to read the answer;
    ``PlainErrorMiddleware`` finds the mark in the scope and says what happened.
    """

    async def wrapped(scope: dict[str, Any], receive: Receive, send: Send) -> None:
        size_bytes = 0

        async def receive_bounded() -> Message:
            nonlocal size_bytes
            message = await receive()
            size_bytes += len(message.get("body", b""))
            if size_bytes <= settings.MAX_REQUEST_BYTES:
                return message
            while message["type"] == "http.request" and message.get("more_body"):
                message = await receive()
                size_bytes += len(message.get("body", b""))
            scope["brandgen.body_bytes"] = size_bytes
            if message["type"] != "http.request":
                return message
            return {"type": "http.request", "body": b"", "more_body": False}

        is_http = scope["type"] == "http"
        await app(scope, receive_bounded if is_http else receive, send)

    return wrapped


application = bounded(get_asgi_application())
