"""Threads beside the HTTP workers: they live and die with the process that serves."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from service_runtime.lifecycle import Loop

log = logging.getLogger(__name__)


class BackgroundLoops:
    """Named loops, each in a thread of its own. Signals belong to the web server, so it tells when to stop."""

    def __init__(self, failed: Callable[[], None]) -> None:
        """`failed` is called once a loop ends with an error: the service has to stop."""
        self._failed = failed
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self, name: str, loop: Loop) -> None:
        """Start a loop."""
        thread = threading.Thread(target=self._guard, args=(name, loop), name=name)
        self._threads.append(thread)
        thread.start()

    def stop(self) -> None:
        """Tell every loop to stop, and wait for it."""
        self._stopping.set()
        for thread in self._threads:
            thread.join()

    def _guard(self, name: str, loop: Loop) -> None:
        try:
            loop(self._stopping)
        except BaseException:
            log.exception("%s failed, the service stops", name)
            self._stopping.set()
            self._failed()
