"""A web server that answers each path as a test says."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


@dataclass
class Answer:
    """What is answered; `length` lies about the length, `pause_s` is before the end."""

    data: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    length: int | None = None
    pause_s: float = 0.0


@dataclass
class FileServer:
    """What is there, and what was asked for."""

    url: str = ""
    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)


@contextmanager
def running_files() -> Iterator[FileServer]:
    """Serve until the end."""
    files = FileServer()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_of(files))
    files.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield files
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler_of(files: FileServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            files.asked.append((self.path, dict(self.headers)))
            answer = files.answers.get(self.path, Answer(status=404))
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            length = len(answer.data) if answer.length is None else answer.length
            self.send_header("Content-Length", str(length))
            self.end_headers()
            self.wfile.write(answer.data[:1])
            self.wfile.flush()
            time.sleep(answer.pause_s)
            self.wfile.write(answer.data[1:])

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler
