"""Testing the connection: Autotask is asked once for each wish, whatever the circuit says, and never by itself."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from invoice_events import names
from tests.integration.poller.rig import CREDENTIALS, Rig

pytestmark = pytest.mark.stack

DOWN = {"kind": "status", "status": 503, "body": "<html>Service unavailable"}


def refusals(rig: Rig) -> int:
    return len([call for call in rig.calls() if call["status"] == 401])


def answer(rig: Rig, command_id: str) -> dict[str, Any]:
    (event,) = [
        event
        for event in rig.events(names.COMMAND_RESULTS)
        if event["command_id"] == command_id and event["state"] == "done"
    ]
    found: dict[str, Any] = json.loads(event["answer"])
    return found


def test_refused_credentials_are_tried_once_for_each_wish_and_for_each_change(rig: Rig) -> None:
    rig.tenants.api_user = replace(CREDENTIALS, secret="wrong")
    rig.turn()
    assert refusals(rig) == 1
    for wish in ("c1", "c2"):
        before = refusals(rig)
        rig.command(wish, "test-connection")
        for _ in range(4):
            rig.turn()
            rig.offset += timedelta(hours=1)
        assert refusals(rig) == before + 1
        assert (answer(rig, wish)["works"], answer(rig, wish)["state"]) == (False, "refused")
    rig.tenants.api_user = replace(CREDENTIALS, secret="wrong too")
    for _ in range(4):
        rig.turn()
    assert refusals(rig) == 4


def test_a_test_that_works_closes_the_circuit_and_the_work_goes_on(rig: Rig) -> None:
    rig.add_invoice(1)
    rig.plant({"path": ".*/query"}, DOWN)
    rig.turn()
    assert rig.worker._connection.circuit.state == "down"
    rig.command("c1", "test-connection", side="autotask")
    rig.turn()
    assert answer(rig, "c1") == {
        "side": "autotask",
        "works": True,
        "state": "connected",
        "words": "Autotask answers and accepts the credentials.",
    }
    assert len(rig.events(names.DISCOVERED)) == 1


def test_an_account_that_was_unlocked_works_again_after_a_test(rig: Rig) -> None:
    """The credentials stayed the same, so nothing else would have tried them."""
    rig.tenants.api_user = replace(CREDENTIALS, secret="wrong")
    rig.turn()
    database = rig.simulator.database("acme")
    database.switches = replace(database.switches, zone=15)
    rig.tenants.api_user = CREDENTIALS
    rig.worker._connection._refused_with = CREDENTIALS
    rig.turn()
    assert rig.worker._connection.circuit.state == "refused"
    rig.command("c1", "test-connection")
    rig.turn()
    assert answer(rig, "c1")["works"] is True


def test_a_paused_tenant_can_test_its_connection(rig: Rig) -> None:
    rig.tenants.pause()
    rig.command("c1", "test-connection")
    rig.turn()
    assert answer(rig, "c1")["works"] is True


def test_what_is_asked_of_the_other_side_is_left_to_it(rig: Rig) -> None:
    rig.tenants.pause()
    rig.command("c1", "test-connection", side="xero")
    rig.command("c2", "test-connection", side="nowhere")
    rig.turn()
    assert "done" not in [state for state, _ in rig.results("c1")]
    assert rig.results("c2")[-1][0] == "refused"
    assert rig.calls() == []


def test_a_test_that_was_cut_off_is_not_tried_a_second_time(rig: Rig) -> None:
    rig.tenants.pause()
    rig.command("c1", "test-connection")
    with rig.engine.begin() as connection:
        connection.execute(text("UPDATE command_inbox SET state = 'started'"))
    rig.take_over().turn()
    assert rig.calls() == []
    state, reason = rig.results("c1")[-1]
    assert (state, "interrupted" in (reason or "")) == ("refused", True)
