"""Autotask's hourly budget belongs to all integrations of a database: ours never runs into the limit, and urgent work goes first."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from invoice_events import names
from poller.core.entry import Entry
from simulators.kit.call import Answer, Call
from tests.integration.poller.rig import TENANT, Rig

pytestmark = pytest.mark.stack

LIMIT = 10_000
OURS_TO_LEAVE = LIMIT * 95 // 100
"""From here on nothing of ours may be asked but how much is left."""


class Others:
    """The other integrations of the same database: they used part of the hour, and use more while we ask."""

    def __init__(self, rig: Rig, used: int, *, per_call: int = 0, call_seconds: float = 0.0) -> None:
        """`per_call`: requests they make, until 98 % of the limit are used, in the `call_seconds` that one of ours takes."""
        self._rig = rig
        self.per_call = per_call
        self.use(used)
        admit = rig.simulator.admit

        @contextmanager
        def among_others(call: Call) -> Iterator[Answer | None]:
            self.use(max(self.used, min(self.used + self.per_call, LIMIT * 98 // 100)))
            pass_time(rig, timedelta(seconds=call_seconds))
            with admit(call) as refusal:
                yield refusal

        rig.simulator.admit = among_others  # type: ignore[method-assign]  # Autotask serves others too

    @property
    def used(self) -> int:
        """Requests of the last hour that were not ours."""
        return self._rig.simulator.database(TENANT).switches.external_usage

    def use(self, requests: int) -> None:
        """So many requests of the last hour were theirs."""
        database = self._rig.simulator.database(TENANT)
        database.switches = replace(database.switches, hourly_limit=LIMIT, external_usage=requests)


def pass_time(rig: Rig, span: timedelta) -> None:
    """Time passes for the worker and for Autotask's rolling hour."""
    rig.offset += span
    rig.simulator.clock.set_offset(rig.offset.total_seconds())


def found(rig: Rig) -> list[int]:
    return [event["invoice"]["id"] for event in rig.events(names.DISCOVERED)]


def refusals(rig: Rig) -> list[str]:
    """Calls that Autotask refused."""
    return [f"{call['status']} {call['path']}" for call in rig.calls() if call["status"] != 200]


def work_of(rig: Rig) -> int:
    """Calls that use the budget for documents, those that ask how much is left aside."""
    return len([call for call in rig.calls() if "ThresholdInformation" not in call["path"]])


def test_with_four_fifths_used_by_others_no_limit_is_hit_and_urgent_work_is_not_held_up(rig: Rig) -> None:
    for number in range(1, 41):
        rig.add_invoice(number)
    others = Others(rig, LIMIT * 80 // 100, per_call=15)
    for minute in range(60):
        if minute % 3 == 0:
            rig.command(f"c{minute}", "resync", f"invoice/{1 + minute // 3}")
        rig.turn()
        pass_time(rig, timedelta(minutes=1))
    urgent = found(rig)
    assert urgent == list(range(1, len(urgent) + 1)), "somebody asked for each of these, in this order"
    assert 5 <= len(urgent) < 20, "until the last twentieth of the budget, and not beyond"
    assert refusals(rig) == []

    others.per_call = 0
    others.use(LIMIT // 10)
    pass_time(rig, timedelta(hours=1))
    rig.turn()
    assert found(rig)[:20] == list(range(1, 21)), "who was asked for goes first"
    assert sorted(found(rig)) == list(range(1, 41))
    assert refusals(rig) == []


def test_many_resyncs_at_once_do_not_use_up_what_is_left_to_others(rig: Rig) -> None:
    Others(rig, LIMIT * 94 // 100)
    for number in range(1, 61):
        rig.add_invoice(number)
        rig.command(f"c{number}", "resync", f"invoice/{number}")
    for _ in range(3):
        rig.turn()
    assert 0 < len(found(rig)) < 60
    assert LIMIT * 94 // 100 + work_of(rig) <= OURS_TO_LEAVE + 10, (
        "what was begun is finished, nothing else begins"
    )
    assert refusals(rig) == []


def test_stamps_do_not_run_into_the_limit_while_others_use_more_and_more(rig: Rig) -> None:
    """The tenant may use all there is. Autotask is slow when much is used, so others do a lot while we do little."""
    rig.tenants.choose(autotask_budget_share=1.0)
    numbers = range(1, 241)
    for number in numbers:
        rig.add_invoice(number)
    rig.turn()
    for number in numbers:
        rig.synced(number)
    others = Others(rig, LIMIT * 93 // 100, per_call=3, call_seconds=1.0)
    for _ in range(3):
        rig.turn()
        pass_time(rig, timedelta(minutes=1))
    stamped = [number for number in numbers if rig.stamp_of(number)]
    assert 0 < len(stamped) < len(numbers)
    assert others.used < LIMIT * 98 // 100, "we left off before they had to"
    assert refusals(rig) == []
    entry: Entry = rig.known(numbers[-1])
    assert (entry.state, entry.strikes) == ("done", 0)
