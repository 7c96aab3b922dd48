"""From Autotask's answer to the document in Xero on an idle system, alone and beside a tenant at its day limit.

Every topic has one partition, so both tenants share all of them. Blocks of trials take turns: in every other block
Xero refuses the other tenant for its day limit while a backlog of it waits.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from benchmarks.backlog import Wanted
from benchmarks.call_log import Call, is_search, is_stamp, is_write
from benchmarks.figures import Benchmark, Bound, Line, Measured, Session
from benchmarks.live import Live, running
from benchmarks.spread import change_percent, percentile, summary

_TENANT = "idle"
_OTHER = "limited"
_BLOCKS = 5
_ALONE, _BESIDE_IT = 20, 10  # trials of a block
_WARM_UP = 5
_BACKLOG = 20  # invoices of the other tenant that wait while it is refused
_RETRY_SECONDS = 5  # "the day ends in 5 seconds", said for as long as the block lasts
_LONGEST_PAUSE_SECONDS = 0.2
_PATIENCE_SECONDS = 60.0
_BOUND_SECONDS = 3
_BOUND_PERCENT = 10
_IDLE = Line("Autotask query answered → document in Xero, idle, p99", "s", Bound("<=", _BOUND_SECONDS))
_CHANGE = Line(
    "the same beside a tenant at its day limit, change of the median", "%", Bound("<", _BOUND_PERCENT)
)
_BESIDE = Line("the same beside a tenant at its day limit, p99", "s")
_UNLIMITED = 1_000_000


def _measure(session: Session) -> Sequence[Measured]:
    blocks = session.scaled(_BLOCKS)
    alone: list[float] = []
    beside: list[float] = []
    wanted = [
        Wanted(
            tenant=_TENANT,
            held_back=_WARM_UP + (_ALONE + _BESIDE_IT) * blocks,
            xero_limits=False,
            autotask_hourly_limit=_UNLIMITED,
        ),
        Wanted(tenant=_OTHER, held_back=_BACKLOG * blocks, xero_limits=False),
    ]
    with running(session, "latency", wanted, partitions=1) as live:
        for side in live.calls.values():
            side.await_quiet(2.0)
        for _ in range(_WARM_UP):
            _trial(live)
        for block in range(1, blocks + 1):
            alone += [_trial(live) for _ in range(_ALONE)]
            with _at_day_limit(live):
                beside += [_trial(live) for _ in range(_BESIDE_IT)]
            session.say(
                f"latency: {block} of {blocks} blocks; alone {summary(alone)}; beside {summary(beside)}"
            )
    change = change_percent(alone, beside)
    return [
        Measured(_IDLE, percentile(alone, 99), summary(alone)),
        Measured(
            _CHANGE,
            change,
            f"verdict by medians, {blocks} blocks of {_ALONE} alone and {_BESIDE_IT} beside it in turns, one partition",
        ),
        Measured(_BESIDE, percentile(beside, 99), summary(beside)),
    ]


def _trial(live: Live) -> float:
    """One new invoice. Returns the seconds from the end of the query that found it to the end of the call that wrote it."""
    time.sleep(random.uniform(0, _LONGEST_PAUSE_SECONDS))
    (invoice,) = live.let_in(_TENANT)
    began = time.monotonic()
    live.status.command(_TENANT, "sync-now")

    def found(call: Call) -> bool:
        return call.tenant == _TENANT and call.began >= began and is_search(call)

    def written(call: Call) -> bool:
        return call.tenant == _TENANT and is_write(call) and f'"INV:{invoice}"' in call.body

    def stamped(call: Call) -> bool:
        return call.tenant == _TENANT and is_stamp(call) and f'"id": {invoice},' in call.body

    calls = live.calls["autotask"].until(stamped, "the stamp", _PATIENCE_SECONDS)
    query = next(call for call in calls if found(call))
    write = live.calls["xero"].await_call(written, "the invoice in Xero", _PATIENCE_SECONDS)
    return write.ended - query.ended


@contextmanager
def _at_day_limit(live: Live) -> Iterator[None]:
    """The other tenant has a backlog, and Xero refuses it for its day limit; afterwards the backlog is drained."""
    xero = live.control["xero"]
    headers = {"X-Rate-Limit-Problem": "day", "Retry-After": str(_RETRY_SECONDS), "X-DayLimit-Remaining": "0"}
    xero.plant(
        {"tenant": _OTHER, "path": "/api\\.xro/.*"},
        {"kind": "status", "status": 429, "headers": headers},
        times=None,
    )
    backlog = live.let_in(_OTHER, _BACKLOG)
    live.status.command(_OTHER, "sync-now")
    live.calls["xero"].await_call(
        lambda call: call.tenant == _OTHER and call.status == 429, "the refusal", _PATIENCE_SECONDS
    )
    yield
    xero.clear_faults()
    missing = set(backlog)

    def stamped_last(call: Call) -> bool:
        if call.tenant == _OTHER and is_stamp(call):
            missing.difference_update(number for number in backlog if f'"id": {number},' in call.body)
        return not missing

    live.calls["autotask"].await_call(stamped_last, "the backlog's stamps", _PATIENCE_SECONDS)


LATENCY = Benchmark(name="latency", lines=(_IDLE, _CHANGE, _BESIDE), measure=_measure)
