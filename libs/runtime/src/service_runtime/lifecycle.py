"""Running a service: threads that live and die together, ended by SIGTERM, SIGINT or the first one that fails."""

from __future__ import annotations

import logging
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from types import FrameType

from service_runtime.config import ConfigurationError

log = logging.getLogger(__name__)

_SIGNAL_SECONDS = 0.2

Loop = Callable[[threading.Event], None]
"""Runs until the event is set. An exception ends the whole service."""


class Service:
    """A set of named loops and what to do before and after them."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.stopping = threading.Event()
        self._loops: list[tuple[str, Loop]] = []
        self._closers: list[tuple[str, Callable[[], None]]] = []
        self._failed = threading.Event()
        self._signalled = False

    def loop(self, name: str, loop: Loop) -> None:
        """Add a loop; each gets a thread of its own."""
        self._loops.append((name, loop))

    def on_stop(self, name: str, close: Callable[[], None]) -> None:
        """Add what has to be closed after the loops have ended; closed in reverse order."""
        self._closers.append((name, close))

    def run(self) -> int:
        """Run until stopped. Returns the exit code: 0 after a signal, 1 after a failure."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)
        threads = [threading.Thread(target=self._guard, args=item, name=item[0]) for item in self._loops]
        for thread in threads:
            thread.start()
        log.info("%s started", self.name)
        while not self.stopping.wait(_SIGNAL_SECONDS):
            if self._signalled:
                self.stopping.set()
        for thread in threads:
            thread.join()
        for name, close in reversed(self._closers):
            self._close(name, close)
        log.info("%s stopped", self.name)
        return 1 if self._failed.is_set() else 0

    def _on_signal(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002  # signal's signature
        """Only note it: the handler may interrupt the very line that holds the lock of `stopping`."""
        self._signalled = True

    def _guard(self, name: str, loop: Loop) -> None:
        try:
            loop(self.stopping)
            if not self.stopping.is_set():
                log.error("%s: %s ended by itself, the service stops", self.name, name)
                self._failed.set()
        except BaseException:
            log.exception("%s: %s failed, the service stops", self.name, name)
            self._failed.set()
        finally:
            self.stopping.set()

    def _close(self, name: str, close: Callable[[], None]) -> None:
        try:
            close()
        except Exception:
            log.exception("%s: closing %s failed", self.name, name)
            self._failed.set()


def run_command(
    service: str, commands: dict[str, Callable[[Sequence[str]], int]], arguments: Sequence[str]
) -> int:
    """Run one of a service's commands; a wrong configuration ends it with one line on standard error and exit code 2."""
    names = ", ".join(commands)
    if not arguments or arguments[0] not in commands:
        sys.stderr.write(f"usage: {service} COMMAND, where COMMAND is one of: {names}\n")
        return 2
    try:
        return commands[arguments[0]](arguments[1:])
    except ConfigurationError as error:
        sys.stderr.write(f"{service}: {error}\n")
        return 2
