"""A hub as on the web: lists repositories, redirects to a store, and breaks off."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import unquote, urlsplit

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@dataclass
class HubServer:
    """What it serves, how it misbehaves, and what it was asked."""

    root: Path
    url: str = ""
    store_url: str = ""
    cuts: list[int] = field(default_factory=list)
    """For each next transfer the bytes after which its connection is cut."""
    statuses: list[int] = field(default_factory=list)
    """For each next request to the API or the store an error to answer with."""
    knows_ranges: bool = True
    token: str = ""
    lies: dict[str, bytes] = field(default_factory=dict)
    """Path in the store to other bytes than the API promised."""
    redirects_to: str = ""
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def sent(self, ending: str) -> list[str]:
        """Return the ranges with which a file of the store was asked for."""
        return [
            headers.get("Range", "all")
            for path, headers in self.requests
            if path.startswith("/store/") and path.endswith(ending)
        ]


@contextmanager
def running_hub(root: Path) -> Iterator[HubServer]:
    """Serve the repositories below a folder, OWNER/NAME, until the end."""
    hub = HubServer(root)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_of(hub))
    hub.url = f"http://127.0.0.1:{server.server_port}"
    hub.store_url = f"http://localhost:{server.server_port}"
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler_of(hub: HubServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *args: Any) -> None:
            """Say nothing."""

        def do_GET(self) -> None:
            path = unquote(urlsplit(self.path).path)
            hub.requests.append((path, dict(self.headers)))
            if hub.statuses and (status := hub.statuses.pop(0)):
                self._answer(status, b"")
            elif path.startswith("/api/models/"):
                self._list(path.removeprefix("/api/models/"))
            elif "/resolve/" in path:
                self._redirect(path)
            elif path.startswith("/store/"):
                self._hand_out(path.removeprefix("/store/"))
            else:
                self._answer(404, b"")

        def _list(self, path: str) -> None:
            repository = path.partition("/revision/")[0]
            folder = hub.root / repository
            wants = hub.token and self.headers["Authorization"] != f"Bearer {hub.token}"
            if wants or not folder.is_dir():
                self._answer(401 if wants else 404, b"")
                return
            rows = [_row(folder, p) for p in sorted(folder.rglob("*")) if p.is_file()]
            self._answer(200, json.dumps({"sha": COMMIT, "siblings": rows}).encode())

        def _redirect(self, path: str) -> None:
            repository, _, rest = path.strip("/").partition("/resolve/")
            name = rest.partition("/")[2]
            self.send_response(302)
            to = hub.redirects_to or f"{hub.store_url}/store/{repository}/{name}"
            self.send_header("Location", to)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def _hand_out(self, path: str) -> None:
            data = hub.lies.get(path) or (hub.root / path).read_bytes()
            start = 0
            if hub.knows_ranges and (asked := self.headers.get("Range")):
                start = int(asked.removeprefix("bytes=").partition("-")[0])
            self.send_response(206 if start else 200)
            if start:
                self.send_header(
                    "Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}"
                )
            self.send_header("Content-Length", str(len(data) - start))
            self.end_headers()
            rest = data[start:]
            if hub.cuts:
                rest = rest[: hub.cuts.pop(0)]
                self.close_connection = True
            self.wfile.write(rest)

        def _answer(self, status: int, data: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

    return Handler


def _row(folder: Path, path: Path) -> dict[str, Any]:
    """Describe a file as the hub's API does: large ones in LFS, the others in Git."""
    data = path.read_bytes()
    head = b"blob %d\0" % len(data)
    row: dict[str, Any] = {
        "rfilename": path.relative_to(folder).as_posix(),
        "size": len(data),
        "blobId": hashlib.sha1(head + data, usedforsecurity=False).hexdigest(),
    }
    if path.suffix == ".safetensors":
        sha256 = hashlib.sha256(data).hexdigest()
        row["lfs"] = {"sha256": sha256, "size": len(data), "pointerSize": 134}
    return row
