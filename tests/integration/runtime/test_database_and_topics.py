"""Notifications are not missed over a lost connection, and a service refuses to start on what is not ready for it."""

from __future__ import annotations

import traceback
from collections.abc import Callable

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from local_stack.postgres import EmbeddedPostgres
from service_runtime.config import ConfigurationError, Environment
from service_runtime.database import Listener, make_engine, migrate, notify, require_current_schema
from service_runtime.kafka import require_topics
from tests.support.loops import Run
from tests.support.waiting import wait_until

pytestmark = pytest.mark.stack
MakeTopic = Callable[..., str]
PACKAGE = "xero_writer"
SCHEMA = "xero_writer"


def _url(database_url: str) -> str:
    return Environment({"DATABASE_URL": database_url}).database_url()


def _notify(engine: Engine, *payloads: str) -> None:
    with engine.begin() as connection:
        for payload in payloads:
            notify(connection, "work", payload)


def test_no_notification_is_missed_or_told_before_its_commit(database_url: str, run: Run) -> None:
    engine, heard = make_engine(_url(database_url), "public"), list[str]()
    run(Listener(_url(database_url), "work", heard.append).run)
    wait_until(lambda: heard == [""], "listening to begin: whatever came before it")
    with engine.begin() as connection:
        notify(connection, "work", "rolled back")
        connection.rollback()

    _notify(engine, "acme", "beta", "acme")

    wait_until(lambda: sorted(heard[1:]) == ["acme", "beta"], "both tenants, once each")
    engine.dispose()


def test_no_lost_connection_ends_the_listening_or_hides_what_was_missed(database_url: str, run: Run) -> None:
    engine, heard = make_engine(_url(database_url), "public"), list[str]()
    run(Listener(_url(database_url), "work", heard.append).run)
    wait_until(lambda: heard == [""], "listening to begin")
    with engine.begin() as connection:
        connection.execute(
            text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'listener'")
        )

    wait_until(lambda: heard == ["", ""], "everybody to look for what was missed")
    _notify(engine, "acme")
    wait_until(lambda: heard[2:] == ["acme"], "the next notification")
    engine.dispose()


def test_no_database_that_is_away_ends_the_listening(own_postgres: EmbeddedPostgres, run: Run) -> None:
    url, heard = _url(own_postgres.create_database("listening")), list[str]()
    run(Listener(url, "work", heard.append).run)
    wait_until(lambda: heard == [""], "listening to begin")

    own_postgres.kill()
    own_postgres.restart()

    wait_until(lambda: heard == ["", ""], "listening to go on")


def test_no_connection_sees_another_schema_or_another_time_zone(engine: Engine) -> None:
    with engine.connect() as connection:
        row = connection.execute(
            text("SELECT current_schemas(false) AS path, current_setting('TimeZone') AS zone")
        ).one()

    assert (row.path, row.zone) == (["service"], "UTC")


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO lease (tenant_id, owner, epoch) VALUES (:name, :name, 1)",
        "INSERT INTO lease VALUES ('acme', :name, 1, now()), ('acme', :name, 2, now())",
        "SELECT no_such_function(:name)",
    ],
    ids=["whole row", "key", "statement"],
)
def test_no_trace_of_a_failed_statement_shows_its_values(engine: Engine, statement: str) -> None:
    values = {"name": "Jones Ltd"}
    with pytest.raises(DBAPIError) as caught, engine.begin() as connection:
        connection.execute(text(statement), values)

    assert "Jones" not in "".join(traceback.format_exception(caught.value))
    assert str(caught.value.orig), "what happened is still told"


def test_no_service_starts_on_a_schema_older_than_its_own(database_url: str) -> None:
    url = _url(database_url)
    engine = make_engine(url, SCHEMA)
    with pytest.raises(
        ConfigurationError, match=f"database schema {SCHEMA} is at nothing, .* run `xero-writer migrate`"
    ):
        require_current_schema(PACKAGE, engine, url, SCHEMA)

    migrate(PACKAGE, url, SCHEMA)
    require_current_schema(PACKAGE, engine, url, SCHEMA)

    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'of a newer release'"))
    require_current_schema(PACKAGE, engine, url, SCHEMA)
    engine.dispose()


@pytest.mark.parametrize(
    "url", ["postgresql://user:hidden@127.0.0.1:1/db", "postgresql://user:hidden@no.such.host.invalid/db"]
)
def test_no_database_that_is_away_ends_in_a_trace_or_shows_its_password(url: str) -> None:
    engine = make_engine(_url(url), SCHEMA)

    with pytest.raises(ConfigurationError, match=r"DATABASE_URL: .* wanted a running PostgreSQL") as caught:
        require_current_schema(PACKAGE, engine, _url(url), SCHEMA)

    assert "hidden" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_no_missing_topic_goes_unnamed(options: dict[str, str], make_topic: MakeTopic) -> None:
    there = make_topic()
    require_topics(options, [there])

    with pytest.raises(ConfigurationError, match=r"Kafka lacks the topics gone\.one, gone\.two: create them"):
        require_topics(options, [there, "gone.two", "gone.one"])


def test_no_broker_that_is_away_ends_in_a_trace() -> None:
    options = {"bootstrap.servers": "127.0.0.1:1", "log_level": "0"}

    with pytest.raises(
        ConfigurationError, match=r"KAFKA_BOOTSTRAP_SERVERS 127\.0\.0\.1:1: no broker answers .*wanted"
    ):
        require_topics(options, ["any"], timeout=1)
