"""Many resyncs one after another hold up nothing else that has come meanwhile, and are not taken for a worker that hangs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from poller.core.messages import Command
from tests.integration.poller.rig import TENANT, Rig

pytestmark = pytest.mark.stack

MANY = range(11, 31)
OLD: dict[str, Any] = {"invoiceDateTime": "2020-01-01T00:00:00Z"}


@pytest.fixture
def busy(rig: Rig) -> Rig:
    """Invoices 1 and 2 are on their way; a person has asked for twenty others."""
    for number in (1, 2):
        rig.add_invoice(number)
    rig.turn()
    for number in MANY:
        rig.add_invoice(number, **OLD)
        rig.command(f"c{number}", "resync", f"invoice/{number}")
    return rig


def done(rig: Rig) -> int:
    """Resyncs that are done."""
    return sum(rig.results(f"c{number}")[-1:] == [("done", None)] for number in MANY)


def after_each(rig: Rig, see: Callable[[], None]) -> None:
    """Call `see` whenever a resync begins."""
    commands = rig.worker._commands
    serve = commands._serve["resync"]

    def seen(command: Command, rules: Any) -> None:  # noqa: ANN401  # passed on as it came
        see()
        serve(command, rules)

    commands._serve["resync"] = seen


def test_a_hold_and_a_question_among_many_resyncs_do_not_wait_for_the_last(busy: Rig) -> None:
    begun: list[tuple[str, bool]] = []

    def see() -> None:
        if not begun:
            busy.command("hold", "skip", "invoice/1")
            busy.command("why", "explain", "invoice/2")
            busy.worker.wake()
        begun.append((busy.known(1).hold, bool(busy.results("why"))))

    after_each(busy, see)
    busy.turn()
    assert begun[0] == ("none", False)
    assert begun[1] == ("skip", True)
    assert (len(begun), done(busy)) == (len(MANY), len(MANY))


def test_a_success_among_many_resyncs_is_stamped_before_the_last(busy: Rig) -> None:
    stamps: list[str | None] = []

    def see() -> None:
        if not stamps:
            busy.synced(1)
            busy.worker.wake()
        stamps.append(busy.stamp_of(1))

    after_each(busy, see)
    busy.turn()
    assert stamps[0] is None
    assert stamps[1] is not None
    assert len([call for call in busy.calls("PATCH") if call["status"] == 200]) == 1
    assert done(busy) == len(MANY)


def test_a_worker_that_serves_many_resyncs_is_heard_of_after_each(busy: Rig) -> None:
    now = [0.0]
    silence: list[float] = []
    beats = busy.worker._beats
    beats._now = lambda: now[0]

    def see() -> None:
        silence.append(beats.silent()[TENANT])
        now[0] += 60.0

    after_each(busy, see)
    busy.turn()
    assert max(silence) <= 60.0
    assert done(busy) == len(MANY)


def test_resyncs_that_come_while_stamps_are_set_are_served_in_between_and_no_stamp_is_set_twice(
    rig: Rig,
) -> None:
    numbers = range(1, 31)
    for number in numbers:
        rig.add_invoice(number)
    rig.turn()
    for number in numbers:
        rig.synced(number)
    for number in MANY:
        rig.add_invoice(100 + number, **OLD)
    stamp = rig.worker._connection.stamp
    stamped_by_then: list[int] = []

    def stamping(invoice_id: int, at: Any) -> None:  # noqa: ANN401  # passed on as it came
        if invoice_id == 1:
            for number in MANY:
                rig.command(f"c{number}", "resync", f"invoice/{100 + number}")
            rig.worker.wake()
        stamp(invoice_id, at)

    rig.worker._connection.stamp = stamping  # type: ignore[method-assign]  # somebody asks while stamps are set
    after_each(rig, lambda: stamped_by_then.append(len(rig.calls("PATCH"))))
    rig.turn()
    assert stamped_by_then[0] <= 2, "who waits for a resync does not wait for all stamps"
    assert stamped_by_then[-1] > 10, "nor do stamps wait for all resyncs"
    assert len(rig.calls("PATCH")) == len(numbers)
    assert done(rig) == len(MANY)
