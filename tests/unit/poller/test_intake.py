"""Intake while the database is away: the batch waits, and nothing is buried before it is stored."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine
from sqlalchemy.pool import QueuePool

from invoice_events import names
from invoice_events.codec import Codec, NoForeignSchemas, SingleObjectFraming
from invoice_events.identity import utc_now
from poller.adapters.intake import InboxFiller
from service_runtime.dead_letters import DeadLetters
from service_runtime.intake import TransientError
from service_runtime.records import Poison, Record

COMMAND: dict[str, Any] = {
    "command_id": "c1",
    "tenant_id": "acme",
    "kind": "sync-now",
    "document": None,
    "actor": "ana@acme.example",
    "issued_at": utc_now(),
    "options": {},
}


class NoDeadLetters(DeadLetters):
    """Nothing may be buried."""

    def __init__(self) -> None:
        self.topic = "poller.dlq"

    def bury(self, poisons: Sequence[Poison]) -> None:
        raise AssertionError(f"{len(poisons)} records were buried")

    def handled(self, count: int) -> None:
        raise AssertionError(f"{count} records were counted as handled")


def hand_over(engine: Engine) -> None:
    """A batch with one unreadable record, three times."""
    codec = Codec(SingleObjectFraming(), NoForeignSchemas())
    filler = InboxFiller(engine, codec, NoDeadLetters(), utc_now)
    batch = [
        Record(names.COMMANDS, 0, 1, b"acme", b"rubbish", []),
        Record(names.COMMANDS, 0, 2, b"acme", codec.encode(names.COMMANDS, COMMAND), []),
    ]
    for _ in range(3):
        with pytest.raises(TransientError):
            filler.handle(batch)


def test_poison_is_not_buried_at_every_try_of_a_batch_that_waits_for_the_database() -> None:
    hand_over(create_engine("postgresql+psycopg2://u:p@127.0.0.1:1/d"))


def test_a_pool_without_a_free_connection_is_waited_for() -> None:
    engine = create_engine("sqlite://", poolclass=QueuePool, pool_size=1, max_overflow=0, pool_timeout=0.01)
    with engine.connect():
        hand_over(engine)
