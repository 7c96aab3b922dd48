"""How long it takes from a command to its first call to Autotask, and what is shown until then: HTTP API, Kafka, poller, simulator."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.backlog import Wanted
from benchmarks.call_log import Call, is_search, is_stamp
from benchmarks.figures import Benchmark, Bound, Line, Measured, Session
from benchmarks.live import Live, running
from benchmarks.spread import percentile, summary
from local_stack.errors import StackError
from local_stack.status_client import StatusClient

_TENANT = "commanded"
_INVOICES = 20
_TRIALS = 200
_BETWEEN_SYNC_NOWS = 4  # resyncs: each of those is another way into the worker
_FINISHED = ("done", "refused")
_LINE = Line("command accepted → first call to Autotask, p99", "s", Bound("<=", 5))
_SHOWN = Line("resyncs accepted, but not Pending Sync in the next read", "", Bound("<=", 0))
_PENDING = "Pending Sync"
_LONGEST_PAUSE_SECONDS = 0.2  # of any length, so that trials keep no step with anything periodic
_QUIET_SECONDS = 2.0
_PATIENCE_SECONDS = 60.0
_LOOK_SECONDS = 0.05


def asks_for(call: Call, invoice: int) -> bool:
    """Whether Autotask was asked for this invoice by its id: the first call of a resync."""
    return call.path.lower().endswith("/invoices/query") and f"[{invoice}]" in call.body


def _measure(session: Session) -> Sequence[Measured]:
    trials = session.scaled(_TRIALS, at_least=4)
    wanted = Wanted(tenant=_TENANT, loaded=_INVOICES, xero_limits=False)
    with running(session, "commands", [wanted]) as live:
        known = _synced(live)
        session.say(
            f"commands: {_INVOICES} invoices are synced, {trials} resyncs are sent, sync-now between them"
        )
        status = live.status
        resyncs, sync_nows = [], []
        for place in range(trials):
            _rest()
            resyncs.append(_trial(live, status, known[place % len(known)]))
            if place % _BETWEEN_SYNC_NOWS == 0:
                _rest()
                sync_nows.append(_trial(live, status, None))
    seconds = [trial.seconds for trial in (*resyncs, *sync_nows)]
    note = (
        f"{summary(seconds)}; {len(resyncs)} resyncs, {len(sync_nows)} sync-now;"
        " from sending the HTTP request to the call in the simulator's record"
    )
    shown = [trial.shown for trial in resyncs if trial.shown != _PENDING]
    told = f"of {len(resyncs)}; shown instead: {', '.join(sorted(set(shown))) or 'nothing'}"
    return [Measured(_LINE, percentile(seconds, 99), note), Measured(_SHOWN, len(shown), told)]


def _rest() -> None:
    time.sleep(random.uniform(0, _LONGEST_PAUSE_SECONDS))


def _synced(live: Live) -> list[int]:
    """Wait until every invoice is stamped. Returns their ids."""
    calls: list[Call] = []
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while sum(is_stamp(call) for call in calls) < _INVOICES:
        if time.monotonic() > deadline:
            raise StackError(f"{_INVOICES} invoices were not synced within {_PATIENCE_SECONDS:g} s")
        time.sleep(_LOOK_SECONDS)
        calls += live.calls["autotask"].new()
    time.sleep(_QUIET_SECONDS)
    live.calls["autotask"].new()
    return [int(item["id"]) for item in live.status.invoices(_TENANT)]


@dataclass(frozen=True, slots=True)
class _Trial:
    """What came of one command: seconds to its first call, and the status that the next read showed (of a resync)."""

    seconds: float
    shown: str = ""


def _trial(live: Live, status: StatusClient, invoice: int | None) -> _Trial:
    """Send one command, a resync of an invoice or sync-now."""
    began, shown = time.monotonic(), ""
    if invoice is None:
        command = status.command(_TENANT, "sync-now")
    else:
        command = status.command(_TENANT, "resync", f"invoice/{invoice}")
        shown = str(status.get(f"tenants/{_TENANT}/invoices/{invoice}")["status"])

    def first(call: Call) -> bool:
        return call.began >= began and (is_search(call) if invoice is None else asks_for(call, invoice))

    found = live.calls["autotask"].await_call(first, f"first call of {command['kind']}", _PATIENCE_SECONDS)
    _await_end(status, command["command_id"])
    if invoice is not None:
        _await_complete(status, invoice)
    return _Trial(found.began - began, shown)


def _await_complete(status: StatusClient, invoice: int) -> None:
    """A resync that begins while another is on its way would show as Pending Sync all the same."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while (shown := status.get(f"tenants/{_TENANT}/invoices/{invoice}")["status"]) != "Complete":
        if time.monotonic() > deadline:
            raise StackError(f"invoice {invoice} is not Complete again: {shown}")
        time.sleep(_LOOK_SECONDS)


def _await_end(status: StatusClient, command_id: str) -> None:
    """A command that is repeated while it is open is the same command: the next trial begins after its end."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while (command := status.get(f"tenants/{_TENANT}/commands/{command_id}"))["state"] not in _FINISHED:
        if time.monotonic() > deadline:
            raise StackError(f"the command {command['kind']} is not finished: {command['state']}")
        time.sleep(_LOOK_SECONDS)
    if command["state"] != "done":
        raise StackError(f"the command {command['kind']} was refused: {command['reason']}")


COMMANDS = Benchmark(name="commands", lines=(_LINE, _SHOWN), measure=_measure)
