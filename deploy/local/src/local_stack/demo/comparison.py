"""Both simulators' books compared with what had to happen, without asking the services.

Pure: three documents in, findings out. The mark that ties a Xero document to an Autotask invoice is read here again, on
purpose not with the product's code.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

Json = Mapping[str, Any]

_URL_MARK = re.compile(r"#sync=invoice/(\d+)$")
_REFERENCE_MARK = re.compile(r"\[INV (\d+)\]$")
_GONE = {"DELETED", "VOIDED"}


@dataclass(frozen=True, kw_only=True)
class TenantComparison:
    """What was found for one tenant.

    Attributes:
        problems: everything that is not as it had to be, a sentence each; empty = all well.
        outcomes: number of Autotask invoices by what became of them.
        autotask_totals: gross total per currency of the invoices that had to go over, credit notes negative.
        xero_totals: the same of the documents that stand in Xero.
        documents: number of live documents in Xero.
        stamped: number of invoices that carry a stamp written through the API.
    """

    problems: Sequence[str]
    outcomes: Mapping[str, int]
    autotask_totals: Mapping[str, Decimal]
    xero_totals: Mapping[str, Decimal]
    documents: int
    stamped: int


def compare(
    *, tenant: str, autotask: Json, xero: Json, fates: Mapping[str, Json], invoice_total: str
) -> TenantComparison:
    """Compare one tenant's books.

    Args:
        tenant: for the sentences.
        autotask: the Autotask simulator's books.
        xero: the Xero simulator's books.
        fates: what must become of each invoice, by id.
        invoice_total: how this Autotask means its invoiceTotal, `net` or `gross`.
    """
    live = [
        document for document in [*xero["invoices"], *xero["credit_notes"]] if document["Status"] not in _GONE
    ]
    by_invoice: dict[str, list[Json]] = {}
    problems: list[str] = []
    for document in live:
        owner = _marked(document)
        if owner is None or owner not in fates:
            problems.append(f"{tenant}: {_name(document)} in Xero belongs to no invoice")
        else:
            by_invoice.setdefault(owner, []).append(document)
    stamped = {
        str(stamp["id"])
        for stamp in autotask["stamps"]
        if stamp["entity"] == "Invoices" and stamp["first_set_at"]
    }
    for number, fate in fates.items():
        problems += [
            f"{tenant}: invoice {number} {text}"
            for text in _judge(fate, by_invoice.get(number, []), number in stamped)
        ]
    return TenantComparison(
        problems=problems,
        outcomes=Counter(
            fate["outcome"] if fate["outcome"] == "synced" else f"{fate['outcome']}: {fate['cause']}"
            for fate in fates.values()
        ),
        autotask_totals=_autotask_totals(autotask, fates, invoice_total),
        xero_totals=_xero_totals(live),
        documents=len(live),
        stamped=len(stamped),
    )


def _judge(fate: Json, documents: Sequence[Json], stamped: bool) -> Iterator[str]:  # noqa: FBT001  # a fact, not a switch
    expected = fate["document"]
    if fate["outcome"] != "synced":
        if documents:
            yield f"is in Xero though it had to end as {fate['outcome']} ({fate['cause']})"
        if stamped:
            yield f"is stamped though it had to end as {fate['outcome']} ({fate['cause']})"
        return
    if len(documents) != 1:
        yield f"has {len(documents)} documents in Xero, wanted one"
        return
    if not stamped:
        yield "is in Xero but was not stamped"
    yield from _differences(expected, documents[0])


def _differences(expected: Json, document: Json) -> Iterator[str]:
    number = document.get("InvoiceNumber") or document.get("CreditNoteNumber")
    pairs = [
        ("type", expected["kind"], document["Type"]),
        ("number", expected["number"] or number, number),
        ("contact", expected["contact"], document["Contact"]["Name"]),
        ("currency", expected["currency"], document["CurrencyCode"]),
        ("date", expected["date"], document["Date"]),
        ("status", expected["status"], document["Status"]),
        ("net total", Decimal(expected["sub_total"]), Decimal(document["SubTotal"])),
        ("tax", Decimal(expected["total_tax"]), Decimal(document["TotalTax"])),
        ("total", Decimal(expected["total"]), Decimal(document["Total"])),
        (
            "amounts by account and tax type",
            _by_account(expected["lines"], "account", "tax_type", "amount"),
            _document_by_account(document),
        ),
    ]
    if expected["kind"] == "ACCREC":
        pairs.append(("due date", expected["due_date"], document["DueDate"]))
    for name, wanted, found in pairs:
        if wanted != found:
            yield f"has {name} {found} in Xero, wanted {wanted}"


def _document_by_account(document: Json) -> dict[tuple[str, str], Decimal]:
    lines = [line for line in document["LineItems"] if line["AccountCode"] is not None]
    return _by_account(lines, "AccountCode", "TaxType", "LineAmount")


def _by_account(
    lines: Sequence[Json], account: str, tax_type: str, amount: str
) -> dict[tuple[str, str], Decimal]:
    sums: dict[tuple[str, str], Decimal] = {}
    for line in lines:
        key = (line[account], line[tax_type])
        sums[key] = sums.get(key, Decimal(0)) + Decimal(line[amount] or 0)
    return sums


def _autotask_totals(autotask: Json, fates: Mapping[str, Json], invoice_total: str) -> dict[str, Decimal]:
    """From Autotask's own records: the gross total in the company's currency."""
    entities = autotask["entities"]
    currencies = {currency["id"]: currency["name"] for currency in entities["Currencies"]}
    company_currency = {company["id"]: currencies[company["currencyID"]] for company in entities["Companies"]}
    totals: dict[str, Decimal] = {}
    for invoice in entities["Invoices"]:
        if fates[str(invoice["id"])]["outcome"] == "synced":
            currency = company_currency[invoice["companyID"]]
            gross = Decimal(str(invoice["invoiceTotal"]))
            if invoice_total == "net":
                gross += Decimal(str(invoice["totalTaxValue"]))
            totals[currency] = totals.get(currency, Decimal(0)) + gross
    return totals


def _xero_totals(documents: Sequence[Json]) -> dict[str, Decimal]:
    totals: dict[str, Decimal] = {}
    for document in documents:
        sign = -1 if document["Type"] == "ACCRECCREDIT" else 1
        currency = document["CurrencyCode"]
        totals[currency] = totals.get(currency, Decimal(0)) + sign * Decimal(document["Total"])
    return totals


def _marked(document: Json) -> str | None:
    found = _URL_MARK.search(document.get("Url") or "") or _REFERENCE_MARK.search(
        document.get("Reference") or ""
    )
    return found[1] if found else None


def _name(document: Json) -> str:
    return str(
        document.get("InvoiceNumber")
        or document.get("CreditNoteNumber")
        or document.get("InvoiceID")
        or document.get("CreditNoteID")
    )
