"""A memory that was copied comes back as it was; one that is dropped or emptied is gone."""

from __future__ import annotations

import pytest
from sqlalchemy import create_engine, text

from service_runtime.database import migrate
from tests.faults import copying

pytestmark = pytest.mark.stack

_INTENT = (
    "INSERT INTO xero_writer.intent (id, tenant_id, epoch, purpose, xero_kind, method, path, body, idempotency_key)"
    " VALUES (gen_random_uuid(), 'acme', 1, 'create', 'invoice', 'PUT', '/Invoices', '', :key)"
)
_COMMAND = (
    "INSERT INTO poller.command_inbox (command_id, tenant_id, kind, actor, issued_at, traceparent)"
    " VALUES (:key, 'acme', 'resync', 'me', now(), 'x')"
)
_LEDGER = (
    "INSERT INTO poller.ledger (tenant_id, document, autotask_id, state, revision, attempt, strikes, priority, synced_revision,"
    " traceparent) VALUES ('acme', :key, 1, 'done', 1, 1, 0, 'normal', 1, 'x')"
)


@pytest.fixture
def poller(database_url: str) -> str:
    return _migrated("poller", database_url)


@pytest.fixture
def writer(database_url: str) -> str:
    return _migrated("xero_writer", database_url)


def _migrated(package: str, url: str) -> str:
    migrate(package, url.replace("postgresql://", "postgresql+psycopg2://"), package)
    return url


def _do(url: str, statement: str, **values: object) -> list[tuple[object, ...]]:
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg2://"))
    try:
        with engine.begin() as connection:
            found = connection.execute(text(statement), values)
            return [tuple(row) for row in found] if found.returns_rows else []
    finally:
        engine.dispose()


def test_no_row_of_later_is_in_a_restored_memory_and_none_of_then_is_missing(poller: str) -> None:
    _do(poller, _LEDGER, key="invoice/1")
    _do(poller, _COMMAND, key="first")
    copying.keep(poller, "poller")
    _do(poller, _LEDGER, key="invoice/2")
    _do(poller, _COMMAND, key="second")
    _do(poller, "UPDATE poller.ledger SET state = 'fault' WHERE document = 'invoice/1'")
    copying.restore(poller, "poller")
    assert _do(poller, "SELECT document, state, stamp_wanted FROM poller.ledger") == [
        ("invoice/1", "done", True)
    ]
    _do(poller, _COMMAND, key="third")
    # Numbers are given again, as by any database that came from a backup.
    assert _do(poller, "SELECT command_id, arrival FROM poller.command_inbox ORDER BY arrival") == [
        ("first", 1),
        ("third", 2),
    ]


def test_no_reference_between_tables_keeps_a_journal_from_coming_back(writer: str) -> None:
    _do(writer, _INTENT, key="k")
    _do(
        writer,
        "INSERT INTO xero_writer.intent_element (intent_id, position, tenant_id, document, revision, priority, mapped, traceparent,"
        " batch_limit, received_at, contact_name)"
        " SELECT id, 0, 'acme', 'invoice/1', 1, 0, '', 'x', 50, now(), 'c' FROM xero_writer.intent",
    )
    copying.keep(writer, "xero_writer")
    copying.restore(writer, "xero_writer")
    assert _do(
        writer, "SELECT count(*) FROM xero_writer.intent_element JOIN xero_writer.intent ON id = intent_id"
    ) == [(1,)]


def test_no_older_copy_is_mixed_with_a_newer_one(poller: str) -> None:
    _do(poller, _LEDGER, key="invoice/1")
    copying.keep(poller, "poller")
    _do(poller, _LEDGER, key="invoice/2")
    copying.keep(poller, "poller")
    copying.restore(poller, "poller")
    assert len(_do(poller, "SELECT 1 FROM poller.ledger")) == 2


def test_no_trace_of_a_dropped_memory_is_left_and_its_copy_is_not_dropped_with_it(poller: str) -> None:
    _do(poller, _LEDGER, key="invoice/1")
    copying.keep(poller, "poller")
    copying.drop(poller, "poller")
    _migrated("poller", poller)
    assert _do(poller, "SELECT 1 FROM poller.ledger") == []
    copying.restore(poller, "poller")
    assert _do(poller, "SELECT document FROM poller.ledger") == [("invoice/1",)]
    copying.empty(poller, "poller")
    assert _do(poller, "SELECT 1 FROM poller.ledger") == []
    assert _do(poller, "SELECT 1 FROM poller.alembic_version") == [(1,)]
