"""Everything that belongs to invoices, read in batches: lines, companies, contacts, and what their ids stand for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from invoice_events.settings import Settings
from poller.adapters.autotask.client import Filter
from poller.adapters.autotask.companies import Companies
from poller.adapters.autotask.queries import pages, records_where_in
from poller.adapters.autotask.references import by_id, referred, safe_reference
from poller.adapters.autotask.slow_names import NamesOfNow, SlowNames, Source
from poller.core.extras import extras_wanted
from poller.core.snapshot import Names, Parts
from poller.core.values import Record, record_id

TICKET = ("id", "ticketNumber", "title")
CONTRACT = ("id", "contractName")
# Invoices and lines are read with every field, since versions of the API differ, but only these are kept: a backlog holds thousands.
INVOICE = (
    "id", "companyID", "invoiceNumber", "invoiceDateTime", "createDateTime", "dueDate", "fromDate", "toDate", "invoiceTotal",
    "totalTaxValue", "taxGroup", "taxRegionName", "orderNumber", "comments", "paymentTerm", "batchID", "isVoided", "voidedDate",
    "paidDate", "webServiceDate",
)  # fmt: skip
_LINE = (
    "id", "invoiceID", "billingItemType", "subType", "itemName", "description", "lineItemFullDescription", "lineItemID",
    "lineItemGroupDescription", "itemDate", "quantity", "rate", "extendedPrice", "totalAmount", "taxDollars", "nonBillable",
    "billingCodeID", "taxCategoryID", "ticketID", "contractID", "sortOrderID", "timeEntryID", "organizationalLevelAssociationID",
)  # fmt: skip


class InvoiceReader:
    """Reads what belongs to invoices. Companies and contacts are kept as long as the reader lives: one cycle, or one command."""

    def __init__(self, source: Source, slow: SlowNames, settings: Settings) -> None:
        self._source = source
        self._slow = slow
        self._extras = extras_wanted(settings)
        self._contact_udf = settings["accounts_contact_udf"]
        self._companies = Companies(source, slow, self._extras)

    def parts(self, invoices: Sequence[Record]) -> Iterator[Parts]:
        """The parts of each invoice, in the order given. At most 200 invoices: one `in` list.

        Raises:
            AutotaskError: a call failed; nothing was kept that is wrong.
        """
        lines = self._lines(invoices)
        every_line = [line for group in lines.values() for line in group]
        ids = referred(invoices, "companyID")
        companies, contacts = self._companies.know(ids), self._companies.know_contacts(ids, self._contact_udf)
        names = self._names(ids, every_line)
        for invoice in invoices:
            company_id = safe_reference(invoice, "companyID")
            yield Parts(
                invoice=invoice,
                lines=lines.get(record_id(invoice), []),
                company=companies.get(company_id),
                contact=contacts.get(company_id),
                names=names,
            )

    def _names(self, company_ids: set[int], lines: Sequence[Record]) -> Names:
        names = self._slow.current(self._source)
        tables = names.tables
        levels = referred(lines, "organizationalLevelAssociationID") if self._extras.lines_of_business else ()
        return Names(
            companies=self._companies.names(company_ids, names),
            payment_terms=tables.payment_terms,
            tax_regions=tables.tax_regions,
            billing_codes=names.billing_codes(referred(lines, "billingCodeID")),
            tickets=self._named("Tickets", referred(lines, "ticketID"), TICKET),
            contracts=self._named("Contracts", referred(lines, "contractID"), CONTRACT),
            resources=self._technicians(lines, names) if self._extras.resources else {},
            lines_of_business=names.lines_of_business(levels),
        )

    def _technicians(self, lines: Sequence[Record], names: NamesOfNow) -> Mapping[int, str | None]:
        """Names by time entry: who worked stands there, not on the line."""
        entries = self._named("TimeEntries", referred(lines, "timeEntryID"), ("id", "resourceID"))
        found = names.resources(referred(entries.values(), "resourceID"))
        return {number: found.get(safe_reference(entry, "resourceID")) for number, entry in entries.items()}

    def _lines(self, invoices: Sequence[Record]) -> Mapping[int, list[Record]]:
        found: dict[int, list[Record]] = defaultdict(list)
        wanted: Filter = {"op": "in", "field": "invoiceID", "value": sorted(map(record_id, invoices))}
        for page in pages(self._source, "BillingItems", [wanted], kept=_LINE):
            for line in page:
                found[safe_reference(line, "invoiceID")].append(line)
        return found

    def _named(self, entity: str, ids: set[int], fields: Sequence[str]) -> Mapping[int, Record]:
        return by_id(records_where_in(self._source, entity, "id", ids, fields))
