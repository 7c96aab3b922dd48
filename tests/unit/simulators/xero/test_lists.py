"""GET of lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from simulators.kit import json_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.simulators.xero.conftest import Xero


def numbers(answer: dict[str, list[dict[str, str]]]) -> list[str]:
    return [entry["InvoiceNumber"] for entry in answer["Invoices"]]


@pytest.fixture
def stocked(xero: Xero) -> Xero:
    for number in ("A", "B", "C"):
        xero.made(InvoiceNumber=number, Reference=f"ref {number}", Status="AUTHORISED")
    xero.made(InvoiceNumber="D")
    xero.post(
        "Invoices", {"InvoiceNumber": "C", "Status": "VOIDED"}, {"InvoiceNumber": "D", "Status": "DELETED"}
    )
    return xero


def test_a_list_without_page_has_no_lines_and_no_pagination(stocked: Xero) -> None:
    answer = stocked.get("Invoices")
    assert "pagination" not in answer
    assert all(entry["LineItems"] == [] for entry in answer["Invoices"])
    assert set(answer["Invoices"][0]["Contact"]) == {"ContactID", "Name"}


def test_a_page_has_lines_and_counts_and_clamps_its_size(stocked: Xero) -> None:
    answer = stocked.get("Invoices", page=2, pageSize=3)
    assert answer["pagination"] == {"page": 2, "pageSize": 3, "pageCount": 2, "itemCount": 4}
    assert len(answer["Invoices"][0]["LineItems"]) == 1
    assert "EmailAddress" not in answer["Invoices"][0]["Contact"]
    assert stocked.get("Invoices", page=1, pageSize=5000)["pagination"]["pageSize"] == 1000
    assert stocked.get("Invoices", page=1)["pagination"]["pageSize"] == 100
    assert stocked.get("Invoices", page=0, pageSize=0)["pagination"]["page"] == 1


def test_unfiltered_lists_hold_voided_and_deleted_documents(stocked: Xero) -> None:
    assert sorted(numbers(stocked.get("Invoices", page=1))) == ["A", "B", "C", "D"]
    assert sorted(numbers(stocked.get("Invoices", Statuses="AUTHORISED,VOIDED"))) == ["A", "B", "C"]
    assert "pagination" in stocked.get("Invoices", Statuses="VOIDED")


def test_lists_are_ordered_by_change_and_can_be_turned(stocked: Xero) -> None:
    assert numbers(stocked.get("Invoices", page=1))[:2] == ["A", "B"]
    assert numbers(stocked.get("Invoices", page=1, order="UpdatedDateUTC DESC"))[-2:] == ["B", "A"]
    assert stocked.request("GET", "Invoices", order="Total").status_code == 400


def test_filters_select_by_number_id_contact_and_text(stocked: Xero) -> None:
    invoice_id = stocked.stored("A")["InvoiceID"]
    assert numbers(stocked.get("Invoices", InvoiceNumbers="A,b,nope")) == ["A", "B"]
    assert numbers(stocked.get("Invoices", IDs=invoice_id)) == ["A"]
    assert len(numbers(stocked.get("Invoices", ContactIDs=stocked.contact_id()))) == 4
    assert numbers(stocked.get("Invoices", ContactIDs=stocked.contact_id("Fabrikam Inc"))) == []
    assert numbers(stocked.get("Invoices", searchTerm="REF b")) == ["B"]
    assert numbers(stocked.get("Invoices", where='Status=="AUTHORISED" AND InvoiceNumber="b"')) == ["B"]
    where = f'Type=="ACCREC"&&Contact.ContactID==guid("{stocked.contact_id()}")'
    assert len(numbers(stocked.get("Invoices", where=where))) == 4
    assert len(numbers(stocked.get("Invoices", where="Date>=DateTime(2026, 11, 03)"))) == 4


@pytest.mark.parametrize(
    "where",
    [
        'Url=="https://x"',
        'Name=="say "hi""',
        'InvoiceNumber=="a\\"b"',
        'InvoiceNumber.StartsWith("A")',
        'Status=="DRAFT" OR Status=="PAID"',
        "Type=",
    ],
)
def test_a_filter_that_xero_does_not_parse_is_a_400(xero: Xero, where: str) -> None:
    answer = xero.request("GET", "Invoices", where=where)
    assert answer.status_code == 400
    problem = json_text.loads(answer.data)
    assert problem["Type"] == "QueryParseException"
    assert problem["Message"]


def test_a_doubled_quote_is_how_a_name_with_a_quote_is_found(xero: Xero) -> None:
    xero.put("Contacts", {"Name": 'The "Best" Café'})
    found = xero.get("Contacts", where='Name=="the ""best"" cafe"')["Contacts"]
    assert [entry["Name"] for entry in found] == ['The "Best" Café']


def test_created_by_my_app_leaves_out_what_others_made(make_xero: Callable[..., Xero]) -> None:
    xero = make_xero(
        invoices=[{"Type": "ACCREC", "Contact": {"Name": "Contoso Ltd"}, "InvoiceNumber": "THEIRS"}]
    )
    xero.made(InvoiceNumber="OURS")
    assert numbers(xero.get("Invoices", createdByMyApp="true")) == ["OURS"]
    assert numbers(xero.get("Invoices")) == ["THEIRS", "OURS"]


def test_if_modified_since_counts_whole_seconds(xero: Xero) -> None:
    xero.made(InvoiceNumber="OLD")
    xero.control("POST", "clock", {"offset_seconds": 100})
    since = xero.simulator.clock.now().strftime("%Y-%m-%dT%H:%M:%S")
    xero.made(InvoiceNumber="NEW")
    answer = xero.request("GET", "Invoices", headers={"If-Modified-Since": since})
    assert numbers(json_text.loads(answer.data)) == ["NEW"]
    assert xero.request("GET", "Contacts", headers={"If-Modified-Since": since}).status_code == 200
    assert xero.request("GET", "Invoices", headers={"If-Modified-Since": "yesterday"}).status_code == 400


def test_filters_of_invoices_do_nothing_on_credit_notes(xero: Xero) -> None:
    xero.put(
        "CreditNotes",
        *(xero.invoice(Type="ACCRECCREDIT", CreditNoteNumber=name) for name in ("CR:1", "CR:2")),
    )
    listed = xero.get("CreditNotes", page=1, CreditNoteNumbers="CR:1", Statuses="VOIDED", IDs="none")
    assert [entry["CreditNoteNumber"] for entry in listed["CreditNotes"]] == ["CR:1", "CR:2"]
    assert listed["pagination"]["itemCount"] == 2
    found = xero.get("CreditNotes", where='CreditNoteNumber=="CR:2"')["CreditNotes"]
    assert [entry["CreditNoteNumber"] for entry in found] == ["CR:2"]
