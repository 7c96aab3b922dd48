"""Events of the poller can be carried, and are recognised when they are repeated."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from invoice_events import names
from invoice_events.codec import Codec, Event, NoForeignSchemas, SingleObjectFraming
from invoice_events.types import CommandState
from poller.core import messages
from poller.core.circuit import Circuit
from poller.core.entry import Entry
from poller.core.messages import Command, Fault, LogLine
from poller.core.verdicts import Skip

NOW = datetime(2026, 5, 14, 9, tzinfo=UTC)
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
ENTRY = Entry("invoice/7", 7, "in_flight", 10, TRACE)
COMMAND = Command("c1", "resync", "invoice/7", "ana", TRACE, "new")
ORDER = Entry("purchase-order/7", 7, "done", 10, TRACE, hold_version=3, changed_since=NOW)
FAULT = Fault("UNKNOWN", strike=True, final=False, text="odd", blamed="autotask")

EVENTS: list[tuple[str, Event]] = [
    (names.FAULTED, messages.faulted("acme", ENTRY, FAULT, NOW)),
    (names.SKIPPED, messages.skipped("acme", ENTRY, Skip("voided", "was voided"), NOW)),
    (names.HELD, messages.held("acme", ENTRY, COMMAND, NOW)),
    (names.ORDER_FAULTED, messages.faulted("acme", ORDER, FAULT, NOW)),
    (names.ORDER_SKIPPED, messages.skipped("acme", ORDER, Skip("voided", "was cancelled"), NOW)),
    (names.ORDER_HELD, messages.held("acme", ORDER, None, NOW)),
    (names.COMMAND_RESULTS, messages.result("acme", COMMAND, "done", NOW)),
    (names.HEALTH, messages.health("acme", Circuit("down", "no answer", NOW), [], NOW)),
    (names.LOGS, messages.log_line("acme", LogLine("hello", "hello", entry=ENTRY), "id", NOW)),
]


@pytest.mark.parametrize(("topic", "event"), EVENTS, ids=[topic for topic, _ in EVENTS])
def test_every_event_survives_its_schema(topic: str, event: Event) -> None:
    codec = Codec(SingleObjectFraming(), NoForeignSchemas())
    assert codec.decode(topic, codec.encode(topic, event)) == event


def test_a_fault_blames_whom_it_names_else_the_catalogues_side() -> None:
    assert messages.faulted("acme", ENTRY, FAULT, NOW)["side"] == "autotask"
    catalogued = Fault("INVOICE_TOO_LARGE", strike=False, final=True)
    assert messages.faulted("acme", ENTRY, catalogued, NOW)["text"] == "The invoice is too large to carry"


def test_a_result_is_recognised_by_its_command_and_state() -> None:
    def result(command_id: str, state: CommandState) -> str:
        command = Command(command_id, "resync", "invoice/7", "ana", TRACE, "new")
        found: str = messages.result("acme", command, state, NOW)["event_id"]
        return found

    ids = {result(command_id, state) for command_id in ("c1", "c2") for state in ("accepted", "done")}
    assert len(ids) == 4
    assert result("c1", "done") in ids


def test_an_order_and_an_invoice_of_the_same_number_are_never_taken_for_each_other() -> None:
    assert (
        messages.faulted("acme", ENTRY, FAULT, NOW)["event_id"]
        != (messages.faulted("acme", ORDER, FAULT, NOW)["event_id"])
    )


def test_a_change_of_an_order_says_the_hold_as_it_is() -> None:
    event = messages.held("acme", ORDER, None, NOW)
    assert (event["hold"], event["changed_since"], event["actor"]) == ("none", NOW, None)
    assert "changed_since" not in messages.held("acme", ENTRY, COMMAND, NOW)
