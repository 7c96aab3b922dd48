"""What stands between the writer and Xero and, when told to, gives the elements of a batch back in another order."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

import requests

from local_stack.ports import LOOPBACK
from simulators.kit import json_text

_SECONDS = 30.0
_COLLECTION = "Invoices"
_NOT_FORWARDED = {"host", "connection", "content-length", "transfer-encoding", "content-encoding"}


class ReorderingServer(ThreadingHTTPServer):
    """Forwards every request to Xero. A context manager."""

    daemon_threads = True

    def __init__(self, upstream: str) -> None:
        """`upstream`: root of Xero's address."""
        super().__init__((LOOPBACK, 0), _Handler)
        self.upstream = upstream
        self._wanted: threading.Event | None = None
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self.serve_forever, name="reordering", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()

    @property
    def url(self) -> str:
        """Where to find it."""
        return f"http://{LOOPBACK}:{self.server_address[1]}"

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401  # the base class' types
        """A writer that was killed takes no answer, which is no error here."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)

    @contextmanager
    def the_next_batch(self) -> Iterator[threading.Event]:
        """Reverse the elements of the next answer about several invoices, which nothing forbids Xero to do. Set once it is done."""
        with self._lock:
            self._wanted = threading.Event()
        try:
            yield self._wanted
        finally:
            with self._lock:
                self._wanted = None

    def answer_to_batch(self, body: bytes) -> bytes:
        """Xero's answer, or the same in another order."""
        document = json_text.loads(body)
        elements = document.get(_COLLECTION, [])
        with self._lock:
            if self._wanted is None or self._wanted.is_set() or len(elements) < 2:
                return body
            self._wanted.set()
        return json_text.dumps({**document, _COLLECTION: elements[::-1]}).encode()


class _Handler(BaseHTTPRequestHandler):
    server: ReorderingServer

    def _forward(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        headers = {name: value for name, value in self.headers.items() if name.lower() not in _NOT_FORWARDED}
        try:
            answer = requests.request(
                self.command,
                f"{self.server.upstream}{self.path}",
                data=self.rfile.read(length),
                headers=headers,
                timeout=_SECONDS,
                allow_redirects=False,
            )
        except requests.RequestException:  # Xero gave no answer: neither do we
            self.close_connection = True
            return
        body = answer.content
        if self.command == "PUT" and answer.ok and f"/{_COLLECTION}?" in self.path:
            body = self.server.answer_to_batch(body)
        self.send_response(answer.status_code)
        for name, value in answer.headers.items():
            if name.lower() not in _NOT_FORWARDED:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_PUT = do_POST = _forward  # noqa: N815  # the names by which the base class looks for them

    def log_message(self, *_: object) -> None:
        """Say nothing: requests carry tokens, and Xero's own record has every call."""
