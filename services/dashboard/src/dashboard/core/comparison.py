"""Autotask's lines beside those that go to Xero: which belong together, and what differs, in words.

The mapper tells for each line why it looks as it does (`line 770573: …`), in the order of the lines that it makes. That names the
line of Autotask; where the count does not fit, as in events of an older release, the order decides.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from dashboard.core.compared_totals import Total, apart, totals_of
from dashboard.core.money import show_money, show_quantity

Json = Mapping[str, Any]

_ABOUT_A_LINE = re.compile(r"^(?:line (?P<id>\d+)|rounding line|freight): ")
_JOINED = re.compile(r"; group (?P<group>\d+): \d+ lines printed as one$")
_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Line:
    """A line as one side has it; None where that side has no such number.

    Attributes:
        text: description.
        quantity, price, amount, tax: digits as they came.
        coding: of Xero's side, account, tax type and tracking in words.
    """

    text: str
    quantity: str | None = None
    price: str | None = None
    amount: str | None = None
    tax: str | None = None
    coding: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """Lines that belong together.

    Attributes:
        autotask: none of a line that was added for Xero, several where they are printed as one.
        xero: None of a line that was left out.
        differences: what is not the same on both sides, in words; empty if nothing is.
        remarks: what is not the same but changes nothing, such as an amount rounded to the cent.
        why: how the mapper came to it.
    """

    autotask: tuple[Line, ...]
    xero: Line | None
    differences: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Both sides of a document.

    Attributes:
        rows: lines.
        totals: below them.
        turned: whether every sign is turned, since Xero's credit notes are positive.
        decisions: of the mapper, about the document as a whole.
        currency: of both sides.
    """

    rows: tuple[Row, ...]
    totals: tuple[Total, ...]
    turned: bool
    decisions: tuple[str, ...]
    currency: str
    is_order: bool = field(default=False)

    @property
    def differing(self) -> int:
        """How many lines and totals differ."""
        lines = sum(bool(row.differences) for row in self.rows)
        return lines + sum(bool(total.differences) for total in self.totals)


def compare(discovered: Json, mapped: Json, synced: Json | None) -> Comparison:
    """Hold both sides of a document against each other.

    Args:
        discovered: the event with Autotask's snapshot.
        mapped: the event that was made of it, with a document to be.
        synced: `synced` of the opened document, None if it is not in Xero from this try.
    """
    turned = mapped["xero_kind"] == "credit_note"
    is_order = "order" in discovered
    about_lines = [each for each in mapped["decisions"] if _ABOUT_A_LINE.match(each)]
    source = _in_order(discovered["lines"])
    pairs = _pairs(source, mapped["xero"]["lines"], about_lines)
    amounts = mapped["prediction"]["lines"]
    rows = tuple(
        _row(each, None if index is None else amounts[index], turned=turned) for each, index in pairs
    )
    return Comparison(
        rows,
        totals_of(discovered, mapped, synced, turned=turned, is_order=is_order),
        turned,
        tuple(each for each in mapped["decisions"] if each not in about_lines),
        mapped["xero"]["currency"],
        is_order,
    )


@dataclass(frozen=True, slots=True)
class _Pair:
    source: tuple[Json, ...]
    written: Json | None
    why: str = ""


def _in_order(lines: Sequence[Json]) -> list[Json]:
    """As the mapper puts them: by Autotask's order, then by id; orders by id alone."""
    return sorted(
        lines, key=lambda line: (line.get("sort_order") is None, line.get("sort_order") or 0, line["id"])
    )


def _pairs(
    source: Sequence[Json], written: Sequence[Json], about_lines: Sequence[str]
) -> list[tuple[_Pair, int | None]]:
    """What belongs together, with the place of Xero's line."""
    priced = [index for index, line in enumerate(written) if line["quantity"] is not None]
    told = len(about_lines) == len(priced)
    left = {line["id"]: line for line in source}
    found: dict[int, _Pair] = {}
    for place, index in enumerate(priced):
        why = about_lines[place] if told else ""
        members = _members(why, source) if told else source[place : place + 1]
        for line in members:
            left.pop(line["id"], None)
        found[index] = _Pair(tuple(members), written[index], why)
    pairs: list[tuple[_Pair, int | None]] = [
        (found.get(index, _Pair((), line)), index) for index, line in enumerate(written)
    ]
    return pairs + [(_Pair((line,), None), None) for line in left.values()]


def _members(why: str, source: Sequence[Json]) -> Sequence[Json]:
    """Lines of Autotask that a decision is about."""
    about = _ABOUT_A_LINE.match(why)
    if about is None or about["id"] is None:
        return ()
    joined = _JOINED.search(why)
    if joined is not None:
        return [line for line in source if str(line.get("group_id")) == joined["group"]]
    return [line for line in source if str(line["id"]) == about["id"]]


def _row(pair: _Pair, amounts: Json | None, *, turned: bool) -> Row:
    autotask = tuple(_of_autotask(line, turned=turned) for line in pair.source)
    if pair.written is None:
        return Row(autotask, None, ("Not sent to Xero",))
    xero = _of_xero(pair.written, amounts)
    why = _ABOUT_A_LINE.sub("", pair.why)
    if not autotask:
        return Row((), xero, (_added(pair),), why=why)
    differences, remarks = _differences(pair.source, autotask, xero, turned=turned)
    return Row(autotask, xero, tuple(differences), tuple(remarks), why)


def _added(pair: _Pair) -> str:
    if pair.why.startswith("rounding line"):
        return "Added in Xero: makes up for rounding"
    if pair.why.startswith("freight"):
        return "Added in Xero: the order's freight"
    return "Added in Xero: text alone, without an amount"


def _of_autotask(line: Json, *, turned: bool) -> Line:
    if "unit_cost" in line:
        text = "\n".join(part for part in (line["product_name"], line["memo"]) if part)
        amount = Decimal(line["quantity"]) * Decimal(line["unit_cost"])
        return Line(text, line["quantity"], line["unit_cost"], str(amount))
    text = line["description"] or line["item_name"]
    return Line(
        text,
        _signed(line["quantity"], turned=turned),
        line["rate"],
        _signed(line["extended_price"] or line["total_amount"], turned=turned),
        _signed(line["tax"], turned=turned),
    )


def _signed(number: str | None, *, turned: bool) -> str | None:
    """As Xero would have it: a credit note's amounts are positive there."""
    return str(-Decimal(number)) if turned and number is not None else number


def _of_xero(line: Json, amounts: Json | None) -> Line:
    if line["quantity"] is None or amounts is None:
        return Line(line["description"])
    tracking = [f"{each['name']}: {each['option']}" for each in line["tracking"]]
    coding = [f"account {line['account_code']}", f"tax type {line['tax_type']}", *tracking]
    return Line(
        line["description"],
        line["quantity"],
        line["unit_amount"],
        amounts["line_amount"],
        amounts["tax_amount"],
        ", ".join(coding),
    )


def _differences(
    source: Sequence[Json], autotask: Sequence[Line], xero: Line, *, turned: bool
) -> tuple[list[str], list[str]]:
    """What differs, and what is only put otherwise."""
    differences: list[str] = []
    remarks: list[str] = []
    if len(autotask) > 1:
        remarks.append(f"{len(autotask)} lines of one group are printed as one")
    amount, other = _sum(autotask, "amount"), _number(xero.amount)
    if amount != other:
        _put_amount(source, amount, other, differences, remarks, turned=turned)
    tax, xeros = _sum(autotask, "tax"), _number(xero.tax)
    if any(line.tax is not None for line in autotask) and tax != xeros:
        differences.append(f"Tax {apart(tax, xeros)}")
    if len(autotask) == 1:
        remarks += _put_otherwise(autotask[0], xero)
    return differences, remarks


def _put_amount(
    source: Sequence[Json],
    amount: Decimal,
    other: Decimal,
    differences: list[str],
    remarks: list[str],
    *,
    turned: bool,
) -> None:
    """Autotask has up to four decimals and two fields of an amount: the same to the cent in either is the same."""
    sign = -1 if turned else 1
    second = sum(
        (sign * Decimal(line["total_amount"]) for line in source if "total_amount" in line), Decimal(0)
    )
    if abs(amount - other) < _CENT or ("total_amount" in source[0] and abs(second - other) < _CENT):
        remarks.append("Amount rounded to the cent")
    else:
        differences.append(f"Amount {apart(amount, other)}")


def _put_otherwise(autotask: Line, xero: Line) -> list[str]:
    found = []
    if (_number(autotask.quantity), _number(autotask.price)) != (_number(xero.quantity), _number(xero.price)):
        found.append(
            f"Quantity and price put as {show_quantity(xero.quantity)} times {show_money(xero.price)}"
        )
    if _words(autotask.text) != _words(xero.text):
        found.append("Text completed" if _words(autotask.text) in _words(xero.text) else "Text differs")
    return found


def _words(text: str) -> str:
    return " ".join(text.split())


def _number(text: str | None) -> Decimal:
    return Decimal(text) if text is not None else Decimal(0)


def _sum(lines: Sequence[Line], name: str) -> Decimal:
    return sum((_number(getattr(line, name)) for line in lines), Decimal(0))
