"""A web server on this machine that serves weights well, or as badly as servers do."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from models.types import Modality, ModelInfo
from models.weights.files import WeightsFile

HOST = "127.0.0.1"


def model(*files: WeightsFile, name: str = "net") -> ModelInfo:
    return ModelInfo(name, Modality.FACE, "1", "a test's", "MIT", "nowhere", weights=files)


@dataclass
class Served:
    """One file on the server, and how it misbehaves."""

    content: bytes
    etag: str = '"one"'
    ranges: bool = True
    break_after: list[int] = field(default_factory=list)
    """For each of the first requests: bytes of its answer that are sent before the connection breaks."""
    announced: bool = True
    """Whether the answer has a Content-Length."""
    kind: str = "application/octet-stream"
    status: int = 200
    location: str = ""
    wait: threading.Event | None = None
    """What the server waits for in the middle of the file."""


@dataclass
class Asked:
    path: str
    headers: dict[str, str]


class Server:
    """`files` by path; `asked` is every request in turn."""

    def __init__(self, port: int) -> None:
        self.address = f"http://{HOST}:{port}"
        self.files: dict[str, Served] = {}
        self.asked: list[Asked] = []

    def serve(self, path: str, served: Served) -> str:
        self.files[path] = served
        return self.address + path


@contextmanager
def running() -> Iterator[Server]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            server.asked.append(Asked(self.path, {name.lower(): value for name, value in self.headers.items()}))
            self.close_connection = True
            served = server.files.get(self.path)
            if served is None:
                self.send_error(404)
                return
            self._answer(served)

        def _answer(self, served: Served) -> None:
            start, whole = 0, len(served.content)
            asked = self.headers.get("Range", "")
            if served.ranges and asked and self.headers.get("If-Range") == served.etag:
                start = int(asked.removeprefix("bytes=").split("-")[0])
            self.send_response(206 if start else served.status)
            if start:
                self.send_header("Content-Range", f"bytes {start}-{whole - 1}/{whole}")
            if served.location:
                self.send_header("Location", served.location)
            if served.announced:
                self.send_header("Content-Length", str(whole - start))
            if served.etag:
                self.send_header("ETag", served.etag)
            self.send_header("Content-Type", served.kind)
            self.end_headers()
            body = served.content[start:]
            if served.break_after:
                body = body[: served.break_after.pop(0)]
            half = len(body) // 2
            self.wfile.write(body[:half])
            self.wfile.flush()
            if served.wait is not None:
                served.wait.wait(20)
            self.wfile.write(body[half:])

        def log_message(self, format: str, *args: object) -> None:
            pass

    http = ThreadingHTTPServer((HOST, 0), Handler)
    http.daemon_threads = True
    server = Server(http.server_address[1])
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        http.shutdown()
        http.server_close()
        thread.join()
