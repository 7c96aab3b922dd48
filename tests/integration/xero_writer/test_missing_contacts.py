"""Contacts that are made because they are missing: once each, in few calls, never beside one that a person may mean."""

from __future__ import annotations

import hashlib
import threading
from typing import TYPE_CHECKING, Any

import pytest

from tests.integration.xero_writer.contacts_kit import (
    contact_writes,
    contacts,
    merge,
    new_company,
    put,
    wanting,
)
from xero_writer.core.contact_match import ContactBook

if TYPE_CHECKING:
    from tests.integration.xero_writer.rig import Rig

pytestmark = pytest.mark.stack
PUT = {"method": "PUT", "path": ".*/Contacts"}
BROKEN = {"kind": "status", "status": 500, "body": {"ErrorNumber": 500, "Message": "An error occurred."}}
REFUSED = {"kind": "status", "status": 400, "body": {"ErrorNumber": 14, "Message": "Bad data."}}


def odd_name(number: int) -> str:
    """A name that is like no other."""
    return hashlib.sha256(str(number).encode()).hexdigest()[:16]


def test_a_backlog_of_new_companies_does_not_cost_a_call_each(rig: Rig) -> None:
    rig.arrive(*(new_company(rig, n, odd_name(n)) for n in range(1, 121)))
    rig.work(30)
    assert all(rig.outcomes(n) == [("synced", "created")] for n in range(1, 121))
    assert len(contact_writes(rig)) == 3
    assert len(contacts(rig)) == 2 + 120


def test_many_documents_of_one_new_company_make_one_contact(rig: Rig) -> None:
    events = [new_company(rig, n, "Tailspin Toys") for n in range(1, 6)]
    for event in events:
        event["contact"]["company_id"] = 77
    rig.arrive(*events)
    rig.work()
    assert all(rig.outcomes(n) == [("synced", "created")] for n in range(1, 6))
    [made] = contacts(rig, "Tailspin Toys")
    assert made["ContactNumber"] == "autotask/77"
    assert made["EmailAddress"] == "ap@contoso.example"
    assert made["Addresses"][0]["City"] == "Auckland"
    assert len(contact_writes(rig)) == 1


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("action", [{"kind": "cut"}, BROKEN, REFUSED, {"kind": "garbage", "body": "<html>"}])
def test_a_lost_answer_neither_loses_nor_doubles_a_contact(
    rig: Rig, action: dict[str, Any], when: str
) -> None:
    rig.plant(PUT, action, when=when)
    rig.arrive(*(new_company(rig, n, odd_name(n)) for n in (1, 2, 3)))
    for _ in range(3):
        rig.work()
        rig.pass_time(40)
    assert [rig.outcomes(n) for n in (1, 2, 3)] == [[("synced", "created")]] * 3
    assert len(contacts(rig)) == 2 + 3


def test_a_half_done_batch_neither_loses_nor_doubles_a_contact(rig: Rig) -> None:
    rig.plant(PUT, {"kind": "partial", "elements": 2})
    rig.arrive(*(new_company(rig, n, odd_name(n)) for n in (1, 2, 3)))
    rig.work()
    assert [rig.outcomes(n) for n in (1, 2, 3)] == [[("synced", "created")]] * 3
    assert len(contacts(rig)) == 2 + 3


def test_a_process_that_dies_after_xero_made_the_contact_leaves_one(rig: Rig) -> None:
    def die(_: object) -> None:
        raise RuntimeError("the process ends here")

    rig.client.after_write = die
    rig.arrive(new_company(rig, 1, "Tailspin Toys"))
    rig.turn(2)
    assert rig.outcomes(1) == []
    rig.take_over()
    rig.work()
    assert rig.outcomes(1) == [("synced", "created")]
    assert len(contacts(rig, "Tailspin Toys")) == 1


def test_a_contact_that_the_cache_does_not_know_is_found_by_its_number_and_not_made_again(rig: Rig) -> None:
    put(rig, Name="Renamed by finance", ContactNumber="autotask/1", days_ago=1)
    rig.arrive(rig.mapped(9))
    rig.work()  # the cache is read; Xero's list of changes will not tell of this contact again
    rig.execute("DELETE FROM contact WHERE contact_number = 'autotask/1'")
    rig.take_over()
    rig.arrive(new_company(rig, 1, "Tailspin Toys"))
    rig.work()
    assert rig.outcomes(1) == [("synced", "created")]
    assert rig.last_synced(1)["contact_name"] == "Renamed by finance"
    assert len(contacts(rig)) == 3


def test_what_xero_refuses_is_told_in_its_words_and_costs_nobody_else(rig: Rig) -> None:
    bad_mail = new_company(rig, 1, odd_name(1))
    bad_mail["contact"]["details"] = bad_mail["contact"]["details"] | {"email": "bob@"}
    bad_country = new_company(rig, 2, odd_name(2))
    bad_country["contact"]["details"] = bad_country["contact"]["details"] | {"country": "Zone 51"}
    too_long = new_company(rig, 3, "x" * 256)
    rig.arrive(bad_mail, bad_country, too_long, new_company(rig, 4, odd_name(4)))
    rig.work()
    assert rig.outcomes(1) == [("faulted", "EMAIL_INVALID")]
    assert rig.last_fault(1)["text"] == "Email address must be valid."
    assert rig.outcomes(2) == [("faulted", "CONTACT_INVALID")]
    assert "Country" in rig.last_fault(2)["text"]
    assert rig.outcomes(3) == [("faulted", "CONTACT_INVALID")]
    assert "256 characters" in rig.last_fault(3)["text"]
    assert rig.outcomes(4) == [("synced", "created")]


def test_a_contact_that_always_breaks_the_call_is_alone_at_fault_in_the_end(rig: Rig) -> None:
    rig.plant(PUT | {"body_contains": "autotask/2"}, BROKEN, times=None)
    rig.arrive(*(new_company(rig, n, odd_name(n)) for n in (1, 2, 3)))
    for _ in range(3):
        rig.work()
        rig.pass_time(40)
    assert rig.outcomes(2) == [("faulted", "PROVIDER_ERROR")]
    assert rig.outcomes(1) == rig.outcomes(3) == [("synced", "created")]
    assert len(contact_writes(rig)) < 10


def test_no_contact_is_made_beside_a_near_match(rig: Rig) -> None:
    rig.arrive(new_company(rig, 1, "Contoso Limited"), new_company(rig, 2, "Tailspin Toys"))
    rig.arrive(new_company(rig, 3, "Tailspin Toys Ltd"))
    rig.work()
    assert rig.outcomes(1) == [("faulted", "CONTACT_NOT_FOUND")]
    assert rig.last_fault(1)["text"] == "Can't find Xero Contact with Account Name: Contoso Limited"
    assert "Contoso Ltd (score 0.99" in rig.last_fault(1)["details"][0]
    made = sorted(one["Name"] for one in contacts(rig) if "Tailspin" in one["Name"])
    assert made == ["Tailspin Toys"]  # of two alike in one batch the second has a near match by then
    assert rig.outcomes(3) == [("faulted", "CONTACT_NOT_FOUND")]


@pytest.mark.parametrize("name", ["Contoso", "Ltd Contoso", "Contoso Pty Ltd"])
def test_no_contact_is_made_beside_one_of_another_legal_form_or_word_order(rig: Rig, name: str) -> None:
    rig.arrive(new_company(rig, 1, name))
    rig.work()
    assert rig.outcomes(1) == [("faulted", "CONTACT_NOT_FOUND")]
    assert "near match: Contoso Ltd (score 0.9" in rig.last_fault(1)["details"][0]
    assert contact_writes(rig) == []


def test_no_contact_is_made_beside_an_archived_near_match(rig: Rig) -> None:
    put(rig, Name="Tailspin Toys Ltd", ContactStatus="ARCHIVED")
    rig.arrive(new_company(rig, 1, "Tailspin Toys"))
    rig.work()
    assert rig.outcomes(1) == [("faulted", "CONTACT_NOT_FOUND")]
    assert "Tailspin Toys Ltd (archived, score 0.9" in rig.last_fault(1)["details"][0]
    assert contact_writes(rig) == []


def test_a_company_is_not_billed_to_the_contact_that_was_made_for_its_namesake(rig: Rig) -> None:
    rig.arrive(new_company(rig, 1, "Tailspin Toys"), new_company(rig, 2, "Tailspin Toys"))
    rig.work()
    assert rig.outcomes(1) == [("synced", "created")]
    assert rig.outcomes(2) == [("faulted", "CONTACT_NOT_FOUND")]
    [made] = contacts(rig, "Tailspin Toys")
    [detail] = rig.last_fault(2)["details"]
    assert detail == (
        f"near match: Tailspin Toys (made for Autotask company 1, id {made['ContactID']}:"
        " link it in the settings if it is the same customer)"
    )
    rig.arrive(new_company(rig, 2, "Tailspin Toys", pinned_contact_id=made["ContactID"]))
    rig.work()
    assert rig.outcomes(2)[0] == ("synced", "created")


def test_what_is_near_is_not_looked_for_in_the_workers_own_loop(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[str] = []
    near = ContactBook.near

    def noted(book: ContactBook, name: str) -> list[str]:
        looked.append(threading.current_thread().name)
        return near(book, name)

    monkeypatch.setattr(ContactBook, "near", noted)
    rig.arrive(new_company(rig, 1, "Tailspin Toys"), new_company(rig, 2, "Contoso Limited"))
    rig.work()
    assert (rig.outcomes(1), rig.outcomes(2)) == (
        [("synced", "created")],
        [("faulted", "CONTACT_NOT_FOUND")],
    )
    assert looked
    assert threading.main_thread().name not in looked


def test_a_contact_that_a_person_just_made_is_used_and_not_doubled(rig: Rig) -> None:
    rig.arrive(rig.mapped(9))
    rig.work()  # the cache is fresh, and does not know what comes now
    rig.pass_time(60)
    put(rig, Name="Tailspin Toys", AccountNumber="T-1")
    rig.arrive(new_company(rig, 1, "Tailspin Toys"))
    rig.work()
    assert rig.outcomes(1) == [("synced", "created")]
    assert [one.get("ContactNumber") for one in contacts(rig, "Tailspin Toys")] == [None]
    assert contact_writes(rig) == []


def test_an_archived_contact_of_the_company_is_told_and_not_replaced(rig: Rig) -> None:
    put(rig, Name="Old name", ContactNumber="autotask/1", ContactStatus="ARCHIVED")
    rig.arrive(new_company(rig, 1, "Tailspin Toys"))
    rig.work()
    assert rig.outcomes(1) == [("faulted", "CONTACT_ARCHIVED")]
    assert contact_writes(rig) == []


def test_a_name_with_odd_signs_finds_its_contact_the_next_time_too(rig: Rig) -> None:
    rig.arrive(new_company(rig, 1, "Tailspin  <Toys>"))
    rig.work()
    again = wanting(rig, 2, {"company_id": 1, "name": "Tailspin  <Toys>", "create_missing": True})
    rig.arrive(again)
    rig.work()
    assert [rig.outcomes(n) for n in (1, 2)] == [[("synced", "created")]] * 2
    assert [one["Name"] for one in contacts(rig)][2:] == ["Tailspin Toys"]


def test_a_resync_for_another_company_makes_its_contact_too(rig: Rig) -> None:
    rig.arrive(rig.mapped(1))
    rig.work()
    rig.arrive(wanting(rig, 1, {"company_id": 5, "name": "Tailspin Toys", "create_missing": True}))
    rig.work()
    assert rig.outcomes(1) == [("synced", "created"), ("synced", "updated")]
    assert rig.last_synced(1)["contact_name"] == "Tailspin Toys"
    assert len(contacts(rig, "Tailspin Toys")) == 1


def test_nothing_is_made_where_the_option_is_off(rig: Rig) -> None:
    rig.arrive(wanting(rig, 1, {"company_id": 5, "name": "Tailspin Toys"}))
    rig.work()
    assert rig.outcomes(1) == [("faulted", "CONTACT_NOT_FOUND")]
    assert contact_writes(rig) == []


def test_a_merged_contact_leads_to_where_it_went(rig: Rig) -> None:
    put(rig, Name="Tailspin Toys")
    merge(rig, "Tailspin Toys", "Fabrikam Inc")
    rig.arrive(wanting(rig, 1, {"name": "Tailspin Toys"}))
    rig.work()
    assert rig.last_synced(1)["contact_name"] == "Fabrikam Inc"


@pytest.mark.parametrize("archived", [True, False])
def test_a_pin_that_leads_nowhere_is_named(rig: Rig, archived: bool) -> None:  # noqa: FBT001  # a parameter of the test
    pin = (
        put(rig, Name="Gone", ContactStatus="ARCHIVED")
        if archived
        else "99999999-0000-4000-8000-000000000000"
    )
    rig.arrive(wanting(rig, 1, {"pinned_contact_id": pin, "create_missing": True}))
    rig.work()
    assert rig.outcomes(1) == [("faulted", "CONTACT_ARCHIVED" if archived else "CONTACT_NOT_FOUND")]
    assert pin in rig.last_fault(1)["details"][0]
    assert contact_writes(rig) == []


def test_a_paused_tenant_gets_no_contact(rig: Rig) -> None:
    def pause() -> None:
        rig.state = "paused"

    rig.client.before_send = pause
    rig.arrive(new_company(rig, 1, "Tailspin Toys"))
    rig.turn(2)
    assert contact_writes(rig) == []
    rig.client.before_send = None
    rig.state = "active"
    rig.pass_time(40)
    rig.work()
    assert rig.outcomes(1) == [("synced", "created")]


def test_four_calls_at_once_make_a_contact_once(rig: Rig) -> None:
    rig.arrive(*(rig.mapped(n) for n in range(1, 5)))
    rig.work()
    rig.plant(PUT, {"kind": "delay", "seconds": 0.3}, times=None)
    wish = {"company_id": 77, "name": "Tailspin Toys", "create_missing": True}
    rig.arrive(*(wanting(rig, n, wish) for n in range(1, 6)))
    rig.work()
    assert [rig.outcomes(n)[-1] for n in range(1, 6)] == [("synced", "updated")] * 4 + [("synced", "created")]
    assert len(contact_writes(rig)) == len(contacts(rig, "Tailspin Toys")) == 1


def test_a_new_vendor_of_a_purchase_order_is_made_too(rig: Rig) -> None:
    rig.arrive(new_company(rig, 1, "Tailspin Toys", details=None))
    rig.arrive(
        wanting(
            rig, 2, {"company_id": 2, "name": "Wide World", "create_missing": True}, kind="purchase_order"
        )
    )
    rig.work()
    assert rig.outcomes(1) == rig.outcomes(2, "purchase_order") == [("synced", "created")]
    assert set(contacts(rig, "Tailspin Toys")[0]) >= {"Name", "ContactNumber"}
    assert contacts(rig, "Wide World")[0]["ContactNumber"] == "autotask/2"


def test_a_contact_matched_by_account_number_is_made_with_it_and_found_by_it(rig: Rig) -> None:
    wish = {"company_id": 7, "name": "Tailspin Toys", "match_by": "account_number", "account_number": "T-7"}
    rig.arrive(wanting(rig, 1, wish | {"create_missing": True}))
    rig.work()
    rig.arrive(wanting(rig, 2, wish))
    rig.work()
    assert rig.outcomes(1) == rig.outcomes(2) == [("synced", "created")]
    assert contacts(rig, "Tailspin Toys")[0]["AccountNumber"] == "T-7"


def test_signs_that_the_database_can_not_hold_stop_no_contact(rig: Rig) -> None:
    event = new_company(rig, 1, "Tailspin Toys", refresh=True)
    event["contact"]["details"] = event["contact"]["details"] | {"city": "Auck\x00land"}
    rig.arrive(event)
    rig.work()
    assert rig.outcomes(1)[0][0] == "synced"
