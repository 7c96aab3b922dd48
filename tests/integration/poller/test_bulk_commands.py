"""What was asked for in bulk: read in batches, behind what somebody waits for, each command with its own end."""

from __future__ import annotations

from datetime import timedelta

import pytest

from invoice_events import names
from tests.integration.poller.rig import Rig

pytestmark = pytest.mark.stack

SERVED = [("accepted", None), ("started", None), ("done", None)]
DOWN = {"kind": "status", "status": 503, "body": "<html>Service unavailable"}


@pytest.fixture
def faults(rig: Rig) -> Rig:
    """Invoices 1 to 6 are at fault, what is wrong was mended; the next cycle is far away."""
    for number in range(1, 7):
        rig.add_invoice(number)
    rig.turn()
    for number in range(1, 7):
        rig.faulted(number, final=True)
    rig.turn()
    return rig


def only_commands(rig: Rig) -> None:
    """One turn without a cycle."""
    rig.worker._next_cycle = rig.worker._next_cleared = float("inf")
    rig.worker.turn()


def later(rig: Rig) -> None:
    """One turn without a cycle, when every wait for a connection is over."""
    rig.offset += timedelta(seconds=301)
    only_commands(rig)


def lines_are_down(rig: Rig, marked: str = "") -> None:
    """From now on lines can not be read out, of one invoice or of all, while Autotask answers other questions."""
    rig.plant({"path": ".*/BillingItems/query", "body_contains": marked}, DOWN, None)


def resync(rig: Rig, *numbers: int, kind: str = "resync") -> None:
    for number in numbers:
        rig.command(f"b{number}", kind, f"invoice/{number}", bulk="one")


def test_a_bulk_resync_of_many_costs_no_more_queries_than_that_of_one(faults: Rig) -> None:
    before = len(faults.calls("POST", "/query"))
    resync(faults, 1)
    only_commands(faults)
    of_one = len(faults.calls("POST", "/query")) - before
    resync(faults, 2, 3, 4, 5, 6)
    only_commands(faults)
    assert len(faults.calls("POST", "/query")) - before - of_one <= of_one
    assert all(faults.results(f"b{number}") == SERVED for number in range(1, 7))


def test_each_try_of_a_bulk_act_names_its_own_command_and_begins_anew(faults: Rig) -> None:
    resync(faults, 1, 2)
    only_commands(faults)
    begun = {event["document"]: event for event in faults.events(names.DISCOVERED)[6:]}
    assert {name: event["command_id"] for name, event in begun.items()} == {
        "invoice/1": "b1", "invoice/2": "b2",
    }  # fmt: skip
    assert {(event["attempt"], event["priority"]) for event in begun.values()} == {(1, "normal")}
    assert faults.known(1).state == "in_flight"


def test_what_one_person_waits_for_comes_before_a_bulk_act_that_was_there_first(faults: Rig) -> None:
    resync(faults, 1, 2, 3, 4)
    faults.command("alone", "resync", "invoice/5")
    only_commands(faults)
    ends = [event["command_id"] for event in faults.events(names.COMMAND_RESULTS) if event["state"] == "done"]
    assert ends[0] == "alone"
    assert faults.events(names.DISCOVERED)[6]["priority"] == "interactive"


def test_documents_that_can_not_be_read_again_keep_no_other_from_it(faults: Rig) -> None:
    faults.command("skip", "skip", "invoice/1")
    only_commands(faults)
    faults.change_invoice(2, isVoided=True)
    resync(faults, 1, 2, 3)
    faults.command("b99", "resync", "invoice/99", bulk="one")
    faults.command("b0", "resync", "nonsense", bulk="one")
    faults.command("order", "resync", "purchase-order/3", bulk="one")
    only_commands(faults)
    only_commands(faults)
    ends = {name: faults.results(name)[-1] for name in ("b1", "b2", "b3", "b99", "b0", "order")}
    assert {name: state for name, (state, _) in ends.items()} == {
        "b1": "refused", "b2": "done", "b3": "done", "b99": "refused", "b0": "refused", "order": "refused",
    }  # fmt: skip
    words = {name: reason or "" for name, (_, reason) in ends.items()}
    assert "on hold (skip)" in words["b1"]
    assert "voided" in words["b2"]
    assert "Autotask has no invoice 99" in words["b99"]
    assert "names no document" in words["b0"]
    assert "switched off" in words["order"]
    assert [event["command_id"] for event in faults.events(names.SKIPPED)] == ["b2"]


def test_one_document_that_autotask_refuses_to_read_out_keeps_no_other_from_it(faults: Rig) -> None:
    for number in (7777, 8001):
        faults.add_invoice(number)
    refused = {
        "kind": "status",
        "status": 500,
        "body": {"errors": ["A sentence that nobody has seen before"]},
    }
    faults.plant({"path": ".*/BillingItems/query", "body_contains": "7777"}, refused, None)
    resync(faults, 7777, 8001)
    only_commands(faults)
    assert [event["document"] for event in faults.events(names.DISCOVERED)[6:]] == ["invoice/8001"]
    (fault,) = faults.events(names.FAULTED)
    assert (fault["document"], fault["command_id"]) == ("invoice/7777", "b7777")
    assert faults.results("b8001") == SERVED
    state, reason = faults.results("b7777")[-1]
    assert (state, "nobody has seen before" in (reason or "")) == ("done", True)


def test_an_outage_leaves_a_bulk_act_open_and_it_goes_on_afterwards(faults: Rig) -> None:
    resync(faults, 1, 2)
    faults.plant({"path": ".*/BillingItems/query"}, {"kind": "cut"})
    only_commands(faults)
    assert [faults.results(name)[-1][0] for name in ("b1", "b2")] == ["started", "started"]
    assert len(faults.events(names.DISCOVERED)) == 6
    faults.offset += timedelta(seconds=16)
    only_commands(faults)
    assert [faults.results(name) for name in ("b1", "b2")] == [SERVED, SERVED]


@pytest.mark.parametrize("kind", ["resync", "unskip"])
@pytest.mark.parametrize("failures", [2, 3, 9])
def test_a_part_of_autotask_that_is_down_for_a_while_refuses_no_command_of_a_bulk_act(
    faults: Rig, kind: str, failures: int
) -> None:
    numbers = (1, 2, 3, 4, 5)
    resync(faults, *numbers, kind=kind)
    lines_are_down(faults)
    for _ in range(failures):
        later(faults)
    assert {faults.results(f"b{number}")[-1][0] for number in numbers} == {"started"}
    faults.server.app.faults.clear()
    for _ in range(2):
        later(faults)
    assert [faults.results(f"b{number}") for number in numbers] == [SERVED] * len(numbers)
    assert len(faults.events(names.DISCOVERED)) == 6 + len(numbers)
    assert faults.events(names.FAULTED) == []


def test_one_document_among_several_that_autotask_does_not_read_out_alone_ends_at_fault(faults: Rig) -> None:
    faults.add_invoice(7777)
    numbers = (1, 2, 7777, 3, 4)
    resync(faults, *numbers)
    lines_are_down(faults, "7777")
    for _ in range(12):
        later(faults)
    good = [number for number in numbers if number != 7777]
    assert [faults.results(f"b{number}") for number in good] == [SERVED] * len(good)
    assert [event["document"] for event in faults.events(names.FAULTED)] == ["invoice/7777"]
    state, reason = faults.results("b7777")[-1]
    assert (state, "503" in (reason or "")) == ("done", True)
    assert faults.known(7777).fault_code == "PROVIDER_ERROR"


def test_a_bulk_act_of_one_document_that_fails_once_has_its_second_chance_and_not_at_once(
    faults: Rig,
) -> None:
    resync(faults, 1)
    lines_are_down(faults)
    faults.worker._woken.clear()
    only_commands(faults)
    assert faults.results("b1")[-1][0] == "started"
    assert any("invoice 1: read again soon" in line for line in faults.logs())
    assert not faults.worker._woken.is_set(), "what failed a moment ago is given time"
    faults.server.app.faults.clear()
    later(faults)
    assert faults.results("b1") == SERVED
    assert faults.events(names.FAULTED) == []


def test_what_is_not_there_is_refused_though_another_of_its_portion_is_in_doubt(faults: Rig) -> None:
    resync(faults, 1, 99)
    lines_are_down(faults)
    only_commands(faults)
    assert faults.results("b1")[-1][0] == "started"
    assert faults.results("b99")[-1][0] == "refused"


def test_bulk_commands_of_a_paused_tenant_wait_and_say_so(faults: Rig) -> None:
    faults.tenants.pause()
    resync(faults, 1)
    only_commands(faults)
    assert faults.results("b1") == [("accepted", "tenant is paused")]
    faults.tenants.pause(paused=False)
    only_commands(faults)
    assert faults.results("b1")[-1] == ("done", None)


def test_a_bulk_unskip_lifts_every_hold_at_once_and_reads_the_documents_again(faults: Rig) -> None:
    for number in (1, 2):
        faults.command(f"s{number}", "skip", f"invoice/{number}")
    only_commands(faults)
    resync(faults, 1, 2, kind="unskip")
    only_commands(faults)
    assert [faults.known(number).hold for number in (1, 2)] == ["none", "none"]
    assert [faults.results(f"b{number}") for number in (1, 2)] == [SERVED, SERVED]
    assert len(faults.events(names.DISCOVERED)) == 8


def test_more_than_a_portion_is_served_to_its_end(rig: Rig) -> None:
    many = 450
    only_commands(rig)
    for number in range(1, many + 1):
        rig.command(f"b{number}", "resync", f"invoice/{number}", bulk="one")
    turns = 0
    rig.worker.wake()
    while rig.worker._woken.is_set():
        rig.worker._woken.clear()
        only_commands(rig)
        turns += 1
    assert turns >= 3
    assert {rig.results(f"b{number}")[-1][0] for number in range(1, many + 1)} == {"refused"}
    assert rig.reads("Invoices") <= 6


def test_a_bulk_act_waits_while_the_budget_is_for_people_only(faults: Rig) -> None:
    faults.worker._allowance = lambda: "interactive"  # type: ignore[method-assign]  # as if others had used the hour up
    resync(faults, 1)
    faults.command("alone", "resync", "invoice/2")
    only_commands(faults)
    assert faults.results("alone")[-1][0] == "done"
    assert faults.results("b1")[-1][0] == "accepted"
