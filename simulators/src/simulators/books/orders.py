"""What a tenant buys: products, purchase orders in every status, and what must become of each in Xero."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from simulators.books import words
from simulators.books.dates import created, day_text, in_window, moment_text, out_of_window
from simulators.books.masterdata import BILLER, currency_ids
from simulators.books.model import Expected, ExpectedLine, Fate
from simulators.books.money import cents, stored

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date
    from random import Random

    from simulators.books.profile import Firm, Profile, Purchasing

    Record = dict[str, Any]

NEW, SUBMITTED, RECEIVED_PARTIALLY, RECEIVED_IN_FULL, CANCELLED = range(1, 6)
_TRIGGERS = {
    "new": NEW,
    "submitted": SUBMITTED,
    "received_partially": RECEIVED_PARTIALLY,
    "received_in_full": RECEIVED_IN_FULL,
}
_FIRST_ORDER = 5_501
_FIRST_ITEM = 91_003
_FIRST_PRODUCT = 3_301
_COSTS = tuple(Decimal(each) for each in ("310.2575", "18.9", "1249", "0.4375", "67.125", "402.35"))
_HALF_CENTS = Decimal("0.125")
_FREIGHT = Decimal("24.50")


class OrderCase(StrEnum):
    """What is special about a purchase order."""

    SUBMITTED = "submitted"
    RECEIVED_PARTIALLY = "received_partially"
    RECEIVED_IN_FULL = "received_in_full"
    FREIGHT = "freight"
    HALF_CENTS = "half_cents"
    FOREIGN = "foreign"
    NEW = "new"
    CANCELLED = "cancelled"
    CANCELLED_LATER = "cancelled_later"
    OUT_OF_WINDOW = "out_of_window"
    NO_LINES = "no_lines"
    UNKNOWN_VENDOR = "unknown_vendor"
    NEW_VENDOR = "new_vendor"


_STATUS = {
    OrderCase.SUBMITTED: SUBMITTED,
    OrderCase.RECEIVED_PARTIALLY: RECEIVED_PARTIALLY,
    OrderCase.NEW: NEW,
    OrderCase.CANCELLED: CANCELLED,
}


class Orders:
    """The purchase orders of one tenant and their fates. Without ``cases`` there is one of each."""

    def __init__(
        self,
        profile: Profile,
        purchasing: Purchasing,
        today: date,
        rng: Random,
        cases: Iterable[OrderCase] = OrderCase,
    ) -> None:
        self.fates: dict[int, Fate] = {}
        self._profile = profile
        self._purchasing = purchasing
        self._rng = rng
        self._orders: list[Record] = []
        self._items: list[Record] = []
        self._currency_ids = currency_ids(profile)
        for case in cases:
            if case is OrderCase.OUT_OF_WINDOW:
                day = out_of_window(today, profile.days_back, rng)
            else:
                day = in_window(today, profile.days_back, rng)
            order, vendor = self._add(case, day)
            self.fates[order["id"]] = self._fate(case, order, vendor)

    def entities(self) -> dict[str, list[Record]]:
        """Autotask's records of what is bought."""
        code = self._profile.codes[0].id
        return {
            "Products": [
                {
                    "id": number,
                    "name": name,
                    "isActive": True,
                    "isSerialized": False,
                    "productBillingCodeID": code,
                }
                for number, name in enumerate(words.GOODS, start=_FIRST_PRODUCT)
            ],
            "PurchaseOrders": self._orders,
            "PurchaseOrderItems": self._items,
        }

    def _add(self, case: OrderCase, day: date) -> tuple[Record, Firm]:
        rng, number = self._rng, _FIRST_ORDER + 3 * len(self._orders)
        vendor = self._vendor(case)
        made = created(day, rng)
        status = _STATUS.get(case, RECEIVED_IN_FULL)
        freight = _FREIGHT if case in {OrderCase.FREIGHT, OrderCase.FOREIGN} else Decimal(0)
        order: Record = {
            "id": number,
            "vendorID": vendor.id,
            "status": status,
            "purchaseOrderNumber": f"PO{number:06d}",
            "externalPONumber": rng.choice(("", "", "Q-2026-117")),
            "vendorInvoiceNumber": f"V{number}" if status == RECEIVED_IN_FULL else "",
            "createDateTime": moment_text(made),
            "submitDateTime": None if status == NEW else moment_text(made + timedelta(minutes=30)),
            "cancelDateTime": moment_text(made + timedelta(hours=1)) if status == CANCELLED else None,
            "latestEstimatedArrivalDate": day_text(day + timedelta(days=10), rng),
            "creatorResourceID": BILLER,
            "freight": freight,
            "internalCurrencyFreight": stored(freight * self._profile.currencies[vendor.currency]),
            "generalMemo": rng.choice(words.MEMOS),
            "phone": "+00 555 0199",
            "purchaseForCompanyID": rng.choice(self._profile.firms).id,
            "shipToName": self._profile.name,
            "shipToAddress1": "12 Dock Lane",
            "shipToAddress2": "",
            "shipToCity": "Nelson",
            "shipToPostalCode": "7010",
            "shipToState": "",
            "taxRegionID": vendor.region,
        }
        self._orders.append(order)
        if case is not OrderCase.NO_LINES:
            for place in range(rng.randint(2, 4)):
                self._add_item(order, vendor, day, half_cents=case is OrderCase.HALF_CENTS and place == 0)
        return order, vendor

    def _add_item(self, order: Record, vendor: Firm, day: date, *, half_cents: bool) -> None:
        rng = self._rng
        cost = _HALF_CENTS if half_cents else rng.choice(_COSTS)
        self._items.append(
            {
                "id": _FIRST_ITEM + len(self._items),
                "orderID": order["id"],
                "inventoryLocationID": 1,
                "productID": _FIRST_PRODUCT + rng.randrange(len(words.GOODS)),
                "quantity": 1 if half_cents else rng.randint(1, 25),
                "unitCost": cost,
                "internalCurrencyUnitCost": stored(cost * self._profile.currencies[vendor.currency]),
                "memo": rng.choice(("", "", "Colour: black")),
                "estimatedArrivalDate": day_text(day + timedelta(days=rng.randint(3, 10)), rng),
            }
        )

    def _vendor(self, case: OrderCase) -> Firm:
        match case:
            case OrderCase.UNKNOWN_VENDOR:
                return self._purchasing.unknown_vendor
            case OrderCase.NEW_VENDOR:
                return self._purchasing.new_vendor
            case OrderCase.FOREIGN:
                return self._purchasing.vendors[-1]
            case _:
                return self._rng.choice(self._purchasing.vendors[:-1])

    def _fate(self, case: OrderCase, order: Record, vendor: Firm) -> Fate:
        """What is written in the order decides, not the name of its case."""
        tags = frozenset({f"order_{case.value}"})
        left_out = self._left_out(case, order)
        if left_out is not None:
            return Fate("not_discovered", left_out, tags)
        if case is OrderCase.NO_LINES:
            return Fate("fault", "NO_LINES", tags)
        if not self._profile.finds_contact(vendor):
            return Fate("fault", "CONTACT_NOT_FOUND", tags)
        cancelled = case is OrderCase.CANCELLED_LATER
        return Fate(
            "synced",
            "new",
            tags,
            self._expected(order, vendor),
            later="cancelled" if cancelled else None,
            gone=cancelled and self._profile.is_on("void_autotask_invoices"),
        )

    def _left_out(self, case: OrderCase, order: Record) -> str | None:
        settings = self._purchasing.settings
        if not settings.get("enabled"):
            return "switched_off"
        if order["status"] == CANCELLED:
            return "cancelled"
        if order["status"] < _TRIGGERS[settings.get("trigger_status", "submitted")]:
            return "not_triggered"
        return "out_of_window" if case is OrderCase.OUT_OF_WINDOW else None

    def _expected(self, order: Record, vendor: Firm) -> Expected:
        settings = self._purchasing.settings
        tax_type = settings.get("tax_by_region", {}).get(str(vendor.region), settings["tax"])
        rate = self._purchasing.tax_rates[tax_type][1] / 100
        by_product = settings.get("account_by_product", {})
        amounts = [
            (
                by_product.get(str(item["productID"]), settings["account"]),
                cents(item["quantity"] * item["unitCost"]),
            )
            for item in self._items
            if item["orderID"] == order["id"]
        ]
        if order["freight"]:
            amounts.append((settings.get("freight_account", settings["account"]), cents(order["freight"])))
        lines = tuple(
            ExpectedLine(account=account, tax_type=tax_type, amount=amount, tax=cents(amount * rate))
            for account, amount in amounts
        )
        sub_total = sum((line.amount for line in lines), Decimal(0))
        total_tax = sum((line.tax for line in lines), Decimal(0))
        moment = datetime.fromisoformat(order["submitDateTime"] or order["createDateTime"])
        return Expected(
            kind="PURCHASEORDER",
            number=f"PO:{order['id']}",
            contact=vendor.contact or vendor.name,
            currency=vendor.currency,
            date=moment.astimezone(ZoneInfo(self._profile.time_zone)).date(),
            due_date=None,
            status=str(settings.get("initial_status", "draft")).upper(),
            sub_total=sub_total,
            total_tax=total_tax,
            total=sub_total + total_tax,
            lines=lines,
        )
