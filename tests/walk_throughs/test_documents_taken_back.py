"""What Xero makes of a document is not what was predicted: it is taken back at once, whoever tells of it, as often as it takes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from invoice_events import names
from simulators.books.acme import ACME
from simulators.books.model import Books, Numbering, TenantBooks
from tests.end_to_end.suite import Suite, Times, running_suite
from tests.faults.history import GONE
from tests.support.waiting import wait_until
from tests.walk_throughs.support import (
    HARDWARE,
    HARDWARE_ACCOUNT,
    MODES,
    PATIENCE,
    Bill,
    assert_all_went_over,
    await_all,
    await_reference,
    change_settings,
    created_by,
    events_of,
    in_xero,
    living,
    nothing_is_buried,
    tenant_books,
)

pytestmark = [pytest.mark.stack, pytest.mark.timeout(600)]

TIMES = Times(lifetime=18, lease=7, poll=2)
STRIKES = 3
HALF_A_CENT = Decimal("10.30")
"""15 % of it are 1.545: 1.55 or 1.54, as one rounds."""
TAXED_BY_XERO = {"tax_amounts": "xero"}
ROUNDS_OTHERWISE = replace(ACME, rounding_mode="half_even")
WARNED: dict[str, Numbering] = {"warned": "autotask_id", "unseen": "xero"}
"""Tenants whose account is dropped, with their numbering: the warning is read, or lost with the answer."""
WARNED_BILLS = [Bill(code=HARDWARE), Bill(), Bill(quantity=-1, code=HARDWARE)]
OTHER_ACCOUNT = "225"
TOLD = {
    "warned": f"Account code '{HARDWARE_ACCOUNT}' has been removed as it does not match a recognised account.",
    "unseen": f"line 1 AccountCode: wanted {HARDWARE_ACCOUNT}, Xero has none",
}
_SUFFIX = re.compile(r"~\d+$")


def _name(mode: str) -> str:
    return f"strikes-{mode}".replace("_", "-")


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Suite]:
    """The suite with every story begun."""
    strikes = [
        tenant_books(
            _name(mode),
            [Bill(quantity=1, rate=HALF_A_CENT), Bill(quantity=-1, rate=HALF_A_CENT)],
            numbering=mode,
            import_as="approved",
            options=TAXED_BY_XERO,
            profile=ROUNDS_OTHERWISE,
        )
        for mode in MODES
    ]
    warned = [tenant_books(name, WARNED_BILLS, numbering=numbering) for name, numbering in WARNED.items()]
    books = Books((*strikes, *warned))
    loaded = {tenant.tenant: list(tenant.fates) for tenant in strikes} | {
        tenant.tenant: [] for tenant in warned
    }
    with running_suite(books, tmp_path_factory.mktemp("taken-back"), loaded=loaded, times=TIMES) as running:
        await_reference(running, loaded)
        for tenant in warned:
            _lose_an_account(running, tenant)
        yield running


def _lose_an_account(suite: Suite, tenant: TenantBooks) -> None:
    """While documents wait in the writer, their account vanishes from Xero, which then drops its code with a warning."""
    name = tenant.tenant
    suite.xero.in_xero(name).switch(concurrent_limit=0)
    suite.add_invoices(tenant, list(tenant.fates))
    waiting = "SELECT document FROM work WHERE tenant_id = :tenant"
    wait_until(
        lambda: len(suite.rows("xero-writer", waiting, tenant=name)) == len(tenant.fates),
        "everything to wait",
        PATIENCE,
        0.2,
    )
    if name == "unseen":
        for collection in ("Invoices", "CreditNotes"):
            match = {"method": "PUT", "path": f"/api.xro/2.0/{collection}", "tenant": name}
            suite.xero.plant(match, {"kind": "cut"}, when="after")
    accounts = [each for each in tenant.xero["accounts"] if each["Code"] != HARDWARE_ACCOUNT]
    switches = {**tenant.xero["switches"], "unknown_account": "remove"}
    suite.xero.post("tenants", {**tenant.xero, "accounts": accounts, "switches": switches})


@pytest.mark.parametrize("mode", MODES)
def test_no_unexpected_total_ever_stays_and_no_third_try_is_refused_for_its_number(
    suite: Suite, mode: Numbering
) -> None:
    tenant = suite.books.tenant(_name(mode))
    name = tenant.tenant
    await_all(suite, tenant, "Fault", tenant.fates)
    assert living(suite, name) == {}
    assert suite.stamped(name) == set()
    dead = in_xero(suite, name)
    assert [each["Status"] for each in dead] == ["VOIDED"] * STRIKES * len(tenant.fates)
    for number in tenant.fates:
        faults = [
            event
            for event in events_of(suite, names.FAULTED, name)
            if event["document"] == f"invoice/{number}"
        ]
        assert [(event["attempt"], event["code"]) for event in faults] == [
            (strike, "XERO_AMOUNTS_DIFFER") for strike in range(1, STRIKES + 1)
        ]
        assert {event["text"] for event in faults} == {"Invoice Amounts do not match"}
        tries = [each for each in created_by(suite, name) if f"invoice/{number}" in each.documents]
        assert len({each.key for each in tries}) == len(tries) == STRIKES
    if mode != "xero":  # each try had the number that all of them want, and left it free for the next
        numbers = [str(each.get("InvoiceNumber") or each["CreditNoteNumber"]) for each in dead]
        assert all(_SUFFIX.search(number) for number in numbers)
        freed = [_SUFFIX.sub("", number) for number in numbers]
        assert sorted(freed) == sorted(
            STRIKES
            * [
                fate.document.number
                for fate in tenant.fates.values()
                if fate.document and fate.document.number
            ]
        )
    assert nothing_is_buried(suite)

    suite.xero.in_xero(name).switch(rounding_mode="half_up")
    _resync(suite, tenant, list(tenant.fates))
    assert_all_went_over(suite, tenant, len(tenant.fates))
    assert len(in_xero(suite, name)) == (STRIKES + 1) * len(tenant.fates)


@pytest.mark.parametrize("name", WARNED)
def test_no_document_stays_whose_account_xero_dropped_with_a_warning(suite: Suite, name: str) -> None:
    tenant = suite.books.tenant(name)
    dropped, kept, note = tenant.fates
    await_all(suite, tenant, "Fault", [dropped, note])
    await_all(suite, tenant, "Complete", [kept])
    assert set(living(suite, name)) == {f"invoice/{kept}"}
    suite.await_stamped(name, {kept})
    assert suite.stamped(name) == {kept}
    faults = events_of(suite, names.FAULTED, name)
    assert {event["document"] for event in faults} == {f"invoice/{dropped}", f"invoice/{note}"}
    for number in (dropped, note):
        told = [event for event in faults if event["document"] == f"invoice/{number}"]
        assert {event["code"] for event in told} == {"ACCOUNT_INVALID"}
        assert (told[0]["service"], told[0]["text"]) == ("xero-writer", TOLD[name])
        assert [event["attempt"] for event in told] == [1, 2, 3]
    taken_back = [each for each in in_xero(suite, name) if each["Status"] in GONE]
    assert {each["Status"] for each in taken_back} == {"DELETED"}
    assert len(taken_back) >= 2
    assert nothing_is_buried(suite)

    accounts = _elsewhere(tenant.entry["settings"]["accounts"])
    change_settings(suite, name, accounts=accounts)
    _resync(suite, tenant, [dropped, note])
    mended = tenant_books(
        name, WARNED_BILLS, numbering=WARNED[name], profile=replace(ACME, accounts=accounts)
    )
    assert_all_went_over(suite, mended, len(mended.fates))


def _elsewhere(accounts: dict[str, Any]) -> dict[str, Any]:
    """Hardware goes to another account."""
    by_code = {**accounts["by_billing_code"], str(HARDWARE.id): OTHER_ACCOUNT}
    return {**accounts, "by_billing_code": by_code}


def _resync(suite: Suite, tenant: TenantBooks, ids: list[int]) -> None:
    for number in ids:
        suite.status.command(tenant.tenant, "resync", f"invoice/{number}")
    await_all(suite, tenant, "Complete", ids)
    suite.await_stamped(tenant.tenant, set(ids))
