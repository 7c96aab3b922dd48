"""The record of every call, without credentials."""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from itertools import islice
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simulators.kit.call import Call

_SECRET_WORDS = ("secret", "password", "token", "authorization", "integrationcode")
REMOVED = "(removed)"


def without_secrets(value: object) -> object:
    """The same JSON value with every member whose name speaks of a credential replaced."""
    if isinstance(value, dict):
        return {
            name: REMOVED
            if any(word in name.lower().replace("_", "") for word in _SECRET_WORDS)
            else without_secrets(member)
            for name, member in value.items()
        }
    if isinstance(value, list):
        return [without_secrets(member) for member in value]
    return value


@dataclass(frozen=True, slots=True)
class Started:
    """When a call began: real time and the real monotonic clock (comparable within one machine)."""

    at: datetime
    monotonic: float

    @classmethod
    def now(cls) -> Started:
        """This moment."""
        return cls(datetime.now(UTC), time.monotonic())


class CallLog:
    """Finished calls in the order in which they ended; `seq` only grows, so a reader can go on from the last one seen."""

    def __init__(self, keep: int | None = None) -> None:
        self._lock = threading.Lock()
        self._calls: deque[dict[str, Any]] = deque(maxlen=keep)
        self._seq = 0

    def add(self, call: Call, started: Started, status: int | None, *, body_is_secret: bool = False) -> None:
        """Records one call; `status` is None if the connection was cut without an answer."""
        entry = {
            "at": started.at.isoformat().replace("+00:00", "Z"),
            "monotonic": Decimal(f"{started.monotonic:.6f}"),
            "method": call.method,
            "path": call.path,
            "query": without_secrets(call.query.to_dict()),
            "tenant": call.tenant,
            "status": status,
            "duration_ms": round((time.monotonic() - started.monotonic) * 1000),
            "request_body": None if body_is_secret else _request_body(call),
            "idempotency_key": call.headers.get("Idempotency-Key"),
            "replayed": call.replayed,
            "fault": None if call.fault is None else call.fault.id,
        }
        with self._lock:
            self._seq += 1
            self._calls.append({"seq": self._seq, **entry})

    def since(self, seq: int) -> list[dict[str, Any]]:
        """The calls recorded after `seq` (0 = all that are kept)."""
        with self._lock:
            first_kept = self._seq - len(self._calls) + 1
            return list(islice(self._calls, max(0, seq - first_kept + 1), None))

    def clear(self) -> None:
        """Forgets the calls; numbering goes on."""
        with self._lock:
            self._calls.clear()


def _request_body(call: Call) -> object:
    if not call.body:
        return None
    try:
        return without_secrets(call.json())
    except ValueError:
        return {"unreadable_bytes": len(call.body)}
