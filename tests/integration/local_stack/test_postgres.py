"""The embedded PostgreSQL is a real one, whichever installation it comes from."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest

from local_stack.database import DatabaseServer, ExternalPostgres, has_trigrams
from local_stack.errors import NotOursError, StackError
from local_stack.ports import is_free
from local_stack.postgres import EmbeddedPostgres, PostgresOptions
from local_stack.postgres_binaries import candidates, runnable_by, server_user, version

pytestmark = pytest.mark.stack


def query(url: str, statement: str) -> list[tuple[object, ...]]:
    session = psycopg2.connect(url, connect_timeout=5)
    session.autocommit = True
    try:
        with session.cursor() as cursor:
            cursor.execute(statement)
            return list(cursor.fetchall()) if cursor.description else []
    finally:
        session.close()


@pytest.fixture(params=list(candidates()), ids=version)
def server(request: pytest.FixtureRequest) -> Iterator[EmbeddedPostgres]:
    own = EmbeddedPostgres(PostgresOptions(binaries=request.param))
    own.start()
    yield own
    own.stop()


def test_committed_rows_survive_a_kill_with_sessions_open(server: EmbeddedPostgres) -> None:
    url = server.create_database("poller")
    query(url, "CREATE TABLE ledger (document text)")
    open_session = psycopg2.connect(url)
    query(url, "INSERT INTO ledger VALUES ('acme/invoice/1')")
    server.kill()
    with pytest.raises(psycopg2.OperationalError):
        query(url, "SELECT 1")
    server.restart()
    assert query(url, "SELECT document FROM ledger") == [("acme/invoice/1",)]
    with pytest.raises(psycopg2.OperationalError), open_session.cursor() as cursor:
        cursor.execute("SELECT 1")
    open_session.close()


def test_settings_are_the_same_in_every_installation(server: EmbeddedPostgres) -> None:
    wanted = {"fsync": "off", "synchronous_commit": "on", "max_connections": "200", "server_encoding": "UTF8"}
    assert {name: query(server.url, f"SHOW {name}")[0][0] for name in wanted} == wanted
    assert query(server.url, "SELECT 'ÄÉ' ILIKE 'äé'") == [(True,)]


def test_it_listens_on_loopback_only(server: EmbeddedPostgres) -> None:
    assert query(server.url, "SHOW listen_addresses") == [("127.0.0.1",)]
    assert query(server.url, "SHOW unix_socket_directories") == [("",)]


def test_the_presence_of_trigrams_is_told_truly(server: EmbeddedPostgres) -> None:
    url = server.create_database("status")
    if has_trigrams(url):
        query(url, "CREATE EXTENSION pg_trgm")
    else:
        with pytest.raises(psycopg2.Error, match="pg_trgm"):
            query(url, "CREATE EXTENSION pg_trgm")


def test_a_paused_server_holds_every_session_until_it_goes_on(own_postgres: EmbeddedPostgres) -> None:
    session = psycopg2.connect(own_postgres.url, options="-c statement_timeout=0")
    own_postgres.pause()
    pid = session.info.backend_pid
    assert Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"
    own_postgres.resume()
    with session.cursor() as cursor:
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)
    session.close()


def test_nothing_is_left_of_a_stopped_or_killed_server() -> None:
    server = EmbeddedPostgres()
    server.start()
    folder, port = server.log.parent, server.port
    server.kill()
    server.stop()
    assert not folder.exists()
    assert is_free(port)
    server.stop()  # once more harms nothing


def test_a_server_that_can_not_start_says_why_and_leaves_no_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    place = Path(tempfile.mkdtemp())  # not tmp_path: the server's user must be able to enter it
    try:
        place.chmod(0o755)
        monkeypatch.setattr(tempfile, "tempdir", str(place))
        server = EmbeddedPostgres(PostgresOptions(settings={"max_connections": "many"}))
        with pytest.raises(StackError, match="max_connections"):
            server.start()
        assert list(place.iterdir()) == []
    finally:
        place.rmdir()


def test_databases_of_two_tests_never_meet(database_url: str, module_database_url: str) -> None:
    query(database_url, "CREATE TABLE mine (x int)")
    assert query(module_database_url, "SELECT to_regclass('mine')") == [(None,)]


def test_a_server_of_somebody_else_keeps_running_without_our_databases(
    postgres_server: DatabaseServer,
) -> None:
    given = postgres_server.create_database("given")
    external = ExternalPostgres(given)
    external.start()
    first, second = external.create_database("poller"), external.create_database("poller")
    assert first != second
    for meddle in (external.kill, external.pause, external.resume, external.restart):
        with pytest.raises(NotOursError):
            meddle()
    external.stop()
    assert query(given, "SELECT count(*) FROM pg_database WHERE datname LIKE 'poller_%'") == [(0,)]
    postgres_server.drop_database(given)


def test_kept_databases_of_somebody_elses_server_are_used_again(postgres_server: DatabaseServer) -> None:
    given = postgres_server.create_database("kept_by")
    external = ExternalPostgres(given, keep=True)
    url = external.create_database("kept_journal")
    query(url, "CREATE TABLE journal (x int)")
    external.stop()
    assert ExternalPostgres(given, keep=True).create_database("kept_journal") == url
    assert query(url, "SELECT count(*) FROM journal") == [(0,)]
    postgres_server.drop_database(url)
    postgres_server.drop_database(given)


def test_an_installation_out_of_the_servers_reach_is_copied_for_it(tmp_path: Path) -> None:
    user = server_user()
    if user is None:
        pytest.skip("only root runs the server as another user")
    hidden = tmp_path / "hidden"
    hidden.mkdir(mode=0o700)
    original = next(candidates())
    (hidden / "bin").mkdir()
    for program in ("initdb", "postgres"):
        (hidden / "bin" / program).write_bytes((original / program).read_bytes())
        (hidden / "bin" / program).chmod(0o755)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    found = runnable_by(user, hidden / "bin", scratch)
    assert found.is_relative_to(scratch)
    assert (found / "postgres").is_file()
