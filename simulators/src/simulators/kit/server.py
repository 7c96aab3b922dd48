"""A threaded HTTP/1.1 server with keep-alive that can cut connections and refuse new ones for a while."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import socket
import sys
import tempfile
import threading
from dataclasses import dataclass, field
from http import HTTPStatus
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

from simulators.kit.call import DisconnectError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from _typeshed.wsgi import WSGIApplication

    from simulators.kit.app import SimulatorApp

_log = logging.getLogger("simulators")
_ACCEPT_POLL_SECONDS = 0.05  # how long stop() and refuse() may wait for the accept loop


class _Handler(WSGIRequestHandler):
    """Werkzeug's handler closes the connection after every answer; this one reads the body, answers and goes on."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def setup(self) -> None:
        super().setup()
        self.server.opened(self.connection)

    def finish(self) -> None:
        self.server.closed(self.connection)
        super().finish()

    def run_wsgi(self) -> None:
        environ = self.make_environ()
        if "HTTP_TRANSFER_ENCODING" not in environ:
            length = int(environ.get("CONTENT_LENGTH") or 0)
            environ["wsgi.input"] = BytesIO(self.rfile.read(length))
        else:
            environ["wsgi.input"] = BytesIO(
                environ["wsgi.input"].read()
            )  # werkzeug has put its de-chunking reader there
        started: list[tuple[str, Sequence[tuple[str, str]]]] = []

        def start_response(
            status: str, headers: list[tuple[str, str]], _exc_info: object = None
        ) -> Callable[[bytes], object]:
            started.append((status, headers))
            return lambda _data: None

        try:
            body = b"".join(self.server.app(environ, start_response))
        except DisconnectError:
            self.close_connection = True
            with contextlib.suppress(OSError):  # the client may be gone already
                self.connection.shutdown(socket.SHUT_RDWR)
            return
        self._send(*started[-1], body)

    def _send(self, status: str, headers: Sequence[tuple[str, str]], body: bytes) -> None:
        code = HTTPStatus(int(status.split(None, 1)[0]))
        self.send_response_only(code, code.phrase)
        self.send_header("Date", self.date_time_string())
        for name, value in headers:
            if name.lower() not in ("content-length", "connection"):
                self.send_header(name, value)
        if code not in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED):
            self.send_header("Content-Length", str(len(body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        # One write for head and body: two would wait for the client's delayed acknowledgement.
        self._headers_buffer: list[bytes]
        self._headers_buffer.append(b"\r\n")
        head = b"".join(self._headers_buffer)
        self._headers_buffer = []
        self.wfile.write(head + (b"" if self.command == "HEAD" else body))

    def log_request(self, *_args: object) -> None:
        """Calls are recorded by the application; the console stays quiet."""

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002, ANN401 - werkzeug's signature
        """Only what werkzeug calls an error is worth a line."""
        if type == "error":
            _log.error(message, *args)


class _Server(ThreadedWSGIServer):
    daemon_threads = True

    def __init__(self, host: str, port: int, app: WSGIApplication) -> None:
        self._open: set[socket.socket] = set()
        self._open_lock = threading.Lock()
        super().__init__(host, port, app, _Handler)

    def opened(self, connection: socket.socket) -> None:
        with self._open_lock:
            self._open.add(connection)

    def closed(self, connection: socket.socket) -> None:
        with self._open_lock:
            self._open.discard(connection)

    def cut_all(self, keep: object = None) -> None:
        """Closes every open connection except `keep`."""
        with self._open_lock:
            connections = [connection for connection in self._open if connection is not keep]
        for connection in connections:
            with contextlib.suppress(OSError):  # it may have ended by itself
                connection.shutdown(socket.SHUT_RDWR)

    def take_port_silently(self) -> None:
        """Replaces the listening socket by one that holds the port without listening: connecting is refused."""
        self.server_close()
        self.socket = socket.socket(self.address_family, socket.SOCK_STREAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind((self.host, self.port))


@dataclass
class RunningServer:
    """A server that listens. `port` is the real one, also if 0 was asked for."""

    port: int
    app: SimulatorApp
    _server: _Server
    _change: threading.Lock = field(default_factory=threading.Lock)
    _loop: threading.Thread | None = None
    _reopen: threading.Timer | None = None
    _stopped: bool = False

    def listen(self) -> None:
        """Starts the accept loop."""
        self._loop = threading.Thread(
            target=self._server.serve_forever, args=(_ACCEPT_POLL_SECONDS,), daemon=True, name="accept"
        )
        self._loop.start()

    def _end_loop(self) -> None:
        if self._loop is not None:
            self._server.shutdown()
            self._loop.join()
            self._loop = None

    def refuse(self, seconds: float, asked_on: object = None) -> None:
        """Refuses connections for so many seconds and cuts the open ones, all but the one that asked for it."""
        with self._change:
            if self._stopped:
                return
            if self._reopen is not None:
                self._reopen.cancel()
            if self._loop is not None:
                self._end_loop()
                self._server.take_port_silently()
                self._server.cut_all(keep=asked_on)
            self._reopen = threading.Timer(seconds, self._listen_again)
            self._reopen.daemon = True
            self._reopen.start()

    def _listen_again(self) -> None:
        with self._change:
            if not self._stopped and self._loop is None:
                self._server.server_activate()
                self.listen()

    def stop(self) -> None:
        """Stops listening, ends hanging calls, closes every connection. Safe to call twice."""
        with self._change:
            if self._stopped:
                return
            self._stopped = True
            if self._reopen is not None:
                self._reopen.cancel()
            self.app.stop()
            self._end_loop()
            self._server.server_close()
            self._server.cut_all()


def start(app: SimulatorApp, host: str = "127.0.0.1", port: int = 0) -> RunningServer:
    """Starts the server in threads of its own and returns once it listens.

    Raises:
        OSError: the port is taken.
    """
    try:
        server = _Server(host, port, app)
    except SystemExit as error:  # werkzeug's answer to a port that is taken
        raise OSError(f"can not listen on {host}:{port}") from error
    running = RunningServer(server.port, app, server)
    app.refuse = running.refuse
    running.listen()
    return running


def _write_atomically(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    Path(name).replace(path)


def run_forever(app: SimulatorApp, host: str, port: int, port_file: Path | None, name: str) -> None:
    """Serves until SIGTERM or SIGINT: one ready line on stdout, the port in `port_file` once it listens.

    Raises:
        OSError: the port is taken or the file can not be written.
    """
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    running = start(app, host, port)
    try:
        if port_file is not None:
            _write_atomically(port_file, f"{running.port}\n")
        sys.stdout.write(f"{name} listens on http://{host}:{running.port}\n")
        sys.stdout.flush()
        ended.wait()
    finally:
        running.stop()
