"""A TCP proxy that fails on demand: it stands between the services and a broker, a database or a provider."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

from local_stack.ports import LOOPBACK, free_port

_CHUNK = 65_536
_SWITCH_SECONDS = 10.0
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)  # linger for no time: closing sends a reset instead of an end


class Mode(StrEnum):
    """How a proxy treats what passes it."""

    OPEN = "open"  # forwards everything
    CUT = "cut"  # resets what is open, refuses new connections
    SILENT = "silent"  # accepts connections, holds every byte back until the mode changes
    SLOW = "slow"  # every chunk is late
    DEAF = "deaf"  # forwards requests and drops their answers


@dataclass(eq=False, slots=True)
class _Link:
    """One connection through the proxy. `gappy`: an answer was dropped, so nothing sensible can follow in it."""

    client: asyncio.StreamWriter
    server: asyncio.StreamWriter
    gappy: bool = False

    def reset(self) -> None:
        for writer in (self.client, self.server):
            _reset(writer)


class TcpProxy:
    """Listens on a port of its own, known from the start, and forwards to wherever `upstream` says at that moment.

    Use it as a context manager. `set` may be called from any thread.
    """

    def __init__(self, upstream: Callable[[], tuple[str, int]], *, delay: float = 0.25) -> None:
        """`delay`: seconds by which SLOW holds each chunk back."""
        self.port = free_port()
        self._upstream = upstream
        self._delay = delay
        self._mode = Mode.OPEN
        self._touched = 0
        self._links: set[_Link] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._held_port: socket.socket | None = _bound(self.port)
        self._server: asyncio.Server | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name=f"proxy {self.port}", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._run(self._listen())
        return self

    def __exit__(self, *_: object) -> None:
        self._run(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_SWITCH_SECONDS)
        self._loop.close()

    @property
    def address(self) -> str:
        """Host and port to connect to."""
        return f"{LOOPBACK}:{self.port}"

    @property
    def mode(self) -> Mode:
        """The present mode."""
        return self._mode

    @property
    def touched(self) -> int:
        """Connections reset and chunks held, delayed or dropped since the mode was set."""
        return self._touched

    def set(self, mode: Mode) -> None:
        """Change the mode; it holds for open connections too when this returns."""
        self._run(self._switch(mode))

    def _run(self, work: Any) -> None:  # noqa: ANN401  # a coroutine of this class
        asyncio.run_coroutine_threadsafe(work, self._loop).result(_SWITCH_SECONDS)

    async def _switch(self, mode: Mode) -> None:
        broken = [link for link in self._links if link.gappy or mode is Mode.CUT]
        self._mode, self._touched = mode, len(broken) if mode is Mode.CUT else 0
        for link in broken:
            link.reset()
        if mode is Mode.CUT:
            self._refuse()
        elif self._server is None:
            await self._listen()
        if mode is Mode.SILENT:
            self._flowing.clear()
        else:
            self._flowing.set()

    async def _listen(self) -> None:
        held, self._held_port = self._held_port, None
        self._server = await asyncio.start_server(self._serve, sock=held)

    def _refuse(self) -> None:
        """Hold the port without listening on it, so that connecting is refused and nobody else takes it."""
        if self._server is not None:
            self._server.close()
            self._server = None
            self._held_port = _bound(self.port)

    async def _end(self) -> None:
        if self._server is not None:
            self._server.close()
        if self._held_port is not None:
            self._held_port.close()
        for link in list(self._links):
            link.reset()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None or self._mode is Mode.CUT:  # accepted in the very moment of the cut
            _reset(writer)
            return
        self._tasks.add(task)
        try:
            await self._join(reader, writer)
        finally:
            self._tasks.discard(task)

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            answers, server = await asyncio.open_connection(*self._upstream())
        except OSError:
            _reset(writer)
            return
        link = _Link(writer, server)
        self._links.add(link)
        try:
            pumps = [
                asyncio.ensure_future(self._pump(link, reader, server, answers=False)),
                asyncio.ensure_future(self._pump(link, answers, writer, answers=True)),
            ]
            # Neither Kafka, PostgreSQL nor HTTP go on in one direction after the other has ended.
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)
        finally:
            self._links.discard(link)
            writer.close()
            server.close()

    async def _pump(
        self, link: _Link, source: asyncio.StreamReader, sink: asyncio.StreamWriter, *, answers: bool
    ) -> None:
        with contextlib.suppress(OSError):  # either side may end at any moment
            while data := await source.read(_CHUNK):
                if self._mode is Mode.SLOW:
                    self._touched += 1
                    await asyncio.sleep(self._delay)
                if not self._flowing.is_set():
                    self._touched += 1
                    await self._flowing.wait()
                if answers and self._mode is Mode.DEAF:
                    self._touched += 1
                    link.gappy = True
                    continue
                sink.write(data)
                await sink.drain()


class Bundle:
    """Several proxies that are disturbed together: every node of one broker, say."""

    def __init__(self, proxies: Sequence[TcpProxy]) -> None:
        self.proxies = proxies

    @property
    def address(self) -> str:
        """Where to connect to, separated by commas."""
        return ",".join(proxy.address for proxy in self.proxies)

    @property
    def touched(self) -> int:
        """Connections reset and chunks held, delayed or dropped since the mode was set."""
        return sum(proxy.touched for proxy in self.proxies)

    def set(self, mode: Mode) -> None:
        """Change the mode of all."""
        for proxy in self.proxies:
            proxy.set(mode)


def _bound(port: int) -> socket.socket:
    held = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    held.bind((LOOPBACK, port))
    return held


def _reset(writer: asyncio.StreamWriter) -> None:
    """End a connection as a crash of the network would."""
    connection = writer.get_extra_info("socket")
    if connection is not None:
        with contextlib.suppress(OSError):  # closed by the other side
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
    writer.transport.abort()
