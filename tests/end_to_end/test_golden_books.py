"""Every golden case through the whole suite: what Xero was asked for, and what it made of it, to the cent.

The cases are dated in one year; they are moved into the last twelve months, so that they are found whatever day it is.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import requests

from invoice_events import names
from invoice_events.marks import reference_suffix, url_fragment
from invoice_events.names import Document
from simulators.books.model import Books
from tests.end_to_end.suite import BUSY, Suite, running_suite, today
from tests.golden.cases import files, read_case
from tests.golden.comparing import report, request_differences, total_differences
from tests.golden.model import Case, Invoice
from tests.golden.reading import BOOK_YEAR
from tests.golden.records import tenant_books
from tests.golden.tenants import profiles
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.stack, pytest.mark.timeout(600)]

_MOST_TENANTS = 8
_COLLECTIONS = {
    "Invoices": "invoices",
    "CreditNotes": "credit_notes",
    "PurchaseOrders": "purchase_orders",
}


@dataclass(frozen=True)
class Outcome:
    """What became of all cases: documents asked for in Xero and standing there, and the faults, by tenant and document."""

    requests: dict[tuple[str, str], list[dict[str, Any]]]
    documents: dict[tuple[str, str], list[dict[str, Any]]]
    told: dict[tuple[str, str], list[str]]


def _moved(file: Path) -> Case:
    """The case in the year in which its last date that counts for the window is not in the future."""
    case = read_case(file)
    source = case.source
    last = max(source.day, source.paid or source.day) if isinstance(source, Invoice) else source.day
    now: date = today()
    past = (last.month, last.day) <= (now.month, now.day)
    return read_case(file, BOOK_YEAR + now.year - last.year - (0 if past else 1))


CASES = {file.stem: _moved(file) for file in files()}


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outcome]:
    by_tenant = {
        name: [case for case in CASES.values() if case.tenant == name]
        for name in sorted({case.tenant for case in CASES.values()})
    }
    assert len(by_tenant) <= _MOST_TENANTS
    books = Books(tuple(tenant_books(profiles()[name], cases) for name, cases in by_tenant.items()))
    loaded = {name: [case.source.id for case in cases] for name, cases in by_tenant.items()}
    folder = Path(tmp_path_factory.mktemp("golden"))
    with running_suite(books, folder, loaded=loaded, times=BUSY) as suite:
        wanted = {(case.tenant, case.document) for case in CASES.values()}
        with suppress(AssertionError):  # each case that did not end says so itself
            wait_until(lambda: wanted <= set(_ended(suite)), "every golden document to end", 300, pause=2)
        yield Outcome(_requests(suite), _documents(suite, sorted(by_tenant)), _ended(suite))


def _ended(suite: Suite) -> dict[tuple[str, str], list[str]]:
    """Documents that came to an end, with the words of those that did not go over."""
    ended: dict[tuple[str, str], list[str]] = {}
    for stage in (names.SYNCED, names.FAULTED, names.SKIPPED):
        for document in ("invoice/1", "purchase-order/1"):
            for event in suite.topics.events(names.topic_of(stage, document)):
                told = ended.setdefault((event["tenant_id"], event["document"]), [])
                if stage != names.SYNCED:
                    told.append(f"{event.get('code', 'skipped')}: {event['text']} {event.get('details', '')}")
    return ended


def _requests(suite: Suite) -> dict[tuple[str, str], list[dict[str, Any]]]:
    """Every element of every create that Xero took, by tenant and mark; numbers digit by digit as they were sent."""
    answer = requests.get(f"{suite.stack.simulator_url('xero')}/_control/calls", timeout=60)
    answer.raise_for_status()
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for call in json.loads(answer.text, parse_float=Decimal)["calls"]:
        collection = call["path"].rpartition("/")[2]
        if call["method"] != "PUT" or collection not in _COLLECTIONS:
            continue
        assert call["status"] == requests.codes.ok, call
        for element in call["request_body"][collection]:
            found.setdefault((call["tenant"], _mark(element)), []).append(element)
    return found


def _documents(suite: Suite, tenants: list[str]) -> dict[tuple[str, str], list[dict[str, Any]]]:
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for tenant in tenants:
        books = suite.xero.books(tenant)
        for collection in _COLLECTIONS.values():
            for document in books[collection]:
                found.setdefault((tenant, _mark(document)), []).append(document)
    return found


def _mark(document: dict[str, Any]) -> str:
    """How the document says whose it is: fragment of its link, else the end of its reference."""
    if document.get("Url"):
        return str(document["Url"]).partition("#")[2]
    text = str(document["Reference"])
    return text[text.rfind("[") :]


def _key(case: Case) -> tuple[str, str]:
    document = Document.parse(case.document)
    has_link = "Url" in case.request
    return case.tenant, url_fragment(document) if has_link else reference_suffix(document)


@pytest.mark.parametrize("name", CASES)
def test_no_golden_request_or_total_differs_from_what_was_worked_out(outcome: Outcome, name: str) -> None:
    case = CASES[name]
    told = outcome.told.get((case.tenant, case.document), ["it never came to an end"])
    assert not told, report(case, told)
    elements = outcome.requests.get(_key(case), [])
    assert elements, report(case, ["Xero was never asked for it"])
    documents = outcome.documents.get(_key(case), [])
    assert len(documents) == 1, report(case, [f"{len(documents)} documents in Xero, wanted 1"])
    totals = {total: Decimal(documents[0][total]) for total in case.totals}
    differences = total_differences(case, totals)
    for element in elements:  # a request whose answer was lost is sent again
        differences += request_differences(case, element, profiles()[case.tenant], whole_links=False)
    assert not differences, report(case, differences)


def test_nothing_stands_in_xero_that_no_golden_case_asks_for(outcome: Outcome) -> None:
    wanted = {_key(case) for case in CASES.values()}
    assert set(outcome.documents) == wanted
    assert set(outcome.requests) == wanted
