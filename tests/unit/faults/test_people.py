"""What people do leaves nothing behind that nobody asked for, and is known to the checkers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from unittest.mock import Mock

import pytest
from requests import ConnectionError as NoConnection
from requests import HTTPError
from sqlalchemy.exc import OperationalError

from tests.faults.books import TENANTS
from tests.faults.kinds import Fault
from tests.faults.people import People

NOBODY: dict[str, frozenset[str]] = {tenant: frozenset() for tenant in TENANTS}


@pytest.fixture
def suite() -> Mock:
    suite = Mock()
    suite.rows.side_effect = lambda *_, **__: [(f"invoice/{number}",) for number in range(1, 200)]
    suite.status.command.side_effect = ({"command_id": f"c{number}"} for number in range(1000))
    suite.status.get.return_value = {"state": "done"}
    suite.xero.books.return_value = {"invoices": [], "credit_notes": []}
    return suite


@pytest.fixture
def people(suite: Mock) -> Iterator[People]:
    with People(suite, 1, NOBODY) as people:
        yield people


def _kinds(suite: Mock) -> list[tuple[str, str | None]]:
    return [(call.args[1], call.args[2]) for call in suite.status.command.call_args_list]


def test_no_hold_stays_and_no_document_is_touched_twice(suite: Mock, people: People) -> None:
    for _ in range(60):
        people.act()
    people.finish()
    given = _kinds(suite)
    held = [name for kind, name in given if kind == "skip"]
    assert held
    assert [name for kind, name in given if kind == "unskip"] == held
    touched = [(asked.tenant, asked.document) for asked in people.asked() if asked.kind in {"skip", "resync"}]
    touched += [(tenant, name) for tenant, names in people.voided.items() for name in names]
    assert len(set(touched)) == len(touched)
    assert {kind for kind, _ in given} == {"resync", "skip", "unskip", "sync-now"}
    assert any(people.voided.values())
    assert all(TENANTS[tenant].voids for tenant, names in people.voided.items() if names)


def test_no_hold_is_forgotten_whose_answer_was_lost(suite: Mock, people: People) -> None:
    people._held.append(("north", "invoice/1"))
    suite.status.command.side_effect = [NoConnection(), {"command_id": "taken in"}]
    people.finish()
    assert [asked.command_id for asked in people.asked()] == [None, "taken in"]


def test_no_command_that_was_refused_over_http_passes_unseen(suite: Mock, people: People) -> None:
    suite.status.command.side_effect = HTTPError(response=Mock(status_code=404))
    with pytest.raises(HTTPError):
        people._ask("north", "resync", "invoice/1")


def test_no_absence_of_a_database_ends_a_run(suite: Mock, people: People) -> None:
    suite.rows.side_effect = OperationalError("", {}, Exception("away"))
    for _ in range(20):
        people.act()
    people.finish()
    assert not any(people.voided.values())


def test_no_ledger_is_lost_before_its_wishes_to_void_are_fulfilled(suite: Mock, people: People) -> None:
    people.voided["south"]["invoice/1"] = datetime.now(UTC)
    living = {"Status": "DRAFT", "Url": "https://x.example/#sync=invoice/1"}
    answers = iter([[living], [living], [living | {"Status": "DELETED"}]])
    suite.xero.books.side_effect = lambda _: {"invoices": next(answers), "credit_notes": []}
    people.prepare(Fault.LEDGER_DROPPED)
    assert list(answers) == []
