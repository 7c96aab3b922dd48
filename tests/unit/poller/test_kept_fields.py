"""Of records that are read with all their fields only some are kept: none that anything asks for may be missing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from invoice_events.settings import effective_settings
from poller.adapters.autotask.client import Filter, Page
from poller.adapters.autotask.companies import Companies
from poller.adapters.autotask.queries import pages
from poller.adapters.autotask.reading import INVOICE
from poller.adapters.autotask.slow_names import SlowNames
from poller.core.companies import CompanyNames
from poller.core.eligibility import facts_of, made_at
from poller.core.extras import extras_wanted
from poller.core.snapshot import Names, Parts, date_of, make_snapshot
from poller.core.values import Record


class Noting(dict[str, Any]):
    """A record that notes which fields are asked for."""

    def __init__(self, **fields: Any) -> None:  # noqa: ANN401  # any JSON
        super().__init__(fields)
        self.asked: set[str] = set()

    def get(self, name: str, default: Any = None) -> Any:  # noqa: ANN401  # any JSON
        self.asked.add(name)
        return super().get(name, default)

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401  # any JSON
        self.asked.add(name)
        return super().__getitem__(name)


class OneContact:
    """An Autotask that has one company with one contact."""

    def __init__(self) -> None:
        self.contact = Noting(
            id=12, companyID=318, firstName="Ana", lastName="Lee", emailAddress="ana@x.example", phone="1",
            isActive=1, primaryContact=True, userDefinedFields=[], mobilePhone="2",
        )  # fmt: skip

    def page(self, entity: str, filters: Sequence[Filter], fields: Sequence[str] | None = None) -> Page:  # noqa: ARG002  # Pages
        return Page({"Contacts": [self.contact]}.get(entity, []), last=True)

    def picklist(self, entity: str, field: str) -> dict[int, str]:  # noqa: ARG002  # Source
        return {}


def parts(invoice: Record, contact: Record | None = None) -> Parts:
    names = Names(CompanyNames(currencies={1: "NZD"}, own_currency=1))
    return Parts(invoice, [], {"id": 318, "companyName": "Harbour Dental", "currencyID": 1}, contact, names)


def test_no_field_of_an_invoice_that_is_used_is_dropped_where_a_page_is_read() -> None:
    invoice = Noting(id=7, companyID=318, invoiceDateTime="2026-05-14T00:00:00Z", invoiceTotal=Decimal(1))
    make_snapshot(parts(invoice))
    facts_of(invoice)
    made_at(invoice)
    date_of(invoice)
    assert invoice.asked <= set(INVOICE)


def test_no_field_of_a_contact_that_is_used_is_dropped_once_it_is_chosen() -> None:
    source = OneContact()
    settings = effective_settings({})
    companies = Companies(source, SlowNames(lambda: 0.0), extras_wanted(settings))
    kept = companies.know_contacts({318, 319}, settings["accounts_contact_udf"])
    assert make_snapshot(parts({"id": 7, "companyID": 318, "invoiceDateTime": "2026-05-14"}, kept[318]))[
        "contact"
    ] == {"id": 12, "first_name": "Ana", "last_name": "Lee", "email": "ana@x.example", "phone": "1"}
    assert kept[319] is None


def test_what_is_kept_of_a_page_is_neither_more_nor_less() -> None:
    class Site:
        def page(self, entity: str, filters: Sequence[Filter], fields: Sequence[str] | None = None) -> Page:
            assert (entity, fields) == ("Invoices", None)
            after = filters[-1]["value"]
            return Page([{"id": after + 1, "a": None, "b": 0, "c": "much"}], last=after == 1)

    def read(kept: Sequence[str] | None) -> Iterator[Record]:
        return (record for page in pages(Site(), "Invoices", [], kept=kept) for record in page)

    assert list(read(("id", "a", "b"))) == [{"id": 1, "b": 0}, {"id": 2, "b": 0}]
    assert next(read(None)) == {"id": 1, "a": None, "b": 0, "c": "much"}
