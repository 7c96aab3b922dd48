"""Walk-through 8: the events of two tries of one document, in every order there is, folded by two materializers at once.

A topic keeps the order of one document's events, and even that is broken for the read model where partitions change hands: the
materializer that had them may commit what it read before after the new one went on. So every permutation is folded, each for a
document of its own, by two materializers whose transactions overlap, and then the older try comes once more. That no
repetition and no batching changes the rows of whatever events is shown where the fold lives, in
`tests/integration/status_api/test_fold_on_postgres.py`, and two processes on a real broker in
`tests/integration/status_api/test_materializer.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import permutations
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, text

from invoice_events.identity import event_id
from service_runtime.database import make_engine, migrate
from status_api.core.fold import Batch
from status_api.materializer.store import store_batch
from status_api.names import APP_SCHEMA, PACKAGE, SEARCH_PATH
from tests.integration.status_api.fold_model import shown
from tests.integration.status_api.samples import Event, of
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.stack, pytest.mark.timeout(600)]

Record = tuple[str, Event]

_OF_ONE_DOCUMENT = ("id", "search", "source_search", "synced_search")
"""Columns that differ between documents whatever their story; so do those that end in `event_id`."""


@pytest.fixture(scope="module")
def materializers(module_database_url: str) -> Iterator[tuple[Engine, Engine]]:
    """Two materializers' own connections to one migrated database."""
    url = module_database_url.replace("postgresql://", "postgresql+psycopg2://")
    migrate(PACKAGE, url, APP_SCHEMA)
    engines = tuple(make_engine(url, SEARCH_PATH, pool_size=2) for _ in range(2))
    yield engines[0], engines[1]
    for engine in engines:
        engine.dispose()


def _told(stage: str, revision: int, minute: int, **more: Any) -> Record:  # noqa: ANN401  # fields of any event
    return of("invoice/1", stage, revision, minute=minute, attempt=revision, **more)


def _try(revision: int, end: str, *, mapped: bool = False, **more: Any) -> list[Record]:  # noqa: ANN401  # fields of the event that ends it
    """The events of one try. The mapper's are left out of most: each event more makes many times as many orders."""
    minute = 10 * revision
    return [
        _told("discovered", revision, minute, lines=[]),
        *([_told("mapped", revision, minute + 1)] if mapped else []),
        _told("processing", revision, minute + 2, detail="r", phase="verifying"),
        _told(end, revision, minute + 3, **more),
    ]


_STRIKE: dict[str, Any] = {"strike": True, "final": False, "code": "CONTACT_NOT_FOUND"}
_STORIES: dict[str, tuple[list[Record], str]] = {
    "a fault, then a success": (
        [*_try(1, "faulted", **_STRIKE), *_try(2, "synced", mapped=True)],
        "Complete",
    ),
    "a success, then a fault": ([*_try(1, "synced"), *_try(2, "faulted", final=True)], "Fault"),
    "two successes": (
        [*_try(1, "synced", xero_number="one"), *_try(2, "synced", xero_number="two")],
        "Complete",
    ),
    "a success, then a void": ([*_try(1, "synced"), *_try(2, "synced", outcome="voided")], "Complete"),
    "a skip, then a success": ([*_try(1, "skipped", reason="unpaid"), *_try(2, "synced")], "Complete"),
    "two faults": ([*_try(1, "faulted", **_STRIKE), *_try(2, "faulted", **_STRIKE)], "Pending Sync"),
    "a fault, then nothing yet": (
        [*_try(1, "faulted", **_STRIKE), *_try(2, "synced", mapped=True)[:3]],
        "Processing Now",
    ),
}


@pytest.mark.parametrize("name", _STORIES)
def test_no_interleaving_of_two_tries_changes_the_rows(
    materializers: tuple[Engine, Engine], name: str
) -> None:
    records, status = _STORIES[name]
    tenant = name.replace(",", "").replace(" ", "-")
    orders = list(permutations(records))
    steps = list(zip(*orders, strict=True))
    for place in range(0, len(steps), 2):
        _fold_overlapping(materializers, tenant, steps[place : place + 2])
    _assert_one_row(materializers[0], tenant, records, status)

    for record in records:
        if record[1]["revision"] == 1:  # read before the partitions changed hands, committed now
            _fold(materializers[1], tenant, [record] * len(orders))
    _assert_one_row(materializers[0], tenant, records, status)
    assert _timelines(materializers[0], tenant) == {(len(records), len(orders))}


def _assert_one_row(engine: Engine, tenant: str, records: Sequence[Record], status: str) -> None:
    """One and the same row for every order, and the right one."""
    assert _different_rows(engine, tenant) == 1
    row, expected = _row(engine, tenant), shown(list(records)) or {}
    told = {column: value for column, value in expected.items() if not column.endswith("event_id")}
    assert {column: row[column] for column in told} == told
    assert row["status"] == status


def _fold_overlapping(
    materializers: tuple[Engine, Engine], tenant: str, steps: Sequence[Sequence[Record]]
) -> None:
    """The first materializer has stored a step and not committed it when the second one comes with the next to the same rows."""
    first, second = materializers
    with ThreadPoolExecutor(1) as thread:
        with first.begin() as connection:
            store_batch(connection, _batch(tenant, steps[0]))
            later = thread.submit(_fold, second, tenant, steps[1]) if steps[1:] else None
            if later is not None:
                wait_until(partial(_somebody_waits, connection), "the second to wait for the first")
        if later is not None:
            later.result()


def _fold(engine: Engine, tenant: str, records: Sequence[Record]) -> None:
    with engine.begin() as connection:
        store_batch(connection, _batch(tenant, records))


def _batch(tenant: str, records: Sequence[Record]) -> Batch:
    """A record for each document: the n-th is told of invoice n."""
    batch = Batch()
    for number, (topic, told) in enumerate(records, 1):
        document = f"invoice/{number}"
        detail = "r" if topic.endswith("processing") else ""
        name = event_id(tenant, document, told["revision"], topic, detail)
        batch.add(topic, told | {"tenant_id": tenant, "document": document, "event_id": name}, None)
    return batch


def _somebody_waits(connection: Connection) -> bool:
    waiting = text(
        "SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE NOT granted AND pg_stat_activity.datname = current_database()"
    )
    return bool(connection.execute(waiting).scalar_one())


def _different_rows(engine: Engine, tenant: str) -> int:
    """How many different rows a tenant's documents have, without what names the document."""
    query = text(
        "SELECT count(DISTINCT (SELECT jsonb_object_agg(key, value) FROM jsonb_each(to_jsonb(d))"
        " WHERE NOT key = ANY(:ids) AND NOT key LIKE '%event\\_id')) FROM document d WHERE tenant_id = :tenant"
    )
    with engine.connect() as connection:
        found: int = connection.execute(query, {"tenant": tenant, "ids": list(_OF_ONE_DOCUMENT)}).scalar_one()
        return found


def _row(engine: Engine, tenant: str) -> dict[str, Any]:
    with engine.connect() as connection:
        query = text("SELECT * FROM document WHERE tenant_id = :tenant AND id = 1")
        return dict(connection.execute(query, {"tenant": tenant}).mappings().one())


def _timelines(engine: Engine, tenant: str) -> set[tuple[int, int]]:
    """How many events a document's timeline has, and how many documents have as many."""
    query = text(
        "SELECT events, count(*) FROM (SELECT count(*) AS events FROM timeline WHERE tenant_id = :tenant GROUP BY id) AS t GROUP BY events"
    )
    with engine.connect() as connection:
        return {(row[0], row[1]) for row in connection.execute(query, {"tenant": tenant})}
