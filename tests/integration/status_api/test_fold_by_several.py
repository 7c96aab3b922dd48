"""Guarantee 4 over everything that is folded: several materializers, each with its own part, order, repetitions and replays."""

from __future__ import annotations

import random
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.integration.status_api.conftest import ReadModel
from tests.integration.status_api.figures_model import counted, kept
from tests.integration.status_api.samples import START, Event, event, example, of

pytestmark = pytest.mark.stack

Record = tuple[str, Event]

_DOCUMENTS = tuple(f"{kind}/{number}" for kind in ("invoice", "purchase-order") for number in (1, 2, 3))
_TENANTS = ("acme", "beta")


def _try(chance: random.Random, tenant: str, document: str, revision: int, minute: float) -> list[Record]:
    """One try of a document from its discovery to whatever ended it."""

    def told(stage: str, after: float, detail: str = "", **more: Any) -> Record:  # noqa: ANN401  # fields of any event
        return of(
            document,
            stage,
            revision,
            tenant=tenant,
            minute=minute + after,
            detail=detail,
            attempt=attempt,
            **more,
        )

    attempt = chance.randint(1, 3)
    records = [told("discovered", 0)]
    if chance.random() < 0.1:
        return [*records, told("skipped", 0.1, reason="voided")]
    records.append(told("mapped", 0.1))
    phases = ("writing", "verifying")[: chance.randint(0, 2)]
    records += [told("processing", 0.2, f"r/{phase}", phase=phase) for phase in phases]
    if chance.random() < 0.4:
        code = chance.choice(["NO_LINES", "UNKNOWN"])
        return [
            *records,
            told("faulted", 0.5, code=code, strike=chance.random() < 0.8, final=chance.random() < 0.2),
        ]
    outcome = chance.choice(["created", "updated", "voided"])
    return [*records, told("synced", 1, outcome=outcome, currency=chance.choice(["NZD", "USD"]))]


def _other(chance: random.Random, tenant: str, place: int) -> list[Record]:
    """What is told beside documents."""
    at = START + timedelta(minutes=place)
    document, number = chance.choice(_DOCUMENTS), chance.randint(1, 4)
    command = f"command-{tenant}-{number}"
    base = {"tenant_id": tenant, "occurred_at": at}
    return [
        (
            "sync.logs",
            example("sync.logs") | base | {"event_id": f"log-{tenant}-{place}", "document": document},
        ),
        (
            "sync.commands",
            example("sync.commands")
            | {"tenant_id": tenant, "command_id": command, "document": document, "issued_at": START},
        ),
        (
            "sync.command-results",
            example("sync.command-results")
            | base
            | {
                "event_id": f"{command}-{number}",
                "command_id": command,
                "document": document,
                "occurred_at": START,
            },
        ),
        (
            "connection.health",
            example("connection.health")
            | {
                "tenant_id": tenant,
                "side": chance.choice(["xero", "autotask"]),
                "checked_at": at,
                "changed_at": at,
            },
        ),
        (
            "xero.reference",
            example("xero.reference") | {"tenant_id": tenant, "version": place, "fetched_at": at},
        ),
        (
            "sync.settings",
            example("sync.settings") | {"tenant_id": tenant, "version": place, "updated_at": at},
        ),
    ]


def generated(chance: random.Random) -> list[Record]:
    """A history of two tenants: tries one after another, holds, and what is told beside them."""
    records: list[Record] = []
    for tenant in _TENANTS:
        for document in _DOCUMENTS:
            for revision in range(1, chance.randint(1, 4) + 1):
                records += _try(chance, tenant, document, revision, revision * 20.0)
            for version in range(1, chance.randint(0, 2) + 1):
                hold = chance.choice(["none", "skip", "diagnose"])
                records.append(
                    of(
                        document,
                        "held",
                        tenant=tenant,
                        detail=str(version),
                        hold=hold,
                        hold_version=version,
                        minute=90 + version,
                    )
                )
        for place in range(1, 5):
            records += _other(chance, tenant, place)
    return records


def _batches(chance: random.Random, records: Sequence[Record]) -> list[Sequence[Record]]:
    """All of them in a chance order, in batches, with some told twice, and a stretch that is replayed in the end."""
    told = [*records, *chance.choices(list(records), k=len(records) // 4)]
    chance.shuffle(told)
    begin = chance.randrange(len(told))
    told += told[begin : begin + len(told) // 3]
    cut: list[Sequence[Record]] = []
    while told:
        size = chance.randint(1, 25)
        cut.append(told[:size])
        told = told[size:]
    return cut


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.randoms(use_true_random=False), st.integers(2, 4))
def test_several_materializers_that_overlap_leave_the_rows_that_one_leaves(
    read_model: ReadModel, chance: random.Random, several: int
) -> None:
    records = generated(chance)
    read_model.clear()
    read_model.store(*records)
    expected = read_model.dump()
    assert kept(read_model) == counted(read_model)

    read_model.clear()
    # Each event is in the part of one of them at least, and some are in those of two: partitions are handed over in between.
    parts: list[list[Record]] = [[] for _ in range(several)]
    for record in records:
        for owner in chance.sample(range(several), chance.choice([1, 1, 1, 2])):
            parts[owner].append(record)
    work = [_batches(chance, part) for part in parts if part]
    together = Barrier(len(work))

    def materialize(batches: list[Sequence[Record]]) -> None:
        together.wait()
        for batch in batches:
            read_model.store(*batch)

    with ThreadPoolExecutor(len(work)) as pool:
        for done in [pool.submit(materialize, batches) for batches in work]:
            done.result()
    assert read_model.dump() == expected
    assert kept(read_model) == counted(read_model)


def test_the_comparison_of_figures_can_fail(read_model: ReadModel) -> None:
    read_model.store(of("invoice/1", "synced"))
    assert kept(read_model) == counted(read_model) != {}
    with read_model.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE tally_synced SET documents = documents + 1")
    assert kept(read_model) != counted(read_model)


def test_a_success_that_is_told_again_earlier_moves_between_periods_and_counts_once(
    read_model: ReadModel,
) -> None:
    later = event("invoice.synced", minute=60)
    read_model.store(("invoice.synced", later))
    read_model.store(("invoice.synced", later | {"occurred_at": START}))
    assert kept(read_model) == counted(read_model)
    assert read_model.rows("SELECT quarter, documents FROM tally_synced") == [
        {"quarter": START, "documents": 1}
    ]
