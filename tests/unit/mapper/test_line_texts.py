from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from mapper.core.line_texts import day_text
from mapper.core.outcome import Mapped
from tests.unit.mapper.conftest import document_of, invoice, line, mapped

if TYPE_CHECKING:
    from invoice_events.types import AutotaskLine

D = Decimal
X = "\N{MULTIPLICATION SIGN}"
TICKET = {"ticket_id": 88231, "resource_name": "Ada Byron"}
RECURRING = {"type": 6, "ticket_id": None, "item_name": "Managed desktop", "contract_id": 7}


def texts(*lines: AutotaskLine, **settings: object) -> list[str]:
    outcome = mapped(invoice(list(lines)), **settings)
    assert isinstance(outcome, Mapped), outcome
    return [each["description"] for each in document_of(outcome.event)["lines"]]


def bare(line_id: int, **changes: object) -> AutotaskLine:
    """A line that says nothing of itself."""
    nothing: dict[str, object] = {
        "description": " \x00",
        "item_name": "",
        "ticket_id": None,
        "ticket_number": None,
        "ticket_title": None,
        "billing_code_name": None,
    }
    return line(line_id, "1", **nothing | changes)


@pytest.mark.parametrize("unseen", ["\u200b", "\ufeff \n\u2060", "\u3164", "\u00ad\u200d"])
def test_a_description_of_nothing_to_see_counts_as_empty(unseen: str) -> None:
    assert texts(line(1, "1", description=unseen)) == ["Remote support"]
    assert texts(bare(1, description=unseen, item_name=unseen, contract_name=unseen)) == ["Labour"]


def test_a_description_is_never_empty_whatever_autotask_leaves_out() -> None:
    everything = {
        "description": "Full text",
        "item_name": "Name",
        "group_description": "Group",
        "ticket_number": "T1",
        "ticket_title": "Mailbox",
        "contract_name": "Gold",
        "billing_code_name": "Remote support",
    }
    gone: list[str] = []
    shown = []
    for part in ("description", "item_name", "group_description", "ticket_number", "contract_name"):
        shown += texts(line(1, "1", **everything | dict.fromkeys(gone, "")))
        gone += [part, "ticket_title"] if part == "ticket_number" else [part]
    shown += texts(line(1, "1", **everything | dict.fromkeys(gone, "")))
    assert shown == ["Full text", "Name", "Group", "T1 Mailbox", "Gold", "Remote support"]


@pytest.mark.parametrize(
    ("line_type", "word"),
    [
        (1, "Labour"),
        (2, "Project charge"),
        (3, "Charge"),
        (4, "Expense"),
        (5, "Subscription"),
        (6, "Recurring service"),
        (7, "Recurring service bundle"),
        (8, "Milestone"),
        (9, "Autotask billing item 4"),
    ],
)
def test_no_type_of_billing_item_is_without_a_word(line_type: int, word: str) -> None:
    assert texts(bare(4, type=line_type)) == [word]


def test_half_a_ticket_is_no_reason_for_a_dangling_blank() -> None:
    assert texts(bare(1, ticket_number="T1")) == ["T1"]
    assert texts(bare(1, ticket_title="Mailbox")) == ["Mailbox"]


def test_names_and_days_stand_on_ticket_lines_only_and_only_if_they_are_asked_for() -> None:
    contract = line(2, "5", resource_name="Ada Byron", **RECURRING)
    product = line(3, "5", type=3, ticket_id=None, resource_name="Ada Byron")
    lines = (line(1, "10", **TICKET), contract, product)
    plain = ["Work item 1", "Work item 2", "Work item 3"]
    assert texts(*lines) == plain
    assert texts(*lines, show_resource=True) == ["Work item 1\nTechnician: Ada Byron", *plain[1:]]
    assert texts(*lines, show_date_in_description=True) == ["6 May 2026: Work item 1", *plain[1:]]
    both = texts(*lines, show_resource=True, show_date_in_description=True)
    assert both == ["6 May 2026: Work item 1\nTechnician: Ada Byron", *plain[1:]]


def test_a_ticket_line_without_technician_or_day_shows_no_empty_label() -> None:
    lines = line(1, "10", **TICKET | {"resource_name": " "}, date=None)
    assert texts(lines, show_resource=True, show_date_in_description=True) == ["Work item 1"]


def test_days_are_english_whatever_the_machine_speaks() -> None:
    assert [day_text(date(2026, month, 1)).split()[1][:3] for month in range(1, 13)] == [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]  # fmt: skip
    assert day_text(date(2026, 5, 14)) == "14 May 2026"


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        (RECURRING, "Managed desktop"),
        (RECURRING | {"type": 7, "contract_id": None}, "Managed desktop"),
        (RECURRING | {"type": 3}, "Managed desktop"),
        (RECURRING | {"item_name": " ", "contract_name": "Gold"}, "Gold"),
        (RECURRING | {"item_name": "", "contract_name": None}, "Long text"),
        (RECURRING | {"item_name": "", "contract_name": "Gold", "type": 7}, "Gold"),
        (RECURRING | {"item_name": "", "contract_name": "Gold", "type": 8}, "Long text"),
        (RECURRING | {"item_name": " ", "contract_name": "Gold", "type": 3}, "Long text"),
        (RECURRING | {"type": 3, "contract_id": None}, "Long text\nof a contract"),
        (RECURRING | {"type": 3, "ticket_id": 5}, "Long text\nof a contract"),
        (RECURRING | {"type": 1}, "Long text\nof a contract"),
    ],
)
def test_only_contract_lines_lose_their_long_text(changes: dict[str, object], shown: str) -> None:
    long = line(1, "10", description="Long text\nof a contract", **changes)
    assert texts(long, hide_service_contract_descriptions=True) == [shown]
    assert texts(long) == ["Long text\nof a contract"]


def test_hiding_a_text_changes_no_amount() -> None:
    lines = [line(1, "386.65", quantity=D("3.175"), rate=D(100), **RECURRING)]
    plain, hidden = mapped(invoice(lines)), mapped(invoice(lines), hide_service_contract_descriptions=True)
    assert isinstance(plain, Mapped)
    assert isinstance(hidden, Mapped)
    assert plain.event["prediction"] == hidden.event["prediction"]
    assert document_of(hidden.event)["lines"][0]["description"] == f"Managed desktop\n3.175 {X} 100.00"


def covered(**changes: object) -> AutotaskLine:
    base: dict[str, object] = {"quantity": D("2.5"), "rate": D(120), "extended_price": D(300), "tax": D(0)}
    return line(1, "0", **base | changes)


def shown_with_work(first: AutotaskLine) -> str:
    """The text of a line beside one that is paid, in an invoice that charges for that one only."""
    outcome = mapped(invoice([first, line(2, "100")], total=D(100)))
    assert isinstance(outcome, Mapped), outcome
    return document_of(outcome.event)["lines"][0]["description"]


@pytest.mark.parametrize(
    ("changes", "note"),
    [
        ({"contract_name": "Block hours"}, f"Covered by Block hours: 2.5 {X} 120.00"),
        ({}, f"Covered by contract: 2.5 {X} 120.00"),
        ({"non_billable": True, "contract_name": "Block hours"}, f"Not billable: 2.5 {X} 120.00"),
        ({"quantity": D("-2.5")}, f"Covered by contract: 2.5 {X} -120.00"),
    ],
)
def test_work_that_costs_nothing_says_why(changes: dict[str, object], note: str) -> None:
    assert shown_with_work(covered(**changes)) == f"Work item 1\n{note}"


def test_work_worth_nothing_is_not_called_covered() -> None:
    assert shown_with_work(covered(quantity=D(0), extended_price=D(0))) == "Work item 1"
    assert shown_with_work(covered(rate=D(0), extended_price=D(0))) == "Work item 1"
    tiny = covered(quantity=D(1), rate=D("0.0041"), extended_price=D(0))
    assert shown_with_work(tiny) == f"Work item 1\n1 {X} 0.0041"


def test_covered_work_on_a_credit_note_keeps_the_sign_of_its_rate() -> None:
    lines = [covered(contract_name="Block hours"), line(2, "-100", quantity=D(-1), rate=D(100))]
    outcome = mapped(invoice(lines, total=D(-100)))
    assert isinstance(outcome, Mapped), outcome
    assert document_of(outcome.event)["lines"][0]["description"].endswith(f"Block hours: 2.5 {X} 120.00")


def grouped(line_id: int, **changes: object) -> AutotaskLine:
    base = {"group_id": 1, "group_description": "Managed services", **TICKET}
    return line(line_id, "10", **base | changes)


def test_a_printed_group_carries_neither_day_nor_technician_of_one_of_its_members() -> None:
    options = {"show_resource": True, "show_date_in_description": True}
    assert texts(grouped(1), grouped(2), **options) == ["Managed services"]
    assert texts(grouped(1), **options) == ["6 May 2026: Managed services\nTechnician: Ada Byron"]


def test_a_contract_group_is_not_hidden_unless_it_is_one_line() -> None:
    members = [grouped(number, **RECURRING) for number in (1, 2)]
    assert texts(*members, hide_service_contract_descriptions=True) == ["Managed services"]
    assert texts(members[0], hide_service_contract_descriptions=True) == ["Managed desktop"]


def test_a_group_that_stays_itemised_keeps_every_members_own_text() -> None:
    members = (grouped(1), grouped(2, billing_code_id=None))
    assert texts(*members, show_resource=True) == [
        "Work item 1\nTechnician: Ada Byron",
        "Work item 2\nTechnician: Ada Byron",
    ]
