"""The judge of what status-api shows must be able to say no, and what is done later must be what the fates say."""

from __future__ import annotations

from typing import Any

import pytest

from local_stack.control import SimulatorControl
from local_stack.demo.later import do_later, gone_wanted
from local_stack.demo.showing import status_problems
from local_stack.demo.watching import goal_of

FATES: dict[str, dict[str, Any]] = {
    "invoice/1": {"outcome": "synced", "cause": "new", "later": "voided", "gone": True},
    "invoice/2": {"outcome": "fault", "cause": "NO_LINES", "later": None, "gone": False},
    "invoice/3": {"outcome": "not_discovered", "cause": "stamped", "later": None, "gone": False},
    "invoice/4": {"outcome": "skipped", "cause": "voided", "later": None, "gone": False},
    "purchase-order/1": {"outcome": "synced", "cause": "new", "later": "cancelled", "gone": False},
}
SHOWN: dict[str, dict[str, Any]] = {
    "invoice/1": {"status": "Complete", "cause": None},
    "invoice/2": {"status": "Fault", "cause": {"code": "NO_LINES"}},
    "invoice/4": {"status": "Skipped", "cause": {"code": "voided"}},
    "purchase-order/1": {"status": "Complete", "cause": None},
}


def test_what_is_shown_as_it_became_is_no_problem() -> None:
    assert list(status_problems("acme", FATES, SHOWN)) == []


@pytest.mark.parametrize(
    ("name", "item", "words"),
    [
        ("invoice/1", {"status": "Fault", "cause": None}, "invoice 1 is shown as Fault, wanted Complete"),
        ("invoice/2", {"status": "Fault", "cause": None}, "with the cause None, wanted NO_LINES"),
        ("invoice/3", {"status": "Complete", "cause": None}, "must not be discovered (stamped)"),
        ("invoice/9", {"status": "Complete", "cause": None}, "invoice 9 is shown and nobody knows it"),
        ("purchase-order/1", {"status": "Skipped", "cause": None}, "purchase-order 1 is shown as Skipped"),
    ],
)
def test_no_wrong_row_goes_unnamed(name: str, item: dict[str, Any], words: str) -> None:
    assert any(words in problem for problem in status_problems("acme", FATES, SHOWN | {name: item}))


def test_no_missing_row_goes_unnamed() -> None:
    [problem] = status_problems("acme", FATES, {name: SHOWN[name] for name in SHOWN if name != "invoice/1"})
    assert problem == "acme: invoice 1 is not shown, wanted Complete"


class _Recorded(SimulatorControl):
    def __init__(self) -> None:
        super().__init__("http://127.0.0.1:9")
        self.sent: list[tuple[str, Any]] = []

    def post(self, path: str, body: Any) -> None:  # noqa: ANN401  # any JSON
        self.sent.append((path, body))


def test_nothing_is_voided_or_cancelled_that_was_not_planned() -> None:
    control = _Recorded()
    assert do_later(control, "acme", FATES) == 2
    assert control.sent == [
        ("tenants/acme/invoices/1/void", {"lines": "detached", "resource": None}),
        ("tenants/acme/purchase-orders/1", {"status": 5}),
    ]
    assert gone_wanted(FATES) == {"invoice/1"}


def test_no_order_is_waited_for_to_be_stamped() -> None:
    goal = goal_of(FATES)
    assert (goal.settled, goal.stamped) == (4, 1)
