"""The simulators' records of calls: the only clock that both ends of a figure are read from."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from local_stack.control import SimulatorControl
from local_stack.errors import StackError

_LOOK_SECONDS = 0.1  # times are the simulators' own: looking more often would only take processor time from what is measured


@dataclass(frozen=True, slots=True)
class Call:
    """One finished call.

    Attributes:
        tenant: None before the simulator knows whose call it is.
        status: None if the connection was cut.
        began, ended: seconds of this machine's monotonic clock.
        body: text of the JSON body, empty without one.
        documents: how many invoices the body brings.
    """

    tenant: str | None
    method: str
    path: str
    status: int | None
    began: float
    ended: float
    body: str
    documents: int

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> Call:
        """Read a record of the control interface."""
        body = record["request_body"]
        invoices = body.get("Invoices") if isinstance(body, dict) else None
        began = float(record["monotonic"])
        return cls(
            tenant=record["tenant"],
            method=record["method"],
            path=record["path"],
            status=record["status"],
            began=began,
            ended=began + record["duration_ms"] / 1000,
            body="" if body is None else json.dumps(body),
            documents=len(invoices) if isinstance(invoices, list) else 0,
        )

    @property
    def succeeded(self) -> bool:
        """Whether the answer was a success."""
        return self.status is not None and 200 <= self.status < 300


class CallReader:
    """Reads a simulator's record forward, each call once."""

    def __init__(self, control: SimulatorControl) -> None:
        self._control = control
        self._since = 0
        self._left: list[Call] = []

    def new(self) -> list[Call]:
        """Calls that ended since the last look, in the order in which they ended."""
        records = self._control.calls(self._since)
        if records:
            self._since = records[-1]["seq"]
        found = [*self._left, *map(Call.of, records)]
        self._left = []
        return found

    def await_call(self, wanted: Callable[[Call], bool], what: str, seconds: float = 60.0) -> Call:
        """Wait for a call, passing over those that ended before it.

        Raises:
            StackError: it did not come in time.
        """
        return self.until(wanted, what, seconds)[-1]

    def until(self, wanted: Callable[[Call], bool], what: str, seconds: float = 60.0) -> list[Call]:
        """Wait for a call. Returns what ended since the last look, that call last.

        Raises:
            StackError: it did not come in time.
        """
        deadline = time.monotonic() + seconds
        seen: list[Call] = []
        while True:
            calls = self.new()
            for place, call in enumerate(calls, start=1):
                if wanted(call):
                    self._left = calls[place:]
                    return seen + calls[:place]
            seen += calls
            if time.monotonic() > deadline:
                raise StackError(f"not within {seconds:g} s: {what}")
            time.sleep(_LOOK_SECONDS)

    def await_quiet(self, quiet_seconds: float, seconds: float = 60.0) -> list[Call]:
        """Wait until calls have come, and then none for a while. Returns them.

        Raises:
            StackError: none came, or they went on coming.
        """
        seen: list[Call] = []
        deadline = time.monotonic() + seconds
        last = time.monotonic()
        while not seen or time.monotonic() - last < quiet_seconds:
            if time.monotonic() > deadline:
                raise StackError(f"no rest after calls within {seconds:g} s ({len(seen)} calls)")
            time.sleep(_LOOK_SECONDS)
            found = self.new()
            if found:
                seen += found
                last = time.monotonic()
        return seen


def of_tenant(calls: Iterable[Call], tenant: str) -> list[Call]:
    """The calls of one tenant."""
    return [call for call in calls if call.tenant == tenant]


def is_stamp(call: Call) -> bool:
    """Whether a Web Service Date was written."""
    return call.method == "PATCH" and call.succeeded and '"webServiceDate"' in call.body


def is_search(call: Call) -> bool:
    """Whether Autotask was asked for invoices without a stamp: the query that begins every cycle."""
    return call.path.lower().endswith("/invoices/query") and '"webServiceDate"' in call.body


def is_write(call: Call) -> bool:
    """Whether invoices were sent to Xero and Xero answered that it took the call."""
    return call.method in ("PUT", "POST") and call.documents > 0 and call.succeeded
