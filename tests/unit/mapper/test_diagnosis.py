"""A dry run goes through the same rules, and whatever it meets, nothing it publishes can be written or counted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from invoice_events import names
from invoice_events.codec import Event
from invoice_events.types import AutotaskLine
from mapper.adapters import batch
from tests.unit.mapper.bench import Bench, Table, record
from tests.unit.mapper.conftest import line

DRY = {"purpose": "diagnose", "command_id": "c1"}


def dry(bench: Bench, *lines: AutotaskLine, **changes: Any) -> Event:  # noqa: ANN401  # fields of the event
    """The only event that a dry run publishes."""
    ((topic, event),) = bench.handle(record(*lines, **(DRY | changes)))
    assert topic == names.MAPPED, "anything else would end the document's real try"
    assert (event["purpose"], event["command_id"]) == ("diagnose", "c1")
    return event


def test_a_dry_run_makes_the_same_document_as_a_try() -> None:
    ((_, real),) = Bench().handle(record(line(1, "10.00")))
    event = dry(Bench(), line(1, "10.00"))
    same = set(real) - {"event_id", "purpose", "command_id"}
    assert {name: event[name] for name in same} == {name: real[name] for name in same}
    assert event["obstacle"] is None


def test_the_event_of_a_dry_run_is_not_taken_for_that_of_the_try_with_its_revision() -> None:
    ((_, real),) = Bench().handle(record(line(1, "10.00")))
    first, again = dry(Bench(), line(1, "10.00")), dry(Bench(), line(1, "10.00"))
    other = Bench().handle(record(line(1, "10.00"), purpose="diagnose", command_id="c2"))[0][1]
    assert real["revision"] == first["revision"]
    assert len({real["event_id"], first["event_id"], other["event_id"]}) == 3
    assert again["event_id"] == first["event_id"]


def fault(bench: Bench) -> Event:
    return dry(bench, line(1, "10.00"), total=line(1, "11")["rate"])


def no_data(bench: Bench) -> Event:
    bench.reference.rows.clear()
    return dry(bench, line(1, "10.00"))


def no_lines(bench: Bench) -> Event:
    return dry(bench)


@pytest.mark.parametrize(
    ("run", "outcome", "code"),
    [
        (fault, "faulted", "AMOUNTS_DO_NOT_MATCH"),
        (no_data, "faulted", "TENANT_DATA_MISSING"),
        (lambda bench: dry(bench, line(1, "10.00"), is_voided=True), "skipped", "voided"),
        (no_lines, "faulted", "NO_LINES"),
    ],
)
def test_what_stands_in_the_way_is_the_answer_and_no_strike(
    run: Callable[[Bench], Event], outcome: str, code: str
) -> None:
    bench = Bench()
    event = run(bench)
    assert (event["obstacle"]["outcome"], event["obstacle"]["code"]) == (outcome, code)
    assert event["obstacle"]["text"]
    assert (event["xero"], event["prediction"]) == (None, None)
    assert bench.kafka.buried == []


def test_a_dry_run_that_nobody_foresaw_is_answered_and_faults_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fails(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(batch, "map_document", fails)
    bench = Bench()
    event = dry(bench, line(1, "10.00"))
    assert event["obstacle"]["code"] == "EVENT_UNREADABLE"
    assert event["obstacle"]["details"] == ["mapping failed: ZeroDivisionError"]
    assert bench.kafka.buried == []


def test_a_dry_run_waits_for_settings_as_a_try_does() -> None:
    bench = Bench(settings=Table())
    assert dry(bench, line(1, "10.00"))["obstacle"]["code"] == "TENANT_DATA_MISSING"
