"""A call is over when its deadline is, whatever the other side does; everybody else's calls are untouched."""

from __future__ import annotations

import contextlib
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from service_runtime.deadline import DeadlineExceededError, deadline, make_session

SECONDS = 1.0
PATIENCE = 3600.0  # only the deadline, or the time limit of the test, ends a call
Serve = Callable[[socket.socket, threading.Event], None]
pytestmark = pytest.mark.timeout(60)


class Server:
    """Accepts connections and lets `serve` do with each what it likes."""

    def __init__(self, serve: Serve) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._serve = serve
        self.over = threading.Event()
        self.port: int = self._listener.getsockname()[1]
        self.accepted = 0
        self._threads: list[threading.Thread] = []
        self._connections: list[socket.socket] = []
        self._acceptor = threading.Thread(target=self._accept)
        self._acceptor.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def close(self) -> None:
        self.over.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self._connections:
            with contextlib.suppress(OSError):  # over already
                connection.shutdown(socket.SHUT_RDWR)
        for thread in [self._acceptor, *self._threads]:
            thread.join()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.accepted += 1
            self._connections.append(connection)
            thread = threading.Thread(target=self._one, args=(connection,))
            self._threads.append(thread)
            thread.start()

    def _one(self, connection: socket.socket) -> None:
        with connection:
            try:
                self._serve(connection, self.over)
            except OSError:
                return  # the client cut the connection, as it should


@pytest.fixture
def start() -> Iterator[Callable[[Serve], Server]]:
    running: list[Server] = []

    def begin(serve: Serve) -> Server:
        running.append(Server(serve))
        return running[-1]

    yield begin
    for server in running:
        server.close()


def _drip(connection: socket.socket, over: threading.Event, text: bytes) -> None:
    """One byte every 50 ms, for ever: each read succeeds, the answer never ends."""
    while not over.wait(0.05):
        connection.sendall(text)


def _read_request(connection: socket.socket) -> None:
    received = b""
    while b"\r\n\r\n" not in received:
        part = connection.recv(65536)
        if not part:
            raise ConnectionResetError
        received += part


def hangs(connection: socket.socket, over: threading.Event) -> None:
    over.wait()


def drips_status(connection: socket.socket, over: threading.Event) -> None:
    _drip(connection, over, b"H")


def drips_headers(connection: socket.socket, over: threading.Event) -> None:
    _read_request(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nX-Long: ")
    _drip(connection, over, b"x")


def drips_body(connection: socket.socket, over: threading.Event) -> None:
    _read_request(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n")
    _drip(connection, over, b"x")


def drips_chunks(connection: socket.socket, over: threading.Event) -> None:
    _read_request(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    _drip(connection, over, b"1\r\nx\r\n")


def drips_body_that_ends_with_the_connection(connection: socket.socket, over: threading.Event) -> None:
    """The library closes its connection object before the body is read: the watchdog must still reach the socket."""
    _read_request(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
    _drip(connection, over, b"x")


def hangs_in_body(connection: socket.socket, over: threading.Event) -> None:
    _read_request(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")
    over.wait()


def answers(connection: socket.socket, over: threading.Event) -> None:
    while True:
        _read_request(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")


@pytest.mark.parametrize(
    "serve",
    [
        hangs,
        drips_status,
        drips_headers,
        drips_body,
        drips_chunks,
        drips_body_that_ends_with_the_connection,
        hangs_in_body,
    ],
)
def test_no_slow_answer_outlasts_the_deadline(start: Callable[[Serve], Server], serve: Serve) -> None:
    server = start(serve)

    with pytest.raises(DeadlineExceededError), deadline(SECONDS):
        make_session().get(server.url, timeout=PATIENCE)


def test_no_upload_that_is_not_taken_outlasts_the_deadline(start: Callable[[Serve], Server]) -> None:
    server = start(hangs)

    with pytest.raises(DeadlineExceededError), deadline(SECONDS):
        make_session().post(server.url, data=b"x" * 50_000_000, timeout=PATIENCE)


def test_no_connecting_outlasts_the_deadline() -> None:
    """A full queue of connections: the kernel answers nothing, so there is no socket yet that could be shut."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        address = listener.getsockname()
        waiting = [socket.socket() for _ in range(8)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(address)
        try:
            with pytest.raises(DeadlineExceededError), deadline(SECONDS):
                make_session().get(f"http://127.0.0.1:{address[1]}/", timeout=PATIENCE)
        finally:
            for one in waiting:
                one.close()


def test_no_tls_handshake_outlasts_the_deadline(start: Callable[[Serve], Server]) -> None:
    server = start(hangs)

    with pytest.raises(DeadlineExceededError), deadline(SECONDS):
        make_session().get(server.url.replace("http:", "https:"), timeout=PATIENCE)


def drips_tls_record(connection: socket.socket, over: threading.Event) -> None:
    """A handshake record that announces more than ever comes, byte by byte."""
    connection.sendall(b"\x16\x03\x03\x40\x00")
    _drip(connection, over, b"\x02")


def test_no_dripping_tls_handshake_outlasts_the_deadline(start: Callable[[Serve], Server]) -> None:
    server = start(drips_tls_record)

    with pytest.raises(DeadlineExceededError), deadline(SECONDS):
        make_session().get(server.url.replace("http:", "https:"), timeout=PATIENCE)


def test_no_answer_over_tls_outlasts_the_deadline(
    start: Callable[[Serve], Server], certificate: Path
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    def drips_over_tls(connection: socket.socket, over: threading.Event) -> None:
        with context.wrap_socket(connection, server_side=True) as secure:
            drips_body(secure, over)

    server = start(drips_over_tls)
    session = make_session()
    session.verify = str(certificate)

    with pytest.raises(DeadlineExceededError), deadline(SECONDS):
        session.get(f"https://localhost:{server.port}/", timeout=PATIENCE)


def test_no_call_in_time_is_disturbed(start: Callable[[Serve], Server]) -> None:
    server = start(answers)
    session = make_session()

    for _ in range(20):
        with deadline(PATIENCE):
            assert session.get(server.url).text == "ok"

    assert server.accepted == 1, "connections are kept"


def test_no_call_without_a_deadline_is_disturbed(start: Callable[[Serve], Server]) -> None:
    server = start(answers)

    assert make_session().get(server.url).text == "ok"


def test_no_other_error_is_taken_for_a_deadline(start: Callable[[Serve], Server]) -> None:
    def cuts(connection: socket.socket, over: threading.Event) -> None:
        _read_request(connection)

    server = start(cuts)

    with pytest.raises(requests.ConnectionError) as caught, deadline(PATIENCE):
        make_session().get(server.url)

    assert not isinstance(caught.value, DeadlineExceededError)


def test_no_session_is_unusable_after_a_deadline(start: Callable[[Serve], Server]) -> None:
    slow, quick = start(hangs), start(answers)
    session = make_session()

    with pytest.raises(DeadlineExceededError), deadline(SECONDS):
        session.get(slow.url)

    with deadline(PATIENCE):
        assert session.get(quick.url).text == "ok"


def test_no_watchdog_touches_a_connection_that_another_thread_has_taken(
    start: Callable[[Serve], Server],
) -> None:
    """The first call gives its connection back long before its deadline; the second takes it and is under way when the first's comes."""
    taken, release = threading.Event(), threading.Event()
    seen = iter(range(100))

    def second_answer_waits(connection: socket.socket, over: threading.Event) -> None:
        while True:
            _read_request(connection)
            if next(seen) == 1:
                taken.set()
                release.wait(PATIENCE)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    server = start(second_answer_waits)
    session = make_session()
    answers_seen: list[str] = []
    other = threading.Thread(target=lambda: answers_seen.append(session.get(server.url).text))

    def call_and_go_on() -> None:
        with deadline(SECONDS):
            assert session.get(server.url).text == "ok"
            other.start()
            assert taken.wait(PATIENCE)
            _let_pass(SECONDS)

    with pytest.raises(DeadlineExceededError):
        call_and_go_on()
    release.set()
    other.join()

    assert answers_seen == ["ok"]
    assert server.accepted == 1, "it was the same connection"


def test_no_deadline_inside_another_extends_it(start: Callable[[Serve], Server]) -> None:
    server = start(hangs)

    with pytest.raises(DeadlineExceededError), deadline(SECONDS), deadline(PATIENCE):
        make_session().get(server.url)


def test_no_deadline_is_forgotten_after_an_inner_one(start: Callable[[Serve], Server]) -> None:
    slow, quick = start(hangs), start(answers)
    session = make_session()

    def call_inside_and_after() -> None:
        with deadline(SECONDS):
            with deadline(PATIENCE):
                assert session.get(quick.url).text == "ok"
            session.get(slow.url)

    with pytest.raises(DeadlineExceededError):
        call_inside_and_after()


def test_no_deadline_that_passed_quietly_counts_as_kept() -> None:
    with pytest.raises(DeadlineExceededError), deadline(0.01):
        _let_pass(0.01)


def test_no_proxy_and_no_credentials_come_from_the_environment(
    start: Callable[[Serve], Server], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    heard: list[bytes] = []

    def notes(connection: socket.socket, over: threading.Event) -> None:
        heard.append(connection.recv(65536))
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    server, proxy = start(notes), start(hangs)
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password hidden\n", "utf-8")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("http_proxy", proxy.url)

    with deadline(PATIENCE):
        assert make_session().get(server.url).text == "ok"

    assert b"authorization" not in heard[0].lower()
    assert proxy.accepted == 0


def test_no_machines_own_certificates_are_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/some/bundle.pem")

    assert make_session().verify == "/some/bundle.pem"


def _let_pass(seconds: float) -> None:
    """Until this much time has passed: the deadline is what is waited for here."""
    until = time.monotonic() + seconds + 0.3
    while time.monotonic() < until:
        threading.Event().wait(0.05)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate for localhost, with its key in the same file."""
    path = tmp_path_factory.mktemp("tls") / "localhost.pem"
    subprocess.run(
        [
            *(
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:prime256v1",
                "-nodes",
            ),
            *("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-days", "1"),
            *("-keyout", str(path), "-out", str(path.with_suffix(".crt"))),
        ],
        check=True,
        capture_output=True,
    )
    path.write_bytes(path.read_bytes() + path.with_suffix(".crt").read_bytes())
    return path
