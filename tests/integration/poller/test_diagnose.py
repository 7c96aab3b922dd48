"""Diagnostic Mode: the document is left alone, a dry run of it goes through the pipeline, and release brings back what was below."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from invoice_events import names
from invoice_events.codec import Event
from poller.core.messages import Command
from tests.integration.poller.rig import TENANT, Rig

pytestmark = pytest.mark.stack

SERVED = [("accepted", None), ("started", None), ("done", None)]


@pytest.fixture
def done(rig: Rig) -> Rig:
    """Invoice 1 is in Xero and stamped."""
    rig.add_invoice(1)
    rig.turn()
    rig.synced(1)
    rig.turn()
    return rig


def runs(rig: Rig) -> list[Event]:
    """Dry runs that were sent on their way."""
    return [event for event in rig.events(names.DISCOVERED) if event["purpose"] == "diagnose"]


def tries(rig: Rig) -> list[Event]:
    return [event for event in rig.events(names.DISCOVERED) if event["purpose"] == "sync"]


def answer(rig: Rig, command_id: str = "c1") -> dict[str, Any]:
    """The answer of a diagnosis that ended here."""
    (told,) = (
        event["answer"]
        for event in rig.events(names.COMMAND_RESULTS)
        if event["command_id"] == command_id and event["state"] == "done"
    )
    found: dict[str, Any] = json.loads(told)
    return found


def until_idle(rig: Rig) -> int:
    """Turns without a cycle until the worker finds nothing more to be done at once. Returns how many there were."""
    rig.worker._next_cycle = float("inf")
    turns = 0
    rig.worker.wake()
    while rig.worker._woken.is_set():
        rig.worker._woken.clear()
        rig.worker.turn()
        turns += 1
    return turns


def nothing_ended(rig: Rig) -> bool:
    return rig.events(names.FAULTED) == rig.events(names.SKIPPED) == []


def test_a_dry_run_carries_what_autotask_says_now_and_counts_as_no_try(done: Rig) -> None:
    before = done.known(1)
    done.change_invoice(1, orderNumber="changed")
    done.command("c1", "diagnose", "invoice/1")
    done.turn()
    (run,) = runs(done)
    assert (run["invoice"]["order_number"], run["command_id"]) == ("changed", "c1")
    assert (run["revision"], run["action"], run["priority"]) == (before.revision, "update", "interactive")
    assert run["event_id"] not in {event["event_id"] for event in tries(done)}
    after = done.known(1)
    kept = ("state", "revision", "strikes", "attempt", "command_id", "state_since", "traceparent")
    assert [getattr(after, name) for name in kept] == [getattr(before, name) for name in kept]
    assert (after.hold, after.hold_below) == ("diagnose", "none")
    assert done.results("c1") == [("accepted", None), ("started", None)], "the xero-writer ends it"
    assert nothing_ended(done)


def test_a_document_in_diagnostic_mode_is_not_touched(rig: Rig) -> None:
    rig.add_invoice(1)
    rig.turn()
    rig.faulted(1)
    rig.command("c1", "diagnose", "invoice/1")
    rig.turn()
    strikes = rig.known(1).strikes
    for minutes in (6, 70, 200):
        rig.offset = timedelta(minutes=minutes)
        rig.turn()
    assert (len(tries(rig)), rig.known(1).strikes) == (1, strikes)
    rig.command("c2", "resync", "invoice/1")
    rig.command("c3", "skip", "invoice/1")
    rig.command("c4", "unskip", "invoice/1")
    rig.command("c5", "resync", "invoice/1", bulk="many")
    rig.turn()
    for command_id in ("c2", "c3", "c4", "c5"):
        state, reason = rig.results(command_id)[-1]
        assert (state, reason) == ("refused", "the document is in Diagnostic Mode: release it first")
    assert (len(tries(rig)), rig.known(1).hold) == (1, "diagnose")


def test_release_brings_back_what_was_below(rig: Rig) -> None:
    for number in (1, 2):
        rig.add_invoice(number)
    rig.turn()
    rig.faulted(1)
    rig.faulted(2)
    rig.command("s2", "skip", "invoice/2")
    for number in (1, 2):
        rig.command(f"d{number}", "diagnose", f"invoice/{number}")
    tried = len(tries(rig))
    rig.turn()
    rig.turn()
    assert len(tries(rig)) == tried
    for number in (1, 2):
        rig.command(f"r{number}", "release", f"invoice/{number}")
    rig.turn()
    assert [rig.known(number).hold for number in (1, 2)] == ["none", "skip"]
    assert [event["hold"] for event in rig.events(names.HELD)] == [
        "skip",
        "diagnose",
        "diagnose",
        "none",
        "skip",
    ]
    assert answer(rig, "r1")["hold"] == "none"
    assert answer(rig, "r2")["hold"] == "skip"
    rig.turn()
    again = [event["document"] for event in tries(rig)[tried:]]
    assert set(again) == {"invoice/1"}, "what waited for its next try goes on, what was skipped does not"


def test_a_second_diagnosis_reads_again_and_release_knows_the_hold_below_both(done: Rig) -> None:
    done.command("s", "skip", "invoice/1")
    done.command("c1", "diagnose", "invoice/1")
    done.command("c2", "diagnose", "invoice/1")
    done.turn()
    assert [run["command_id"] for run in runs(done)] == ["c1", "c2"]
    assert len({run["event_id"] for run in runs(done)}) == 2
    done.command("r", "release", "invoice/1")
    done.turn()
    assert done.known(1).hold == "skip"


def test_a_release_of_what_is_not_in_diagnostic_mode_changes_nothing_and_says_so(done: Rig) -> None:
    done.command("r", "release", "invoice/1")
    done.command("u", "release", "invoice/99")
    done.turn()
    assert done.results("r")[-1] == ("done", "the document was not in Diagnostic Mode")
    assert done.results("u")[-1] == ("done", "the document was not in Diagnostic Mode")
    assert done.known(1).hold == "none"
    assert [event["hold"] for event in done.events(names.HELD)] == ["none", "none"], "others may have kept it"


@pytest.mark.parametrize("pause", [True, False])
def test_a_diagnosis_waits_for_no_pause_and_for_no_cycle(done: Rig, *, pause: bool) -> None:
    done.tenants.pause(paused=pause)
    done.command("c1", "diagnose", "invoice/1")
    done.worker._next_cycle = float("inf")
    done.worker.turn()
    assert len(runs(done)) == 1


def test_what_ends_a_try_here_is_the_answer_and_no_strike(rig: Rig) -> None:
    for number in (1, 2, 3):
        rig.add_invoice(number)
    rig.turn()
    for number in (1, 2, 3):
        rig.faulted(number, final=True)
    rig.turn()
    rig.change_invoice(1, isVoided=True)
    rig.change_invoice(2, invoiceTotal="much")
    rig.change_invoice(3, webServiceDate="2026-01-02T03:04:00Z")
    for number in (1, 2, 3):
        rig.command(f"c{number}", "diagnose", f"invoice/{number}")
    assert until_idle(rig) == 3
    voided, broken, stamped = (answer(rig, f"c{number}") for number in (1, 2, 3))
    assert (voided["would"], voided["code"]) == ("skip", "voided")
    assert (broken["would"], broken["code"]) == ("fault", "UNKNOWN")
    assert (stamped["would"], stamped["code"]) == ("skip", "stamped_elsewhere")
    assert runs(rig) == []
    assert nothing_ended(rig)
    assert {rig.known(number).state for number in (1, 2, 3)} == {"fault"}


def test_an_order_is_diagnosed_like_an_invoice(rig: Rig) -> None:
    rig.tenants.choose(purchase_orders={"enabled": True})
    rig.add_order(7)
    rig.turn()
    rig.command("c1", "diagnose", "purchase-order/7")
    rig.turn()
    dry = [event for event in rig.events(names.ORDER_DISCOVERED) if event["purpose"] == "diagnose"]
    assert [event["command_id"] for event in dry] == ["c1"]
    assert rig.order(7).hold == "diagnose"
    rig.tenants.choose()
    rig.command("c2", "diagnose", "purchase-order/7")
    rig.turn()
    assert answer(rig, "c2")["would"] == "nothing"


def test_an_outage_is_the_answer_and_leaves_the_question_not_open(done: Rig) -> None:
    done.plant({"path": ".*/(BillingItems/query|ThresholdInformation)"}, {"kind": "cut"}, None)
    done.command("c1", "diagnose", "invoice/1")
    done.worker._next_cycle = float("inf")
    done.worker.turn()
    assert answer(done)["would"] == "unknown"
    done.command("c2", "diagnose", "invoice/1")
    done.worker.turn()
    assert answer(done, "c2")["would"] == "unknown", "the connection is known to be down"
    assert (runs(done), done.known(1).hold) == ([], "diagnose")
    assert nothing_ended(done)


def test_a_document_that_alone_can_not_be_read_out_leaves_the_connection_to_others(done: Rig) -> None:
    done.add_invoice(2)
    done.plant({"path": ".*/BillingItems/query"}, {"kind": "cut"})
    done.command("c1", "diagnose", "invoice/1")
    done.turn()
    assert answer(done)["would"] == "unknown"
    assert done.known(2).state == "in_flight", "the cycle of the same turn goes on"
    assert {event["state"] for event in done.events(names.HEALTH)} == {"connected"}


def test_many_diagnoses_keep_neither_a_hold_nor_a_resync_waiting_for_the_last(rig: Rig) -> None:
    numbers = range(1, 9)
    for number in numbers:
        rig.add_invoice(number)
    rig.turn()
    for number in numbers:
        rig.faulted(number, final=True)
    rig.turn()
    for number in range(1, 7):
        rig.command(f"d{number}", "diagnose", f"invoice/{number}")
    rig.command("again", "resync", "invoice/7")
    rig.worker._next_cycle = float("inf")
    rig.worker.turn()
    assert (len(runs(rig)), rig.results("again")[-1][0]) == (2, "done"), "one before the resync, one after it"
    rig.command("hold", "skip", "invoice/8")
    rig.worker.turn()
    assert (len(runs(rig)), rig.known(8).hold) == (3, "skip")
    until_idle(rig)
    assert [run["command_id"] for run in runs(rig)] == [f"d{number}" for number in range(1, 7)]


def test_a_worker_that_stops_leaves_the_diagnoses_that_wait_to_the_next(rig: Rig) -> None:
    for number in (1, 2, 3):
        rig.add_invoice(number)
    rig.turn()
    for number in (1, 2, 3):
        rig.command(f"d{number}", "diagnose", f"invoice/{number}")
    stopping = rig.worker._stopping
    begin = rig.worker._diagnoses.begin

    def begin_and_stop() -> bool:
        stopping.set()
        return begin()

    rig.worker._diagnoses.begin = begin_and_stop  # type: ignore[method-assign]  # told to stop meanwhile
    rig.worker.run(stopping)
    assert len(runs(rig)) == 1
    rig.take_over()
    until_idle(rig)
    assert [run["command_id"] for run in runs(rig)] == ["d1", "d2", "d3"]


def test_a_worker_with_many_diagnoses_is_heard_of_before_each(rig: Rig) -> None:
    for number in (1, 2, 3):
        rig.add_invoice(number)
    rig.turn()
    for number in (1, 2, 3):
        rig.command(f"d{number}", "diagnose", f"invoice/{number}")
    now, silence = [0.0], list[float]()
    beats = rig.worker._beats
    beats._now = lambda: now[0]
    begin = rig.worker._diagnoses._begin

    def slow(command: Command) -> None:
        silence.append(beats.silent()[TENANT])
        now[0] += 60.0
        begin(command)

    rig.worker._diagnoses._begin = slow  # type: ignore[method-assign]  # each takes a minute
    until_idle(rig)
    assert silence == [0.0, 0.0, 0.0]


def test_a_restart_between_hold_and_reading_loses_neither(done: Rig) -> None:
    done.command("c1", "diagnose", "invoice/1")
    done.worker._take_in()
    assert (done.known(1).hold, runs(done)) == ("diagnose", [])
    done.take_over()
    done.turn()
    assert [run["command_id"] for run in runs(done)] == ["c1"]
    done.take_over()
    done.turn()
    assert len(runs(done)) == 1


def test_a_release_before_the_reading_ends_the_diagnosis(done: Rig) -> None:
    done.command("c1", "diagnose", "invoice/1")
    done.command("r", "release", "invoice/1")
    done.turn()
    assert done.results("c1")[-1] == ("refused", "the document was released before it was read")
    assert (runs(done), done.known(1).hold) == ([], "none")


def test_a_success_in_diagnostic_mode_is_recorded_and_shown_after_release(rig: Rig) -> None:
    rig.add_invoice(1)
    rig.turn()
    rig.command("c1", "diagnose", "invoice/1")
    rig.turn()
    rig.synced(1)
    rig.turn()
    assert (rig.known(1).state, rig.known(1).hold) == ("done", "diagnose")
    rig.command("r", "release", "invoice/1")
    rig.turn()
    assert (rig.known(1).state, rig.known(1).hold) == ("done", "none")


def test_explain_names_diagnostic_mode_and_the_way_out(done: Rig) -> None:
    done.command("c1", "diagnose", "invoice/1")
    done.turn()
    done.command("e", "explain", "invoice/1")
    done.turn()
    told = answer(done, "e")
    assert told["cause"] == "on_hold"
    assert "Diagnostic Mode by ana@acme.example" in told["words"]
    assert "Release it" in told["what_to_do"]
