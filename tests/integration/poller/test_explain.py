"""Why a document is not in Xero: answered from a real ledger and Autotask, whatever stands against work, and without any effect."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import pytest
from sqlalchemy import text

from invoice_events import names
from invoice_events.types import ConnectionState
from poller.core.xero_health import XeroHealth
from tests.integration.poller.rig import CREDENTIALS, Rig

pytestmark = pytest.mark.stack

OLD: dict[str, Any] = {"invoiceDateTime": "2020-01-01T00:00:00Z"}
DOWN = {"kind": "status", "status": 503, "body": "<html>Service unavailable"}


def explain(rig: Rig, document: str = "invoice/1") -> dict[str, Any]:
    """Ask, and read the answer. Nothing else may come of it."""
    rig.worker._next_cycle = float("inf")
    before = (rig.events(names.DISCOVERED), rig.events(names.SKIPPED), rig.events(names.ORDER_DISCOVERED))
    command_id = f"explain-{len(rig.events(names.COMMAND_RESULTS))}"
    rig.command(command_id, "explain", document)
    rig.worker.turn()
    assert [state for state, _ in rig.results(command_id)] == ["accepted", "done"]
    assert before == (
        rig.events(names.DISCOVERED), rig.events(names.SKIPPED), rig.events(names.ORDER_DISCOVERED)
    )  # fmt: skip
    (answer,) = [
        event["answer"]
        for event in rig.events(names.COMMAND_RESULTS)
        if event["command_id"] == command_id and event["state"] == "done"
    ]
    found: dict[str, Any] = json.loads(answer)
    return found


def stamped(rig: Rig) -> None:
    rig.add_invoice(1, webServiceDate="2026-01-02T03:04:00Z")


def old(rig: Rig) -> None:
    rig.add_invoice(1, **OLD)


def unpaid(rig: Rig) -> None:
    rig.tenants.choose(paid_invoices_only=True)
    rig.add_invoice(1)


def voided(rig: Rig) -> None:
    rig.add_invoice(1, isVoided=True)


def in_flight(rig: Rig) -> None:
    rig.add_invoice(1)
    rig.turn()


def on_hold(rig: Rig) -> None:
    in_flight(rig)
    rig.command("hold", "skip", "invoice/1")


def waiting(rig: Rig) -> None:
    in_flight(rig)
    rig.faulted(1)


def at_fault(rig: Rig) -> None:
    in_flight(rig)
    rig.faulted(1, final=True)


def in_xero(rig: Rig) -> None:
    in_flight(rig)
    ended = replace(rig._ended(1, None, "synced"), xero_number="INV:1", xero_url="https://go.xero.example/1")
    rig.arrive(replace(ended, xero_document_id="x"))
    rig.turn()


def cleared(rig: Rig) -> None:
    in_xero(rig)
    rig.change_invoice(1, webServiceDate=None)


def incomplete(rig: Rig) -> None:
    rig.add_invoice(1, invoiceNumber="", age=timedelta(minutes=1))
    rig.turn()


def paused(rig: Rig) -> None:
    rig.tenants.pause()
    rig.add_invoice(1)


def paused_and_stamped(rig: Rig) -> None:
    rig.tenants.pause()
    stamped(rig)


def not_set_up(rig: Rig) -> None:
    rig.tenants.reference = False
    rig.add_invoice(1)


def hidden(rig: Rig) -> None:
    rig.add_invoice(2, **OLD)


def unknown(rig: Rig) -> None:
    assert rig.entry(1) is None


def refused(rig: Rig) -> None:
    rig.tenants.api_user = replace(CREDENTIALS, secret="wrong")
    rig.turn()


def quiet(rig: Rig) -> None:
    always = {"enabled": True, "business_hours": {"start": "00:00", "end": "23:59"}}
    days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
    rig.tenants.choose(quiet_mode=always | {"days": days})
    rig.add_invoice(1, age=timedelta(days=3))
    if (rig.now()).strftime("%H:%M") == "23:59":
        rig.offset += timedelta(minutes=1)


@pytest.mark.parametrize(
    ("arrange", "cause", "words"),
    [
        (stamped, "stamped", "2026-01-02 03:04 UTC"),
        (old, "out_of_window", "2020-01-01"),
        (unpaid, "unpaid", "not paid in full"),
        (voided, "voided", "voided"),
        (on_hold, "on_hold", "by ana@acme.example"),
        (in_flight, "in_flight", "on its way to Xero since"),
        (waiting, "waiting_for_retry", "strike 1 of 3"),
        (at_fault, "at_fault", "CONTACT_NOT_FOUND: no such contact"),
        (in_xero, "in_xero", "as INV:1 since"),
        (cleared, "stamp_cleared", "cleared in Autotask"),
        (incomplete, "incomplete", "not finished"),
        (paused, "paused", "tenant is paused"),
        (paused_and_stamped, "stamped", "Web Service Date"),
        (not_set_up, "not_set_up", "accounts and tax rates"),
        (hidden, "not_visible", "does not show the invoice 1"),
        (unknown, "unknown_id", "Autotask has no invoice 1"),
        (refused, "circuit_open", "connection to Autotask is refused since"),
        (quiet, "quiet_hours", "Quiet mode is on"),
    ],
)
def test_no_invoice_is_missing_without_an_answer_why(
    rig: Rig, arrange: Callable[[Rig], None], cause: str, words: str
) -> None:
    arrange(rig)
    answer = explain(rig)
    assert answer["cause"] == cause
    assert words in answer["words"]


def test_a_paused_tenant_is_answered_and_told_that_it_is_paused(rig: Rig) -> None:
    paused_and_stamped(rig)
    answer = explain(rig)
    assert [each["cause"] for each in answer["also"]] == ["paused"]
    assert any(reason and "tenant is paused" in reason for _, reason in rig.results("explain-0"))


@pytest.mark.parametrize(
    ("chosen", "order", "cause"),
    [
        ({"enabled": False}, {}, "orders_not_enabled"),
        ({"enabled": True}, {"status": 1}, "order_not_due"),
        ({"enabled": True}, {"status": 5}, "voided"),
        ({"enabled": True}, {"age": timedelta(days=90)}, "out_of_window"),
        ({"enabled": True}, {}, "next_cycle"),
    ],
)
def test_no_purchase_order_is_missing_without_an_answer_why(
    rig: Rig, chosen: dict[str, Any], order: dict[str, Any], cause: str
) -> None:
    rig.tenants.choose(purchase_orders=chosen)
    rig.add_order(7, **order)
    assert explain(rig, "purchase-order/7")["cause"] == cause


def test_an_outage_during_the_question_is_part_of_the_answer_and_costs_one_call(rig: Rig) -> None:
    rig.add_invoice(1)
    rig.plant({"path": ".*/Invoices/query"}, DOWN, times=None)
    answer = explain(rig)
    assert (answer["cause"], answer["facts"]["autotask_asked"]) == ("circuit_open", False)
    assert rig.reads("Invoices") == 1
    explain(rig)
    assert rig.reads("Invoices") == 1, "an open circuit was asked again"


def test_a_question_during_a_cycle_is_answered_before_the_cycle_ends(rig: Rig) -> None:
    rig.add_invoice(1)
    rig.add_invoice(2, webServiceDate="2026-01-02T03:04:00Z")
    connection = rig.worker._connection
    reader = connection.page
    answered_early: list[bool] = []

    def slow(*arguments: object, **named: object) -> object:
        page = reader(*arguments, **named)  # type: ignore[arg-type]  # passed on as they came
        if arguments[0] == "Companies" and not rig.results("q"):
            rig.command("q", "explain", "invoice/2")
            rig.worker.wake()
        if arguments[0] == "Contacts":
            answered_early.append(bool(rig.results("q")) and not rig.events(names.DISCOVERED))
        return page

    connection.page = slow  # type: ignore[method-assign,assignment]  # somebody asks while the cycle reads
    rig.turn()
    assert answered_early[:1] == [True]
    assert len(rig.events(names.DISCOVERED)) == 1


def test_number_and_link_of_a_success_survive_a_void_that_tells_none(rig: Rig) -> None:
    in_xero(rig)
    rig.arrive(replace(rig._ended(1, None, "synced"), revision=rig.known(1).revision + 1, xero_number=None))
    rig.turn()
    assert (rig.known(1).xero_number, rig.known(1).xero_url) == ("INV:1", "https://go.xero.example/1")


def test_a_document_without_an_outcome_counts_from_its_first_try(rig: Rig) -> None:
    rig.add_invoice(1)
    rig.turn()
    with rig.engine.begin() as connection:
        connection.execute(
            text(
                "UPDATE ledger SET state_since = state_since - interval '2 hours', flight_since = flight_since - interval '2 hours'"
            )
        )
    rig.turn()
    assert len(rig.events(names.DISCOVERED)) == 2
    with rig.engine.connect() as connection:
        assert rig.worker._store.ledger.totals(connection, quiet=False).waits.in_flight > 7000
    rig.synced(1)
    rig.turn()
    with rig.engine.connect() as connection:
        assert rig.worker._store.ledger.totals(connection, quiet=False).waits.in_flight == 0
        assert rig.worker._store.ledger.count_done(connection) == 1


def test_a_document_that_waits_for_xero_is_not_explained_without_naming_xero(rig: Rig) -> None:
    in_flight(rig)
    since = rig.now()
    for state, detail in (("down", "no answer"), ("refused", "Xero refuses the client credentials")):
        rig.tenants.xero = XeroHealth(cast("ConnectionState", state), detail, since)
        found = explain(rig)
        assert found["cause"] == "in_flight"
        (xero,) = [each for each in found["also"] if each["cause"] == "circuit_open"]
        assert f"The connection to Xero is {state} since" in xero["words"]
        assert detail in xero["words"]
    rig.tenants.xero = XeroHealth("connected", "", since)
    assert explain(rig)["also"] == []
