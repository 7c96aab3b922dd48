"""The only document that Autotask can not read out: it is told from an outage, ends as its own fault, and stops no other work."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from invoice_events import names
from tests.integration.poller.rig import Rig

pytestmark = pytest.mark.stack

DOWN = {"kind": "status", "status": 503, "body": "<html>Service unavailable"}
REFUSED = {"kind": "status", "status": 500, "body": {"errors": ["Nobody knows these words"]}}
OLD: dict[str, Any] = {"invoiceDateTime": "2020-01-01T00:00:00Z"}


def plant(rig: Rig, action: dict[str, Any], marked: str = "7777") -> None:
    """From now on lines of one invoice can not be read out; an empty mark: those of no invoice."""
    rig.plant({"path": ".*/BillingItems/query", "body_contains": marked}, action, None)


def cycle(rig: Rig) -> None:
    """One turn, and time until the next cycle."""
    rig.turn()
    rig.offset += timedelta(seconds=301)


def states(rig: Rig) -> set[str]:
    """Every state of the connection that was published."""
    return {event["state"] for event in rig.events(names.HEALTH)}


@pytest.mark.parametrize(("action", "code"), [(DOWN, "PROVIDER_ERROR"), (REFUSED, "UNKNOWN")])
def test_a_lone_document_that_can_not_be_read_is_blamed_at_its_second_failure_and_counts_to_three(
    rig: Rig, action: dict[str, Any], code: str
) -> None:
    rig.add_invoice(7777)
    plant(rig, action)
    cycle(rig)
    assert rig.entry(7777) is None, "one chance is not enough for blame"
    assert any("7777" in line and "next cycle" in line for line in rig.logs())
    cycle(rig)
    assert (rig.known(7777).fault_code, rig.known(7777).strikes) == (code, 1)
    for _ in range(4):
        cycle(rig)
    assert (rig.known(7777).state, rig.known(7777).strikes) == ("fault", 3)
    assert states(rig) == {"connected"}, "the connection was well all the time"


@pytest.mark.parametrize("action", [DOWN, REFUSED])
def test_a_lone_document_that_can_not_be_read_ends_no_cycle(rig: Rig, action: dict[str, Any]) -> None:
    rig.tenants.choose(purchase_orders={"enabled": True}, void_autotask_invoices=True)
    rig.add_invoice(1)
    cycle(rig)
    rig.synced(1)
    cycle(rig)
    rig.add_invoice(7777)
    rig.add_order(5)
    rig.void_invoice(1)
    plant(rig, action)
    rig.command("now", "sync-now")
    cycle(rig)
    assert rig.results("now")[-1][0] == "done"
    assert [event["action"] for event in rig.events(names.DISCOVERED)] == ["create", "void"]
    assert len(rig.events(names.ORDER_DISCOVERED)) == 1
    assert states(rig) == {"connected"}


def test_a_resync_of_a_lone_document_that_can_not_be_read_does_not_stay_open(rig: Rig) -> None:
    rig.add_invoice(7777, **OLD)
    plant(rig, DOWN)
    rig.command("c1", "resync", "invoice/7777")
    for _ in range(3):
        cycle(rig)
    assert rig.results("c1")[-1][0] == "done"
    assert (rig.known(7777).fault_code, rig.known(7777).strikes) == ("PROVIDER_ERROR", 1)
    assert states(rig) == {"connected"}


def test_one_of_a_few_documents_of_a_quiet_tenant_does_not_hold_the_others_for_ever(rig: Rig) -> None:
    for number in (1, 7777, 7778, 7779):
        rig.add_invoice(number)
    plant(rig, DOWN)
    for _ in range(8):
        cycle(rig)
    assert {event["invoice"]["id"] for event in rig.events(names.DISCOVERED)} == {1, 7778, 7779}
    assert {event["document"] for event in rig.events(names.FAULTED)} == {"invoice/7777"}


def test_a_part_of_autotask_that_is_down_for_all_is_no_documents_fault_though_the_rest_answers(
    rig: Rig,
) -> None:
    numbers = range(1, 4)
    for number in numbers:
        rig.add_invoice(number)
    plant(rig, DOWN, marked="")
    for _ in range(12):
        cycle(rig)
    assert rig.events(names.FAULTED) == []
    assert "down" in states(rig)
    rig.server.app.faults.clear()
    for _ in range(2):
        cycle(rig)
    assert {event["invoice"]["id"] for event in rig.events(names.DISCOVERED)} == set(numbers)


def test_a_lone_document_that_could_be_read_in_between_is_not_blamed(rig: Rig) -> None:
    rig.add_invoice(7777)
    plant(rig, DOWN)
    cycle(rig)
    rig.server.app.faults.clear()
    cycle(rig)
    assert len(rig.events(names.DISCOVERED)) == 1
    rig.faulted(7777)
    plant(rig, DOWN)
    cycle(rig)
    assert rig.known(7777).fault_code == "CONTACT_NOT_FOUND"
    assert rig.events(names.FAULTED) == []
