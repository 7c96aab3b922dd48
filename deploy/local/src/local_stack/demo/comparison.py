"""Both simulators' books compared with what had to happen, without asking the services.

Pure: three documents in, findings out. The mark that ties a Xero document to one of Autotask is read here again, on
purpose not with the product's code.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from local_stack.demo import totals
from local_stack.demo.judging import GONE, Json, judge, number_of

_URL_MARK = re.compile(r"#sync=(invoice/\d+)$")
_REFERENCE_MARK = re.compile(r"\[(INV|PO) (\d+)\]$")
_KINDS = {"INV": "invoice", "PO": "purchase-order"}


@dataclass(frozen=True, kw_only=True)
class TenantComparison:
    """What was found for one tenant.

    Attributes:
        problems: everything that is not as it had to be, a sentence each; empty = all well.
        outcomes: number of Autotask invoices by what had to become of them.
        order_outcomes: the same of purchase orders.
        autotask_totals: gross total per currency of the invoices that had to go over and stay, credit notes negative.
        xero_totals: the same of the documents that stand in Xero.
        autotask_orders: net total per currency of the purchase orders that had to go over and stay.
        xero_orders: the same of the purchase orders that stand in Xero.
        documents: number of live invoices and credit notes in Xero.
        orders: number of live purchase orders in Xero.
        gone: number of documents of both kinds that were deleted or voided.
        stamped: number of invoices that carry a stamp written through the API.
    """

    problems: Sequence[str]
    outcomes: Mapping[str, int]
    order_outcomes: Mapping[str, int]
    autotask_totals: Mapping[str, Decimal]
    xero_totals: Mapping[str, Decimal]
    autotask_orders: Mapping[str, Decimal]
    xero_orders: Mapping[str, Decimal]
    documents: int
    orders: int
    gone: int
    stamped: int


def compare(
    *, tenant: str, autotask: Json, xero: Json, fates: Mapping[str, Json], later_done: bool = False
) -> TenantComparison:
    """Compare one tenant's books.

    Args:
        tenant: for the sentences.
        autotask: the Autotask simulator's books.
        xero: the Xero simulator's books.
        fates: what must become of each document, by name, such as `invoice/41208`.
        later_done: whether people have done in Autotask what the fates say they do later: void and cancel.
    """
    invoices, orders = [*xero["invoices"], *xero["credit_notes"]], xero["purchase_orders"]
    problems: list[str] = []
    owned: dict[str, list[Json]] = {}
    for document in [*invoices, *orders]:
        owner = _marked(document)
        if owner is not None and owner in fates:
            owned.setdefault(owner, []).append(document)
        elif document["Status"] not in GONE:
            problems.append(f"{tenant}: {number_of(document)} in Xero belongs to nothing in Autotask")
    stamped = _stamped(autotask)
    for name, fate in fates.items():
        is_stamped = name in stamped if name.startswith("invoice/") else None
        found = judge(fate, owned.get(name, []), stamped=is_stamped, later_done=later_done)
        problems += [f"{tenant}: {name.replace('/', ' ')} {text}" for text in found]
    stays = {
        name: fate
        for name, fate in fates.items()
        if fate["outcome"] == "synced" and not (fate["gone"] and later_done)
    }
    live_invoices, live_orders = (_live(documents) for documents in (invoices, orders))
    comparison = TenantComparison(
        problems=problems,
        outcomes=_outcomes(fates, "invoice/"),
        order_outcomes=_outcomes(fates, "purchase-order/"),
        autotask_totals=totals.autotask_invoices(autotask, stays),
        xero_totals=totals.xero_invoices(live_invoices),
        autotask_orders=totals.autotask_orders(autotask, stays),
        xero_orders=totals.xero_orders(live_orders),
        documents=len(live_invoices),
        orders=len(live_orders),
        gone=sum(document["Status"] in GONE for found in owned.values() for document in found),
        stamped=len(stamped),
    )
    problems += [f"{tenant}: {text}" for text in _different_totals(comparison)]
    return comparison


def _different_totals(comparison: TenantComparison) -> Iterator[str]:
    for what, ours, theirs in (
        ("invoices", comparison.autotask_totals, comparison.xero_totals),
        ("purchase orders", comparison.autotask_orders, comparison.xero_orders),
    ):
        for currency in sorted({*ours, *theirs}):
            wanted, found = ours.get(currency, Decimal(0)), theirs.get(currency, Decimal(0))
            if wanted != found:
                yield f"{what} in Xero add up to {found} {currency}, in Autotask to {wanted}"


def _live(documents: Sequence[Json]) -> list[Json]:
    return [document for document in documents if document["Status"] not in GONE]


def _stamped(autotask: Json) -> set[str]:
    return {
        f"invoice/{stamp['id']}"
        for stamp in autotask["stamps"]
        if stamp["entity"] == "Invoices" and stamp["first_set_at"]
    }


def _outcomes(fates: Mapping[str, Json], kind: str) -> Counter[str]:
    return Counter(_outcome(fate) for name, fate in fates.items() if name.startswith(kind))


def _outcome(fate: Json) -> str:
    if fate["outcome"] != "synced":
        return f"{fate['outcome']}: {fate['cause']}"
    if fate["later"] is None:
        return "synced"
    return f"synced, {fate['later']} later: {'gone' if fate['gone'] else 'kept'} in Xero"


def _marked(document: Json) -> str | None:
    found = _URL_MARK.search(document.get("Url") or "")
    if found:
        return found[1]
    found = _REFERENCE_MARK.search(document.get("Reference") or "")
    return f"{_KINDS[found[1]]}/{found[2]}" if found else None
