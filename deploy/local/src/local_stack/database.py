"""What every PostgreSQL server of the stack can do, wherever it comes from, and one given from outside."""

import contextlib
import os
import re
import secrets
import time
from collections.abc import Callable
from typing import Protocol

import psycopg2
import psycopg2.errors
from psycopg2 import sql
from psycopg2.extensions import connection, make_dsn, parse_dsn

from local_stack.errors import NotOursError, StackError

READY_SECONDS = 30.0
_NAME = re.compile(r"[a-z][a-z0-9_]{0,40}")
_PROBE_PAUSE_SECONDS = 0.05


class DatabaseServer(Protocol):
    """A PostgreSQL server.

    Attributes:
        ours: whether it may be paused, killed and restarted.
    """

    ours: bool

    def start(self) -> None:
        """Start it and return when it answers."""

    def stop(self) -> None:
        """End it and remove its data; may be called at any time, more than once."""

    def create_database(self, name: str) -> str:
        """Make an empty database; the URL to reach it. The name may get a suffix where others share the server."""

    def drop_database(self, url: str) -> None:
        """Remove a database made here, whoever is still connected to it."""

    def require_running(self) -> None:
        """Raise ChildDiedError if it ended without having been asked to."""

    def pause(self) -> None:
        """Freeze it: connections stay open, nothing answers."""

    def resume(self) -> None:
        """Let it go on after pause()."""

    def kill(self) -> None:
        """End it as a crash would; committed data stay."""

    def restart(self) -> None:
        """Start it again on the same data and address, ending it first if it runs."""


class ExternalPostgres:
    """The server that DATABASE_URL names; databases of our own are made in it.

    Args:
        url: of any database of it, for a user who may make others.
        keep: databases have plain names, are used again if they are there, and stay; else their names are
            unique and they are dropped at the end.
    """

    ours = False

    def __init__(self, url: str, *, keep: bool = False) -> None:
        self._url = url
        self._keep = keep
        self._made: list[str] = []

    def start(self) -> None:
        """Wait until it answers.

        Raises:
            StackError: it does not.
        """
        await_database(self._url, lambda: None)

    def stop(self) -> None:
        """Drop the databases made here; the server is somebody else's."""
        while self._made:
            self.drop_database(self._made[-1])

    def create_database(self, name: str) -> str:
        """Make an empty database `name_<random>`, since others share the server (see keep)."""
        if self._keep:
            with contextlib.suppress(psycopg2.errors.DuplicateDatabase):
                create_database(self._url, name)
            return with_database(self._url, name)
        unique = f"{name}_{secrets.token_hex(4)}"
        create_database(self._url, unique)
        url = with_database(self._url, unique)
        self._made.append(url)
        return url

    def drop_database(self, url: str) -> None:
        """Remove a database made here."""
        drop_database(self._url, url)
        if url in self._made:
            self._made.remove(url)

    def require_running(self) -> None:
        """Nothing: somebody else watches it."""

    def pause(self) -> None:
        """Refused."""
        raise NotOursError("DATABASE_URL names a server of somebody else: it is not paused")

    def resume(self) -> None:
        """Refused."""
        raise NotOursError("DATABASE_URL names a server of somebody else: it is not resumed")

    def kill(self) -> None:
        """Refused."""
        raise NotOursError("DATABASE_URL names a server of somebody else: it is not killed")

    def restart(self) -> None:
        """Refused."""
        raise NotOursError("DATABASE_URL names a server of somebody else: it is not restarted")


def await_database(url: str, require_alive: Callable[[], None], seconds: float = READY_SECONDS) -> None:
    """Wait until the server takes connections.

    Args:
        url: of any database of it.
        require_alive: raises if its process has ended.
        seconds: patience.

    Raises:
        StackError: it did not answer in time, or what require_alive raises.
    """
    deadline = time.monotonic() + seconds
    while True:
        require_alive()
        try:
            psycopg2.connect(url, connect_timeout=2).close()
        except psycopg2.OperationalError as error:
            if time.monotonic() > deadline:
                reason = str(error).strip().splitlines()[0] if str(error).strip() else "no answer"
                raise StackError(f"PostgreSQL does not answer after {seconds:.0f} s: {reason}") from error
            time.sleep(_PROBE_PAUSE_SECONDS)
        else:
            return


def create_database(server_url: str, name: str) -> None:
    """Make an empty database.

    Raises:
        StackError: the name has other characters than a-z, 0-9 and _.
    """
    if _NAME.fullmatch(name) is None:
        raise StackError(
            f"{name!r} is no name for a database: a-z, then a-z, 0-9 and _, at most 41 characters"
        )
    _execute(server_url, sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))


def drop_database(server_url: str, url: str) -> None:
    """Remove the database that the URL names, ending connections to it."""
    name = parse_dsn(url)["dbname"]
    _execute(server_url, sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def with_database(url: str, name: str) -> str:
    """The URL of another database of the same server, everything else unchanged."""
    base, question, query = url.partition("?")
    scheme, _, rest = base.partition("://")
    authority = rest.partition("/")[0]
    return f"{scheme}://{authority}/{name}{question}{query}"


def has_trigrams(url: str) -> bool:
    """Whether the server offers the extension pg_trgm (the wheel's does not)."""
    with _connect(url) as session, session.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_available_extensions WHERE name = 'pg_trgm'")
        row = cursor.fetchone()
    session.close()
    return row is not None and row[0] > 0


def external_url() -> str:
    """DATABASE_URL of the environment, empty if unset.

    Raises:
        StackError: it is no PostgreSQL URL.
    """
    url = os.environ.get("DATABASE_URL", "").strip()
    if url and not url.startswith(("postgresql://", "postgres://")):
        raise StackError("DATABASE_URL must look like postgresql://user@host:5432/database")
    return url


def _connect(url: str) -> connection:
    return psycopg2.connect(make_dsn(url), connect_timeout=10)


def _execute(url: str, statement: sql.Composed) -> None:
    session = _connect(url)
    try:
        session.autocommit = True
        with session.cursor() as cursor:
            cursor.execute(statement)
    finally:
        session.close()
