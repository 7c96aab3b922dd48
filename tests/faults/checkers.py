"""What no fault may lead to: pure functions from a history to sentences, each named for what it forbids."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from urllib.parse import quote

from invoice_events import names
from tests.faults.calls import blind_retry
from tests.faults.history import GONE, History, Json, creates, mark_of
from tests.faults.sequences import (
    cross_tenant_delay,
    endless_command,
    first_told,
    non_monotonic_status,
    stamp_before_success,
    strike_for_outage,
)

_MONEY = ("SubTotal", "TotalTax", "Total")

Checker = Callable[[History], Iterator[str]]


def lost_invoice(history: History) -> Iterator[str]:
    """Every document ends where it has to: in Xero, stamped and Complete; or at Fault if its number is somebody else's.

    What was voided afterwards is gone in Xero, and that is Complete too. Purchase orders have no stamp.
    """
    for tenant in history.tenants:
        owned, stamps = tenant.owned(), tenant.stamps()
        for name in tenant.fates:
            shown = history.shown[tenant.tenant].get(name)
            living = [each for each in owned.get(name, []) if each["Status"] not in GONE]
            where = f"{tenant.tenant} {name}"
            if name in tenant.blocked:
                if living or name in stamps or shown != "Fault":
                    yield f"{where} had to end at Fault, is {shown}, with {len(living)} documents in Xero"
            elif name in tenant.voided and living:
                yield f"{where} was voided and still is in Xero, shown as {shown}"
            elif not living and (name not in tenant.voided or name not in owned):
                yield f"{where} is not in Xero, shown as {shown}"
            elif name not in stamps and name.startswith("invoice/"):
                yield f"{where} is in Xero but not stamped"
            elif shown != "Complete":
                yield f"{where} is in Xero but shown as {shown}"


def doubled_document(history: History) -> Iterator[str]:
    """One document in Xero for one of Autotask's, and none was ever made beside it or for nothing."""
    for tenant in history.tenants:
        owned = tenant.owned()
        for name, documents in owned.items():
            if len(documents) > 1:
                states = ", ".join(str(document["Status"]) for document in documents)
                yield f"{tenant.tenant} {name} has {len(documents)} documents in Xero ({states})"
        made = int(tenant.xero["counters"]["documents_created"])
        if made != len(owned):
            yield f"{tenant.tenant}: {made} documents were made in Xero for {len(owned)} of Autotask"
        strangers = [
            document
            for document in tenant.documents()
            if mark_of(document) not in tenant.fates and _id(document) not in tenant.foreign
        ]
        for document in strangers:
            yield f"{tenant.tenant}: {_id(document)} in Xero belongs to nothing in Autotask"


def altered_amount(history: History) -> Iterator[str]:
    """What stands in Xero has Autotask's amounts, by account and tax type too."""
    for tenant in history.tenants:
        owned = tenant.owned()
        for name, fate in tenant.fates.items():
            for document in owned.get(name, []):
                expected = fate["document"]
                wanted = (
                    *(Decimal(expected[key]) for key in ("sub_total", "total_tax", "total")),
                    _wanted(expected),
                )
                found = (*(Decimal(document[key]) for key in _MONEY), _found(document))
                if wanted != found:
                    yield f"{tenant.tenant} {name} has {found} in Xero, wanted {wanted}"


def foreign_document_touched(history: History) -> Iterator[str]:
    """What people made in Xero is exactly as it was."""
    for tenant in history.tenants:
        now = {_id(document): document for document in tenant.documents()}
        for key, before in tenant.foreign.items():
            if key not in now:
                yield f"{tenant.tenant}: {key}, made by people, is gone"
            else:
                changed = [name for name in before if before[name] != now[key].get(name)]
                if changed:
                    yield f"{tenant.tenant}: {key}, made by people, has another {', '.join(changed)}"


def told_another_document(history: History) -> Iterator[str]:
    """A success names a document that is there, and none that is another's: equal amounts would hide a mix-up."""
    marks = {
        (tenant.tenant, _id(document)): mark_of(document)
        for tenant in history.tenants
        for document in tenant.documents()
    }
    for told in history.of_stage(names.SYNCED):
        tenant, name = told.key
        named = told.event["xero_document_id"]
        if named is None:
            continue  # a void of what never was in Xero
        if (tenant, named) not in marks:
            yield f"{tenant} {name} is told to be {named} in Xero, which is not there"
        elif marks[tenant, named] not in {None, name}:
            yield f"{tenant} {name} is told to be {named} in Xero, which is {marks[tenant, named]}"


def secret_in_log(history: History) -> Iterator[str]:
    """No credential in a log or an event, as it is or as addresses spell it."""
    places: dict[str, str] = dict(history.logs)
    places |= {f"{told.topic}[{told.partition}]@{told.offset}": repr(told.event) for told in history.events}
    for number, secret in enumerate(sorted(history.secrets)):
        forms = {secret, quote(secret, safe="")}
        for place, text in places.items():
            if any(form in text for form in forms):
                yield f"secret {number + 1} of {len(history.secrets)} ({len(secret)} characters) stands in {place}"


def buried_record(history: History) -> Iterator[str]:
    """No fault of the surroundings makes a record unreadable."""
    yield from history.buried


def untold_end(history: History) -> Iterator[str]:
    """Each try ends in at most one way."""
    ends: dict[tuple[str, str, int], set[tuple[str, str]]] = {}
    for stage in (names.SYNCED, names.FAULTED, names.SKIPPED):
        for told in history.of_stage(stage):
            key = (*told.key, told.event["revision"])
            ends.setdefault(key, set()).add((told.topic, told.event["event_id"]))
    for (tenant, name, revision), found in ends.items():
        if len(found) > 1:
            yield f"{tenant} {name} revision {revision} ended as {', '.join(sorted(topic for topic, _ in found))}"


def unseen_document(history: History) -> Iterator[str]:
    """No document passed by the record: a checker that sees nothing would find nothing."""
    created = {(create.tenant, name) for create in creates(history.xero_calls) for name in create.documents}
    sampled = {(sample.tenant, sample.document) for sample in history.samples}
    places = {
        "calls to Xero": created,
        "samples": sampled,
        names.DISCOVERED: set(first_told(history, names.DISCOVERED)),
        names.SYNCED: set(first_told(history, names.SYNCED)),
    }
    for tenant in history.tenants:
        for name in tenant.owned():
            for place, seen in places.items():
                if (tenant.tenant, name) not in seen:
                    yield f"{tenant.tenant} {name} is in Xero, but not among {place}"


CHECKERS: Mapping[str, Checker] = {
    "lost invoice": lost_invoice,
    "doubled document": doubled_document,
    "altered amount": altered_amount,
    "told another document": told_another_document,
    "foreign document touched": foreign_document_touched,
    "stamp before success": stamp_before_success,
    "strike for an outage": strike_for_outage,
    "blind retry": blind_retry,
    "cross-tenant delay": cross_tenant_delay,
    "non-monotonic status": non_monotonic_status,
    "command without an end": endless_command,
    "secret in a log": secret_in_log,
    "buried record": buried_record,
    "try with two ends": untold_end,
    "unseen document": unseen_document,
}


def anomalies(history: History) -> dict[str, list[str]]:
    """What is wrong with a run, by the name of what forbids it; empty = nothing."""
    found = {name: list(checker(history)) for name, checker in CHECKERS.items()}
    return {name: sentences for name, sentences in found.items() if sentences}


def _id(document: Json) -> str:
    return str(document.get("InvoiceID") or document.get("CreditNoteID") or document.get("PurchaseOrderID"))


def _wanted(expected: Json) -> dict[tuple[str, str], Decimal]:
    return _sums(((line["account"], line["tax_type"]), line["amount"]) for line in expected["lines"])


def _found(document: Json) -> dict[tuple[str, str], Decimal]:
    """Lines without account are texts."""
    lines = [line for line in document["LineItems"] if line["AccountCode"] is not None]
    return _sums(((line["AccountCode"], line["TaxType"]), line["LineAmount"] or "0") for line in lines)


def _sums(amounts: Iterable[tuple[tuple[str, str], str]]) -> dict[tuple[str, str], Decimal]:
    sums: dict[tuple[str, str], Decimal] = {}
    for key, amount in amounts:
        sums[key] = sums.get(key, Decimal(0)) + Decimal(amount)
    return sums
