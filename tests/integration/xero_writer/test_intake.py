"""Intake on a real database: what becomes work, what is buried, and which failures may be tried again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy.exc import ProgrammingError

from invoice_events import names
from invoice_events.identity import event_headers, event_id, new_traceparent, utc_now
from service_runtime.dead_letters import DeadLetters
from service_runtime.intake import TransientError
from service_runtime.outbox import Outbox
from service_runtime.records import Poison, Record
from tests.integration.xero_writer.made_up import ORDER, document_of
from xero_writer.adapters import work
from xero_writer.adapters.intake import WorkIntake
from xero_writer.core.lanes import Lane

if TYPE_CHECKING:
    from tests.integration.xero_writer.rig import Rig

pytestmark = pytest.mark.stack
OWN_TABLES = pytest.mark.usefixtures("database_url")


class StubDeadLetters(DeadLetters):
    """Remembers what was buried."""

    def __init__(self) -> None:
        self.topic = "xero-writer.dlq"
        self.buried: list[Poison] = []

    def bury(self, poisons: Sequence[Poison]) -> None:
        self.buried += poisons

    def handled(self, count: int) -> None:
        pass


def intake(rig: Rig) -> tuple[WorkIntake, StubDeadLetters]:
    dead = StubDeadLetters()
    return WorkIntake(rig.engine, rig.codec, Outbox(rig.codec, lambda: None), dead), dead


def record(rig: Rig, event: dict[str, Any], *, value: bytes | None = None, **headers: str) -> Record:
    topic = names.ORDER_MAPPED if event["xero_kind"] == "purchase_order" else names.MAPPED
    own = {name: text.decode() for name, text in event_headers(topic, event, new_traceparent())}
    encoded = rig.codec.encode(topic, event) if value is None else value
    merged = [(name, text.encode()) for name, text in (own | headers).items()]
    return Record(topic, 0, event["revision"], b"key", encoded, merged)


def waiting(rig: Rig) -> list[str]:
    row = rig.row("SELECT coalesce(array_agg(document ORDER BY document), '{}') AS documents FROM work")
    found: list[str] = row.documents
    return found


def test_an_unreadable_event_ends_its_try_and_stops_no_neighbour(rig: Rig) -> None:
    handler, dead = intake(rig)
    handler.handle([record(rig, rig.mapped(1), value=b"\xc3\x01garbage"), record(rig, rig.mapped(2))])
    assert len(dead.buried) == 1
    assert rig.outcomes(1) == [("faulted", "EVENT_UNREADABLE")]
    assert waiting(rig) == ["invoice/2"]


@pytest.mark.parametrize(
    "headers",
    [
        {"revision": "²"},
        {"revision": "9" * 30},
        {"tenant": "ac\x00me"},
        {"document": "invoice/007"},
        {"document": "purchase-order/1"},
        {"traceparent": "\x00"},
    ],
)
def test_headers_that_say_nothing_stop_nobody(rig: Rig, headers: dict[str, str]) -> None:
    handler, dead = intake(rig)
    handler.handle([record(rig, rig.mapped(1), value=b"?", **headers), record(rig, rig.mapped(2))])
    assert len(dead.buried) == 1
    assert waiting(rig) == ["invoice/2"]


@pytest.mark.parametrize(
    "changes",
    [{"xero": None}, {"prediction": None}, {"document": "invoice/0"}, {"document": "purchase-order/1"}],
)
def test_an_event_that_no_worker_could_ever_handle_does_not_become_work(
    rig: Rig, changes: dict[str, Any]
) -> None:
    handler, dead = intake(rig)
    handler.handle([record(rig, rig.mapped(1) | changes)])
    assert len(dead.buried) == 1
    assert waiting(rig) == []


def test_an_unreadable_order_ends_its_try_in_its_own_topic(rig: Rig) -> None:
    handler, dead = intake(rig)
    handler.handle([record(rig, rig.mapped(1, kind="purchase_order"), value=b"\xc3\x01garbage")])
    assert len(dead.buried) == 1
    assert rig.outcomes(1, "purchase_order") == [("faulted", "EVENT_UNREADABLE")]
    assert rig.outcomes(1) == []


def test_an_order_and_an_invoice_of_one_id_do_not_replace_each_other(rig: Rig) -> None:
    handler, dead = intake(rig)
    handler.handle([record(rig, rig.mapped(1)), record(rig, rig.mapped(1, kind="purchase_order"))])
    assert dead.buried == []
    assert waiting(rig) == ["invoice/1", "purchase-order/1"]


def test_a_void_becomes_work_without_a_document_to_be_and_takes_the_place_of_the_create(rig: Rig) -> None:
    handler, dead = intake(rig)
    handler.handle(
        [record(rig, rig.mapped(1)), record(rig, rig.void(1)), record(rig, rig.void(2, "purchase_order"))]
    )
    assert dead.buried == []
    lanes = rig.row("SELECT array_agg(lane ORDER BY document) AS lanes FROM work").lanes
    assert lanes == [Lane.VOID, Lane.VOID_ORDER]


def test_a_diagnosis_is_never_written_and_replaces_no_work(rig: Rig) -> None:
    handler, _ = intake(rig)
    real = rig.mapped(1)
    handler.handle([record(rig, real), record(rig, rig.mapped(1, purpose="diagnose"))])
    assert rig.row("SELECT revision FROM work").revision == real["revision"]


def test_a_trace_that_can_not_be_stored_does_not_stop_the_document(rig: Rig) -> None:
    handler, _ = intake(rig)
    handler.handle([record(rig, rig.mapped(1), traceparent="00-\x00")])
    assert waiting(rig) == ["invoice/1"]


def wish(rig: Rig, command_id: str, actor: str) -> Record:
    """A test of the connection, as it comes from Kafka."""
    event = {
        "command_id": command_id, "tenant_id": "acme", "kind": "test-connection", "document": None, "actor": actor,
        "issued_at": utc_now(), "options": {"side": "xero"},
    }  # fmt: skip
    return Record(names.COMMANDS, 0, 1, b"acme", rig.codec.encode(names.COMMANDS, event), [])


def test_a_value_that_the_database_refuses_stops_nobody(rig: Rig) -> None:
    handler, dead = intake(rig)
    handler.handle(
        [
            record(rig, rig.mapped(1)),
            wish(rig, "c1", "a\x00na"),
            wish(rig, "c2", "ana"),
            record(rig, rig.mapped(2)),
        ]
    )
    assert [(poison.record.topic, poison.reason) for poison in dead.buried] == [
        (names.COMMANDS, "the database refuses it: ValueError")
    ]
    assert waiting(rig) == ["invoice/1", "invoice/2"]
    assert rig.row("SELECT array_agg(command_id) AS ids FROM command_inbox").ids == ["c2"]


@OWN_TABLES
def test_a_record_is_buried_once_however_often_its_batch_is_tried(rig: Rig) -> None:
    handler, dead = intake(rig)
    batch = [record(rig, rig.mapped(1), value=b"?"), record(rig, rig.mapped(2))]
    rig.execute(
        "CREATE FUNCTION away() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION USING ERRCODE = 'admin_shutdown'; END $$"
    )
    rig.execute("CREATE TRIGGER away BEFORE INSERT ON work FOR EACH ROW EXECUTE FUNCTION away()")
    for _ in range(3):
        with pytest.raises(TransientError):
            handler.handle(batch)
    rig.execute("DROP TRIGGER away ON work")
    handler.handle(batch)
    assert len(dead.buried) == 1
    assert rig.outcomes(1) == [("faulted", "EVENT_UNREADABLE")]
    assert waiting(rig) == ["invoice/2"]


@OWN_TABLES
def test_a_statement_that_can_never_work_is_no_outage_of_the_database(rig: Rig) -> None:
    handler, _ = intake(rig)
    rig.execute("ALTER TABLE work RENAME TO elsewhere")
    with pytest.raises(ProgrammingError):
        handler.handle([record(rig, rig.mapped(1))])


@pytest.mark.parametrize("kind", ["invoice", ORDER])
def test_an_older_hold_changes_nothing_and_a_held_document_is_not_written(rig: Rig, kind: str) -> None:
    handler, _ = intake(rig)

    document, topic = str(document_of(kind, 1)), names.ORDER_HELD if kind == ORDER else names.HELD

    def hold(version: int, what: str) -> Record:
        event: dict[str, Any] = {
            "event_id": event_id("acme", document, 1, topic, str(version)),
            "tenant_id": "acme",
            "document": document,
            "revision": 1,
            "occurred_at": utc_now(),
            "attempt": 1,
            "command_id": None,
            "xero_document_id": None,
            "hold": what,
            "hold_version": version,
            "actor": None,
        }
        if kind == ORDER:
            event["changed_since"] = utc_now()
        return Record(topic, 0, version, b"key", rig.codec.encode(topic, event), [])

    handler.handle([hold(5, "skip"), hold(4, "none"), record(rig, rig.mapped(1, kind=kind))])
    rig.execute("UPDATE work SET received_at = received_at - interval '1 second'")
    rig.work()
    assert rig.calls("PUT") == []
    handler.handle([hold(6, "none")])
    rig.work()
    assert rig.outcomes(1, kind) == [("synced", "created")]


def test_a_hold_that_comes_between_reading_and_taking_still_holds(rig: Rig) -> None:
    rig.arrive(rig.mapped(1))
    with rig.engine.begin() as connection:
        [read] = work.waiting(connection, "acme", Lane.WRITE, 10)
    rig.execute("UPDATE document SET hold = 'skip'")
    with rig.engine.begin() as connection:
        assert not work.take(connection, read)
    assert waiting(rig) == ["invoice/1"]


def test_a_document_found_in_xero_between_reading_and_taking_is_not_created_again(rig: Rig) -> None:
    rig.arrive(rig.mapped(1))
    with rig.engine.begin() as connection:
        [read] = work.waiting(connection, "acme", Lane.WRITE, 10)
        work.remember(connection, "acme", "invoice/1", "invoice", "x-1", "INV:1", synced_revision=None)
    with rig.engine.begin() as connection:
        assert not work.take(connection, read)


def in_order(rig: Rig) -> list[str]:
    """What can be started, as the worker would take it."""
    with rig.engine.connect() as connection:
        return [one.item.document for one in work.waiting(connection, "acme", Lane.WRITE, 10)]


def test_a_newer_try_of_a_document_that_waits_does_not_lose_its_place_in_the_queue(rig: Rig) -> None:
    """In an outage of hours every document is tried anew each hour; who has waited longest still goes first."""
    handler, _ = intake(rig)
    for number in (1, 2, 3):
        handler.handle([record(rig, rig.mapped(number))])
    handler.handle([record(rig, rig.mapped(1))])
    assert in_order(rig) == ["invoice/1", "invoice/2", "invoice/3"]
    handler.handle([record(rig, rig.mapped(3, priority="interactive"))])
    assert in_order(rig) == ["invoice/3", "invoice/1", "invoice/2"], "but a person's wish jumps it"


def test_a_newer_try_of_a_document_in_doubt_does_not_lose_its_place_in_the_queue(rig: Rig) -> None:
    handler, _ = intake(rig)
    rig.plant({"method": "PUT"}, {"kind": "cut"}, times=None)
    rig.arrive(rig.mapped(1))
    rig.turn()
    for number in (2, 1):
        handler.handle([record(rig, rig.mapped(number))])
    rig.execute("UPDATE intent_element SET state = 'settled'")
    assert in_order(rig) == ["invoice/1", "invoice/2"]


def test_a_database_whose_clock_is_set_back_does_not_leave_what_came_before_waiting(rig: Rig) -> None:
    rig.arrive(rig.mapped(1))
    rig.execute("UPDATE work SET received_at = received_at + interval '1 hour'")
    rig.work()
    assert rig.outcomes(1) == [("synced", "created")]
