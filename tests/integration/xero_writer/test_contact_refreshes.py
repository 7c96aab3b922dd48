"""Contacts brought up to date from Autotask: after new invoices, in few calls, only what differs, never an invoice's fault."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from invoice_events import names
from tests.integration.xero_writer.contacts_kit import (
    contact_writes,
    contacts,
    log_lines,
    merge,
    new_company,
    put,
    refreshing,
    wanting,
)
from xero_writer.adapters import contact_refreshes
from xero_writer.adapters.answers import Readable
from xero_writer.adapters.xero_client import XeroClient

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from tests.integration.xero_writer.rig import Rig
    from xero_writer.adapters.answers import WriteAnswer
    from xero_writer.core.body import Call

pytestmark = pytest.mark.stack
POST = {"method": "POST", "path": ".*/Contacts"}
BROKEN = {"kind": "status", "status": 500, "body": {"ErrorNumber": 500, "Message": "An error occurred."}}


@pytest.fixture
def on(rig: Rig) -> Rig:
    """A tenant that has the option on."""
    rig.settings = {"update_xero_contacts": True}
    return rig


def settle(rig: Rig, times: int = 1) -> None:
    """Let what was queued gather, and go."""
    for _ in range(times):
        rig.work()
        rig.pass_time(40)
        rig.work()


def waiting(rig: Rig) -> int:
    return int(rig.row("SELECT count(*) FROM contact_refresh")[0])


def stored(rig: Rig, name: str = "Contoso Ltd") -> dict[str, Any]:
    [found] = contacts(rig, name)
    return found


def test_a_new_invoice_brings_its_contact_up_to_date_and_leaves_the_rest_of_it_alone(on: Rig) -> None:
    put(
        on,
        Name="Contoso Ltd",
        AccountNumber="C-1",
        EmailAddress="old@contoso.example",
        Addresses=[
            {"AddressType": "STREET", "AddressLine1": "Elsewhere"},
            {"AddressType": "POBOX", "AddressLine1": "Old St", "AddressLine2": "Level 9", "Country": "Samoa"},
        ],
        Phones=[{"PhoneType": "FAX", "PhoneNumber": "1"}, {"PhoneType": "DEFAULT", "PhoneNumber": "2"}],
        PaymentTerms={"Sales": {"Day": 20, "Type": "DAYSAFTERBILLDATE"}},
        ContactPersons=[{"FirstName": "Zoe", "EmailAddress": "zoe@contoso.example"}],
    )
    before = stored(on)
    on.arrive(refreshing(on, 1))
    settle(on)
    after = stored(on)
    assert on.outcomes(1) == [("synced", "created")]
    assert (after["FirstName"], after["LastName"]) == ("Ann", "Lee")
    assert (after["EmailAddress"], after["TaxNumber"]) == ("ap@contoso.example", "12-345")
    assert {one["PhoneType"]: one["PhoneNumber"] for one in after["Phones"]} == {
        "FAX": "1",
        "DEFAULT": "09 123 4567",
    }
    [street, postal] = sorted(after["Addresses"], key=lambda one: str(one["AddressType"]), reverse=True)
    assert street == {"AddressType": "STREET", "AddressLine1": "Elsewhere"}
    assert (postal["AddressLine1"], postal["City"]) == ("1 Main St", "Auckland")
    assert (postal["AddressLine2"], postal["Country"]) == (
        "",
        "New Zealand",
    )  # nothing of the old address stays
    for kept in ("ContactID", "Name", "AccountNumber", "PaymentTerms", "ContactPersons"):
        assert after[kept] == before[kept]
    assert len(contact_writes(on)) == 1


def test_a_contact_that_has_it_all_is_not_written(on: Rig) -> None:
    on.arrive(refreshing(on, 1))
    settle(on)
    on.arrive(refreshing(on, 2))
    settle(on)
    assert len(contact_writes(on)) == 1
    assert waiting(on) == 0


def test_a_contact_that_was_just_made_is_not_written_again(on: Rig) -> None:
    event = new_company(on, 1, "Tailspin Toys", refresh=True)
    on.arrive(event)
    settle(on)
    assert [call["method"] for call in contact_writes(on)] == ["PUT"]


def test_without_the_option_no_contact_is_ever_written(rig: Rig) -> None:
    rig.arrive(wanting(rig, 1, {}))
    settle(rig)
    assert contact_writes(rig) == []
    assert waiting(rig) == 0


def test_an_update_of_a_known_invoice_writes_no_contact(on: Rig) -> None:
    on.arrive(on.mapped(1))
    on.work()
    on.arrive(refreshing(on, 1))
    settle(on)
    assert on.outcomes(1)[-1][1] == "unchanged"
    assert contact_writes(on) == []


def test_a_new_invoice_that_was_found_in_xero_brings_its_contact_up_to_date_too(on: Rig) -> None:
    on.arrive(on.mapped(1))
    on.work()
    on.execute("TRUNCATE document, work, intent, intent_element, tenant, contact, outbox")
    on.take_over()
    on.turn()
    on.arrive(refreshing(on, 1))
    settle(on)
    assert on.outcomes(1) == [("synced", "adopted")]
    assert stored(on)["FirstName"] == "Ann"


def test_a_sign_that_the_database_can_not_hold_costs_neither_an_invoice_nor_the_update(on: Rig) -> None:
    odd = refreshing(on, 1, first_name="A\x00nn")
    odd["contact"] |= {"name": "Con\x00toso", "pinned_contact_id": stored(on)["ContactID"]}
    on.arrive(odd, refreshing(on, 2, "Fabrikam Inc"))
    on.work()
    assert on.outcomes(1) == on.outcomes(2) == [("synced", "created")]
    settle(on)
    assert stored(on)["FirstName"] == stored(on, "Fabrikam Inc")["FirstName"] == "Ann"


def test_an_update_that_can_not_be_queued_costs_no_invoice_of_its_batch(
    on: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    enqueue = contact_refreshes.enqueue

    def broken(connection: Connection, tenant_id: str, refresh: contact_refreshes.Refresh) -> None:
        if refresh.document == "invoice/1":
            connection.execute(text("SELECT 1 / 0"))  # the database refuses all else in this transaction
        enqueue(connection, tenant_id, refresh)

    monkeypatch.setattr(contact_refreshes, "enqueue", broken)
    on.arrive(refreshing(on, 1), refreshing(on, 2, "Fabrikam Inc"))
    on.work()
    assert on.outcomes(1) == on.outcomes(2) == [("synced", "created")]
    assert waiting(on) == 1


def test_an_answer_that_leaves_members_out_makes_the_writer_forget_nothing(
    on: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    terms = {"Sales": {"Day": 20, "Type": "DAYSAFTERBILLDATE"}}
    put(on, Name="Contoso Ltd", PaymentTerms=terms, ContactNumber="autotask/1", AccountNumber="C-1")
    told: list[str] = []

    def short(client: XeroClient, call: Call, key: str, may_send: Callable[[], bool]) -> WriteAnswer:
        answer = plain(client, call, key, may_send)
        if call.method == "POST" and isinstance(answer, Readable):
            for one in answer.body["Contacts"]:
                told.append(one["ContactID"])
                for name in ("PaymentTerms", "MergedToContactID", "ContactNumber", "AccountNumber", "Phones"):
                    one.pop(name, None)
        return answer

    plain = XeroClient.write
    monkeypatch.setattr(XeroClient, "write", short)
    on.arrive(refreshing(on, 1))
    settle(on)
    assert told == [stored(on)["ContactID"]]
    found = on.session.contacts.by_id(told[0])
    assert found is not None
    assert (found.terms_day, found.terms_type) == (20, "DAYSAFTERBILLDATE")
    assert (found.contact_number, found.account_number) == ("autotask/1", "C-1")
    kept = on.row("SELECT terms_day, contact_number FROM contact WHERE contact_id = :id", id=told[0])
    assert tuple(kept) == (20, "autotask/1")


def test_what_waits_when_the_option_is_switched_off_is_not_written(on: Rig) -> None:
    on.arrive(refreshing(on, 1))
    on.work()
    assert waiting(on) == 1
    on.settings = {}
    settle(on)
    assert contact_writes(on) == []
    assert waiting(on) == 0


def test_many_contacts_go_in_few_calls_after_every_invoice(on: Rig) -> None:
    for n in range(1, 61):
        put(on, Name=f"Customer {n}")
    on.arrive(*(refreshing(on, n, f"Customer {n}") for n in range(1, 61)))
    settle(on)
    paths = [call["path"].rpartition("/")[2] for call in on.calls("PUT", "POST")]
    assert paths == ["Invoices", "Invoices", "Contacts", "Contacts"]
    assert all(stored(on, f"Customer {n}")["FirstName"] == "Ann" for n in range(1, 61))


def test_of_many_invoices_of_a_contact_the_newest_details_go_once(on: Rig) -> None:
    on.arrive(refreshing(on, 1, city="Old town"), refreshing(on, 2, city="New town"))
    settle(on)
    assert stored(on)["Addresses"][0]["City"] == "New town"
    assert len(contact_writes(on)) == 1


def test_details_of_an_older_try_never_replace_newer_ones(on: Rig) -> None:
    older = refreshing(on, 1, city="Old town")
    on.arrive(refreshing(on, 2, city="New town"))
    on.work()
    on.arrive(older)
    settle(on)
    assert stored(on)["Addresses"][0]["City"] == "New town"


def test_what_waits_survives_a_restart(on: Rig) -> None:
    on.arrive(refreshing(on, 1))
    on.work()
    on.take_over()
    settle(on)
    assert stored(on)["FirstName"] == "Ann"


def test_a_refused_update_is_told_in_the_logs_and_is_no_fault_of_the_invoice(on: Rig) -> None:
    put(on, Name="Tailspin Toys")
    on.arrive(refreshing(on, 1, email="bob@"), refreshing(on, 2, "Tailspin Toys"))
    settle(on)
    assert on.outcomes(1) == on.outcomes(2) == [("synced", "created")]
    [line] = log_lines(on, "warning")
    assert line == "Xero refused the update of contact Contoso Ltd: Email address must be valid."
    assert waiting(on) == 0
    assert stored(on, "Tailspin Toys")["FirstName"] == "Ann"
    assert len(contact_writes(on)) == 1


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("action", [{"kind": "cut"}, BROKEN])
def test_a_lost_answer_loses_no_update(on: Rig, action: dict[str, Any], when: str) -> None:
    on.plant(POST, action, when=when)
    on.arrive(refreshing(on, 1))
    settle(on, times=3)
    assert stored(on)["FirstName"] == "Ann"
    assert waiting(on) == 0
    assert len(contacts(on)) == 2


def test_an_update_that_always_breaks_the_call_is_given_up_and_keeps_nobody_waiting(on: Rig) -> None:
    put(on, Name="Tailspin Toys")
    on.plant(POST | {"body_contains": "ap@contoso"}, BROKEN, times=None)
    on.arrive(refreshing(on, 1), refreshing(on, 2, "Tailspin Toys", email="tt@tailspin.example"))
    settle(on, times=5)
    assert stored(on, "Tailspin Toys")["EmailAddress"] == "tt@tailspin.example"
    assert waiting(on) == 0
    assert log_lines(on, "warning") == [
        "the update of contact Contoso Ltd was given up: Xero failed on it while it answered others"
    ]


@pytest.mark.parametrize("given_up", [True, False])
def test_an_update_that_fails_is_told_with_the_name_that_the_contact_has_in_xero(
    on: Rig,
    given_up: bool,  # noqa: FBT001  # a parameter of the test
) -> None:
    if given_up:
        on.plant(POST, BROKEN, times=None)
    event = refreshing(on, 1, email="ap@contoso.example" if given_up else "bob@")
    event["contact"] |= {"name": "Contoso Group", "pinned_contact_id": stored(on)["ContactID"]}
    on.arrive(event)
    settle(on, times=5)
    [line] = [one for one in on.events(names.LOGS) if one["level"] == "warning"]
    assert "contact Contoso Ltd (Contoso Group in Autotask)" in line["message"]
    assert (line["fields"]["contact"], line["fields"]["company"]) == ("Contoso Ltd", "Contoso Group")


def test_an_outage_gives_up_no_update(on: Rig) -> None:
    on.arrive(refreshing(on, 1))
    on.work()
    on.plant({}, BROKEN, times=None)
    on.pass_time(40)
    on.work()
    on.server.app.faults.clear()
    assert waiting(on) == 1
    on.pass_time(400)
    settle(on)
    assert stored(on)["FirstName"] == "Ann"
    assert log_lines(on, "warning") == []


@pytest.mark.parametrize("merged", [True, False])
def test_a_contact_that_is_gone_by_now_is_left_alone(on: Rig, merged: bool) -> None:  # noqa: FBT001  # a parameter of the test
    on.arrive(refreshing(on, 1))
    on.work()
    on.pass_time(400)
    if merged:
        merge(on, "Contoso Ltd", "Fabrikam Inc")
    else:
        put(on, Name="Contoso Ltd", ContactStatus="ARCHIVED")
    on.work()
    assert contact_writes(on) == []
    assert waiting(on) == 0
