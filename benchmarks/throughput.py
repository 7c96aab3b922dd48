"""One tenant's backlog from `invoice.mapped`, with Xero's real limits and answers that take two seconds."""

from __future__ import annotations

import time
from collections.abc import Sequence
from itertools import cycle

from benchmarks.backlog import LINES, Wanted
from benchmarks.call_log import Call, is_write
from benchmarks.events import Feed, mapped, settings_event
from benchmarks.figures import Benchmark, Bound, Line, Measured, Session
from benchmarks.live import Live, running
from invoice_events import names
from local_stack.errors import StackError

_TENANT = "backlog"
_MINUTES = 2
_PER_CALL, _CALLS_A_MINUTE = 50, 60
_ADMITTED = _PER_CALL * _CALLS_A_MINUTE
_MORE = 1.15  # the backlog outlasts the measured minutes
_ANSWER_SECONDS = 2.0
_NEXT_WINDOW_SECONDS = 61
_QUIET_SECONDS = 2.0
_LOOK_SECONDS = 1.0
_PATIENCE_SECONDS = 60.0
_LINE = Line("one tenant's backlog, share of what Xero admits", "of 50 x 60/min", Bound(">=", 0.8))
_RATE = Line("one tenant's backlog, documents written a minute", "documents")


def written_within(calls: Sequence[Call], seconds: float) -> int:
    """Documents whose write ended within so many seconds of the beginning of the first call."""
    began = min((call.began for call in calls), default=0.0)
    return sum(call.documents for call in calls if is_write(call) and call.ended <= began + seconds)


def _measure(session: Session) -> Sequence[Measured]:
    minutes = max(1, round(_MINUTES * session.scale))
    count = round(minutes * _ADMITTED * _MORE)
    with running(
        session, "throughput", [Wanted(tenant=_TENANT)], services=("xero-writer",), simulators=("xero",)
    ) as live:
        contacts = _contacts(live)
        feed = Feed(live.stack.bootstrap)
        feed.send(names.SETTINGS, [settings_event(_TENANT)])
        live.calls["xero"].await_quiet(_QUIET_SECONDS)
        live.control["xero"].latency(_TENANT, _ANSWER_SECONDS)
        # The next call begins a new minute of Xero's: whole minutes from it on hold whole windows, and never more.
        live.control["xero"].post("clock", {"offset_seconds": _NEXT_WINDOW_SECONDS})
        session.say(f"throughput: {count} mapped invoices are made")
        events = [
            mapped(number, _TENANT, contact) for number, contact in zip(range(1, count + 1), cycle(contacts))
        ]
        feed.send(names.MAPPED, events)
        calls = _watch(session, live, minutes * 60.0)
        _require_documents(live, calls)
    written = written_within(calls, minutes * 60.0)
    refused = sum(call.status == 429 for call in calls)
    reads = sum(call.method == "GET" for call in calls)
    full = sum(is_write(call) and call.documents == _PER_CALL for call in calls)
    note = (
        f"{written} documents of {LINES} lines in {minutes} minutes from the first call;"
        f" {sum(map(is_write, calls))} writes, {full} of them full, {reads} reads, {refused} refused"
    )
    return [
        Measured(_LINE, written / (_ADMITTED * minutes), note),
        Measured(_RATE, written / minutes, f"answers take {_ANSWER_SECONDS:g} s, Xero's limits on"),
    ]


def _contacts(live: Live) -> list[str]:
    """Names of active customers that Xero knows."""
    contacts = live.control["xero"].books(_TENANT)["contacts"]
    names_found = [each["Name"] for each in contacts if each.get("ContactStatus", "ACTIVE") == "ACTIVE"]
    if not names_found:
        raise StackError("the made-up Xero organisation has no customers")
    return names_found


def _watch(session: Session, live: Live, seconds: float) -> list[Call]:
    """Calls until so many seconds have passed since the first."""
    calls: list[Call] = []
    deadline = time.monotonic() + _PATIENCE_SECONDS
    began: float | None = None
    told = time.monotonic()
    while began is None or time.monotonic() < began + seconds:
        if began is None and time.monotonic() > deadline:
            raise StackError(f"no call to Xero within {_PATIENCE_SECONDS:g} s")
        time.sleep(_LOOK_SECONDS)
        live.stack.check()
        calls += live.calls["xero"].new()
        began = min((call.began for call in calls), default=None)
        if time.monotonic() - told > 20:
            told = time.monotonic()
            session.say(f"throughput: {sum(call.documents for call in calls if is_write(call))} documents")
    return calls


def _require_documents(live: Live, calls: Sequence[Call]) -> None:
    """What was counted has to stand in Xero's books, one document each."""
    counted = sum(call.documents for call in [*calls, *live.calls["xero"].new()] if is_write(call))
    there = live.documents_in_xero(_TENANT)
    if there < counted:
        raise StackError(f"{counted} documents were sent and answered, but {there} stand in Xero")


THROUGHPUT = Benchmark(name="throughput", lines=(_LINE, _RATE), measure=_measure)
