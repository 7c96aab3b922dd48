"""The simulators' generated books as the poller would tell of them: snapshots, rules."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from invoice_events.settings import effective_settings, settings_problems
from invoice_events.types import (
    AutotaskLine,
    InvoiceDiscovered,
    PurchaseOrderDiscovered,
)
from mapper.core.rules import Rules, prepare
from simulators.books.model import TenantBooks
from tests.unit.mapper.conftest import invoice, line, reference
from tests.unit.mapper.orders import item, order

Record = dict[str, Any]


def rules_of(books: TenantBooks) -> Rules:
    """The tenant's settings and its Xero organisation."""
    document = books.entry["settings"]
    assert settings_problems(document) == []
    xero = books.xero
    known: dict[str, Any] = {
        "organisation": reference()["organisation"] | {"base_currency": xero["organisation"]["BaseCurrency"]},
        "accounts": [
            {
                "code": each["Code"], "name": each["Name"], "type": each["Type"], "account_class": each["Type"],
                "status": each.get("Status", "ACTIVE"), "tax_type": "", "system_account": each.get("SystemAccount", ""),
            }
            for each in xero["accounts"]
        ],
        "tax_rates": [
            {
                "tax_type": each["TaxType"], "name": each["Name"], "status": each.get("Status", "ACTIVE"),
                "effective_rate": Decimal(str(each["EffectiveRate"])), "can_apply_to_revenue": each.get("CanApplyToRevenue", True),
                "can_apply_to_expenses": each.get("CanApplyToExpenses"),
            }
            for each in xero["tax_rates"]
        ],
        "currencies": xero["currencies"],
        "tracking_categories": [
            {
                "id": each["Name"], "name": each["Name"], "status": "ACTIVE",
                "options": [{"id": name, "name": name, "status": "ACTIVE"} for name in each["Options"]],
            }
            for each in xero["tracking_categories"]
        ],
        "branding_themes": [{"id": each["Name"], "name": each["Name"]} for each in xero["branding_themes"]],
    }  # fmt: skip
    return prepare(effective_settings(document), 1, reference(**known))


class Ledger:
    """Autotask's records of a tenant, looked up as the poller looks them up."""

    def __init__(self, books: TenantBooks) -> None:
        entities: dict[str, list[Record]] = books.autotask["entities"]
        self.invoices = entities["Invoices"]
        self.orders = entities.get("PurchaseOrders", [])
        self._zone = ZoneInfo(books.entry["settings"]["time_zone"])
        self._territories: dict[str, str] = books.autotask["picklists"]["Companies.territoryID"]
        self._by_id = {
            name: {record["id"]: record for record in records} for name, records in entities.items()
        }
        self._regions = {each["name"]: each["id"] for each in entities["TaxRegions"]}
        self._items: defaultdict[int, list[Record]] = defaultdict(list)
        for record in entities["BillingItems"]:
            self._items[record["invoiceID"]].append(record)
        self._order_items: defaultdict[int, list[Record]] = defaultdict(list)
        for record in entities.get("PurchaseOrderItems", []):
            self._order_items[record["orderID"]].append(record)

    def invoice(self, record: Record) -> InvoiceDiscovered:
        """The snapshot of an invoice."""
        company = self._one("Companies", record["companyID"])
        event = invoice(
            [self._line(each) for each in self._items[record["id"]]],
            id=record["id"], number=record["invoiceNumber"] or "", date=day(record["invoiceDateTime"]), due_date=day(record["dueDate"]),
            total=record["invoiceTotal"], tax_total=record["totalTaxValue"], currency=self._currency(company), is_voided=record["isVoided"],
            tax_region_id=self._regions[record["taxRegionName"]], tax_region_name=record["taxRegionName"], order_number=record["orderNumber"],
        )  # fmt: skip
        event["company"] |= {
            "id": company["id"], "name": company["companyName"], "number": company["companyNumber"], "tax_number": company["taxID"],
            "territory": self._territories.get(str(company["territoryID"])),
        }  # fmt: skip
        return event

    def order(self, record: Record) -> PurchaseOrderDiscovered:
        """The snapshot of a purchase order."""
        items = [
            item(
                each["id"], str(each["quantity"]), str(each["unitCost"]), product_id=each["productID"], memo=each["memo"],
                product_name=self._one("Products", each["productID"]).get("name"),
            )
            for each in self._order_items[record["id"]]
        ]  # fmt: skip
        return order(
            items, id=record["id"], number=record["purchaseOrderNumber"], external_number=record["externalPONumber"],
            vendor_invoice_number=record["vendorInvoiceNumber"], status=record["status"], freight=record["freight"],
            memo=record["generalMemo"], currency=self._currency(self._one("Companies", record["vendorID"])),
            tax_region_id=record["taxRegionID"], date=self._local_day(record["submitDateTime"] or record["createDateTime"]),
        )  # fmt: skip

    def _line(self, record: Record) -> AutotaskLine:
        ticket = self._one("Tickets", record.get("ticketID"))
        worker = self._one("Resources", self._one("TimeEntries", record.get("timeEntryID")).get("resourceID"))
        level = self._one("OrganizationalLevelAssociations", record.get("organizationalLevelAssociationID"))
        category = record["taxCategoryID"] or self._one("BillingCodes", record["billingCodeID"]).get(
            "taxCategoryID"
        )
        return line(
            record["id"], "0", type=record["billingItemType"], item_name=record["itemName"], description=record["lineItemFullDescription"],
            quantity=record["quantity"], rate=record["rate"], extended_price=record["extendedPrice"], total_amount=record["totalAmount"],
            tax=record["taxDollars"], group_id=record["lineItemID"], group_description=record["lineItemGroupDescription"],
            billing_code_id=record["billingCodeID"], tax_category_id=category, sort_order=record["sortOrderID"],
            date=day(record["itemDate"]), non_billable=bool(record["nonBillable"]), ticket_id=record.get("ticketID"),
            ticket_number=ticket.get("ticketNumber"), ticket_title=ticket.get("title"), contract_id=record.get("contractID"),
            contract_name=self._one("Contracts", record.get("contractID")).get("contractName"),
            resource_name=f"{worker['firstName']} {worker['lastName']}" if worker else None,
            line_of_business=self._one("OrganizationalLevel2s", level.get("organizationalLevel2ID")).get("name"),
        )  # fmt: skip

    def _one(self, entity: str, record_id: int | None) -> Record:
        """A record, or an empty one."""
        return self._by_id.get(entity, {}).get(record_id, {})

    def _local_day(self, moment: str) -> date:
        return datetime.fromisoformat(moment).astimezone(self._zone).date()

    def _currency(self, company: Record) -> str:
        return str(self._one("Currencies", company["currencyID"])["name"])


def day(text: str | None) -> date | None:
    """The day of a date as Autotask writes it."""
    return None if text is None else datetime.fromisoformat(text).date()
