"""Lines as they are planned, and as they are sent: the same for invoices and purchase orders."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from invoice_amounts import ZERO, Price, SentLine
from invoice_events.types import XeroLine
from mapper.core.choices import Choice
from mapper.core.numbers import TIMES
from mapper.core.rules import TaxType
from mapper.core.texts import pieces
from mapper.core.tracking import UNTRACKED, Tracked


class Coding(NamedTuple):
    """Account, tax type and tracking of a line."""

    account: Choice
    tax: Choice
    tax_type: TaxType
    tracked: Tracked = UNTRACKED


class Plan(NamedTuple):
    """One line to be printed: its text, how the amount is put, its coding, and the reasons in words.

    Attributes:
        text: description without `note`.
        note: what has to be said of the amount, such as Autotask's quantity and rate where they could not be sent; or empty.
        price: quantity and unit price.
        amount: net amount.
        tax: tax in minor units.
        coding: account, tax type and tracking.
        why: the decisions in words.
    """

    text: str
    note: str
    price: Price
    amount: Decimal
    tax: Decimal
    coding: Coding
    why: str


def put(price: Price, why_one: str = "") -> str:
    """How an amount is put, in words; `why_one`: the reason why it goes as one times the amount, if it has to."""
    if why_one:
        return f"sent as 1 {TIMES} {price.unit_amount}, {why_one}"
    return f"sent as {price.quantity.normalize():f} {TIMES} {price.unit_amount.normalize():f}"


def write_lines(
    plans: Sequence[Plan], *, sends_tax: bool, closing: str = ""
) -> tuple[list[XeroLine], list[SentLine]]:
    """The lines as they are sent, and what of them decides their amounts; one entry in each for every line.

    A text that is longer than Xero takes continues in lines that are only a description.

    Args:
        plans: the lines, in their order.
        sends_tax: whether the taxes go over, or Xero computes them.
        closing: text of the whole document, below all lines.
    """
    written: list[XeroLine] = []
    sent: list[SentLine] = []
    for plan in plans:
        first, *rest = pieces(plan.text + plan.note)
        quantity, unit_amount = plan.price
        coding = plan.coding
        tax_amount = plan.tax if sends_tax else None
        written.append(
            {
                "description": first,
                "quantity": quantity,
                "unit_amount": unit_amount,
                "account_code": coding.account.value,
                "tax_type": coding.tax.value,
                "tax_amount": tax_amount,
                "tracking": list(coding.tracked.pairs),
            }
        )
        sent.append(SentLine(quantity, unit_amount, tax_amount, coding.tax_type.rate))
        if rest:
            _only_text(rest, written, sent)
    if closing:
        _only_text(pieces(closing), written, sent)
    return written, sent


def _only_text(texts: Sequence[str], written: list[XeroLine], sent: list[SentLine]) -> None:
    for text in texts:
        written.append(
            {
                "description": text,
                "quantity": None,
                "unit_amount": None,
                "account_code": None,
                "tax_type": None,
                "tax_amount": None,
                "tracking": [],
            }
        )
        sent.append(SentLine(None, None, None, ZERO))
