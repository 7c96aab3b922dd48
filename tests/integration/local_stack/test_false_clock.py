"""A database server whose clock is set forwards and backwards sees it at once and stays a healthy server."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg2
import psycopg2.errors
import pytest
from psycopg2.extensions import connection

from local_stack.errors import StackError
from local_stack.ports import is_free
from local_stack.postgres import EmbeddedPostgres, PostgresOptions, why_no_false_clock
from local_stack.postgres_binaries import candidates, version
from tests.support.waiting import wait_until

MISSING = why_no_false_clock()
pytestmark = [pytest.mark.stack, pytest.mark.skipif(MISSING is not None, reason=str(MISSING))]

HOUR = 3600.0
SHARED = Path("/dev/shm")  # noqa: S108 - where the library puts what it shares

KILLED = """
import sys
from pathlib import Path
from local_stack.false_clock import no_trace_of
with no_trace_of(int(sys.argv[1])):
    for name in sys.argv[2:]:
        Path(name).touch()
    print("made", flush=True)
    sys.stdin.read()
"""


@pytest.fixture(params=list(candidates()), ids=version)
def server(request: pytest.FixtureRequest) -> Iterator[EmbeddedPostgres]:
    own = EmbeddedPostgres(PostgresOptions(binaries=request.param, false_clock=True))
    own.start()
    yield own
    own.stop()


def connected(server: EmbeddedPostgres) -> connection:
    session = psycopg2.connect(server.url, connect_timeout=30)
    session.autocommit = True
    return session


def ahead(session: connection, function: str = "clock_timestamp()") -> float:
    """Seconds by which the server's clock is ahead of the true one, to the nearest ten: a busy machine is slow."""
    with session.cursor() as cursor:
        cursor.execute(f"SELECT extract(epoch FROM {function})")  # noqa: S608 - one of two names
        row = cursor.fetchone()
    assert row is not None
    return round(float(row[0]) - time.time(), -1)


def test_no_session_keeps_the_time_it_knew_before_the_clock_was_set(server: EmbeddedPostgres) -> None:
    open_since_before = connected(server)
    for seconds in (0, HOUR, -HOUR, 120, 0):
        server.step_clock(seconds)
        later = connected(server)
        for session in (open_since_before, later):
            assert ahead(session, "now()") == seconds
            assert ahead(session, "clock_timestamp()") == seconds
        later.close()
    open_since_before.close()


def test_a_transaction_under_way_keeps_its_now(own_clocked_postgres: EmbeddedPostgres) -> None:
    session = connected(own_clocked_postgres)
    session.autocommit = False
    assert ahead(session, "now()") == 0
    own_clocked_postgres.step_clock(-HOUR)
    assert ahead(session, "now()") == 0
    assert ahead(session, "clock_timestamp()") == -HOUR
    session.rollback()
    assert ahead(session, "now()") == -HOUR
    session.close()


def test_no_statement_outlives_its_timeout_after_the_clock_was_set(
    own_clocked_postgres: EmbeddedPostgres,
) -> None:
    session = connected(own_clocked_postgres)
    with session.cursor() as cursor:
        cursor.execute("SET statement_timeout = 200")
        for seconds in (HOUR, -HOUR):
            own_clocked_postgres.step_clock(seconds)
            with pytest.raises(psycopg2.errors.QueryCanceled):
                cursor.execute("SELECT count(*) FROM generate_series(1, 1000000000)")
    session.close()


def test_a_clock_set_forwards_does_not_end_the_vacuuming(own_clocked_postgres: EmbeddedPostgres) -> None:
    session = connected(own_clocked_postgres)
    with session.cursor() as cursor:
        cursor.execute("ALTER SYSTEM SET autovacuum_naptime = '1s'")
        cursor.execute("SELECT pg_reload_conf()")
        own_clocked_postgres.step_clock(HOUR)
        cursor.execute("CREATE TABLE journal (x int) WITH (autovacuum_vacuum_threshold = 1)")
        cursor.execute("INSERT INTO journal SELECT generate_series(1, 1000)")
        cursor.execute("DELETE FROM journal")

        def vacuumed() -> object:
            cursor.execute("SELECT last_autovacuum FROM pg_stat_user_tables WHERE relname = 'journal'")
            row = cursor.fetchone()
            return row and row[0]

        wait_until(vacuumed, "the vacuum of a table whose rows are all dead", seconds=120)
    session.close()


def test_the_clock_survives_the_server_as_a_machines_does(own_clocked_postgres: EmbeddedPostgres) -> None:
    own_clocked_postgres.step_clock(HOUR)
    own_clocked_postgres.kill()
    own_clocked_postgres.restart()
    session = connected(own_clocked_postgres)
    assert ahead(session) == HOUR
    session.close()
    own_clocked_postgres.restart()
    session = connected(own_clocked_postgres)
    assert ahead(session) == HOUR
    session.close()


def test_a_frozen_server_wakes_up_with_the_clock_set_meanwhile(
    own_clocked_postgres: EmbeddedPostgres,
) -> None:
    session = connected(own_clocked_postgres)
    own_clocked_postgres.pause()
    own_clocked_postgres.step_clock(HOUR)
    own_clocked_postgres.resume()
    assert ahead(session) == HOUR
    session.close()


@pytest.mark.parametrize("how", ["stop", "kill"])
def test_nothing_is_left_of_a_server_with_a_clock_of_its_own(how: str) -> None:
    server = EmbeddedPostgres(PostgresOptions(false_clock=True))
    server.start()
    folder, port, pid = server.log.parent, server.port, server.process.pid
    server.step_clock(-HOUR)
    if how == "kill":
        server.kill()
    server.stop()
    assert not folder.exists()
    assert is_free(port)
    assert [path.name for path in SHARED.glob(f"*faketime*{pid}")] == []


def test_a_parent_killed_while_its_server_comes_up_leaves_nothing_shared(
    gone: Callable[[int], bool], eventually: Callable[[Callable[[], bool]], bool]
) -> None:
    ended = subprocess.Popen(["true"])
    ended.wait()
    names = [SHARED / f"faketime_shm_{ended.pid}", SHARED / f"sem.faketime_sem_{ended.pid}"]
    parent = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(ended.pid), *map(str, names)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert parent.stdout is not None
    assert parent.stdout.readline() == "made\n"
    assert all(name.exists() for name in names)
    parent.send_signal(signal.SIGKILL)
    parent.communicate()
    assert gone(parent.pid)
    assert eventually(lambda: not any(name.exists() for name in names))


def test_the_machines_own_clock_is_not_set(own_postgres: EmbeddedPostgres) -> None:
    with pytest.raises(StackError, match="false_clock=True"):
        own_postgres.step_clock(HOUR)
