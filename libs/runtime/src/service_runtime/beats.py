"""When each tenant's worker of this replica was last heard from, kept where a worker that hangs can not stop it from being read."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping


class Beats:
    """Workers say that they go on; somebody else looks which of them fell silent."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        """`now`: seconds of a monotonic clock."""
        self._now = now
        self._heard: dict[str, float] = {}
        self._lock = threading.Lock()

    def beat(self, tenant_id: str) -> None:
        """A tenant's worker goes on."""
        with self._lock:
            self._heard[tenant_id] = self._now()

    def ended(self, tenant_id: str) -> None:
        """A tenant's worker has ended: its silence means nothing."""
        with self._lock:
            self._heard.pop(tenant_id, None)

    def silent(self) -> Mapping[str, float]:
        """Seconds since each worker was last heard from."""
        with self._lock:
            return {tenant_id: self._now() - at for tenant_id, at in self._heard.items()}
