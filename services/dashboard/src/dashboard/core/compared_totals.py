"""Totals of a document: as Autotask has them, as they were predicted and sent, as Xero returned them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from dashboard.core.money import show_money

Json = Mapping[str, Any]

_NET, _GROSS = "the invoice's total is net", "the invoice's total includes tax"


@dataclass(frozen=True, slots=True)
class Total:
    """A total on each side and in Xero's answer; None where that side does not tell it."""

    name: str
    autotask: str | None
    sent: str | None
    returned: str | None
    differences: tuple[str, ...] = ()


def totals_of(
    discovered: Json, mapped: Json, synced: Json | None, *, turned: bool, is_order: bool
) -> tuple[Total, ...]:
    """Net, tax and total of both sides; what the mapper said about Autotask's total tells whether it includes tax."""
    predicted = mapped["prediction"]
    net = tax = gross = None
    if not is_order:
        invoice = discovered["invoice"]
        total = Decimal(invoice["total"])
        taxed = Decimal(invoice["tax_total"])
        sign = -1 if turned else 1
        told = "\n".join(mapped["decisions"])
        tax = str(sign * taxed)
        if _NET in told:
            net, gross = str(sign * total), str(sign * (total + taxed))
        elif _GROSS in told:
            net, gross = str(sign * (total - taxed)), str(sign * total)
    returned = synced or {}
    return (
        _total("Net", net, predicted["sub_total"], returned.get("sub_total")),
        _total("Tax", tax, predicted["total_tax"], returned.get("total_tax")),
        _total("Total", gross, predicted["total"], _returned_total(synced)),
    )


def basis_words(document: Json) -> str:
    """What an invoice's total of Autotask is beside Xero's, which always includes tax: told where it does not."""
    other = document["xero"] or document["mapping"]
    if other is None or other["total"] is None or document["total"] is None or document["tax_total"] is None:
        return ""
    total, tax = Decimal(document["total"]), Decimal(document["tax_total"])
    is_net = tax != 0 and abs(total + tax) == Decimal(other["total"])
    return " (Autotask's is before tax)" if is_net else ""


def _returned_total(synced: Json | None) -> str | None:
    return None if synced is None else str(Decimal(synced["sub_total"]) + Decimal(synced["total_tax"]))


def _total(name: str, autotask: str | None, sent: str, returned: str | None) -> Total:
    differences = []
    if autotask is not None and Decimal(autotask) != Decimal(sent):
        differences.append(f"Sent {apart(Decimal(autotask), Decimal(sent))} from Autotask")
    if returned is not None and Decimal(returned) != Decimal(sent):
        differences.append(f"Xero's answer {apart(Decimal(sent), Decimal(returned))} from what was sent")
    return Total(name, autotask, sent, returned, tuple(differences))


def apart(autotask: Decimal, xero: Decimal) -> str:
    """By how much, in words."""
    return f"differs by {show_money(str(xero - autotask))}"
