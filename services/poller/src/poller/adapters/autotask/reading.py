"""Everything that belongs to invoices, read in batches: lines, companies, contacts, and what their ids stand for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from poller.adapters.autotask.queries import Pages, records, records_where_in
from poller.core.contacts import accounts_contact
from poller.core.snapshot import Names, Parts
from poller.core.values import Record, flag, record_id, reference, text

_KEEP_SECONDS = 3600.0

# Only fields that every known version of the API has: an unknown name makes the whole query fail.
_COMPANY = (
    "id", "companyName", "companyNumber", "currencyID", "taxRegionID", "taxID", "phone",
    "address1", "address2", "city", "state", "postalCode", "countryID",
)  # fmt: skip
_TICKET = ("id", "ticketNumber", "title")
_CONTRACT = ("id", "contractName")
_BILLING_CODE = ("id", "name", "taxCategoryID")


@dataclass(slots=True)
class _Slow:
    """What changes slowly: kept for an hour."""

    read_at: float
    payment_terms: dict[int, str] = field(default_factory=dict)
    tax_regions: dict[str, int] = field(default_factory=dict)
    currencies: dict[int, str] = field(default_factory=dict)
    own_currency: str = ""
    billing_codes: dict[int, Record] = field(default_factory=dict)


class SlowNames:
    """Names that a tenant rarely changes, shared by all readings of a worker."""

    def __init__(self, now: Callable[[], float]) -> None:
        """`now`: seconds of a monotonic clock."""
        self._now = now
        self._slow: _Slow | None = None

    def current(self, source: Pages) -> _Slow:
        """The small tables, read again after an hour."""
        if self._slow is None or self._now() - self._slow.read_at > _KEEP_SECONDS:
            slow = _Slow(self._now())
            slow.payment_terms = {record_id(r): text(r, "name") for r in _all(source, "PaymentTerms")}
            slow.tax_regions = {text(r, "name").casefold(): record_id(r) for r in _all(source, "TaxRegions")}
            currencies = _all(source, "Currencies", ("id", "name", "isInternalCurrency"))
            slow.currencies = {record_id(r): text(r, "name") for r in currencies}
            slow.own_currency = next(
                (text(r, "name") for r in currencies if flag(r, "isInternalCurrency")), ""
            )
            self._slow = slow
        return self._slow

    def billing_codes(self, source: Pages, ids: Iterable[int]) -> Mapping[int, Record]:
        """Billing codes by id; those not yet known are read."""
        known = self.current(source).billing_codes
        missing = set(ids) - set(known)
        found = _by_id(records_where_in(source, "BillingCodes", "id", missing, _BILLING_CODE))
        known.update(
            {number: found.get(number, {}) for number in missing}
        )  # one that is not there is not asked for again
        return known


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
            payment_terms=slow.payment_terms,
            tax_regions=slow.tax_regions,
            billing_codes=self._slow.billing_codes(self._source, _referred(every_line, "billingCodeID")),
            tickets=self._named("Tickets", _referred(every_line, "ticketID"), _TICKET),
            contracts=self._named("Contracts", _referred(every_line, "contractID"), _CONTRACT),
        )
        for invoice in invoices:
            company_id = reference(invoice, "companyID") or 0
            company = self._companies.get(company_id)
            currency_id = None if company is None else reference(company, "currencyID")
            yield Parts(
                invoice=invoice,
                lines=lines.get(record_id(invoice), []),
                company=company,
                contact=self._contacts.get(company_id),
                currency=slow.currencies.get(currency_id or 0, slow.own_currency),
                names=names,
            )

    def _lines(self, invoices: Sequence[Record]) -> Mapping[int, list[Record]]:
        found: dict[int, list[Record]] = defaultdict(list)
        for line in records_where_in(self._source, "BillingItems", "invoiceID", map(record_id, invoices)):
            found[reference(line, "invoiceID") or 0].append(line)
        return found

    def _know_companies(self, ids: set[int]) -> None:
        missing = ids - set(self._companies)
        if not missing:
            return
        companies = _by_id(records_where_in(self._source, "Companies", "id", missing, _COMPANY))
        active = {"op": "eq", "field": "isActive", "value": 1}
        contacts: dict[int, list[Record]] = defaultdict(list)
        for contact in records_where_in(self._source, "Contacts", "companyID", missing, also=[active]):
            contacts[reference(contact, "companyID") or 0].append(contact)
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
    return {number for record in referring if (number := reference(record, name))}
