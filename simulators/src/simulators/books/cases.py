"""The special cases that a set of books must contain, and how often."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random


class Case(StrEnum):
    """What is special about an invoice."""

    ORDINARY = "ordinary"
    STAMPED = "stamped"
    VOIDED = "voided"
    OUT_OF_WINDOW = "out_of_window"
    EMPTY_NUMBER = "empty_number"
    NO_LINES = "no_lines"
    CREDIT_NOTE = "credit_note"
    ZERO_COVERED = "zero_covered"
    ZERO_BALANCED = "zero_balanced"
    TAX_ON_TOTAL = "tax_on_total"
    LONG_TEXT = "long_text"
    FORTY_LINES = "forty_lines"
    CONTRACT_COVERED = "contract_covered"
    DISCOUNT = "discount"
    SECOND_CURRENCY = "second_currency"
    NEAR_EQUAL_NAME = "near_equal_name"
    EVERY_TYPE = "every_type"
    NON_BILLABLE = "non_billable"
    LONG_SERVICE = "long_service"
    NEW_CONTACT = "new_contact"
    VOIDED_LATER = "voided_later"
    ANYTHING = "anything"
    FAULT_CONTACT = "fault_contact"
    FAULT_ACCOUNT = "fault_account"
    FAULT_CURRENCY = "fault_currency"
    FAULT_AMOUNTS = "fault_amounts"


# Share of the invoices, at least one each; the rest is ordinary. Where room is short the first ones win. ANYTHING is
# what random books have instead of the ordinary.
_SHARES: dict[Case, float] = {
    Case.CREDIT_NOTE: 0.05,
    Case.TAX_ON_TOTAL: 0.03,
    Case.CONTRACT_COVERED: 0.04,
    Case.DISCOUNT: 0.06,
    Case.SECOND_CURRENCY: 0.08,
    Case.NEAR_EQUAL_NAME: 0.05,
    Case.LONG_TEXT: 0.02,
    Case.STAMPED: 0.04,
    Case.OUT_OF_WINDOW: 0.04,
    Case.VOIDED: 0.02,
    Case.EMPTY_NUMBER: 0.02,
    Case.VOIDED_LATER: 0.012,
    Case.NEW_CONTACT: 0.007,
    Case.NON_BILLABLE: 0.01,
    Case.LONG_SERVICE: 0.015,
    Case.ZERO_COVERED: 0.01,
    Case.ZERO_BALANCED: 0.007,
    Case.EVERY_TYPE: 0.01,
    Case.FORTY_LINES: 0.007,
    Case.FAULT_AMOUNTS: 0.006,
    Case.FAULT_CONTACT: 0.006,
    Case.FAULT_ACCOUNT: 0.006,
    Case.FAULT_CURRENCY: 0.006,
    Case.NO_LINES: 0.006,
}


def plan(invoices: int, rng: Random) -> list[Case]:
    """A case for every invoice, in random order; a third at least are ordinary, so small sets lack some cases."""
    cases = [case for case, share in _SHARES.items() for _ in range(max(1, round(invoices * share)))]
    cases = cases[: invoices * 2 // 3]
    cases += [Case.ORDINARY] * (invoices - len(cases))
    rng.shuffle(cases)
    return cases
