"""Reading at 100,000 invoices (SCALE=1000000: so many), beside the same SQL by hand and beside 10,000 invoices in the same database.

The read model is filled by the fold, from events. Requests go to a real `status-api serve`; in turns with each, the same statements are
run over one connection of our own and their rows fetched. What a request takes that asks for one row only is what HTTP costs, whatever is asked:
it is taken from the request's time before that is compared with the SQL.
"""

from __future__ import annotations

import os
import random
import secrets
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import requests
import yaml
from sqlalchemy import Connection

from benchmarks.asked import QUESTIONS, Question
from benchmarks.figures import Benchmark, Bound, Line, Measured, Session
from benchmarks.filling import BIG, SMALL, fill, tidy
from benchmarks.spread import percentile
from local_stack.backends import database_server
from local_stack.errors import StackError
from local_stack.folders import make_folder, remove_folder
from local_stack.ports import LOOPBACK, free_port
from local_stack.process import ChildProcess, ProcessSpec, start_process
from service_runtime.database import make_engine, migrate
from status_api.names import APP_SCHEMA, PACKAGE, SEARCH_PATH

_ROOT = Path(__file__).resolve().parent.parent
_SCALE_VARIABLE = "SCALE"
_INVOICES, _FEW = 100_000, 10_000
_TRIALS, _WARMING = 300, 20
_PATIENCE_SECONDS = 60.0
_TIMEOUT_SECONDS = 60.0
_SEED = 20_260_529
_BY_HAND, _BY_SIZE = Bound("<=", 1.5), Bound("<=", 2)


def _lines(name: str) -> tuple[Line, Line, Line]:
    return (
        Line(f"{name}, p99 beside the same SQL by hand", "ratio", _BY_HAND),
        Line(f"{name}, p99 beside {_FEW:,} invoices", "ratio", _BY_SIZE),
        Line(f"{name}, p99 over HTTP", "ms"),
    )


_LINES = {name: _lines(name) for name in QUESTIONS}


@dataclass(slots=True)
class Times:
    """Seconds of one question at one size: over HTTP, by hand, and of a request that asks for one row only."""

    http: list[float] = field(default_factory=list)
    by_hand: list[float] = field(default_factory=list)
    nothing: list[float] = field(default_factory=list)


def invoices() -> int:
    """How many are wanted.

    Raises:
        StackError: the variable is no number, or too small to be compared.
    """
    wanted = os.environ.get(_SCALE_VARIABLE, str(_INVOICES))
    if not wanted.isdecimal() or int(wanted) < _INVOICES:
        raise StackError(f"{_SCALE_VARIABLE} {wanted!r}: wanted a number of invoices, at least {_INVOICES}")
    return int(wanted)


def _measure(session: Session) -> Sequence[Measured]:
    every = round(invoices() / _FEW)
    few = session.scaled(_FEW, at_least=100)
    count = few * every
    folder = make_folder("invoice-sync-bench")
    server = database_server()
    try:
        server.start()
        plain = server.create_database(f"bench_{secrets.token_hex(4)}")
        url = plain.replace("postgresql://", "postgresql+psycopg2://")
        migrate(PACKAGE, url, APP_SCHEMA)
        at_size: list[dict[str, Times]] = []
        for step, but in ((every, None), (1, every)):
            session.say(f"read model: {count // step} invoices are folded")
            rate = fill(url, count, every=step, but_every=but, say=session.say)
            session.say(f"read model: folded, {rate:,.0f} events/s by two processes without Kafka")
            tidy(url)
            with _serving(plain, folder) as (api, http):
                at_size.append(_ask_everything(session, url, api, http, count))
        return _told(at_size[0], at_size[1], count)
    finally:
        server.stop()
        remove_folder(folder)


def _ask_everything(
    session: Session, url: str, api: str, http: requests.Session, count: int
) -> dict[str, Times]:
    engine = make_engine(url, SEARCH_PATH, pool_size=1)
    chance = random.Random(_SEED)
    found: dict[str, Times] = {}
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for name, asked in QUESTIONS.items():
            found[name] = times = Times()
            for trial in range(_WARMING + session.scaled(_TRIALS, at_least=30)):
                taken = _trial(connection, api, http, asked(chance, count))
                if trial >= _WARMING:
                    for kept, seconds in zip((times.http, times.by_hand, times.nothing), taken, strict=True):
                        kept.append(seconds)
            session.say(
                f"read model: {name}: HTTP {percentile(times.http, 99) * 1000:.1f} ms,"
                f" SQL {percentile(times.by_hand, 99) * 1000:.1f} ms, one row {percentile(times.nothing, 99) * 1000:.1f} ms"
            )
    engine.dispose()
    return found


def _trial(
    connection: Connection, api: str, http: requests.Session, question: Question
) -> tuple[float, float, float]:
    nothing = _get(http, f"{api}/tenants/{BIG}")
    over_http = _get(http, f"{api}/{question.path}", **question.query)
    began = time.perf_counter()
    question.by_hand(connection)
    return over_http, time.perf_counter() - began, nothing


def _get(http: requests.Session, url: str, **query: object) -> float:
    began = time.perf_counter()
    answer = http.get(
        url, params={name: str(value) for name, value in query.items()}, timeout=_TIMEOUT_SECONDS
    )
    taken = time.perf_counter() - began
    if answer.status_code not in {200, 404}:
        raise StackError(f"{answer.url} answered {answer.status_code}: {answer.text[:200]}")
    return taken


def _told(few: dict[str, Times], many: dict[str, Times], count: int) -> list[Measured]:
    found = []
    for name, (by_hand, by_size, plain) in _LINES.items():
        times, before = many[name], few[name]
        http, sql = percentile(times.http, 99), percentile(times.by_hand, 99)
        floor = median(times.nothing)
        earlier = percentile(before.http, 99)
        size = f"{count:,} invoices, {len(times.http)} trials"
        note = f"{size}; SQL {sql * 1000:.1f} ms, a request for one row {floor * 1000:.1f} ms (taken off)"
        found += [
            Measured(by_hand, max(0.0, http - floor) / sql, note),
            Measured(
                by_size,
                http / earlier,
                f"{size}; {earlier * 1000:.1f} ms at {count // round(invoices() / _FEW):,}",
            ),
            Measured(plain, http * 1000, f"{size}; median {median(times.http) * 1000:.1f} ms"),
        ]
    return found


@contextmanager
def _serving(url: str, folder: Path) -> Iterator[tuple[str, requests.Session]]:
    """`status-api serve` over that database, without Kafka: the address of its API, and a client that may ask."""
    port, token = free_port(), secrets.token_urlsafe(24)
    tenants = folder / "tenants.yaml"
    tenants.write_text(yaml.safe_dump({"tenants": [{"id": name, "name": name} for name in (BIG, *SMALL)]}))
    environment = {
        "DATABASE_URL": url, "KAFKA_BOOTSTRAP_SERVERS": f"{LOOPBACK}:1", "TENANTS_FILE": str(tenants), "STATUS_API_PORT": str(port),
        "METRICS_PORT": "0", "STATUS_API_ADMIN_TOKEN": token, "SCHEMA_REGISTRY_URL": "", "KAFKA_LOG_LEVEL": "0",
    }  # fmt: skip
    process = start_process(
        ProcessSpec(
            name="status-api-serve",
            command=[sys.executable, "-m", "status_api", "serve"],
            log=folder / "serve.log",
            folder=_ROOT,
            environment=environment,
        )
    )
    api = f"http://{LOOPBACK}:{port}/api/v1"
    http = requests.Session()
    http.headers["Authorization"] = f"Bearer {token}"
    try:
        _await_tenants(process, api, http)
        yield api, http
    finally:
        http.close()
        process.stop()


def _await_tenants(process: ChildProcess, api: str, http: requests.Session) -> None:
    """Wait until it answers and has taken every tenant in."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        process.require_alive()
        try:
            if http.get(f"{api}/tenants/{SMALL[-1]}", timeout=_TIMEOUT_SECONDS).ok:
                return
        except requests.ConnectionError:
            pass  # it does not listen yet
        if time.monotonic() > deadline:
            raise StackError(f"status-api does not answer; {process.tail()}")
        time.sleep(0.1)


READ_MODEL = Benchmark(
    name="read-model", lines=tuple(line for lines in _LINES.values() for line in lines), measure=_measure
)
