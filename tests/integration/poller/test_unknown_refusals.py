"""What Autotask refuses in words that nobody knows: one document's trouble stays its own, and is not asked for without end."""

from __future__ import annotations

from datetime import timedelta

import pytest

from invoice_events import names
from service_runtime import metrics
from tests.integration.poller.rig import Rig

pytestmark = pytest.mark.stack

ODD = "A sentence that nobody has seen before (7777)"
SENSELESS = {
    "kind": "status",
    "status": 200,
    "body": {"items": [{"id": "none", "invoiceID": 7777}], "pageDetails": {"nextPageUrl": "x"}},
}
REFUSED = {"kind": "status", "status": 500, "body": {"errors": [ODD]}}


def test_an_invoice_that_autotask_refuses_in_unknown_words_ends_as_its_own_fault_in_these_words(
    rig: Rig,
) -> None:
    for number in (1, 2, 3, 4, 7777, 8001, 8002, 8003):
        rig.add_invoice(number)
    rig.plant({"path": ".*/BillingItems/query", "body_contains": "7777"}, REFUSED, None)
    fresh = 100
    for _ in range(24):
        rig.add_invoice(fresh)
        fresh += 1
        rig.turn()
        rig.offset += timedelta(seconds=301)
    found = {event["invoice"]["id"] for event in rig.events(names.DISCOVERED)}
    assert {1, 2, 3, 4, 8001, 8002, 8003} <= found
    assert fresh - 1 in found
    faults = rig.events(names.FAULTED)
    assert {event["document"] for event in faults} == {"invoice/7777"}
    assert {(event["code"], ODD in event["text"] or ODD in str(event["details"])) for event in faults} == {
        ("UNKNOWN", True)
    }
    assert (rig.known(7777).state, rig.known(7777).strikes) == ("fault", 3)
    calls = len([call for call in rig.calls() if "7777" in str(call["request_body"])])
    rig.turn()
    assert len([call for call in rig.calls() if "7777" in str(call["request_body"])]) == calls, (
        "no further try"
    )


def test_a_refusal_of_what_is_asked_is_no_documents_fault_and_costs_few_calls(rig: Rig) -> None:
    for number in range(1, 31):
        rig.add_invoice(number)
    rig.plant({"path": ".*/BillingItems/query"}, REFUSED, None)
    for _ in range(3):
        before = len(rig.calls())
        rig.turn()
        assert len(rig.calls()) - before < 12
        rig.offset += timedelta(seconds=301)
    assert rig.events(names.FAULTED) == rig.events(names.DISCOVERED) == []
    assert any(ODD in line for line in rig.logs())
    rig.server.app.faults.clear()
    rig.turn()
    assert len(rig.events(names.DISCOVERED)) == 30


def test_the_only_document_is_blamed_once_another_can_be_read(rig: Rig) -> None:
    rig.add_invoice(7777)
    rig.plant({"path": ".*/BillingItems/query", "body_contains": "7777"}, REFUSED, None)
    rig.turn()
    assert (rig.entry(7777), rig.reads("BillingItems")) == (None, 1)
    rig.add_invoice(1)
    rig.offset += timedelta(seconds=301)
    rig.turn()
    assert [event["invoice"]["id"] for event in rig.events(names.DISCOVERED)] == [1]
    assert rig.known(7777).strikes == 1


def test_a_line_that_makes_no_sense_is_its_invoices_fault_and_stops_no_other(rig: Rig) -> None:
    for number in (1, 2, 7777, 8001):
        rig.add_invoice(number)
    rig.plant({"path": ".*/BillingItems/query", "body_contains": "7777"}, SENSELESS, None)
    for _ in range(4):
        rig.turn()
        rig.offset += timedelta(seconds=301)
    assert {event["invoice"]["id"] for event in rig.events(names.DISCOVERED)} == {1, 2, 8001}
    assert {(event["document"], event["code"]) for event in rig.events(names.FAULTED)} == {
        ("invoice/7777", "UNKNOWN")
    }


def test_a_tenant_whose_cycles_all_fail_is_not_stuck_in_silence(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    rig.add_invoice(1)
    rig.plant({"path": ".*/Invoices/query"}, REFUSED, None)
    rig.turn()
    rig.worker._progress._since -= 2 * 3600
    rig.worker._figures._next = 0.0
    rig.turn()
    assert rig.worker._connection.circuit.state == "connected"
    assert shown(rig, "cycle") == 1
    assert "no cycle has come to its end" in caplog.text
    rig.server.app.faults.clear()
    rig.worker._figures._next = 0.0
    rig.turn()
    rig.worker._figures._next = 0.0
    rig.turn()
    assert shown(rig, "cycle") == 0


def shown(rig: Rig, reason: str) -> float | None:
    """What the metric says of a tenant's reason for being stuck."""
    (value,) = [
        sample.value
        for metric in metrics.stuck.collect()
        for sample in metric.samples
        if sample.labels == {"tenant": rig.lease.tenant_id, "reason": reason}
    ]
    return value
