"""The proxy does to connections what its mode says, to open and to new ones, and lets go afterwards."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator

import pytest

from tests.faults.proxy import Mode, TcpProxy
from tests.support.waiting import wait_until


class Echo:
    """A server that answers what it hears, and remembers it."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(10)
        self.address: tuple[str, int] = self._listener.getsockname()
        self.heard = b""
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        with contextlib.suppress(OSError):  # closed already
            self._listener.shutdown(socket.SHUT_RDWR)  # closing alone would let a waiting accept() go on
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                connection = self._listener.accept()[0]
            except OSError:
                return
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with connection:
            try:
                while data := connection.recv(1000):
                    self.heard += data
                    connection.sendall(data)
            except OSError:
                return


@pytest.fixture
def echo() -> Iterator[Echo]:
    server = Echo()
    yield server
    server.close()


@pytest.fixture
def proxy(echo: Echo) -> Iterator[TcpProxy]:
    with TcpProxy(lambda: echo.address, delay=0.05) as running:
        yield running


def _connected(proxy: TcpProxy) -> socket.socket:
    return socket.create_connection(("127.0.0.1", proxy.port), timeout=10)


def _answered(connection: socket.socket, text: bytes) -> bytes:
    connection.sendall(text)
    return connection.recv(1000)


def test_no_byte_is_changed_in_an_open_proxy(proxy: TcpProxy) -> None:
    with _connected(proxy) as connection:
        assert _answered(connection, b"hello") == b"hello"
    assert proxy.touched == 0


def test_no_connection_survives_a_cut_and_none_is_accepted(proxy: TcpProxy) -> None:
    with _connected(proxy) as connection:
        assert _answered(connection, b"hello") == b"hello"
        proxy.set(Mode.CUT)
        assert proxy.touched == 1
        with pytest.raises(ConnectionResetError):
            connection.recv(1000)
    with pytest.raises(ConnectionRefusedError):
        _connected(proxy)
    proxy.set(Mode.OPEN)
    with _connected(proxy) as connection:
        assert _answered(connection, b"again") == b"again"


def test_no_byte_passes_a_silent_proxy_until_it_is_opened(proxy: TcpProxy, echo: Echo) -> None:
    proxy.set(Mode.SILENT)
    with _connected(proxy) as connection:
        connection.sendall(b"hello")
        wait_until(lambda: proxy.touched, "a byte held back")
        assert echo.heard == b""
        proxy.set(Mode.OPEN)
        assert connection.recv(1000) == b"hello"


def test_no_chunk_is_lost_in_a_slow_proxy(proxy: TcpProxy) -> None:
    proxy.set(Mode.SLOW)
    with _connected(proxy) as connection:
        assert _answered(connection, b"hello") == b"hello"
    assert proxy.touched >= 2


def test_no_answer_passes_a_deaf_proxy_although_the_request_did(proxy: TcpProxy, echo: Echo) -> None:
    with _connected(proxy) as connection:
        assert _answered(connection, b"first") == b"first"
        proxy.set(Mode.DEAF)
        connection.sendall(b"second")
        wait_until(
            lambda: echo.heard == b"firstsecond" and proxy.touched, "a request forwarded, its answer dropped"
        )
        proxy.set(Mode.OPEN)
        with pytest.raises(
            ConnectionResetError
        ):  # a gap in the middle of a connection would be no lost answer but nonsense
            connection.recv(1000)


def test_no_connection_hangs_when_there_is_nobody_behind_the_proxy(proxy: TcpProxy, echo: Echo) -> None:
    echo.close()
    with pytest.raises(ConnectionResetError), _connected(proxy) as connection:
        connection.recv(1000)


def test_no_proxy_leaves_its_port_taken(echo: Echo) -> None:
    with TcpProxy(lambda: echo.address) as running:
        running.set(Mode.CUT)
    socket.create_server(("127.0.0.1", running.port)).close()
