"""How long it takes from a command to its first call to Autotask: HTTP API, Kafka, poller, simulator."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence

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
_FINISHED = ("done", "refused")
_LINE = Line("command accepted → first call to Autotask, p99", "s", Bound("<=", 5))
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
        session.say(f"commands: {_INVOICES} invoices are synced, {trials} commands are sent")
        status = live.status
        seconds = []
        for place in range(trials):
            time.sleep(random.uniform(0, _LONGEST_PAUSE_SECONDS))
            seconds.append(_trial(live, status, None if place % 2 else known[place // 2 % len(known)]))
    note = f"{summary(seconds)}; every other one sync-now, resync; from sending the HTTP request to the call in the simulator's record"
    return [Measured(_LINE, percentile(seconds, 99), note)]


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


def _trial(live: Live, status: StatusClient, invoice: int | None) -> float:
    """Send one command, a resync of an invoice or sync-now. Returns the seconds to its first call."""
    began = time.monotonic()
    if invoice is None:
        command = status.command(_TENANT, "sync-now")
    else:
        command = status.command(_TENANT, "resync", f"invoice/{invoice}")

    def first(call: Call) -> bool:
        return call.began >= began and (is_search(call) if invoice is None else asks_for(call, invoice))

    found = live.calls["autotask"].await_call(first, f"first call of {command['kind']}", _PATIENCE_SECONDS)
    _await_end(status, command["command_id"])
    return found.began - began


def _await_end(status: StatusClient, command_id: str) -> None:
    """A command that is repeated while it is open is the same command: the next trial begins after its end."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while (command := status.get(f"tenants/{_TENANT}/commands/{command_id}"))["state"] not in _FINISHED:
        if time.monotonic() > deadline:
            raise StackError(f"the command {command['kind']} is not finished: {command['state']}")
        time.sleep(_LOOK_SECONDS)
    if command["state"] != "done":
        raise StackError(f"the command {command['kind']} was refused: {command['reason']}")


COMMANDS = Benchmark(name="commands", lines=(_LINE,), measure=_measure)
