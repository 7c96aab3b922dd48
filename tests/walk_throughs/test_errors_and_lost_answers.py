"""Xero fails before or after its work and remembers the error for the key; and a large batch whose answer is lost.

The stories are begun together, because each has to wait until a key is dead.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import requests

from invoice_events import names
from simulators.books.model import Books, Fate, Numbering, TenantBooks
from tests.end_to_end.suite import Suite, Times, running_suite, today
from tests.faults.history import Create, xero_writes
from tests.support.waiting import wait_until
from tests.walk_throughs.support import (
    HARDWARE,
    HARDWARE_ACCOUNT,
    HOSTING,
    MODES,
    PATIENCE,
    Bill,
    assert_all_went_over,
    await_all,
    await_reference,
    created_by,
    events_of,
    living,
    nothing_is_buried,
    tenant_books,
)

pytestmark = [pytest.mark.stack, pytest.mark.timeout(600)]

WHENS = ("before", "after")
TIMES = Times(lifetime=18, lease=7, poll=2)
COLLECTIONS = ("Invoices", "CreditNotes")
FAILED: dict[str, Any] = {
    "kind": "status",
    "status": 500,
    "body": {"ErrorNumber": 500, "Type": "UnknownErrorException", "Message": "An error occurred in Xero."},
}
BATCH, LOCKED_DAYS_AGO = "batch", 9
INVALID: dict[int, tuple[Bill, str, str]] = {
    8: (
        Bill(code=HARDWARE, fate=Fate("fault", "ACCOUNT_INVALID")),
        "ACCOUNT_INVALID",
        f"Account code '{HARDWARE_ACCOUNT}' has been archived, or has been deleted. Each line item must reference a valid account.",
    ),
    21: (Bill(code=HOSTING, fate=Fate("fault", "TAX_INVALID")), "TAX_INVALID", "Tax rate must be valid."),
    37: (
        Bill(days_ago=LOCKED_DAYS_AGO, fate=Fate("fault", "PERIOD_LOCKED")),
        "PERIOD_LOCKED",
        "The document date cannot be before the period lock date, currently set at ",
    ),
}
"""By place in the batch: what Xero will not take any more once people have changed its settings, and how it says so."""
VALID_INVOICES, NOTES = 45, 2


def _name(when: str, mode: str) -> str:
    return f"error-{when}-{mode}".replace("_", "-")


def _batch() -> TenantBooks:
    bills = [Bill(quantity=1 + place % 7) for place in range(VALID_INVOICES)]
    for place, (bill, _, _) in INVALID.items():
        bills.insert(place, bill)
    return tenant_books(BATCH, [*bills, *[Bill(quantity=-1)] * NOTES], numbering="xero")


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Suite]:
    """The suite with every story begun."""
    bills = [Bill(), Bill(quantity=3), Bill(quantity=5), Bill(quantity=-1)]
    made = [
        tenant_books(_name(when, mode), bills, numbering=mode)
        for when, mode in itertools.product(WHENS, MODES)
    ]
    books = Books((*made, _batch()))
    loaded: dict[str, list[int]] = {tenant.tenant: [] for tenant in books.tenants}
    folder: Path = tmp_path_factory.mktemp("answers")
    with running_suite(books, folder, loaded=loaded, times=TIMES) as running:
        await_reference(running, loaded)
        _lose_the_answer_of_the_batch(running)
        _fail(running)
        yield running


def _fail(suite: Suite) -> None:
    """The first create of each collection is answered with 500, and asked for once more with its key, as nobody should."""
    planted = {}
    for when, mode in itertools.product(WHENS, MODES):
        tenant = suite.books.tenant(_name(when, mode))
        for collection in COLLECTIONS:
            match = {"method": "PUT", "path": f"/api.xro/2.0/{collection}", "tenant": tenant.tenant}
            planted[tenant.tenant, collection] = suite.xero.plant(match, FAILED, when=when)
        suite.add_invoices(tenant, list(tenant.fates))
    for (name, collection), fault in planted.items():
        wait_until(partial(suite.xero.fired, fault), "the planted error", PATIENCE)
        [failed] = [each for each in _failed(suite, name) if each.path.endswith(collection)]
        again = _send_again(suite, suite.books.tenant(name), failed.key)
        assert again.status_code == 500, "the simulator has forgotten the error: this story proves nothing"


def _lose_the_answer_of_the_batch(suite: Suite) -> None:
    """Everything waits in the writer; people change Xero's settings; then one call carries all invoices, one the notes."""
    tenant, pages = suite.books.tenant(BATCH), suite.xero.in_xero(BATCH)
    pages.switch(concurrent_limit=0)  # its refusals use no planted fault up
    suite.add_invoices(tenant, list(tenant.fates))
    waiting = "SELECT document FROM work WHERE tenant_id = :tenant"
    wait_until(
        lambda: len(suite.rows("xero-writer", waiting, tenant=BATCH)) == len(tenant.fates),
        "the batch to be complete",
        PATIENCE,
        0.2,
    )
    pages.put_account(Code=HARDWARE_ACCOUNT, Status="ARCHIVED")
    pages.put_tax_rate(TaxType="ZERORATED", Name="Zero Rated", EffectiveRate=0, Status="DELETED")
    pages.lock_until(today() - timedelta(days=LOCKED_DAYS_AGO - 2))
    for collection in COLLECTIONS:
        match = {"method": "PUT", "path": f"/api.xro/2.0/{collection}", "tenant": BATCH}
        suite.xero.plant(match, {"kind": "cut"}, when="after")
    pages.switch(concurrent_limit=5)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("when", WHENS)
def test_an_error_that_xero_remembers_is_never_asked_for_again_and_leaves_one_document(
    suite: Suite, when: str, mode: Numbering
) -> None:
    tenant = suite.books.tenant(_name(when, mode))
    await_all(suite, tenant, "Complete", tenant.fates)
    suite.await_stamped(tenant.tenant, set(tenant.fates))
    assert_all_went_over(suite, tenant, len(tenant.fates))
    assert suite.xero.books(tenant.tenant)["counters"]["documents_created"] == len(tenant.fates)
    failed = _failed(suite, tenant.tenant)
    assert len(failed) == len(COLLECTIONS)
    for create in failed:
        calls = [call for call in xero_writes(suite.xero.calls()) if call["idempotency_key"] == create.key]
        assert [(call["status"], call["replayed"]) for call in calls] == [
            (500, False),
            (500, True),
        ]  # the second is ours
    # Written already: found. Not written: made under another key, and only what was alone in its call has a strike.
    alone = [name for create in failed if len(create.documents) == 1 for name in create.documents]
    faults = [(event["document"], event["code"]) for event in events_of(suite, names.FAULTED, tenant.tenant)]
    assert sorted(faults) == ([] if when == "after" else sorted((name, "PROVIDER_ERROR") for name in alone))
    keys = {key for name in failed[0].documents for key in _keys(suite, tenant.tenant, name)}
    assert len(keys) > 1 or when == "after"


def test_a_lost_answer_of_a_batch_blames_exactly_the_invalid_ones_in_xeros_words(suite: Suite) -> None:
    tenant = suite.books.tenant(BATCH)
    ids = list(tenant.fates)
    words = {f"invoice/{ids[place]}": (code, text) for place, (_, code, text) in INVALID.items()}
    good = [number for number in ids if f"invoice/{number}" not in words]
    assert len(good) == VALID_INVOICES + NOTES
    await_all(suite, tenant, "Complete", good)
    await_all(suite, tenant, "Fault", [ids[place] for place in INVALID])
    suite.await_stamped(BATCH, set(good))
    assert_all_went_over(suite, tenant, VALID_INVOICES + NOTES)
    assert suite.xero.books(BATCH)["counters"]["documents_created"] == VALID_INVOICES + NOTES
    assert set(living(suite, BATCH)) == {f"invoice/{number}" for number in good}

    lost = {}
    for create in created_by(suite, BATCH):
        if create.status is None:
            lost[create.path.rpartition("/")[2]] = set(create.documents)
    assert {name: len(documents) for name, documents in lost.items()} == {
        "Invoices": VALID_INVOICES + len(INVALID),
        "CreditNotes": NOTES,
    }
    faults = events_of(suite, names.FAULTED, BATCH)
    assert {event["document"] for event in faults} == set(words), "no neighbour was struck"
    for document, (code, text) in words.items():
        told = [event for event in faults if event["document"] == document]
        assert [event["attempt"] for event in told] == [1, 2, 3]
        assert {event["code"] for event in told} == {code}
        assert (told[0]["service"], told[0]["text"][: len(text)]) == ("xero-writer", text)
    assert nothing_is_buried(suite)


def _failed(suite: Suite, tenant: str) -> list[Create]:
    """Creates that were answered with the error, without those that repeat it."""
    found: dict[str, Create] = {}
    for create in created_by(suite, tenant):
        if create.status == 500:
            found.setdefault(create.key, create)
    return list(found.values())


def _keys(suite: Suite, tenant: str, name: str) -> set[str]:
    return {create.key for create in created_by(suite, tenant) if name in create.documents}


def _send_again(suite: Suite, tenant: TenantBooks, key: str) -> requests.Response:
    """The very bytes of an intent once more under its key, by somebody who has the tenant's credentials."""
    root = suite.stack.simulator_url("xero")
    [row] = suite.rows(
        "xero-writer", "SELECT method, path, body FROM intent WHERE idempotency_key = :key", key=key
    )
    credentials = tenant.entry["xero"]
    token = requests.post(
        f"{root}/connect/token",
        data={"grant_type": "client_credentials"},
        auth=(credentials["client_id"], credentials["client_secret"]),
        timeout=30,
    ).json()["access_token"]
    return requests.request(
        row.method,
        f"{root}/api.xro/2.0{row.path}",
        data=bytes(row.body),
        headers={
            "Authorization": f"Bearer {token}",
            "Idempotency-Key": key,
            "Content-Type": "application/json",
        },
        timeout=30,
    )
