"""Intake on a real database: what is refused goes to the dead letters, its neighbours are stored."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from sqlalchemy import text

from invoice_events import names
from invoice_events.compatibility import examples
from invoice_events.identity import new_traceparent, utc_now
from invoice_events.plain import from_plain
from poller.adapters.intake import InboxFiller
from poller.bootstrap import SCHEMA
from service_runtime.dead_letters import DeadLetters
from service_runtime.intake import TransientError
from service_runtime.records import Poison, Record
from tests.integration.poller.rig import TENANT, Rig

pytestmark = pytest.mark.stack


class StubDeadLetters(DeadLetters):
    """Remembers what was buried and counted."""

    def __init__(self) -> None:
        self.topic = "poller.dlq"
        self.buried: list[int] = []
        self.counted = 0

    def bury(self, poisons: Sequence[Poison]) -> None:
        self.buried += [poison.record.offset for poison in poisons]

    def handled(self, count: int) -> None:
        self.counted += count


def faulted(rig: Rig, number: int, **changes: object) -> Record:
    event = {
        "event_id": f"event-{number}", "tenant_id": TENANT, "document": f"invoice/{number}", "revision": 1, "occurred_at": utc_now(),
        "attempt": 1, "command_id": None, "xero_document_id": None, "code": "UNKNOWN", "text": "no", "side": "us",
        "service": "mapper", "strike": True, "final": False, "details": [],
    } | changes  # fmt: skip
    headers = [("traceparent", new_traceparent().encode())]
    return Record(names.FAULTED, 0, number, b"key", rig.codec.encode(names.FAULTED, event), headers)


def test_a_value_that_the_database_refuses_holds_up_nobody(rig: Rig) -> None:
    dead = StubDeadLetters()
    batch = [
        faulted(rig, 1),
        faulted(rig, 2, text="from\x00elsewhere"),  # refused in jsonb by PostgreSQL
        faulted(rig, 3, event_id="event\x00"),  # refused in a text by the driver
        faulted(rig, 4),
        Record(names.FAULTED, 0, 5, b"key", b"rubbish", []),
    ]
    InboxFiller(rig.engine, rig.codec, dead, utc_now).handle(batch)
    with rig.engine.connect() as connection:
        stored = connection.execute(text("SELECT document FROM outcome_inbox ORDER BY arrival")).scalars()
        assert list(stored) == ["invoice/1", "invoice/4"]
    assert sorted(dead.buried) == [2, 3, 5]
    assert dead.counted == 2


def test_tables_that_are_not_there_bury_no_outcome(rig: Rig) -> None:
    """Somebody dropped the schema, or restores it just now."""
    dead = StubDeadLetters()
    filler = InboxFiller(rig.engine, rig.codec, dead, utc_now)
    batch = [faulted(rig, 1), faulted(rig, 2)]
    _rename_schema(rig, SCHEMA, "away")
    with pytest.raises(TransientError):
        filler.handle(batch)
    _rename_schema(rig, "away", SCHEMA)
    assert dead.buried == []
    filler.handle(batch)
    with rig.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM outcome_inbox")).scalar_one() == 2


def _rename_schema(rig: Rig, old: str, new: str) -> None:
    with rig.engine.begin() as connection:
        connection.execute(text(f"ALTER SCHEMA {old} RENAME TO {new}"))


def test_an_outcome_of_an_order_reaches_its_own_entry_and_not_the_invoice_of_the_same_number(
    rig: Rig,
) -> None:
    rig.tenants.choose(purchase_orders={"enabled": True})
    rig.add_invoice(7)
    rig.add_order(7)
    rig.turn()
    before, order = rig.known(7), rig.order(7)
    event = rig.codec.decode(names.FAULTED, faulted(rig, 7).value) | {
        "document": "purchase-order/7",
        "revision": order.revision,
    }
    record = Record(names.ORDER_FAULTED, 0, 1, b"key", rig.codec.encode(names.ORDER_FAULTED, event), [])
    InboxFiller(rig.engine, rig.codec, StubDeadLetters(), utc_now).handle([record])
    rig.worker.turn()
    assert rig.order(7).state == "waiting_retry"
    assert rig.known(7) == before


def test_the_options_of_a_command_are_kept(rig: Rig) -> None:
    rig.add_invoice(1)
    rig.turn()
    rig.synced(1)
    rig.turn()
    command = {
        "command_id": "c1", "tenant_id": TENANT, "kind": "resync", "document": "invoice/1", "actor": "ana",
        "issued_at": utc_now(), "options": {"recreate": "true"},
    }  # fmt: skip
    record = Record(names.COMMANDS, 0, 1, b"key", rig.codec.encode(names.COMMANDS, command), [])
    InboxFiller(rig.engine, rig.codec, StubDeadLetters(), utc_now).handle([record])
    rig.worker.turn()
    assert rig.events(names.DISCOVERED)[-1]["recreate"]


def test_a_success_that_was_a_void_is_known_as_one(rig: Rig) -> None:
    event = from_plain(names.SYNCED, examples(names.SYNCED)["typical.json"]) | {
        "tenant_id": TENANT,
        "outcome": "voided",
    }
    record = Record(names.SYNCED, 0, 1, b"key", rig.codec.encode(names.SYNCED, event), [])
    InboxFiller(rig.engine, rig.codec, StubDeadLetters(), utc_now).handle([record, faulted(rig, 1)])
    with rig.engine.connect() as connection:
        received = [outcome.result for _, outcome in rig.worker._store.inbox.outcomes(connection, 10)]
    assert received == ["voided", None]
