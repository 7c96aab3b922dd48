"""A read model that an older release filled, brought to this one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Engine, text

from service_runtime.database import _alembic, make_engine, migrate
from status_api.names import APP_SCHEMA, PACKAGE, SEARCH_PATH
from status_api.read_schema import make_read_schema_again
from tests.integration.status_api.conftest import ReadModel
from tests.integration.status_api.figures_model import counted, kept

pytestmark = pytest.mark.stack

# What the release before purchase orders wrote: it goes on doing so until it is replaced.
_OLD_SUCCESS = (
    "INSERT INTO document (tenant_id, kind, id, source_revision, source_at, source_attempt, synced_revision, synced_at, synced_outcome)"
    " VALUES ('acme', 'invoice', :id, 1, now(), 1, 1, now(), 'created')"
)
_OLD_FAULT = (
    "INSERT INTO document (tenant_id, kind, id, fault_revision, fault_at, fault_attempt, fault_code, fault_text, fault_strike, fault_final)"
    " VALUES ('acme', 'invoice', :id + 1, 1, now(), 1, 'NO_LINES', 'no lines', true, false)"
)


@pytest.fixture
def old(database_url: str) -> Iterator[tuple[str, Engine]]:
    """A database of the release before purchase orders, and its URL."""
    url = database_url.replace("postgresql://", "postgresql+psycopg2://")
    command.upgrade(_alembic(PACKAGE, url, APP_SCHEMA), "0003")
    engine = make_engine(url, SEARCH_PATH, pool_size=1)
    yield url, engine
    engine.dispose()


def _fill(engine: Engine, number: int) -> None:
    with engine.begin() as connection:
        for statement in (_OLD_SUCCESS, _OLD_FAULT):
            connection.execute(text(statement), {"id": number})


def _rows(engine: Engine, sql: str) -> list[tuple[Any, ...]]:
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(sql))]


def test_rows_of_an_older_release_keep_their_cause_and_it_can_still_write(old: tuple[str, Engine]) -> None:
    url, engine = old
    _fill(engine, 1)
    shown = "SELECT id, status, cause FROM document ORDER BY id"
    before = _rows(engine, shown)
    assert before == [(1, "Complete", None), (2, "Pending Sync", "NO_LINES")]
    migrate(PACKAGE, url, APP_SCHEMA)
    assert _rows(engine, shown) == before
    _fill(engine, 3)
    assert _rows(engine, shown) == [*before, (3, "Complete", None), (4, "Pending Sync", "NO_LINES")]


def test_no_index_is_lost_by_the_new_rule_for_the_cause(old: tuple[str, Engine]) -> None:
    url, engine = old
    indexes = "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'read' ORDER BY indexname"
    before: dict[str, str] = dict(_rows(engine, indexes))
    command.upgrade(_alembic(PACKAGE, url, APP_SCHEMA), "0005")
    after: dict[str, str] = dict(_rows(engine, indexes))
    assert {name: after.get(name) for name in before} == before
    assert set(after) - set(before) == {"timeline_order_processing"}


_SHAPE = """
SELECT 'column', table_name, column_name, data_type || is_nullable || coalesce(column_default, '') || coalesce(generation_expression, '')
FROM information_schema.columns WHERE table_schema = 'read'
UNION ALL SELECT 'index', tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'read'
UNION ALL SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
WHERE connamespace = 'read'::regnamespace
UNION ALL SELECT 'trigger', tgrelid::regclass::text, tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
UNION ALL SELECT 'function', proname, '', prosrc FROM pg_proc WHERE pronamespace = 'read'::regnamespace
ORDER BY 1, 2, 3, 4
"""


@pytest.mark.parametrize("release", ["0003", "head"])
def test_a_read_model_that_was_dropped_is_made_again_as_it_was_and_app_stays(
    old: tuple[str, Engine], release: str
) -> None:
    url, engine = old
    command.upgrade(_alembic(PACKAGE, url, APP_SCHEMA), release)
    _fill(engine, 1)
    shape, version = _rows(engine, _SHAPE), _rows(engine, "SELECT version_num FROM app.alembic_version")
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA read CASCADE"))
    assert make_read_schema_again(url)
    assert _rows(engine, _SHAPE) == shape
    assert _rows(engine, "SELECT version_num FROM app.alembic_version") == version
    migrate(PACKAGE, url, APP_SCHEMA)
    assert _rows(engine, "SELECT count(*) FROM document") == [(0,)]


_OLD_TIMELINE = """
INSERT INTO timeline (event_id, tenant_id, kind, id, topic, revision, occurred_at, payload) VALUES
    ('a', 'acme', 'invoice', 1, 'invoice.discovered', 7, '2026-05-04 10:00+00', '{"purpose": "sync"}'),
    ('b', 'acme', 'invoice', 1, 'invoice.discovered', 6, '2026-05-04 09:00+00', '{"purpose": "diagnose"}'),
    ('c', 'acme', 'invoice', 2, 'invoice.faulted', 7, '2026-05-04 10:00+00', '{"code": "NO_LINES"}')
"""


def test_what_an_older_release_folded_is_counted_and_so_is_what_it_still_writes(
    old: tuple[str, Engine],
) -> None:
    url, engine = old
    command.upgrade(_alembic(PACKAGE, url, APP_SCHEMA), "0005")
    _fill(engine, 1)
    with engine.begin() as connection:
        connection.exec_driver_sql(_OLD_TIMELINE)
        connection.exec_driver_sql(
            "UPDATE document SET first_synced_revision = 1, first_synced_at = synced_at, synced_currency = 'NZD', synced_total = 10,"
            " synced_total_tax = 1 WHERE synced_revision > 0"
        )
    migrate(PACKAGE, url, APP_SCHEMA)
    model = ReadModel(engine)
    assert kept(model) == counted(model)
    assert {place[0] for place in kept(model)} == {"status", "xero", "synced", "failed"}
    found = model.rows("SELECT first_seen_revision, first_seen_at::text AS at FROM document ORDER BY id")
    assert [row["first_seen_revision"] for row in found] == [7, 0], "a dry run is no try"
    assert found[0]["at"].startswith("2026-05-04 10:00")
    _fill(engine, 5)
    assert kept(model) == counted(model)


def test_a_read_model_that_is_there_is_left_alone(old: tuple[str, Engine]) -> None:
    url, engine = old
    migrate(PACKAGE, url, APP_SCHEMA)
    _fill(engine, 1)
    assert not make_read_schema_again(url)
    assert _rows(engine, "SELECT count(*) FROM document") == [(2,)]


def test_a_database_that_was_never_migrated_gets_no_read_model_without_app(database_url: str) -> None:
    url = database_url.replace("postgresql://", "postgresql+psycopg2://")
    assert not make_read_schema_again(url)
    migrate(PACKAGE, url, APP_SCHEMA)
    assert not make_read_schema_again(url)


_COPIED = """
SELECT pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'read'::regnamespace
UNION ALL SELECT pg_get_triggerdef(t.oid) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
WHERE c.relnamespace = 'read'::regnamespace AND NOT t.tgisinternal
"""


def test_a_copy_of_the_read_model_under_another_name_counts_for_itself(old: tuple[str, Engine]) -> None:
    url, engine = old
    migrate(PACKAGE, url, APP_SCHEMA)
    _fill(engine, 1)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE SCHEMA read_next")
        connection.exec_driver_sql(
            "SET LOCAL search_path = pg_catalog"
        )  # so that definitions name the schema of a function
        for table in (
            connection.exec_driver_sql("SELECT tablename FROM pg_tables WHERE schemaname = 'read'")
            .scalars()
            .all()
        ):
            connection.exec_driver_sql(f"CREATE TABLE read_next.{table} (LIKE read.{table} INCLUDING ALL)")
        for definition in connection.exec_driver_sql(_COPIED).scalars().all():
            connection.execute(text(definition.replace(" read.", " read_next.")))
        connection.exec_driver_sql("SET LOCAL search_path = read_next, app")
        for number in (1, 3):
            for statement in (_OLD_SUCCESS, _OLD_FAULT):
                connection.execute(text(statement), {"id": number})
    assert _rows(engine, "SELECT sum(documents) FROM tally_status") == [(2,)]
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP SCHEMA read CASCADE")
        connection.exec_driver_sql("ALTER SCHEMA read_next RENAME TO read")
    model = ReadModel(engine)
    assert kept(model) == counted(model) != {}
    _fill(engine, 7)
    assert kept(model) == counted(model)
    assert _rows(engine, "SELECT sum(documents) FROM tally_status") == [(6,)]
