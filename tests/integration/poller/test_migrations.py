"""A database of an earlier release goes on with what it knows."""

from __future__ import annotations

import pytest
from alembic import command
from sqlalchemy import text

from poller.bootstrap import SCHEMA
from service_runtime.database import _alembic, make_engine, migrate

pytestmark = pytest.mark.stack

_KNOWN = (
    "INSERT INTO ledger (tenant_id, document, autotask_id, state, revision, attempt, strikes, priority, traceparent, discovered_at)"
    " VALUES ('acme', :document, 1, 'done', 5, 1, 0, 'normal', 't', CAST(:at AS timestamptz))"
)
_ASKED = (
    "INSERT INTO command_inbox (command_id, tenant_id, kind, actor, issued_at, traceparent)"
    " VALUES ('c1', 'acme', 'sync-now', 'ana', clock_timestamp(), 't')"
)


def test_a_known_tenant_is_not_taken_for_one_that_is_activated_for_the_first_time(database_url: str) -> None:
    url = database_url.replace("postgresql://", "postgresql+psycopg2://")
    command.upgrade(_alembic("poller", url, SCHEMA), "0001")
    engine = make_engine(url, SCHEMA)
    with engine.begin() as connection:
        for document, at in (("invoice/1", "2026-01-02 03:04Z"), ("invoice/2", "2026-03-02 03:04Z")):
            connection.execute(text(_KNOWN), {"document": document, "at": at})
        connection.execute(text(_ASKED))
    migrate("poller", url, SCHEMA)
    with engine.begin() as connection:
        (mark,) = connection.execute(
            text("SELECT tenant_id, activated_at::date::text, orders_from FROM bookmarks")
        )
        assert tuple(mark) == ("acme", "2026-01-02", None)
        known = connection.execute(text("SELECT generation, recreate, voided_at FROM ledger")).all()
        assert {tuple(row) for row in known} == {(1, False, None)}
        assert connection.execute(text("SELECT options FROM command_inbox")).scalar() == {}
    command.downgrade(_alembic("poller", url, SCHEMA), "0001")
    with engine.begin() as connection:
        assert connection.execute(text("SELECT count(*) FROM ledger")).scalar() == 2
    engine.dispose()
