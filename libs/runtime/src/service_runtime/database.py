"""A service's own database schema: engine, migrations, version check, notifications."""

from __future__ import annotations

import logging
import select
import threading
from collections.abc import Callable
from importlib import resources
from typing import Any

import psycopg2
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, ExceptionContext, create_engine, event, text
from sqlalchemy.exc import OperationalError

from service_runtime.config import ConfigurationError

log = logging.getLogger(__name__)

_CONNECT_TIMEOUT_SECONDS = 10
_STATEMENT_TIMEOUT_MS = 60_000
_SILENCE_TIMEOUT_MS = 90_000
"""For how long a transaction may say nothing: longer than a publisher waits for Kafka, less than a lease. One whose process is frozen
or cut off would keep its locks, and all replicas waiting, until that process is back."""
_KEEPALIVE: dict[str, Any] = {
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}
"""A cut network sends no word: without these a connection would wait for an answer, or for notifications, for hours."""


def make_engine(url: str, search_path: str, *, pool_size: int = 10) -> Engine:
    """Engine whose connections see the service's own schema only, and whose errors repeat no values: they may be customers' names.

    Args:
        url: as `Environment.database_url` returns it.
        search_path: PostgreSQL schemas, comma separated.
        pool_size: connections that are kept; as many again are opened when needed.
    """
    options = (
        f"-csearch_path={search_path} -cstatement_timeout={_STATEMENT_TIMEOUT_MS}"
        f" -cidle_in_transaction_session_timeout={_SILENCE_TIMEOUT_MS} -ctimezone=UTC"
    )
    engine = create_engine(
        url,
        hide_parameters=True,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_pre_ping=True,
        connect_args={
            "options": options,
            "connect_timeout": _CONNECT_TIMEOUT_SECONDS,
            "application_name": search_path,
            **_KEEPALIVE,
        },
    )
    event.listen(engine, "handle_error", _without_values)
    return engine


def _without_values(context: ExceptionContext) -> None:
    """Keep the first line of the driver's words. Those that follow repeat the statement with its values, or the row."""
    for error in (context.original_exception, context.sqlalchemy_exception):
        if error is not None and error.args:
            error.args = (_first_line(error), *error.args[1:])


def _first_line(error: BaseException) -> str:
    """The driver's words, without what may follow; some errors have none."""
    return next(iter(str(error).strip().splitlines()), type(error).__name__)


def _alembic(package: str, url: str, schema: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(resources.files(package).joinpath("migrations")))
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    config.attributes["schema"] = schema
    return config


def migrate(package: str, url: str, schema: str) -> None:
    """Bring the service's schema to this release: creates it, then runs every migration that is missing."""
    command.upgrade(_alembic(package, url, schema), "head")


def require_current_schema(package: str, engine: Engine, url: str, schema: str) -> None:
    """Refuse to work on a schema older than this release; a newer one is fine (expand, then contract).

    Raises:
        ConfigurationError: the schema lacks a migration of this release, or the database can not be reached.
    """
    script = ScriptDirectory.from_config(_alembic(package, url, schema))
    try:
        with engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"version_table_schema": schema})
            current = context.get_current_revision()
    except OperationalError as error:
        reason = _first_line(error.orig) if error.orig else "no answer"
        raise ConfigurationError(
            f"DATABASE_URL: the database can not be used ({reason}), wanted a running PostgreSQL"
        ) from error
    known = {revision.revision for revision in script.walk_revisions()}
    if current is None or (current in known and current != script.get_current_head()):
        raise ConfigurationError(
            f"database schema {schema} is at {current or 'nothing'}, this release needs {script.get_current_head()}: run `{package.replace('_', '-')} migrate`"
        )


def notify(connection: Connection, channel: str, payload: str) -> None:
    """Wake every replica that listens on the channel, once this transaction commits."""
    connection.execute(text("SELECT pg_notify(:channel, :payload)"), {"channel": channel, "payload": payload})


class Listener:
    """Waits for notifications on a connection of its own and hands each payload on."""

    def __init__(self, url: str, channel: str, heard: Callable[[str], None]) -> None:
        self._url = url.replace("postgresql+psycopg2://", "postgresql://")
        self._channel = channel
        self._heard = heard

    def run(self, stopping: threading.Event) -> None:
        """Listen until stopped. A lost connection is opened again; whoever is woken looks for itself what it missed."""
        while not stopping.is_set():
            try:
                self._listen(stopping)
            except (
                psycopg2.Error
            ) as error:  # a failover is told as any of them, not as an OperationalError only
                log.warning(
                    "listening on %s was interrupted, trying again: %s",
                    self._channel,
                    _first_line(error),
                )
                stopping.wait(1.0)

    def _listen(self, stopping: threading.Event) -> None:
        connection = psycopg2.connect(
            self._url, connect_timeout=_CONNECT_TIMEOUT_SECONDS, application_name="listener", **_KEEPALIVE
        )
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(f'LISTEN "{self._channel}"')
            self._heard("")  # whatever was notified before we listened
            while not stopping.is_set():
                if select.select([connection], [], [], 0.5) == ([], [], []):
                    continue
                connection.poll()
                for payload in {notice.payload for notice in connection.notifies}:
                    self._heard(payload)
                connection.notifies.clear()
        finally:
            connection.close()
