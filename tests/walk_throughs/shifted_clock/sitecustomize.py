"""The clocks of any Python process that is started with this folder on its PYTHONPATH: as far ahead of the true time as a file says.

A test lets hours pass by writing into that file (eight bytes, a double: seconds ahead; `SHIFTED_CLOCK` names it). Python imports
a module of this name by itself when a process starts, so the services run unchanged: their steady clock, their wall clock and
their waits follow the file. Kafka lives in true time, and with it whatever waits for Kafka. With `SHIFTED_CLOCK_IS=wall` the wall
clock alone follows, as on a host whose clock is set.
"""

from __future__ import annotations

import mmap
import os
import struct
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from invoice_events import identity

AHEAD = struct.Struct("d")
_LOOK_EVERY_SECONDS = 0.05
_IN_TRUE_TIME = ("intake", "outbox", "schema_topic")  # they wait for Kafka
_true_monotonic = time.monotonic
_true_wait = threading.Event.wait


def shift(file: Path, *, wall_only: bool) -> None:
    """From now on the clocks of this process are ahead by what the file says at that moment.

    `wall_only`: the host's time of day was set, as a person or a time server does it; its steady clock counts on.
    """
    with file.open("rb") as opened:
        content = mmap.mmap(opened.fileno(), AHEAD.size, access=mmap.ACCESS_READ)

    def ahead() -> float:
        seconds: float = AHEAD.unpack(content[: AHEAD.size])[0]
        return seconds

    def utc_now() -> datetime:
        return datetime.now(UTC) + timedelta(seconds=ahead())

    identity.utc_now = utc_now  # before anybody else imports it
    if wall_only:
        return
    time.monotonic = lambda: _true_monotonic() + ahead()
    threading.Event.wait = _wait_on(time.monotonic)  # type: ignore[method-assign,assignment]  # every timed wait of the services ends here
    for name in _IN_TRUE_TIME:
        module: Any = import_module(f"service_runtime.{name}")
        module.time = SimpleNamespace(monotonic=_true_monotonic)


def _wait_on(monotonic: Callable[[], float]) -> Callable[[threading.Event, float | None], bool]:
    """`Event.wait` by another clock: it looks often, since that clock may jump."""

    def wait(event: threading.Event, timeout: float | None = None) -> bool:
        if timeout is None:
            return _true_wait(event)
        until = monotonic() + timeout
        while not _true_wait(event, min(_LOOK_EVERY_SECONDS, max(0.0, until - monotonic()))):
            if monotonic() >= until:
                return event.is_set()
        return True

    return wait


if "SHIFTED_CLOCK" in os.environ:
    shift(Path(os.environ["SHIFTED_CLOCK"]), wall_only=os.environ.get("SHIFTED_CLOCK_IS") == "wall")
