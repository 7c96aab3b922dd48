"""What no fault may lead to: pure functions from a history to sentences, each named for what it forbids."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from urllib.parse import quote

from invoice_events import names
from tests.faults.calls import blind_retry
from tests.faults.history import GONE, History, Json, creates, mark_of
from tests.faults.schedule import Fault

LONG_ENOUGH = timedelta(seconds=30)
"""How long one tenant's trouble has to last after a neighbour's document was found, before the neighbour must be done."""
_SERVER_ERROR = 500
_MONEY = ("SubTotal", "TotalTax", "Total")

Checker = Callable[[History], Iterator[str]]


def lost_invoice(history: History) -> Iterator[str]:
    """Every document ends where it has to: in Xero, stamped and Complete; or at Fault if its number is somebody else's."""
    for tenant in history.tenants:
        owned, stamps = tenant.owned(), tenant.stamps()
        for name in tenant.fates:
            shown = history.shown[tenant.tenant].get(name)
            living = [each for each in owned.get(name, []) if each["Status"] not in GONE]
            where = f"{tenant.tenant} {name}"
            if name in tenant.blocked:
                if living or name in stamps or shown != "Fault":
                    yield f"{where} had to end at Fault, is {shown}, with {len(living)} documents in Xero"
            elif not living:
                yield f"{where} is not in Xero, shown as {shown}"
            elif name not in stamps:
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


def stamp_before_success(history: History) -> Iterator[str]:
    """Autotask is told only after the success is."""
    first = _first(history, names.SYNCED)
    for tenant in history.tenants:
        for name, at in tenant.stamps().items():
            success = first.get((tenant.tenant, name))
            if success is None or success > at:
                yield f"{tenant.tenant} {name} was stamped at {at}, its success is of {success}"


def strike_for_outage(history: History) -> Iterator[str]:
    """A strike needs a fault of the document's own, or a call that carried it alone and that Xero failed to serve."""
    failed_alone = {
        (create.tenant, name)
        for create in creates(history.xero_calls)
        if len(create.documents) == 1 and create.status is not None and create.status >= _SERVER_ERROR
        for name in create.documents
    }
    blocked = {(tenant.tenant, name) for tenant in history.tenants for name in tenant.blocked}
    for event in history.of_topic(names.FAULTED):
        document = (event["tenant_id"], event["document"])
        if event["strike"] and document not in blocked | failed_alone:
            yield f"{' '.join(document)} got a strike from {event['service']}: {event['code']}, {event['text']}"


def cross_tenant_delay(history: History) -> Iterator[str]:
    """While one tenant is in trouble, what is found for its neighbours gets through."""
    first = _first(history, names.SYNCED)
    blocked = {(tenant.tenant, name) for tenant in history.tenants for name in tenant.blocked}
    for trouble in history.injections:
        if trouble.tenant is None or trouble.fault is not Fault.DAY_LIMIT:
            continue
        for key, found in _first(history, names.DISCOVERED).items():
            in_it = trouble.begin <= found and found + LONG_ENOUGH <= trouble.end
            if key[0] == trouble.tenant or key in blocked or not in_it:
                continue
            success = first.get(key)
            if success is None or success > trouble.end:
                yield f"{' '.join(key)}, found at {found}, waited for {trouble.tenant}'s trouble until {success}"


def non_monotonic_status(history: History) -> Iterator[str]:
    """Nothing that was shown is taken back: no older revision, and Complete stays, since nobody asked for anything."""
    before: dict[tuple[str, str], tuple[int, str]] = {}
    for sample in history.samples:
        key = (sample.tenant, sample.document)
        revision, status = before.get(key, (0, ""))
        now = (sample.revision, sample.status)
        if sample.revision < revision:
            yield f"{' '.join(key)} went from revision {revision} back to {sample.revision} at {sample.at}"
        elif status == "Complete" and sample.status != "Complete":
            yield f"{' '.join(key)} was Complete and became {sample.status} at {sample.at}"
        elif status == "Fault" and now != (revision, status) and sample.revision == revision:
            yield f"{' '.join(key)} was at Fault and became {sample.status} in the same try at {sample.at}"
        before[key] = now


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
    for topic in (names.SYNCED, names.FAULTED, names.SKIPPED):
        for event in history.of_topic(topic):
            key = (event["tenant_id"], event["document"], event["revision"])
            ends.setdefault(key, set()).add((topic, event["event_id"]))
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
        names.DISCOVERED: set(_first(history, names.DISCOVERED)),
        names.SYNCED: set(_first(history, names.SYNCED)),
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
    "foreign document touched": foreign_document_touched,
    "stamp before success": stamp_before_success,
    "strike for an outage": strike_for_outage,
    "blind retry": blind_retry,
    "cross-tenant delay": cross_tenant_delay,
    "non-monotonic status": non_monotonic_status,
    "secret in a log": secret_in_log,
    "buried record": buried_record,
    "try with two ends": untold_end,
    "unseen document": unseen_document,
}


def anomalies(history: History) -> dict[str, list[str]]:
    """What is wrong with a run, by the name of what forbids it; empty = nothing."""
    found = {name: list(checker(history)) for name, checker in CHECKERS.items()}
    return {name: sentences for name, sentences in found.items() if sentences}


def _first(history: History, topic: str) -> dict[tuple[str, str], datetime]:
    """When a topic first told of each document."""
    found: dict[tuple[str, str], datetime] = {}
    for event in history.of_topic(topic):
        key = (event["tenant_id"], event["document"])
        found[key] = min(found.get(key, event["occurred_at"]), event["occurred_at"])
    return found


def _id(document: Json) -> str:
    return str(document.get("InvoiceID") or document.get("CreditNoteID"))


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
