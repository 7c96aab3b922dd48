"""Calls per invoice: a backlog of new invoices through the whole suite, with default settings and with options that may add some."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from benchmarks.backlog import LINES, Wanted
from benchmarks.call_log import Call, of_tenant
from benchmarks.customers import TERMS_DAY
from benchmarks.figures import Benchmark, Bound, Line, Measured, Session
from benchmarks.live import Live, running, until_stamped
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
_PATIENCE_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class _Option:
    """A setting that may add calls.

    Attributes:
        tenant: that has it on; every invoice is of a customer of its own.
        done: whether a tenant's books in Xero show that it did its work for each of so many invoices.
    """

    tenant: str
    settings: dict[str, Any]
    line: Line
    done: Callable[[dict[str, Any], int], bool]


def _contacts_updated(books: dict[str, Any], count: int) -> bool:
    return int(books["counters"]["contacts_updated"]) >= count


def _due_by_terms(books: dict[str, Any], count: int) -> bool:
    due = [date.fromisoformat(one["DueDate"]) - date.fromisoformat(one["Date"]) for one in books["invoices"]]
    return due == [timedelta(days=TERMS_DAY)] * count


_OPTIONS = tuple(
    _Option(
        tenant,
        {setting: True},
        Line(f"Xero calls per invoice that {what} add", "calls", Bound("<=", _LIMITS["xero"])),
        done,
    )
    for tenant, setting, what, done in (
        ("terms", "due_date_from_xero_contact", "due dates by the contact's terms", _due_by_terms),
        ("refresh", "update_xero_contacts", "contact updates", _contacts_updated),
    )
)


def _measure(session: Session) -> Sequence[Measured]:
    count = session.scaled(_INVOICES, at_least=20)
    wanted = [Wanted(tenant=_TENANT, loaded=count, paused=True)]
    wanted += [
        Wanted(tenant=each.tenant, loaded=count, paused=True, settings=each.settings, one_each=True)
        for each in _OPTIONS
    ]
    with running(session, "calls", wanted) as live:
        before = {"xero": live.calls["xero"].await_quiet(_QUIET_SECONDS)}
        before["autotask"] = live.calls["autotask"].new()
        session.say(f"calls: reference data are read, the tenant is activated with {count} invoices")
        began = time.monotonic()
        after = {"autotask": _synced(session, live, [_TENANT], count), "xero": live.calls["xero"].new()}
        took = time.monotonic() - began
        _use_pages(live)
        session.say(f"calls: two tenants with an option each are activated, {count} customers each")
        _synced(session, live, [each.tenant for each in _OPTIONS], count)
        _until_done(live, count)
        with_options = live.calls["xero"].new()
    found = []
    for side in _SIDES:
        counted, earlier = of_tenant(after[side], _TENANT), of_tenant(before[side], _TENANT)
        note = f"{len(counted)} calls for {count} invoices of {LINES} lines, from activation to the last stamp ({took:.0f} s)"
        found.append(Measured(_BOUNDED[side], len(counted) / count, note))
        note = f"with {len(earlier)} calls of the paused tenant before"
        found.append(Measured(_ALL[side], (len(counted) + len(earlier)) / count, note))
    without = len(of_tenant(after["xero"], _TENANT))
    for option in _OPTIONS:
        calls = len(of_tenant(with_options, option.tenant))
        note = f"{calls} calls for {count} invoices of {count} customers, {without} without the option"
        found.append(Measured(option.line, (calls - without) / count, note))
    return found


def _synced(session: Session, live: Live, tenants: Sequence[str], count: int) -> list[Call]:
    """Activate tenants and wait until all of their invoices are in Xero. Returns the Autotask calls.

    Raises:
        StackError: not all of them came there.
    """
    for tenant in tenants:
        live.put_state(tenant, "active")
    calls = until_stamped(session, live, "calls", count * len(tenants), _PATIENCE_SECONDS)
    for tenant in tenants:
        written = live.documents_in_xero(tenant)
        if written != count:
            raise StackError(f"{written} documents of {tenant} in Xero, wanted {count}")
    return calls


def _until_done(live: Live, count: int) -> None:
    """Wait until each option did its work; contacts are updated when nothing else is to be done."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    for option in _OPTIONS:
        while not option.done(live.control["xero"].books(option.tenant), count):
            live.stack.check()
            if time.monotonic() > deadline:
                raise StackError(f"{option.tenant}: the option did not do its work on every invoice")
            time.sleep(_QUIET_SECONDS)


def _use_pages(live: Live) -> None:
    """Read every page of the list, so that the memory of status-api is that of a process that has served."""
    for _ in range(3):
        for _ in live.status.invoices(_TENANT):
            pass


CALLS = Benchmark(
    name="calls",
    lines=(
        *(line for side in _SIDES for line in (_BOUNDED[side], _ALL[side])),
        *(option.line for option in _OPTIONS),
    ),
    measure=_measure,
)
