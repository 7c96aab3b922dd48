from __future__ import annotations

from datetime import date

from benchmarks.customers import one_each
from simulators.books import generate_plain

BOOKS = generate_plain(40, today=date(2026, 5, 14)).tenants[0]
SPREAD = one_each(BOOKS)


def test_no_two_invoices_are_of_one_customer_and_none_is_of_a_customer_that_xero_does_not_know() -> None:
    entities = SPREAD.autotask["entities"]
    names = {one["id"]: one["companyName"] for one in entities["Companies"]}
    billed = [names[one["companyID"]] for one in entities["Invoices"]]
    known = [one["Name"] for one in SPREAD.xero["contacts"]]
    assert len(set(billed)) == 40
    assert all(known.count(name) == 1 for name in billed)


def test_no_line_ticket_or_contact_stays_with_another_customer_than_its_invoice() -> None:
    entities = SPREAD.autotask["entities"]
    company_of = {one["id"]: one["companyID"] for one in entities["Invoices"]}
    assert all(one["companyID"] == company_of[one["invoiceID"]] for one in entities["BillingItems"])
    tickets = {one["id"]: one["companyID"] for one in entities["Tickets"]}
    for one in entities["BillingItems"]:
        if one.get("ticketID"):
            assert tickets[one["ticketID"]] == one["companyID"]
    people = {one["companyID"] for one in entities["Contacts"]}
    assert people >= set(company_of.values())


def test_what_is_billed_stays_the_same() -> None:
    before, after = BOOKS.autotask["entities"], SPREAD.autotask["entities"]
    assert [one["invoiceTotal"] for one in after["Invoices"]] == [
        one["invoiceTotal"] for one in before["Invoices"]
    ]
    assert len(after["BillingItems"]) == len(before["BillingItems"])
    assert len({one["id"] for one in after["Contacts"]}) == len(after["Contacts"])
