"""Purchase orders: numbers, statuses, contacts, fields."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from simulators.kit import json_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.simulators.xero.conftest import Xero

    Texts = Callable[[dict[str, Any]], list[str]]
    Lines = Callable[..., dict[str, Any]]

ZERO_GUID = "00000000-0000-0000-0000-000000000000"
DELETED = "Deleted PurchaseOrders cannot be updated"
STATUS_CHANGE = "PurchaseOrder status change is invalid"
NO_CONTACT = "A Contact must be specified for this type of transaction"


def deleted(xero: Xero, **members: object) -> dict[str, Any]:
    made = xero.ordered(**members)
    ended = xero.post("PurchaseOrders", {"PurchaseOrderID": made["PurchaseOrderID"], "Status": "DELETED"})[0]
    assert ended["Status"] == "DELETED"
    return made


def test_put_with_a_used_number_never_edits_the_other_order(xero: Xero, errors_of: Texts) -> None:
    first = xero.ordered(PurchaseOrderNumber="PO:1", Reference="first")
    second = xero.put("PurchaseOrders", xero.order(PurchaseOrderNumber="po:1", Reference="second"))[0]
    assert errors_of(second) == ["Order number must be unique"]
    assert (second["PurchaseOrderID"], second["HasErrors"]) == (ZERO_GUID, True)
    assert xero.stored_order(first["PurchaseOrderID"])["Reference"] == "first"


def test_post_with_the_number_of_a_live_order_silently_edits_it(xero: Xero) -> None:
    first = xero.ordered(PurchaseOrderNumber="PO:1", Reference="first")
    second = xero.post("PurchaseOrders", xero.order(PurchaseOrderNumber="PO:1", Reference="second"))[0]
    assert second["PurchaseOrderID"] == first["PurchaseOrderID"]
    assert second["StatusAttributeString"] == "OK"
    assert xero.stored_order("PO:1")["Reference"] == "second"
    assert xero.counted("purchaseorders_created") == 1


def test_post_with_the_number_of_a_deleted_order_fails_with_both_texts(xero: Xero, errors_of: Texts) -> None:
    deleted(xero, PurchaseOrderNumber="PO:1")
    shown = xero.post("PurchaseOrders", xero.order(PurchaseOrderNumber="PO:1"))[0]
    assert errors_of(shown) == [STATUS_CHANGE, DELETED]
    assert shown["PurchaseOrderID"] == ZERO_GUID
    create = xero.put("PurchaseOrders", xero.order(PurchaseOrderNumber="PO:1"))[0]
    assert errors_of(create) == ["Order number must be unique"]


@pytest.mark.parametrize("change", [{"Reference": "x"}, {"Status": "DRAFT"}, {"Status": "DELETED"}])
def test_a_deleted_order_is_never_changed(xero: Xero, errors_of: Texts, change: dict[str, str]) -> None:
    made = deleted(xero)
    shown = xero.post(f"PurchaseOrders/{made['PurchaseOrderID']}", change)[0]
    assert errors_of(shown) == [DELETED]
    assert xero.stored_order(made["PurchaseOrderID"])["Status"] == "DELETED"


def test_a_renamed_and_deleted_order_gives_its_number_up(xero: Xero) -> None:
    made = xero.ordered(PurchaseOrderNumber="PO:1")
    xero.post("PurchaseOrders", {"PurchaseOrderID": made["PurchaseOrderID"], "PurchaseOrderNumber": "PO:1~7"})
    xero.post("PurchaseOrders", {"PurchaseOrderID": made["PurchaseOrderID"], "Status": "DELETED"})
    assert xero.ordered(PurchaseOrderNumber="PO:1")["PurchaseOrderID"] != made["PurchaseOrderID"]


def test_missing_order_numbers_come_from_their_own_sequence(xero: Xero) -> None:
    xero.ordered(PurchaseOrderNumber="PO-1002")
    assert [xero.ordered()["PurchaseOrderNumber"] for _ in range(2)] == ["PO-1001", "PO-1003"]
    assert xero.made()["InvoiceNumber"] == "INV-1001"


@pytest.mark.parametrize(
    ("start", "allowed"),
    [
        ("DRAFT", {"DRAFT", "SUBMITTED", "AUTHORISED", "BILLED", "DELETED"}),
        ("SUBMITTED", {"DRAFT", "SUBMITTED", "AUTHORISED", "BILLED", "DELETED"}),
        ("AUTHORISED", {"AUTHORISED", "BILLED", "DELETED"}),
        ("BILLED", {"BILLED", "DELETED"}),
    ],
)
def test_no_order_gets_a_status_by_a_way_that_is_not_known(
    xero: Xero, errors_of: Texts, start: str, allowed: set[str]
) -> None:
    for wanted in ("DRAFT", "SUBMITTED", "AUTHORISED", "BILLED", "DELETED"):
        made = xero.ordered(Status=start)
        shown = xero.post(f"PurchaseOrders/{made['PurchaseOrderID']}", {"Status": wanted})[0]
        assert errors_of(shown) == ([] if wanted in allowed else [STATUS_CHANGE]), wanted
        stored = xero.stored_order(made["PurchaseOrderID"])
        assert stored["Status"] == (wanted if wanted in allowed else start)


def test_an_order_is_never_created_deleted_and_has_no_status_of_invoices(
    xero: Xero, errors_of: Texts
) -> None:
    shown = xero.put("PurchaseOrders", xero.order(Status="DELETED"))[0]
    assert errors_of(shown) == ["PurchaseOrder not of valid status for creation"]
    for status in ("PAID", "VOIDED"):
        answer = xero.request("PUT", "PurchaseOrders", {"PurchaseOrders": [xero.order(Status=status)]})
        assert json_text.loads(answer.data)["ErrorNumber"] == 14


def test_billed_can_be_a_status_that_no_app_sets(make_xero: Callable[..., Xero], errors_of: Texts) -> None:
    xero = make_xero(switches={"billed_orders": "refuse", "limits_on": False})
    create = xero.put("PurchaseOrders", xero.order(Status="BILLED"))[0]
    assert errors_of(create) == ["PurchaseOrder not of valid status for creation"]
    made = xero.ordered(Status="AUTHORISED", PurchaseOrderNumber="A")
    change = xero.post(f"PurchaseOrders/{made['PurchaseOrderID']}", {"Status": "BILLED"})[0]
    assert errors_of(change) == [STATUS_CHANGE]
    xero.change("purchase_orders/A", {"Status": "BILLED"})
    kept = xero.post(f"PurchaseOrders/{made['PurchaseOrderID']}", {"Status": "BILLED", "Reference": "x"})[0]
    assert errors_of(kept) == []


@pytest.mark.parametrize(
    "contact", [None, {}, {"Name": "Fabrikam Inc"}, {"Name": "Brand New"}, {"ContactNumber": "nobody"}]
)
def test_an_order_never_creates_or_guesses_a_contact(
    xero: Xero, errors_of: Texts, contact: dict[str, str] | None
) -> None:
    shown = xero.put("PurchaseOrders", xero.order(Contact=contact))[0]
    assert errors_of(shown) == [NO_CONTACT]
    assert xero.counted("contacts_created") == 0


def test_an_order_names_its_contact_by_id_or_number_and_changes_nothing_of_it(
    xero: Xero, errors_of: Texts
) -> None:
    before = xero.get("Contacts/AT-7")["Contacts"]
    made = xero.ordered(Contact={"ContactNumber": "AT-7", "EmailAddress": "other@x.example"})
    assert made["Contact"]["Name"] == "Fabrikam Inc"
    assert xero.get("Contacts/AT-7")["Contacts"] == before
    archived = xero.order(Contact={"ContactID": xero.contact_id("Gone Ltd")})
    assert errors_of(xero.put("PurchaseOrders", archived)[0])[0].startswith(
        "The contact with the specified contact details has been archived."
    )
    unknown = xero.order(Contact={"ContactID": "12345678-1234-4234-8234-123456789012"})
    assert errors_of(xero.put("PurchaseOrders", unknown)[0]) == [NO_CONTACT]


@pytest.mark.parametrize("lines", [None, []])
def test_even_a_draft_order_needs_lines(xero: Xero, errors_of: Texts, lines: list[Any] | None) -> None:
    shown = xero.put("PurchaseOrders", xero.order(LineItems=lines))[0]
    assert errors_of(shown) == ["One or more line items must be specified"]
    made = xero.ordered()
    emptied = xero.post(f"PurchaseOrders/{made['PurchaseOrderID']}", {"LineItems": []})[0]
    assert errors_of(emptied) == ["One or more line items must be specified"]


def test_four_decimals_are_kept_without_asking(xero: Xero, line_of: Lines) -> None:
    made = xero.ordered(line_of(Quantity=2, UnitAmount=Decimal("310.2575"), AccountCode="400"))
    assert made["LineItems"][0]["UnitAmount"] == Decimal("310.2575")
    assert (made["SubTotal"], made["TotalTax"]) == (Decimal("620.52"), Decimal("93.08"))
    listed = xero.get("PurchaseOrders")["PurchaseOrders"][0]
    assert listed["LineItems"][0]["UnitAmount"] == Decimal("310.2575")
    assert xero.stored_order(made["PurchaseOrderID"])["LineItems"] == made["LineItems"]


def test_where_to_deliver_is_kept_and_partial_updates_lose_nothing(xero: Xero, errors_of: Texts) -> None:
    made = xero.ordered(
        DeliveryDate="2026-11-17",
        DeliveryAddress="1 Main St\nLeeds LS1 1AA",
        AttentionTo="Kim",
        Telephone="+44 113 4960000",
        DeliveryInstructions="ring twice",
        ExpectedArrivalDate="2026-11-20",
        Reference="PO-9 [PO 771]",
    )
    changed = xero.post(f"PurchaseOrders/{made['PurchaseOrderID']}", {"AttentionTo": "Jo"})[0]
    assert (changed["DeliveryDateString"], changed["ExpectedArrivalDateString"]) == (
        "2026-11-17T00:00:00",
        "2026-11-20T00:00:00",
    )
    assert changed["DeliveryAddress"] == "1 Main St\nLeeds LS1 1AA"
    assert (changed["AttentionTo"], changed["Telephone"]) == ("Jo", "+44 113 4960000")
    assert (changed["Type"], changed["Reference"]) == ("PURCHASEORDER", "PO-9 [PO 771]")
    assert changed["LineItems"] == made["LineItems"]
    assert {"DueDate", "AmountDue", "Payments"}.isdisjoint(changed)
    long = xero.put("PurchaseOrders", xero.order(DeliveryInstructions="x" * 501))[0]
    assert "500" in errors_of(long)[0]


def test_an_order_in_a_currency_that_is_not_enabled_is_refused(xero: Xero, errors_of: Texts) -> None:
    shown = xero.put("PurchaseOrders", xero.order(CurrencyCode="EUR"))[0]
    assert errors_of(shown) == ["Organisation is not subscribed to currency EUR"]


def test_sent_to_contact_on_a_draft_order_warns(xero: Xero) -> None:
    shown = xero.put("PurchaseOrders", xero.order(SentToContact=True))[0]
    text = "Only AUTHORISED and BILLED purchase orders may have SentToContact updated."
    assert shown["Warnings"] == [{"Message": text}]
    assert shown["StatusAttributeString"] == "WARNING"
    assert xero.ordered(Status="AUTHORISED", SentToContact=True)["SentToContact"] is True


def test_orders_are_not_in_the_ledger(xero: Xero) -> None:
    xero.change("organisation", {"PeriodLockDate": "2026-12-31"})
    made = xero.ordered(Status="AUTHORISED")
    assert xero.stored_order(made["PurchaseOrderID"])["Status"] == "AUTHORISED"
    assert xero.get("Contacts/AT-7")["Contacts"][0]["IsSupplier"] is False
    payment = {
        "Invoice": {"InvoiceID": made["PurchaseOrderID"]},
        "Account": {"Code": "090"},
        "Amount": 1,
    }
    assert xero.put("Payments", payment)[0]["HasValidationErrors"] is True


def test_a_batch_of_orders_saves_the_good_ones_only(xero: Xero, errors_of: Texts) -> None:
    shown = xero.put("PurchaseOrders", xero.order(), xero.order(Contact=None), xero.order())
    assert [entry["StatusAttributeString"] for entry in shown] == ["OK", "ERROR", "OK"]
    summarised = xero.request(
        "PUT", "PurchaseOrders", {"PurchaseOrders": [xero.order(), xero.order(Contact=None)]}
    )
    assert summarised.status_code == 400
    assert errors_of(json_text.loads(summarised.data)["Elements"][0]) == [NO_CONTACT]
    assert len(xero.books()["purchase_orders"]) == 2


def test_a_person_makes_bills_and_deletes_orders(xero: Xero, errors_of: Texts) -> None:
    made = xero.change("purchase_orders", xero.order(PurchaseOrderNumber="THEIRS", Status="AUTHORISED"))
    assert (made["number"], made["status"]) == ("THEIRS", "AUTHORISED")
    assert xero.counted("purchaseorders_created") == 0
    xero.change("purchase_orders/THEIRS", {"Status": "BILLED"})
    assert xero.stored_order("THEIRS")["Status"] == "BILLED"
    xero.change(f"purchase_orders/{made['id']}", {"Status": "DELETED"})
    assert errors_of(xero.post(f"PurchaseOrders/{made['id']}", {"Reference": "x"})[0]) == [DELETED]


def test_loaded_orders_keep_status_number_and_id(make_xero: Callable[..., Xero]) -> None:
    line = {"Description": "x", "Quantity": 1, "UnitAmount": 10, "AccountCode": "400"}
    order_id = "aaaaaaaa-1234-4234-8234-123456789012"
    loaded = [
        {
            "Contact": {"ContactNumber": "AT-7"},
            "PurchaseOrderNumber": status,
            "Status": status,
            "LineItems": [line],
        }
        for status in ("DRAFT", "SUBMITTED", "AUTHORISED", "BILLED", "DELETED")
    ]
    loaded[0]["PurchaseOrderID"] = order_id
    xero = make_xero(purchase_orders=loaded)
    stored = xero.books()["purchase_orders"]
    assert [entry["Status"] for entry in stored] == [entry["Status"] for entry in loaded]
    assert xero.stored_order("DRAFT")["PurchaseOrderID"] == order_id
    assert xero.counted("documents_created") == 0
    assert xero.put("PurchaseOrders", xero.order(PurchaseOrderNumber="DELETED"))[0]["HasErrors"] is True


def test_orders_need_the_scope_of_invoices(xero: Xero) -> None:
    xero.token = xero.new_token(scope="accounting.contacts")
    assert xero.request("GET", "PurchaseOrders").status_code == 401
    xero.token = xero.new_token(scope="accounting.invoices.read")
    assert xero.request("GET", "PurchaseOrders").status_code == 200
    assert xero.request("PUT", "PurchaseOrders", {"PurchaseOrders": [xero.order()]}).status_code == 401
