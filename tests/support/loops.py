"""Loops of a service, run in threads of the test."""

from __future__ import annotations

import threading
from collections.abc import Callable

from service_runtime.lifecycle import Loop


class Running:
    """A loop in a thread of its own."""

    def __init__(self, loop: Loop) -> None:
        self._loop = loop
        self._stopping = threading.Event()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._guarded)
        self._thread.start()

    def stop(self) -> None:
        """Stop it and wait for its end; raises what it failed with."""
        self._stopping.set()
        self._thread.join(60)
        assert not self._thread.is_alive(), "the loop did not stop"
        if self._failure is not None:
            raise self._failure

    def _guarded(self) -> None:
        try:
            self._loop(self._stopping)
        except BaseException as error:  # noqa: BLE001  # raised again where it is stopped
            self._failure = error


Run = Callable[[Loop], Running]
