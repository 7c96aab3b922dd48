"""The circuit of one tenant's Xero connection: outages, throttling and refusals are no faults of documents."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Literal

from service_runtime import metrics
from xero_writer.core.timing import Timing

State = Literal["connected", "down", "throttled", "refused"]


class Circuit:
    """Closed (connected), or open with a time of the next probe. Refused credentials are never probed."""

    def __init__(self, tenant_id: str, changed: Callable[[State, str], None], timing: Timing) -> None:
        """`changed` is told every change of state with its reason."""
        self._tenant_id = tenant_id
        self._changed = changed
        self._timing = timing
        self._lock = threading.Lock()
        self._pause = timing.first_pause
        self._probe_at = 0.0
        self.state: State = "connected"
        self.detail = ""
        self._is_shown = True
        self._show()

    def is_closed(self) -> bool:
        """Whether calls may be made."""
        return self.state == "connected"

    def probe_due(self) -> bool:
        """Whether the open circuit should be probed now."""
        return self.state in {"down", "throttled"} and time.monotonic() >= self._probe_at

    def seconds_to_probe(self) -> float | None:
        """Seconds until the next probe; None if none is to come."""
        return max(0.0, self._probe_at - time.monotonic()) if self.state in {"down", "throttled"} else None

    def connected(self) -> None:
        """A call succeeded. One that was under way when the credentials were refused says nothing about them."""
        with self._lock:
            if self.state != "refused":
                self._close()

    def restored(self) -> None:
        """A new sign-in succeeded, whatever was refused before."""
        with self._lock:
            self._close()

    def down(self, reason: str) -> None:
        """No answer, or an answer that says so: probe later, each time after a longer pause."""
        with self._lock:
            if self.state == "refused" or (self.state == "down" and time.monotonic() < self._probe_at):
                return  # several calls failed together: one outage, one pause
            self._probe_at = time.monotonic() + self._pause
            self._pause = min(self._pause * 2, self._timing.longest_pause)
            self._set("down", reason)

    def throttled(self, wait: float, reason: str) -> None:
        """A limit is reached: go on after the time Xero named. Of two limits the longer one counts."""
        with self._lock:
            if self.state == "refused":
                return
            until = time.monotonic() + wait
            if self.state == "throttled" and until <= self._probe_at:
                return
            self._probe_at = until
            self._set("throttled", reason)

    def refused(self, reason: str) -> bool:
        """Xero refuses who we are: nothing is tried until the credentials change, whatever else is heard meanwhile.

        Returns whether that is news.
        """
        with self._lock:
            news = self.state != "refused"
            self._set("refused", reason)
        return news

    def ended(self) -> None:
        """The worker has ended: what it last showed would stand still. Calls that end late show nothing any more."""
        with self._lock:
            self._is_shown = False
            metrics.circuit_open.remove("xero", self._tenant_id)

    def _show(self) -> None:
        if self._is_shown:
            metrics.circuit_open.labels("xero", self._tenant_id).set(int(self.state != "connected"))

    def _close(self) -> None:
        self._pause = self._timing.first_pause
        self._set("connected", "")

    def _set(self, state: State, reason: str) -> None:
        before, self.state, self.detail = self.state, state, reason
        self._show()
        if before != state:
            self._changed(state, reason)
