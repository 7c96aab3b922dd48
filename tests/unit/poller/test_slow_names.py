"""Names that are kept for an hour: a batch that is read across the hour's end gets all of them all the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from invoice_events.settings import effective_settings
from poller.adapters.autotask.client import Filter, Page
from poller.adapters.autotask.order_reading import OrderReader
from poller.adapters.autotask.reading import InvoiceReader
from poller.adapters.autotask.slow_names import SlowNames

SETTINGS = effective_settings(
    {"tracking": [{"category": "Region", "source": "territory"}], "update_xero_contacts": True}
)
COMPANY = {"id": 318, "companyName": "Harbour Dental Ltd", "currencyID": 1, "territoryID": 7, "countryID": 3}
RECORDS: dict[str, list[dict[str, Any]]] = {
    "Companies": [COMPANY],
    "Currencies": [{"id": 1, "name": "NZD", "isInternalCurrency": True}],
    "PaymentTerms": [{"id": 3, "name": "Net 30"}],
    "Countries": [{"id": 3, "displayName": "New Zealand"}],
    "BillingItems": [{"id": 10, "invoiceID": 1, "billingCodeID": 901}],
    "BillingCodes": [{"id": 901, "name": "Remote support"}],
    "PurchaseOrderItems": [{"id": 20, "orderID": 2, "productID": 55}],
    "Products": [{"id": 55, "name": "Switch"}],
}


class Slowly:
    """Autotask, of which each answer takes a while."""

    def __init__(self, seconds: float) -> None:
        self.now = 0.0
        self._seconds = seconds

    def page(self, entity: str, filters: Sequence[Filter], fields: Sequence[str] | None = None) -> Page:
        del filters, fields
        self.now += self._seconds
        return Page(RECORDS.get(entity, []), last=True)

    def picklist(self, entity: str, field: str) -> Mapping[int, str]:
        del field
        self.now += self._seconds
        return {7: "North Island"} if entity == "Companies" else {2: "Submitted"}


def test_no_name_gets_lost_if_the_hour_ends_while_a_batch_is_read() -> None:
    for seconds in (0.0, 300.0, 700.0, 900.0, 1300.0, 2000.0, 4000.0):
        source = Slowly(seconds)
        reader = InvoiceReader(source, SlowNames(lambda source=source: source.now), SETTINGS)  # type: ignore[misc]  # bound at once
        (parts,) = reader.parts([{"id": 1, "companyID": 318}])
        names = parts.names
        assert names.companies.territories == {7: "North Island"}, seconds
        assert names.companies.countries == {3: "New Zealand"}, seconds
        assert (names.companies.currencies, names.payment_terms) == ({1: "NZD"}, {3: "Net 30"}), seconds
        assert names.billing_codes[901]["name"] == "Remote support", seconds


def test_no_name_of_an_order_gets_lost_either() -> None:
    for seconds in (0.0, 300.0, 700.0, 900.0, 1300.0, 2000.0, 4000.0):
        source = Slowly(seconds)
        reader = OrderReader(source, SlowNames(lambda source=source: source.now), SETTINGS)  # type: ignore[misc]  # bound at once
        (parts,) = reader.parts([{"id": 2, "vendorID": 318, "status": 2}])
        names = parts.names
        assert names.companies.territories == {7: "North Island"}, seconds
        assert names.companies.countries == {3: "New Zealand"}, seconds
        assert (names.statuses, names.products) == ({2: "Submitted"}, {55: "Switch"}), seconds


def test_the_tables_are_read_again_after_an_hour_and_not_before() -> None:
    source = Slowly(0.0)
    slow = SlowNames(lambda: source.now)
    first = slow.current(source)
    source.now = 3599.0
    assert slow.current(source).tables is first.tables
    source.now = 3601.0
    assert slow.current(source).tables is not first.tables
