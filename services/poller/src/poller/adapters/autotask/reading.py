"""Everything that belongs to invoices, read in batches: lines, companies, contacts, and what their ids stand for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from poller.adapters.autotask.client import Filter
from poller.adapters.autotask.queries import Pages, pages, records, records_where_in
from poller.core.contacts import accounts_contact
from poller.core.snapshot import Names, Parts
from poller.core.values import MalformedRecordError, Record, flag, record_id, reference, text

_KEEP_SECONDS = 3600.0

# Only fields that every known version of the API has: an unknown name makes the whole query fail.
_COMPANY = (
    "id", "companyName", "companyNumber", "currencyID", "taxRegionID", "taxID", "phone",
    "address1", "address2", "city", "state", "postalCode", "countryID",
)  # fmt: skip
_TICKET = ("id", "ticketNumber", "title")
_CONTRACT = ("id", "contractName")
# Lines are read with every field, since versions of the API differ, but only these are kept: a backlog holds thousands of them.
_LINE = (
    "id", "invoiceID", "billingItemType", "subType", "itemName", "description", "lineItemFullDescription", "lineItemID",
    "lineItemGroupDescription", "itemDate", "quantity", "rate", "extendedPrice", "totalAmount", "taxDollars", "nonBillable",
    "billingCodeID", "taxCategoryID", "ticketID", "contractID", "sortOrderID",
)  # fmt: skip
_BILLING_CODE = ("id", "name", "taxCategoryID")


@dataclass(slots=True)
class SlowTables:
    """What changes slowly: kept for an hour."""

    read_at: float
    payment_terms: dict[int, str] = field(default_factory=dict)
    tax_regions: dict[str, int] = field(default_factory=dict)
    currencies: dict[int, str] = field(default_factory=dict)
    own_currency: int | None = None
    billing_codes: dict[int, Record] = field(default_factory=dict)


class SlowNames:
    """Names that a tenant rarely changes, shared by all readings of a worker."""

    def __init__(self, now: Callable[[], float]) -> None:
        """`now`: seconds of a monotonic clock."""
        self._now = now
        self._slow: SlowTables | None = None

    def current(self, source: Pages) -> SlowTables:
        """The small tables, read again after an hour."""
        if self._slow is None or self._now() - self._slow.read_at > _KEEP_SECONDS:
            slow = SlowTables(self._now())
            slow.payment_terms = {record_id(r): text(r, "name") for r in _all(source, "PaymentTerms")}
            slow.tax_regions = {text(r, "name").casefold(): record_id(r) for r in _all(source, "TaxRegions")}
            currencies = _all(source, "Currencies", ("id", "name", "isInternalCurrency"))
            slow.currencies = {record_id(r): text(r, "name") for r in currencies}
            slow.own_currency = next(
                (record_id(r) for r in currencies if flag(r, "isInternalCurrency")), None
            )
            self._slow = slow
        return self._slow

    def billing_codes(self, source: Pages, ids: Iterable[int]) -> Mapping[int, Record]:
        """Billing codes by id; those not yet known are read."""
        known = self.current(source).billing_codes
        missing = set(ids) - set(known)
        found = _by_id(records_where_in(source, "BillingCodes", "id", missing, _BILLING_CODE))
        # One that is not there is not asked for again.
        known.update({number: found.get(number, {}) for number in missing})
        return known

    def forget(self) -> None:
        """Something refers to what the tables do not have: they are read again when next asked for."""
        self._slow = None


class InvoiceReader:
    """Reads what belongs to invoices. Companies and contacts are kept as long as the reader lives: one cycle, or one command."""

    def __init__(self, source: Pages, slow: SlowNames) -> None:
        self._source = source
        self._slow = slow
        self._companies: dict[int, Record | None] = {}
        self._contacts: dict[int, Record | None] = {}

    def parts(self, invoices: Sequence[Record]) -> Iterator[Parts]:
        """The parts of each invoice, in the order given. At most 200 invoices: one `in` list.

        Raises:
            AutotaskError: a call failed; nothing was kept that is wrong.
        """
        lines = self._lines(invoices)
        every_line = [line for group in lines.values() for line in group]
        self._know_companies(_referred(invoices, "companyID"))
        slow = self._slow.current(self._source)
        names = Names(
            currencies=slow.currencies,
            own_currency=slow.own_currency,
            payment_terms=slow.payment_terms,
            tax_regions=slow.tax_regions,
            billing_codes=self._slow.billing_codes(self._source, _referred(every_line, "billingCodeID")),
            tickets=self._named("Tickets", _referred(every_line, "ticketID"), _TICKET),
            contracts=self._named("Contracts", _referred(every_line, "contractID"), _CONTRACT),
        )
        for invoice in invoices:
            company_id = _reference(invoice, "companyID")
            yield Parts(
                invoice=invoice,
                lines=lines.get(record_id(invoice), []),
                company=self._companies.get(company_id),
                contact=self._contacts.get(company_id),
                names=names,
            )

    def _lines(self, invoices: Sequence[Record]) -> Mapping[int, list[Record]]:
        found: dict[int, list[Record]] = defaultdict(list)
        wanted: Filter = {"op": "in", "field": "invoiceID", "value": sorted(map(record_id, invoices))}
        for page in pages(self._source, "BillingItems", [wanted]):
            for line in page:
                kept = {name: value for name in _LINE if (value := line.get(name)) is not None}
                found[_reference(kept, "invoiceID")].append(kept)
        return found

    def _know_companies(self, ids: set[int]) -> None:
        missing = ids - set(self._companies)
        if not missing:
            return
        companies = _by_id(records_where_in(self._source, "Companies", "id", missing, _COMPANY))
        known_currencies = self._slow.current(self._source).currencies
        if _referred(companies.values(), "currencyID") - set(known_currencies):
            self._slow.forget()
        active = {"op": "eq", "field": "isActive", "value": 1}
        contacts: dict[int, list[Record]] = defaultdict(list)
        for contact in records_where_in(self._source, "Contacts", "companyID", missing, also=[active]):
            contacts[_reference(contact, "companyID")].append(contact)
        for company_id in missing:
            self._companies[company_id] = companies.get(company_id)
            self._contacts[company_id] = accounts_contact(contacts[company_id])

    def _named(self, entity: str, ids: set[int], fields: Sequence[str]) -> Mapping[int, Record]:
        return _by_id(records_where_in(self._source, entity, "id", ids, fields))


def _all(source: Pages, entity: str, fields: Sequence[str] = ("id", "name")) -> list[Record]:
    """A whole small table. A filter is required; the cursor's own condition is one."""
    return records(source, entity, [], fields)


def _by_id(found: Iterable[Record]) -> dict[int, Record]:
    return {record_id(record): record for record in found}


def _referred(referring: Iterable[Record], name: str) -> set[int]:
    return {number for record in referring if (number := _reference(record, name))}


def _reference(record: Record, name: str) -> int:
    """An id to look up, 0 if there is none or it makes no sense: the snapshot faults that one invoice, not its whole batch."""
    try:
        return reference(record, name) or 0
    except MalformedRecordError:
        return 0
