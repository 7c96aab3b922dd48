"""A stand-in for status-api: answers what a test told it to, remembers what it was asked, and can hold a stream open."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Headers = dict[str, str]
_LOOK_SECONDS = 0.02


@dataclass(frozen=True)
class Asked:
    """A request that came."""

    method: str
    path: str
    headers: Headers
    body: Any = None


@dataclass
class StandIn:
    """Where it answers, and what.

    Attributes:
        answers: by method and path without query; what is not there is refused with 404.
        pieces: of the stream; it stays open until `let_go` is set or whoever reads is gone.
    """

    url: str = ""
    answers: dict[tuple[str, str], tuple[int, Any, Headers]] = field(default_factory=dict)
    pieces: tuple[bytes, ...] = (b"event: change\ndata: {}\n\n",)
    asked: list[Asked] = field(default_factory=list)
    let_go: threading.Event = field(default_factory=threading.Event)
    left: threading.Event = field(default_factory=threading.Event)

    def tell(self, method: str, path: str, body: Any, status: int = 200, **headers: str) -> None:  # noqa: ANN401  # JSON
        """Answer this from now on; `body` is JSON, or bytes as they are."""
        self.answers[method, path] = (status, body, headers)

    def refuse(self, method: str, path: str, status: int, kind: str = "not-found") -> None:
        """Answer a problem."""
        self.tell(method, path, problem(status, kind), status)

    def forget(self) -> None:
        """As it was at the beginning."""
        self.answers.clear()
        self.asked.clear()
        self.let_go.clear()
        self.left.clear()
        self.pieces = type(self)().pieces


def problem(status: int, kind: str) -> dict[str, Any]:
    """A problem document."""
    return {
        "type": f"urn:problem:{kind}",
        "title": f"Title of {kind}",
        "status": status,
        "detail": f"Detail of {kind}",
        "request_id": "request-1",
    }


@contextmanager
def standing_in() -> Iterator[StandIn]:
    """A stand-in that answers."""
    server = _Server(("127.0.0.1", 0), _Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    server.told.url = f"http://127.0.0.1:{server.server_port}"
    yield server.told
    server.told.let_go.set()
    server.shutdown()
    server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, place: tuple[str, int], handler: type[_Handler]) -> None:
        super().__init__(place, handler)
        self.told = StandIn()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def _answer(self) -> None:
        told, path = self.server.told, self.path.partition("?")[0]
        length = int(self.headers.get("Content-Length", 0))
        body = json.loads(self.rfile.read(length)) if length else None
        told.asked.append(Asked(self.command, self.path, dict(self.headers), body))
        if path == "/api/v1/stream" and ("GET", path) not in told.answers:
            self._stream(told)
            return
        unknown = (404, problem(404, "not-found"), dict[str, str]())
        status, answer, headers = told.answers.get((self.command, path), unknown)
        raw = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(raw))}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(raw)

    do_GET = do_POST = do_PUT = do_DELETE = _answer  # noqa: N815  # the server's names

    def _stream(self, told: StandIn) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for piece in told.pieces:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        self.connection.settimeout(_LOOK_SECONDS)
        while not told.let_go.is_set() and self._is_there():
            pass
        told.left.set()
        self.close_connection = True

    def _is_there(self) -> bool:
        """Wait a little; whether whoever reads has not closed the connection meanwhile."""
        try:
            return bool(self.connection.recv(1))
        except TimeoutError:
            return True
        except OSError:
            return False

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the parent's name
        """Say nothing."""
