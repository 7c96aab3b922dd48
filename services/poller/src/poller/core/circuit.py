"""The state of a tenant's connection to Autotask: a value that changes with each answer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from invoice_events.types import ConnectionState

_SHORTEST_WAIT = timedelta(seconds=1)  # also where the provider says "at once"
_FIRST_WAIT = timedelta(seconds=15)
_LONGEST_WAIT = timedelta(minutes=5)

Trouble = Literal["down", "throttled"]


@dataclass(frozen=True, slots=True)
class Circuit:
    """Whether Autotask may be asked, and what is known of the connection.

    Attributes:
        state: connected, down, throttled or refused.
        detail: why, in words without secrets.
        changed_at: when the state last changed.
        failures: failed probes in a row.
        retry_at: when a down or throttled connection is probed again; a refused one never is by itself.
        asked_on: Autotask answers, but refuses what nothing goes on without; that locks no account, so each cycle asks again.
    """

    state: ConnectionState
    detail: str
    changed_at: datetime
    failures: int = 0
    retry_at: datetime | None = None
    asked_on: bool = False

    def blocked(self, now: datetime) -> bool:
        """Whether nothing may be asked now."""
        if self.state == "refused":
            return True
        return self.retry_at is not None and now < self.retry_at


def succeeded(circuit: Circuit, now: datetime) -> Circuit:
    """After an answer. Whatever was wrong is over; the same object if nothing was."""
    if circuit.state == "connected":
        return circuit
    return Circuit("connected", "Autotask answers", now)


def failed(
    circuit: Circuit, trouble: Trouble, detail: str, now: datetime, retry_after: float | None
) -> Circuit:
    """After an outage. The next probe comes after `Retry-After` seconds, else after 15 s, doubled with each failure up to 5 min."""
    wait = (
        max(timedelta(seconds=retry_after), _SHORTEST_WAIT)
        if retry_after is not None
        else min(_FIRST_WAIT * 2 ** min(circuit.failures, 10), _LONGEST_WAIT)
    )
    changed_at = circuit.changed_at if circuit.state == trouble else now
    return Circuit(trouble, detail, changed_at, circuit.failures + 1, now + wait)


def refused(circuit: Circuit, detail: str, now: datetime) -> Circuit:
    """After our credentials were refused. Nothing is asked again: further failures would lock the account."""
    changed_at = circuit.changed_at if circuit.state == "refused" else now
    return Circuit("refused", detail, changed_at)


def unreadable(before: Circuit | None, detail: str, now: datetime) -> Circuit:
    """How a connection is shown over which no invoices can be listed. `before`: how it was shown until now, None if it was well."""
    return Circuit("refused", detail, now if before is None else before.changed_at, asked_on=True)


def reopened(circuit: Circuit, now: datetime) -> Circuit:
    """After the credentials changed: one try is allowed."""
    return replace(
        circuit, state="down", detail="new credentials, not tried yet", retry_at=None, changed_at=now
    )
