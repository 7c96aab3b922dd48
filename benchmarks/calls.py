"""Calls per invoice: a backlog of new invoices of known contacts, with default settings, through the whole suite."""

from __future__ import annotations

import time
from collections.abc import Sequence

from benchmarks.backlog import LINES, Wanted
from benchmarks.call_log import Call, is_stamp, of_tenant
from benchmarks.figures import Benchmark, Bound, Line, Measured, Session
from benchmarks.live import Live, running
from local_stack.errors import StackError

_TENANT = "backlog"
_INVOICES = 1_000
_SIDES = ("xero", "autotask")
_LIMITS = {"xero": 0.03, "autotask": 1.05}
_BOUNDED = {
    side: Line(f"{side.capitalize()} calls per invoice", "calls", Bound("<=", limit))
    for side, limit in _LIMITS.items()
}
_ALL = {
    side: Line(f"{side.capitalize()} calls per invoice, counted from the first start", "calls")
    for side in _SIDES
}
_QUIET_SECONDS = 2.0
_PATIENCE_SECONDS = 180.0
_LOOK_SECONDS = 0.5


def _measure(session: Session) -> Sequence[Measured]:
    count = session.scaled(_INVOICES, at_least=20)
    with running(session, "calls", [Wanted(tenant=_TENANT, loaded=count, paused=True)]) as live:
        before = {"xero": live.calls["xero"].await_quiet(_QUIET_SECONDS)}
        before["autotask"] = live.calls["autotask"].new()
        session.say(f"calls: reference data are read, the tenant is activated with {count} invoices")
        live.put_state(_TENANT, "active")
        began = time.monotonic()
        after = {"autotask": _until_stamped(session, live, count), "xero": live.calls["xero"].new()}
        took = time.monotonic() - began
        written = live.documents_in_xero(_TENANT)
        if written != count:
            raise StackError(f"{written} documents in Xero, wanted {count}")
        _use_pages(live)
    found = []
    for side in _SIDES:
        counted, earlier = of_tenant(after[side], _TENANT), of_tenant(before[side], _TENANT)
        note = f"{len(counted)} calls for {count} invoices of {LINES} lines, from activation to the last stamp ({took:.0f} s)"
        found.append(Measured(_BOUNDED[side], len(counted) / count, note))
        note = f"with {len(earlier)} calls of the paused tenant before"
        found.append(Measured(_ALL[side], (len(counted) + len(earlier)) / count, note))
    return found


def _until_stamped(session: Session, live: Live, count: int) -> list[Call]:
    """Every Autotask call until so many stamps are written and nothing more comes."""
    calls: list[Call] = []
    deadline = time.monotonic() + _PATIENCE_SECONDS
    told = 0
    while (stamped := sum(is_stamp(call) for call in calls)) < count:
        live.stack.check()
        if time.monotonic() > deadline:
            raise StackError(f"{stamped} of {count} invoices stamped within {_PATIENCE_SECONDS:g} s")
        if stamped - told >= count / 4:
            told = stamped
            session.say(f"calls: {stamped} of {count} stamped")
        time.sleep(_LOOK_SECONDS)
        calls += live.calls["autotask"].new()
    time.sleep(_QUIET_SECONDS)
    return calls + live.calls["autotask"].new()


def _use_pages(live: Live) -> None:
    """Read every page of the list, so that the memory of status-api is that of a process that has served."""
    for _ in range(3):
        for _ in live.status.invoices(_TENANT):
            pass


CALLS = Benchmark(
    name="calls",
    lines=tuple(line for side in _SIDES for line in (_BOUNDED[side], _ALL[side])),
    measure=_measure,
)
