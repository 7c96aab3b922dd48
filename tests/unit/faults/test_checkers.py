"""Each checker finds the anomaly it is named for, and none where there is none."""

from __future__ import annotations

from dataclasses import replace

import pytest

from invoice_events import names
from tests.faults.checkers import CHECKERS, anomalies
from tests.faults.history import Death, History, Sample, Told
from tests.faults.kinds import Fault, Stage
from tests.unit.faults import planted
from tests.unit.faults.planted import (
    asked,
    at,
    call,
    changed,
    clean,
    create,
    document,
    event,
    foreign,
    trouble,
    with_calls,
)

FAULT = {"strike": True, "service": "xero-writer", "code": "PROVIDER_ERROR", "text": "HTTP Error 500"}
LOOKUP = "/api.xro/2.0/Invoices"


def _plus(history: History, *events: Told) -> History:
    return replace(history, events=[*history.events, *events])


def _sampled(*samples: tuple[str, int]) -> History:
    """What was shown of one document, one after the other."""
    seen = [
        Sample(at(n), "north", "invoice/1", status, revision) for n, (status, revision) in enumerate(samples)
    ]
    others = [
        sample for sample in clean().samples if (sample.tenant, sample.document) != ("north", "invoice/1")
    ]
    return replace(clean(), samples=[*others, *seen])


def _with_losses(history: History, fault: Fault, begin: float, end: float) -> History:
    loss = trouble(begin, end, fault=fault, stage=Stage.DISCOVER, target="poller", tenant=None)
    return replace(history, injections=[loss])


def _shown(status: str | None) -> History:
    shown = {tenant: dict(rows) for tenant, rows in clean().shown.items()}
    shown["north"].pop("invoice/1")
    return replace(
        clean(), shown=shown if status is None else shown | {"north": shown["north"] | {"invoice/1": status}}
    )


def _stamped(*ids: int, seconds: float = 3) -> History:
    stamps = [{"entity": "Invoices", "id": number, "first_set_at": at(seconds).isoformat()} for number in ids]
    return changed("north", autotask={"stamps": stamps})


def _late_neighbour(end: float, synced: float) -> History:
    """South's invoice 1 was found at 10 s and told as done at `synced`, while north was in trouble from 9 s to `end`."""
    others = [
        told
        for told in clean().events
        if (told.event["tenant_id"], told.event["document"]) != ("south", "invoice/1")
    ]
    neighbour = [
        event(names.DISCOVERED, "south", "invoice/1", 10),
        event(names.SYNCED, "south", "invoice/1", synced),
    ]
    return replace(clean(), events=[*others, *neighbour], injections=[trouble(9, end)])


ONE, TWO = document("north", 1), document("north", 2)
LINE = {"AccountCode": "200", "TaxType": "OUTPUT2", "LineAmount": "100.00"}

PLANTED: list[tuple[str, str, History]] = [
    ("lost invoice", "not in Xero", planted.with_documents("north", TWO, foreign(), made=1)),
    ("lost invoice", "deleted", planted.with_documents("north", ONE | {"Status": "DELETED"}, TWO, foreign())),
    ("lost invoice", "not stamped", _stamped(2)),
    ("lost invoice", "never shown", _shown(None)),
    ("lost invoice", "still pending", _shown("Pending Sync")),
    (
        "lost invoice",
        "over although its number was taken",
        planted.with_documents("north", ONE, TWO, document("north", 9), foreign()),
    ),
    (
        "doubled document",
        "two living ones",
        planted.with_documents("north", ONE, ONE | {"InvoiceID": "again"}, TWO, foreign()),
    ),
    (
        "doubled document",
        "made twice, one thrown away",
        planted.with_documents(
            "north", ONE, ONE | {"InvoiceID": "again", "Status": "DELETED"}, TWO, foreign()
        ),
    ),
    (
        "doubled document",
        "made and stripped of its mark",
        planted.with_documents("north", ONE, TWO, document("north", 3, Url=None), foreign()),
    ),
    (
        "doubled document",
        "made and gone without a trace",
        planted.with_documents("north", ONE, TWO, foreign(), made=3),
    ),
    (
        "altered amount",
        "a cent of tax",
        planted.with_documents("north", ONE | {"TotalTax": "15.01"}, TWO, foreign()),
    ),
    (
        "altered amount",
        "another account",
        planted.with_documents("north", ONE | {"LineItems": [LINE | {"AccountCode": "201"}]}, TWO, foreign()),
    ),
    (
        "altered amount",
        "a lost line",
        planted.with_documents("north", ONE | {"LineItems": []}, TWO, foreign()),
    ),
    (
        "foreign document touched",
        "changed",
        planted.with_documents("north", ONE, TWO, foreign() | {"Reference": "ours"}),
    ),
    ("foreign document touched", "gone", planted.with_documents("north", ONE, TWO)),
    ("stamp before success", "earlier", _stamped(1, 2, seconds=1.5)),
    (
        "stamp before success",
        "without any",
        replace(clean(), events=[told for told in clean().events if told.topic != names.SYNCED]),
    ),
    (
        "strike for an outage",
        "no call carried it alone",
        _plus(clean(), event(names.FAULTED, "north", "invoice/1", 2, **FAULT)),
    ),
    (
        "strike for an outage",
        "the call was of the other tenant",
        replace(
            _plus(clean(), event(names.FAULTED, "south", "invoice/1", 2, **FAULT)),
            xero_calls=[create(1, "k", 1, status=500)],
        ),
    ),
    (
        "strike for an outage",
        "the call carried two",
        replace(
            _plus(clean(), event(names.FAULTED, "north", "invoice/1", 2, **FAULT)),
            xero_calls=[create(1, "k", 1, 2, status=500)],
        ),
    ),
    ("blind retry", "other bytes", with_calls(create(1, "k", 1, status=None), create(2, "k", 2))),
    ("blind retry", "an old key", with_calls(create(1, "k", 1, status=None), create(17, "k", 1))),
    ("blind retry", "a key after its 5xx", with_calls(create(1, "k", 1, status=500), create(2, "k", 1))),
    ("blind retry", "no lookup", with_calls(create(1, "k", 1, status=None), create(2, "l", 1))),
    (
        "blind retry",
        "no lookup, the loss was planted",
        with_calls(
            create(1, "k", 1, status=None),
            create(2, "l", 1),
            injections=(trouble(0, 3, fault=Fault.LOST_ANSWER), trouble(0, 3, fault=Fault.CUT)),
        ),
    ),
    (
        "blind retry",
        "a key after its 5xx, which was planted",
        with_calls(
            create(1, "k", 1, status=500),
            create(2, "k", 1),
            injections=(trouble(0, 3, fault=Fault.ERROR_BEFORE),),
        ),
    ),
    (
        "blind retry",
        "no lookup, although a repetition was not processed",
        with_calls(create(1, "k", 1, status=None), create(2, "k", 1, status=429), create(3, "l", 1)),
    ),
    (
        "blind retry",
        "a lookup of another number",
        with_calls(
            create(1, "k", 1, status=None),
            call(2, "GET", LOOKUP, query={"InvoiceNumbers": "INV:2"}),
            create(3, "l", 1),
        ),
    ),
    (
        "blind retry",
        "a lookup of another tenant",
        with_calls(create(1, "k", 1, status=None), call(2, "GET", LOOKUP, tenant="south"), create(3, "l", 1)),
    ),
    (
        "blind retry",
        "a lookup that failed",
        with_calls(create(1, "k", 1, status=None), call(2, "GET", LOOKUP, status=503), create(3, "l", 1)),
    ),
    (
        "blind retry",
        "a lookup before",
        with_calls(call(0, "GET", LOOKUP), create(1, "k", 1, status=None), create(3, "l", 1)),
    ),
    (
        "told another document",
        "its neighbour's, with the same amounts",
        _plus(clean(), event(names.SYNCED, "north", "invoice/1", 3, xero_document_id="north-2")),
    ),
    (
        "told another document",
        "the same of a purchase order",
        _plus(clean(), event("purchase-order.synced", "north", planted.ORDER, 3, xero_document_id="north-1")),
    ),
    (
        "told another document",
        "none that is there",
        _plus(clean(), event(names.SYNCED, "north", "invoice/1", 3, xero_document_id="north-77")),
    ),
    ("cross-tenant delay", "until the trouble was over", _late_neighbour(end=60, synced=61)),
    ("non-monotonic status", "an older revision", _sampled(("Pending Sync", 2), ("Pending Sync", 1))),
    ("non-monotonic status", "no longer Complete", _sampled(("Complete", 1), ("Pending Sync", 1))),
    ("non-monotonic status", "again without being asked", _sampled(("Complete", 1), ("Pending Sync", 2))),
    ("non-monotonic status", "no longer at Fault", _sampled(("Fault", 1), ("Processing Now", 1))),
    (
        "non-monotonic status",
        "no longer Complete before it was asked for",
        replace(_sampled(("Complete", 1), ("Pending Sync", 2)), asked=[asked(30)]),
    ),
    (
        "non-monotonic status",
        "no longer Complete, the other tenant's document was asked for",
        replace(_sampled(("Complete", 1), ("Pending Sync", 2)), asked=[asked(0, tenant="south")]),
    ),
    (
        "non-monotonic status",
        "no longer Complete in the same try, a ledger was lost",
        _with_losses(_sampled(("Complete", 1), ("Pending Sync", 1)), Fault.LEDGER_DROPPED, 0, 0.5),
    ),
    (
        "non-monotonic status",
        "no longer Complete before a ledger was lost",
        _with_losses(_sampled(("Complete", 1), ("Pending Sync", 2)), Fault.LEDGER_DROPPED, 30, 40),
    ),
    (
        "non-monotonic status",
        "an older revision after a read model was filled",
        _with_losses(
            replace(
                clean(),
                samples=[
                    *clean().samples,
                    Sample(at(20), "north", "invoice/1", "Complete", 2),
                    Sample(at(50), "north", "invoice/1", "Complete", 1),
                ],
            ),
            Fault.READ_DROPPED,
            30,
            40,
        ),
    ),
    ("command without an end", "never answered", replace(clean(), asked=[asked(1, "waiting")])),
    ("command without an end", "accepted, and that was all", replace(clean(), asked=[asked(1, "accepted")])),
    ("command without an end", "given up", replace(clean(), asked=[asked(1, "expired")])),
    (
        "command without an end",
        "given after the ledger was lost",
        _with_losses(replace(clean(), asked=[asked(50, "accepted")]), Fault.LEDGER_DROPPED, 30, 40),
    ),
    (
        "command without an end",
        "a journal was lost, which holds none",
        _with_losses(replace(clean(), asked=[asked(1, "accepted")]), Fault.JOURNAL_DROPPED, 30, 40),
    ),
    ("lost invoice", "a purchase order is gone", planted.with_order(Status="DELETED")),
    ("lost invoice", "voided, still in Xero", planted.with_void(Status="DRAFT")),
    (
        "lost invoice",
        "voided, without a trace",
        planted.with_void(there=False),
    ),
    ("altered amount", "a cent of a purchase order", planted.with_order(Total="115.01")),
    (
        "altered amount",
        "a cent of what was voided",
        planted.with_void(Status="DELETED", Total="115.01"),
    ),
    (
        "doubled document",
        "two purchase orders",
        planted.with_orders(
            planted.order("north"), planted.order("north", PurchaseOrderID="again", Status="DELETED")
        ),
    ),
    (
        "strike for an outage",
        "a purchase order's",
        _plus(
            clean(), event("purchase-order.faulted", "north", planted.ORDER, 2, **(FAULT | {"revision": 2}))
        ),
    ),
    (
        "try with two ends",
        "of a purchase order",
        _plus(
            clean(),
            event("purchase-order.faulted", "north", planted.ORDER, 2, **(FAULT | {"strike": False})),
        ),
    ),
    (
        "blind retry",
        "a purchase order, without a lookup",
        with_calls(planted.create_order(1, "k", status=None), planted.create_order(3, "l")),
    ),
    (
        "blind retry",
        "a purchase order, after a lookup of another",
        with_calls(
            planted.create_order(1, "k", status=None),
            call(2, "GET", f"{planted.ORDERS}/PO%3A6", status=404),
            planted.create_order(3, "l"),
        ),
    ),
    (
        "blind retry",
        "a purchase order, after a lookup that was refused",
        with_calls(
            planted.create_order(1, "k", status=None),
            call(2, "GET", f"{planted.ORDERS}/PO%3A5", status=429),
            planted.create_order(3, "l"),
        ),
    ),
    (
        "unseen document",
        "a purchase order that no call created",
        replace(clean(), xero_calls=[each for each in clean().xero_calls if each["path"] != planted.ORDERS]),
    ),
    ("secret in a log", "as it is", replace(clean(), logs={"poller": f"signed in with {planted.SECRET}"})),
    (
        "secret in a log",
        "in an event",
        _plus(clean(), event(names.LOGS, "north", "", 1, text=planted.SECRET)),
    ),
    (
        "secret in a log",
        "in an address",
        replace(clean(), secrets=frozenset({"a/b c"}), logs={"poller": "?secret=a%2Fb%20c"}),
    ),
    ("buried record", "", replace(clean(), buried=["mapper.dlq@0"])),
    ("unseen document", "no call created it", replace(clean(), xero_calls=[])),
    ("unseen document", "never shown", replace(clean(), samples=[])),
    ("unseen document", "never told", replace(clean(), events=[])),
    (
        "try with two ends",
        "",
        _plus(clean(), event(names.FAULTED, "north", "invoice/1", 2, **(FAULT | {"strike": False}))),
    ),
]

FINE: list[tuple[str, History]] = [
    ("nothing at all", clean()),
    ("an event that was told twice", _plus(clean(), *clean().events)),
    (
        "a strike after its own call failed",
        _plus(
            with_calls(create(1, "k", 1, status=500)),
            event(names.FAULTED, "north", "invoice/1", 2, revision=2, **FAULT),
        ),
    ),
    (
        "a fault without a strike",
        _plus(
            clean(), event(names.FAULTED, "north", "invoice/1", 2, revision=2, **(FAULT | {"strike": False}))
        ),
    ),
    ("the same bytes with a young key", with_calls(create(1, "k", 1, status=None), create(2, "k", 1))),
    (
        "a new key after a lookup",
        with_calls(
            create(1, "k", 1, status=500),
            call(2, "GET", LOOKUP, query={"InvoiceNumbers": "INV:0,INV:1"}),
            create(3, "l", 1),
        ),
    ),
    (
        "a new key after a list",
        with_calls(create(1, "k", 1, status=None), call(2, "GET", LOOKUP), create(3, "l", 1)),
    ),
    ("a new key after a refusal by limits", with_calls(create(1, "k", 1, status=429), create(2, "l", 1))),
    (
        "a key after a 5xx whose answer was lost",
        with_calls(
            create(1, "k", 1, status=500), create(2, "k", 1), injections=(trouble(0, 2, fault=Fault.DEAF),)
        ),
    ),
    (
        "a new key after one whose request a silent link held back",
        with_calls(
            create(5, "k", 1, status=None), create(6, "l", 1), injections=(trouble(0, 2, fault=Fault.SILENT),)
        ),
    ),
    (
        "a key after a 5xx that took too long",
        with_calls(create(1, "k", 1, status=500, duration_ms=3000), create(5, "k", 1)),
    ),
    (
        "a key after a 5xx that a dying writer did not see",
        replace(
            with_calls(create(1, "k", 1, status=500), create(2, "k", 1)),
            deaths=[Death("xero-writer-2", at(1.5), "")],
        ),
    ),
    ("a neighbour that was done in the trouble", _late_neighbour(end=60, synced=59)),
    ("a neighbour found shortly before the trouble ended", _late_neighbour(end=30, synced=31)),
    ("an invoice that was voided", planted.with_void(Status="VOIDED")),
    (
        "a status that a command changes",
        replace(
            _sampled(("Complete", 1), ("Pending Sync", 1), ("Processing Now", 2), ("Complete", 2)),
            asked=[asked(0.5)],
        ),
    ),
    (
        "a status that a lost ledger changes",
        _with_losses(
            _sampled(("Complete", 1), ("Pending Sync", 2), ("Complete", 2)), Fault.LEDGER_RESTORED, 0.5, 0.6
        ),
    ),
    (
        "what an emptied read model shows while it is filled",
        _with_losses(
            replace(
                clean(),
                samples=[
                    *clean().samples,
                    Sample(at(20), "north", "invoice/1", "Complete", 2),
                    Sample(at(35), "north", "invoice/1", "Pending Sync", 1),
                    Sample(at(50), "north", "invoice/1", "Complete", 2),
                ],
            ),
            Fault.READ_DROPPED,
            30,
            40,
        ),
    ),
    ("a command that was refused", replace(clean(), asked=[asked(1, "refused")])),
    (
        "a command that may never have been taken in",
        replace(clean(), asked=[asked(1, None, command_id=None)]),
    ),
    (
        "a command that was lost with the ledger",
        _with_losses(replace(clean(), asked=[asked(1, "started")]), Fault.LEDGER_DROPPED, 30, 40),
    ),
    (
        "a purchase order after a lookup of its own",
        with_calls(
            planted.create_order(1, "k", status=None),
            call(2, "GET", f"{planted.ORDERS}/PO%3A5", status=404),
            planted.create_order(3, "l"),
        ),
    ),
    (
        "a key after a 5xx that was lost on its way",
        with_calls(
            create(1, "k", 1, status=500),
            create(2, "k", 1, status=500),
            injections=(trouble(0, 3, fault=Fault.CACHED_ERROR),),
        ),
    ),
    ("a fault that is tried again", _sampled(("Fault", 1), ("Pending Sync", 2), ("Complete", 2))),
    (
        "an attempt that failed and is tried again",
        _sampled(("Processing Now", 1), ("Pending Sync", 1), ("Pending Sync", 2), ("Complete", 2)),
    ),
]


@pytest.mark.parametrize(
    ("name", "what", "history"), PLANTED, ids=[f"{name}: {what}" for name, what, _ in PLANTED]
)
def test_no_checker_overlooks_what_it_is_named_for(name: str, what: str, history: History) -> None:
    assert list(CHECKERS[name](history)), what


@pytest.mark.parametrize(("what", "history"), FINE, ids=[what for what, _ in FINE])
def test_no_checker_cries_wolf(what: str, history: History) -> None:
    assert anomalies(history) == {}, what


def test_no_checker_goes_unproved() -> None:
    assert {name for name, _, _ in PLANTED} == set(CHECKERS)


def test_no_secret_is_told_by_the_sentence_that_finds_it() -> None:
    history = replace(clean(), logs={"poller": planted.SECRET})
    assert planted.SECRET not in repr(anomalies(history))
