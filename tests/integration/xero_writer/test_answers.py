"""The answer table: what each kind of answer to a write means, on a real journal and a strict Xero."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from invoice_events import names
from tests.support.waiting import wait_until

if TYPE_CHECKING:
    from tests.integration.xero_writer.conftest import Writer

pytestmark = pytest.mark.stack

CREATE = {"method": "PUT", "path": "/api.xro/2.0/Invoices"}
LOST_ANSWERS: dict[str, tuple[dict[str, Any], str]] = {
    "cut before the work": ({"kind": "cut"}, "before"),
    "cut after the work": ({"kind": "cut"}, "after"),
    "500 before the work": ({"kind": "status", "status": 500, "body": {"ErrorNumber": 500}}, "before"),
    "500 after the work": ({"kind": "status", "status": 500, "body": {"ErrorNumber": 500}}, "after"),
    "garbage after the work": ({"kind": "garbage"}, "after"),
    "hang after the work": ({"kind": "hang", "seconds": 10}, "after"),
    "429": (
        {
            "kind": "status",
            "status": 429,
            "body": "",
            "headers": {"Retry-After": "1", "X-Rate-Limit-Problem": "minute"},
        },
        "before",
    ),
    "expired token": (
        {
            "kind": "status",
            "status": 401,
            "body": {
                "Title": "Unauthorized",
                "Status": 401,
                "Detail": "TokenExpired: token expired at 01/23/2026 18:21:16",
            },
        },
        "before",
    ),
}


@pytest.mark.parametrize("tenant", ["ours", "xeros"])
@pytest.mark.parametrize("case", LOST_ANSWERS)
def test_a_lost_answer_neither_loses_nor_doubles(writer: Writer, tenant: str, case: str) -> None:
    number = 1000 + 100 * ["ours", "xeros"].index(tenant) + list(LOST_ANSWERS).index(case)
    action, when = LOST_ANSWERS[case]
    event = writer.mapped(tenant, number)
    writer.xero.plant({**CREATE, "tenant": tenant}, action, when=when)
    writer.send(event)
    topic, outcome = writer.outcome(event, 120)
    if case == "500 before the work":
        # Xero answered others meanwhile: after it is sure that nothing was written, this is the document's fault
        assert (topic, outcome["code"]) == (names.FAULTED, "PROVIDER_ERROR")
        assert writer.documents(tenant, number) == []
        return
    assert topic == names.SYNCED, outcome
    assert len(writer.documents(tenant, number)) == 1


def test_a_partial_failure_of_a_batch_is_split_and_loses_no_document(writer: Writer) -> None:
    events = [writer.mapped("ours", 1300 + index) for index in range(8)]
    writer.xero.plant({**CREATE, "tenant": "ours"}, {"kind": "partial", "elements": 3})
    writer.send(*events)
    for event in events:
        topic, outcome = writer.outcome(event, 120)
        assert topic == names.SYNCED, outcome
        assert len(writer.documents("ours", int(event["document"].partition("/")[2]))) == 1


def test_a_refusal_keeps_xeros_words_and_touches_no_neighbour(writer: Writer) -> None:
    good, bad = writer.mapped("ours", 1400), writer.mapped("ours", 1401)
    bad["xero"]["lines"][0]["account_code"] = "299999"
    writer.send(bad, good)
    topic, fault = writer.outcome(bad)
    assert (topic, fault["code"]) == (names.FAULTED, "ACCOUNT_INVALID")
    assert "299999" in fault["text"]
    assert writer.outcome(good)[0] == names.SYNCED


def test_a_missing_contact_faults_without_any_write(writer: Writer) -> None:
    event = writer.mapped("ours", 1402)
    event["contact"] = event["contact"] | {"name": writer.companies["ours"] + " Ltdx"}
    before = writer.last_call()
    writer.send(event)
    topic, fault = writer.outcome(event)
    assert (topic, fault["code"]) == (names.FAULTED, "CONTACT_NOT_FOUND")
    assert fault["details"][0].startswith("near match: ")
    assert writer.writes(before) == []


def test_a_resync_of_an_unchanged_document_writes_nothing(writer: Writer) -> None:
    first = writer.mapped("ours", 1410)
    writer.send(first)
    assert writer.outcome(first)[0] == names.SYNCED
    before = writer.last_call()
    for _ in range(5):
        again = writer.mapped("ours", 1410, action="update")
        writer.send(again)
        topic, synced = writer.outcome(again)
        assert (topic, synced["outcome"]) == (names.SYNCED, "unchanged")
    assert writer.writes(before) == []
    assert len(writer.documents("ours", 1410)) == 1


@pytest.mark.parametrize("tenant", ["ours", "xeros"])
def test_a_resync_of_a_changed_document_updates_it_and_makes_no_second(writer: Writer, tenant: str) -> None:
    number = 1420 + ["ours", "xeros"].index(tenant)
    first = writer.mapped(tenant, number)
    writer.send(first)
    created = writer.outcome(first)[1]
    again = writer.mapped(tenant, number, amount=Decimal("200.00"), tax=Decimal("30.00"), action="update")
    writer.send(again)
    topic, synced = writer.outcome(again)
    assert (topic, synced["outcome"]) == (names.SYNCED, "updated"), synced
    assert synced["xero_document_id"] == created["xero_document_id"]
    assert synced["total"] == Decimal("230.0000")
    assert len(writer.documents(tenant, number)) == 1


def test_a_number_of_somebody_else_faults_and_leaves_his_document_alone(writer: Writer) -> None:
    foreign = writer.mapped("ours", 1431)
    foreign["xero"]["number"] = "INV:1430"
    writer.send(foreign)
    assert writer.outcome(foreign)[0] == names.SYNCED
    untouched = writer.documents("ours", 1431)
    event = writer.mapped("ours", 1430)
    writer.send(event)
    topic, fault = writer.outcome(event)
    assert (topic, fault["code"]) == (names.FAULTED, "NUMBER_CONFLICT")
    assert writer.documents("ours", 1431) == untouched
    assert writer.documents("ours", 1430) == []


@pytest.mark.parametrize("tenant", ["ours", "xeros"])
def test_wrong_amounts_in_xero_are_taken_back_and_never_stay(writer: Writer, tenant: str) -> None:
    number = 1440 + ["ours", "xeros"].index(tenant)
    event = writer.mapped(tenant, number)
    event["prediction"] = event["prediction"] | {"total": Decimal("115.01")}
    writer.send(event)
    topic, fault = writer.outcome(event)
    assert (topic, fault["code"]) == (names.FAULTED, "XERO_AMOUNTS_DIFFER"), fault
    assert fault["text"] == "Invoice Amounts do not match"
    assert any("115.01" in detail for detail in fault["details"])
    assert writer.documents(tenant, number) == []
    correct = writer.mapped(tenant, number)
    writer.send(correct)
    assert writer.outcome(correct)[0] == names.SYNCED
    assert len(writer.documents(tenant, number)) == 1


def test_a_document_with_a_payment_is_never_written(writer: Writer) -> None:
    first = writer.mapped("ours", 1450)
    first["xero"]["status"] = "AUTHORISED"
    writer.send(first)
    xero_id = writer.outcome(first)[1]["xero_document_id"]
    writer.xero.post(f"tenants/ours/invoices/{xero_id}", {"Status": "PAID"})
    before = writer.last_call()
    again = writer.mapped("ours", 1450, amount=Decimal("200.00"), tax=Decimal("30.00"), action="update")
    writer.send(again)
    topic, fault = writer.outcome(again)
    assert (topic, fault["code"]) == (names.FAULTED, "LOCKED_BY_PAYMENT")
    assert writer.writes(before) == []


def test_a_replaced_revision_is_not_written_and_ends_without_an_outcome(writer: Writer) -> None:
    old = writer.mapped("ours", 1460, revision=5)
    new = writer.mapped("ours", 1460, revision=6)
    writer.send(new)
    assert writer.outcome(new)[0] == names.SYNCED
    before = writer.last_call()
    writer.send(old)
    probe = writer.mapped("ours", 1461)
    writer.send(probe)
    assert writer.outcome(probe)[0] == names.SYNCED
    assert writer.terminal(old) == []
    assert [call for call in writer.writes(before) if "1460" in str(call["request_body"])] == []


def test_an_outage_of_xero_costs_no_strike_and_drains_in_order(writer: Writer) -> None:
    writer.xero.refuse(4)
    events = [writer.mapped("ours", 1470 + index) for index in range(3)]
    writer.send(*events)
    for event in events:
        assert writer.outcome(event, 120)[0] == names.SYNCED
    states = [one["state"] for one in writer.topics.events(names.HEALTH) if one["tenant_id"] == "ours"]
    assert "down" in states
    assert states[-1] == "connected"


def test_processing_is_announced_before_every_outcome(writer: Writer) -> None:
    event = writer.mapped("ours", 1480)
    writer.send(event)
    writer.outcome(event)
    phases = [
        one["phase"] for one in writer.topics.events(names.PROCESSING) if one["document"] == event["document"]
    ]
    assert phases == ["writing"]


def test_reference_data_are_published_with_the_organisations_words(writer: Writer) -> None:
    references = wait_until(
        lambda: {one["tenant_id"]: one for one in writer.topics.events(names.REFERENCE)}, "reference data"
    )
    assert set(references) == {"ours", "xeros"}
    assert references["ours"]["organisation"]["base_currency"] == "NZD"
    assert {rate["tax_type"] for rate in references["ours"]["tax_rates"]} >= {"OUTPUT2", "ZERORATED"}


@pytest.mark.parametrize("topic", [names.SKIPPED, names.FAULTED])
def test_a_try_is_not_written_once_a_newer_one_ended_elsewhere(writer: Writer, topic: str) -> None:
    number = 1490 + (topic == names.FAULTED)
    stale, other = writer.mapped("ours", number), writer.mapped("ours", 1492 + (topic == names.FAULTED))
    ended = {
        name: stale[name]
        for name in (
            "event_id",
            "tenant_id",
            "document",
            "occurred_at",
            "attempt",
            "command_id",
            "xero_document_id",
        )
    }
    ended["revision"] = stale["revision"] + 1
    said = (
        {"reason": "voided", "text": "voided in Autotask"}
        if topic == names.SKIPPED
        else {
            "code": "NO_LINES",
            "text": "",
            "side": "autotask",
            "service": "mapper",
            "strike": True,
            "final": False,
            "details": [],
        }
    )
    writer.topics.send(topic, ended | said)
    wait_until(
        lambda: writer.latest_revision(stale) == ended["revision"], "the end of the newer try to be stored"
    )
    before = writer.last_call()
    writer.send(stale)
    writer.send(other)
    assert writer.outcome(other)[0] == names.SYNCED
    assert writer.terminal(stale) == []
    assert writer.documents("ours", number) == []
    assert [call for call in writer.writes(before) if f"INV:{number}" in str(call["request_body"])] == []
