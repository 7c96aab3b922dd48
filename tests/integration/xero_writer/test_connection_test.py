"""Testing the connection to Xero: one try for each wish, whatever the circuit says; what works closes it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from invoice_events import names
from invoice_events.identity import new_traceparent, utc_now
from service_runtime import metrics
from service_runtime.outbox import Outbox
from service_runtime.records import Record
from tests.integration.xero_writer.rig import CREDENTIALS, TENANT
from tests.integration.xero_writer.test_intake import StubDeadLetters
from xero_writer.adapters.intake import WorkIntake

if TYPE_CHECKING:
    from tests.integration.xero_writer.rig import Rig

pytestmark = pytest.mark.stack
BROKEN = {"kind": "status", "status": 503, "body": ""}


def ask(rig: Rig, command_id: str, kind: str = "test-connection", age: float = 0, **options: str) -> None:
    """A command comes from Kafka."""
    event = {
        "command_id": command_id, "tenant_id": TENANT, "kind": kind, "document": None, "actor": "ana@acme.example",
        "issued_at": utc_now() - timedelta(hours=age), "options": options,
    }  # fmt: skip
    headers = [("traceparent", new_traceparent().encode())]
    record = Record(names.COMMANDS, 0, 1, b"acme", rig.codec.encode(names.COMMANDS, event), headers)
    dead = StubDeadLetters()
    WorkIntake(rig.engine, rig.codec, Outbox(rig.codec, lambda: None), dead).handle([record])
    assert dead.buried == []


def results(rig: Rig, command_id: str) -> list[tuple[str, dict[str, Any] | None]]:
    return [
        (event["state"], json.loads(event["answer"]) if event["answer"] else None)
        for event in rig.events(names.COMMAND_RESULTS)
        if event["command_id"] == command_id
    ]


def sign_ins(rig: Rig) -> int:
    return len([call for call in rig.server.app.calls.since(0) if call["path"].endswith("/connect/token")])


def test_refused_credentials_are_tried_once_for_each_wish(rig: Rig) -> None:
    rig.credentials = replace(CREDENTIALS, client_secret="wrong")
    rig.take_over()
    rig.turn()
    assert rig.session.circuit.state == "refused"
    for wish in ("c1", "c2"):
        before = sign_ins(rig)
        ask(rig, wish)
        for _ in range(4):
            rig.pass_time(3600)
            rig.turn()
        assert sign_ins(rig) == before + 1
        (started, _), (done, answer) = results(rig, wish)
        assert (started, done) == ("started", "done")
        assert answer is not None
        assert (answer["side"], answer["works"], answer["state"]) == ("xero", False, "refused")
        assert "wrong" not in answer["words"]


def test_a_test_that_works_closes_the_circuit_and_what_waits_goes_out(rig: Rig) -> None:
    rig.plant({}, BROKEN, times=None)
    rig.arrive(rig.mapped(1))
    rig.work()
    assert rig.session.circuit.state == "down"
    rig.server.app.faults.clear()
    ask(rig, "c1", side="xero")
    rig.pass_time(1)
    rig.work()
    assert results(rig, "c1")[-1] == (
        "done",
        {
            "side": "xero",
            "works": True,
            "state": "connected",
            "words": "Xero answers, and the organisation is the tenant's.",
        },
    )
    rig.pass_time(600)
    rig.work()
    assert rig.outcomes(1) == [("synced", "created")]


def test_a_paused_tenant_can_test_its_connection(rig: Rig) -> None:
    rig.state = "paused"
    ask(rig, "c1")
    rig.turn()
    assert [state for state, _ in results(rig, "c1")] == ["started", "done"]


@pytest.mark.parametrize(
    ("kind", "age", "options"),
    [
        ("test-connection", 0, {"side": "autotask"}),
        ("resync", 0, {}),
        ("test-connection", 25, {}),
    ],
)
def test_what_others_answer_and_what_has_expired_is_not_answered_here(
    rig: Rig, kind: str, age: float, options: dict[str, str]
) -> None:
    before = sign_ins(rig)
    ask(rig, "c1", kind, age, **options)
    rig.turn()
    assert results(rig, "c1") == []
    assert sign_ins(rig) == before


def test_a_wish_is_fulfilled_once_however_often_its_event_comes_or_its_process_ends(rig: Rig) -> None:
    ask(rig, "c1")
    rig.turn()
    before = sign_ins(rig)
    ask(rig, "c1")
    rig.turn()
    ask(rig, "c2")
    rig.execute("UPDATE command_inbox SET state = 'started' WHERE command_id = 'c2'")
    rig.turn()
    assert sign_ins(rig) == before
    assert [state for state, _ in results(rig, "c1")] == ["started", "done"]
    assert [state for state, _ in results(rig, "c2")] == ["refused"]


def test_an_outcome_that_stays_unknown_is_told(rig: Rig) -> None:
    rig.plant({"method": "PUT"}, {"kind": "cut"}, times=None, when="after")
    rig.arrive(rig.mapped(1))
    rig.turn()
    rig.execute("UPDATE intent SET state = 'unknown', created_at = created_at - interval '2 hours'")
    rig.turn()
    shown = {
        (sample.labels["tenant"], sample.labels["reason"]): sample.value
        for metric in metrics.stuck.collect()
        for sample in metric.samples
    }
    assert shown[TENANT, "unknown"] == 1
