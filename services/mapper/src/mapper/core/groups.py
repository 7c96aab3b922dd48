"""Groups of lines that Autotask's template prints as one."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from invoice_amounts import LARGEST_LINE_AMOUNT, ZERO, SentLine, as_one, predict
from invoice_events.types import AutotaskLine
from mapper.core.texts import clean
from mapper.core.writing import Plan


class Groups:
    """The printed groups of an invoice: lines of one group id, if the group has a text."""

    def __init__(self, lines: Sequence[AutotaskLine]) -> None:
        """Find them; most invoices have none."""
        self._members: dict[int, list[int]] = {}
        self._texts: dict[int, str] = {}
        for index, line in enumerate(lines):
            group = line["group_id"]
            if group is not None and (text := clean(line["group_description"])):
                self._members.setdefault(group, []).append(index)
                self._texts.setdefault(group, text)

    def own_text(self, line: AutotaskLine) -> str:
        """The text of the group of which the line is the only member; empty if there is none."""
        group = line["group_id"]
        if group is None or len(self._members.get(group, ())) != 1 or not clean(line["group_description"]):
            return ""
        return self._texts[group]

    def joined(self, plans: list[Plan], *, sends_tax: bool) -> list[Plan]:
        """One printed line for each group of several, where its first member stands.

        Groups stay itemised whose members differ in account, tax type or tracking, or can not be one line to the cent:
        of a tax that Xero computes (`sends_tax` false), it has to make the same of one line as of several.
        """
        if not self._members:
            return plans
        first_of: dict[int, Plan] = {}
        dropped: set[int] = set()
        for group, indexes in self._members.items():
            if len(indexes) == 1:
                continue
            plan = _one_line(
                group, self._texts[group], [plans[index] for index in indexes], sends_tax=sends_tax
            )
            if plan is not None:
                first_of[indexes[0]] = plan
                dropped.update(indexes[1:])
        return [first_of.get(index, plan) for index, plan in enumerate(plans) if index not in dropped]


def _one_line(group: int, text: str, plans: Sequence[Plan], *, sends_tax: bool) -> Plan | None:
    """One line for several, or None if they can not be one."""
    first = plans[0]
    codings = {(plan.coding.account.value, plan.coding.tax.value) for plan in plans}
    tracked = first.coding.tracked.pairs
    amount = sum((plan.amount for plan in plans), ZERO)
    tax = sum((plan.tax for plan in plans), ZERO)
    alike = len(codings) == 1 and all(plan.coding.tracked.pairs == tracked for plan in plans)
    if not alike or abs(tax) > abs(amount) or abs(amount) > LARGEST_LINE_AMOUNT:
        return None
    if not sends_tax and _xeros_tax(first, amount) != sum(
        (_xeros_tax(plan, plan.amount) for plan in plans), ZERO
    ):
        return None
    why = f"{first.why}; group {group}: {len(plans)} lines printed as one"
    return Plan(text, "", as_one(amount), amount, tax, first.coding, why)


def _xeros_tax(plan: Plan, amount: Decimal) -> Decimal:
    """The tax that Xero computes of an amount that is coded like this line."""
    return predict([SentLine(*as_one(amount), None, plan.coding.tax_type.rate)]).total_tax
