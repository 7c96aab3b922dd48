"""Threads beside the HTTP workers: they live and die with the process that serves."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from service_runtime.lifecycle import Loop
from service_web.failures import failure

log = logging.getLogger(__name__)

_STOP_SECONDS = 10.0


class BackgroundLoops:
    """Named loops, each in a thread of its own. Signals belong to the web server, so it tells when to stop."""

    def __init__(self, failed: Callable[[], None]) -> None:
        """`failed` is called once a loop ends with an error: the service has to stop."""
        self._failed = failed
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self, name: str, loop: Loop) -> None:
        """Start a loop."""
        thread = threading.Thread(target=self._guard, args=(name, loop), name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def stop(self) -> None:
        """Tell every loop to stop and wait a while; one that waits for Kafka is left, its events are still in the outbox."""
        self._stopping.set()
        until = time.monotonic() + _STOP_SECONDS
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
            if thread.is_alive():
                log.warning("%s did not end in %g s and is left", thread.name, _STOP_SECONDS)

    def _guard(self, name: str, loop: Loop) -> None:
        try:
            loop(self._stopping)
        except BaseException as error:  # noqa: BLE001  # whatever ended the loop ends the service
            log.error("%s failed, the service stops: %s", name, failure(error))  # noqa: TRY400  # no text of the error
            self._stopping.set()
            self._failed()
