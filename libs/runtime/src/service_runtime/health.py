"""`/metrics`, `/healthz` and `/readyz` of every service.

Liveness says only that each loop turned lately: a probe that asked the broker or the database would restart every
service during an outage. Readiness names what is still missing.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from service_runtime.config import ConfigurationError

_PATIENCE_SECONDS = 120.0
"""A turn may take a new connection and a statement with its whole timeout, 60 s: slow is not hung."""


class Health:
    """What the probes see. Loops beat; readiness conditions are asked when somebody asks."""

    def __init__(self) -> None:
        self._beats: dict[str, tuple[float, float]] = {}
        self._conditions: dict[str, Callable[[], str | None]] = {}
        self._lock = threading.Lock()

    def beat(self, loop: str, patience: float = _PATIENCE_SECONDS) -> None:
        """A loop turned; it promises to turn again within `patience` seconds."""
        with self._lock:
            self._beats[loop] = (time.monotonic(), patience)

    def forget(self, loop: str) -> None:
        """A loop ended on purpose."""
        with self._lock:
            self._beats.pop(loop, None)

    def ready_when(self, name: str, condition: Callable[[], str | None]) -> None:
        """Add a readiness condition: it returns None when fulfilled, else what is missing."""
        with self._lock:
            self._conditions[name] = condition

    def stalled(self) -> list[str]:
        """Loops that did not turn in time."""
        now = time.monotonic()
        with self._lock:
            return sorted(loop for loop, (at, patience) in self._beats.items() if now - at > patience)

    def missing(self) -> dict[str, str]:
        """Readiness conditions that are not fulfilled, with what is missing."""
        with self._lock:
            conditions = dict(self._conditions)
        answers = {name: _ask(condition) for name, condition in conditions.items()}
        return {name: answer for name, answer in answers.items() if answer is not None}


def _ask(condition: Callable[[], str | None]) -> str | None:
    try:
        return condition()
    except Exception as error:  # noqa: BLE001  # whatever a condition trips over, it is not fulfilled
        return f"can not be told: {type(error).__name__}"


class HealthServer:
    """Serves the probes and metrics on a port of its own (0 = any free one)."""

    def __init__(self, health: Health, port: int, host: str = "0.0.0.0") -> None:
        """Take the port.

        Raises:
            ConfigurationError: it can not be had.
        """
        try:
            self._server = ThreadingHTTPServer((host, port), _handler_for(health))
        except OSError as error:
            raise ConfigurationError(
                f"METRICS_PORT {port} can not be used ({error.strerror}): wanted a free port, 0 takes any"
            ) from error
        self._server.daemon_threads = True
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, name="health", daemon=True)

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Stop answering and free the port."""
        if self._thread.is_alive():  # else shutdown() would wait for a loop that never ran
            self._server.shutdown()
        self._server.server_close()


def _handler_for(health: Health) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 30  # seconds that an idle connection keeps its thread

        def do_GET(self) -> None:  # the standard library's name
            path = self.path.partition("?")[0]
            if path == "/metrics":
                self._answer(200, generate_latest(), CONTENT_TYPE_LATEST)
            elif path == "/healthz":
                stalled = health.stalled()
                self._answer_json(503 if stalled else 200, {"alive": not stalled, "stalled": stalled})
            elif path == "/readyz":
                missing = health.missing()
                self._answer_json(503 if missing else 200, {"ready": not missing, "missing": missing})
            else:
                self._answer_json(404, {"error": "only /metrics, /healthz and /readyz are here"})

        def _answer_json(self, status: int, body: dict[str, object]) -> None:
            self._answer(status, json.dumps(body).encode(), "application/json")

        def _answer(self, status: int, body: bytes, content_type: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the standard library's signature
            """Probes are not logged."""

    return Handler
