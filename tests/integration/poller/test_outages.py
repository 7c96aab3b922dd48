"""Outages are not faults; refused credentials are not tried again; the budget is shared."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from invoice_events import names
from invoice_events.settings import effective_settings
from poller.adapters.tenants import TenantRules
from tests.integration.poller.rig import CREDENTIALS, Rig

pytestmark = pytest.mark.stack

DOWN = {"kind": "status", "status": 503, "body": "<html>Service unavailable"}
THROTTLED = {
    "kind": "status",
    "status": 429,
    "body": {"errors": ["Thread Threshold Exceeded"]},
    "headers": {"Retry-After": "120"},
}


def health(rig: Rig) -> list[str]:
    return [event["state"] for event in rig.events(names.HEALTH)]


@pytest.mark.parametrize("action", [DOWN, {"kind": "cut"}, {"kind": "garbage"}])
def test_an_outage_costs_no_strike_and_the_work_goes_on_afterwards(rig: Rig, action: dict[str, Any]) -> None:
    for number in range(1, 4):
        rig.add_invoice(number)
    rig.plant({"path": ".*/BillingItems/query"}, action)
    rig.turn()
    assert rig.events(names.DISCOVERED) == rig.events(names.FAULTED) == []
    calls = len(rig.calls())
    rig.turn()
    assert len(rig.calls()) == calls, "asked again before the wait was over"
    rig.offset += timedelta(seconds=16)
    rig.turn()
    assert len(rig.events(names.DISCOVERED)) == 3
    assert health(rig) == ["down", "connected"]


def test_retry_after_is_obeyed(rig: Rig) -> None:
    rig.add_invoice(1)
    rig.plant({"path": ".*/Invoices/query"}, THROTTLED)
    rig.turn()
    rig.offset += timedelta(seconds=119)
    rig.turn()
    assert rig.events(names.DISCOVERED) == []
    rig.offset += timedelta(seconds=2)
    rig.turn()
    assert len(rig.events(names.DISCOVERED)) == 1
    assert health(rig) == ["throttled", "connected"]


def test_refused_credentials_are_tried_once_and_again_only_when_they_change(rig: Rig) -> None:
    rig.add_invoice(1)
    rig.tenants.api_user = replace(CREDENTIALS, secret="wrong")
    for _ in range(5):
        rig.turn()
        rig.offset += timedelta(hours=1)
    refused = [call for call in rig.calls() if call["status"] == 401]
    assert len(refused) == 1
    assert len([call for call in rig.calls() if "zoneInformation" in call["path"]]) == 2
    assert health(rig) == ["refused"]
    rig.tenants.api_user = CREDENTIALS
    rig.turn()
    assert len(rig.events(names.DISCOVERED)) == 1
    assert health(rig) == ["refused", "connected"]


def sign_ins_refused(rig: Rig) -> int:
    return len([call for call in rig.calls() if call["status"] == 401])


def test_refused_credentials_are_not_tried_anew_by_every_worker(rig: Rig) -> None:
    rig.add_invoice(1)
    rig.tenants.api_user = replace(CREDENTIALS, secret="wrong")
    for _ in range(4):
        rig.turn()
        assert rig.worker._connection.circuit.state == "refused"
        assert "(401)" in rig.worker._connection.circuit.detail
        rig.take_over()
    assert sign_ins_refused(rig) == 1
    rig.tenants.api_user = CREDENTIALS
    rig.turn()
    assert len(rig.events(names.DISCOVERED)) == 1
    with rig.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM refused_credentials")).scalar() == 0


def test_credentials_that_a_test_found_good_are_tried_by_the_next_worker(rig: Rig) -> None:
    locked = {"kind": "status", "status": 500, "body": {"errors": ["The user account has been locked."]}}
    rig.plant({"path": ".*/ThresholdInformation"}, locked)
    rig.turn()
    rig.take_over().turn()
    assert rig.worker._connection.circuit.detail == "The user account has been locked."
    rig.command("c1", "test-connection")
    rig.turn()
    rig.add_invoice(1)
    rig.take_over()
    rig.turn()
    assert len(rig.events(names.DISCOVERED)) == 1


def test_nothing_that_is_kept_of_refused_credentials_can_be_read_back(rig: Rig) -> None:
    rig.tenants.api_user = replace(CREDENTIALS, secret="wr0ng-secret")
    rig.turn()
    with rig.engine.connect() as connection:
        row = connection.execute(text("SELECT * FROM refused_credentials")).one()
    kept = repr([bytes(one) if isinstance(one, memoryview) else one for one in row])
    assert not any(part in kept for part in ("wr0ng", CREDENTIALS.username, CREDENTIALS.integration_code))


def test_a_moved_database_is_found_again(rig: Rig) -> None:
    rig.turn()
    database = rig.simulator.database("acme")
    database.switches = replace(database.switches, zone=15)
    rig.add_invoice(1)
    rig.turn()
    assert len(rig.events(names.DISCOVERED)) == 1


def test_a_locked_account_and_a_wrong_code_stop_at_once(rig: Rig) -> None:
    rig.tenants.api_user = replace(CREDENTIALS, integration_code="WRONG")
    rig.turn()
    rig.turn()
    assert rig.worker._connection.circuit.state == "refused"
    assert len([call for call in rig.calls() if call["status"] == 500]) == 1


def test_no_secret_reaches_health_or_logs(rig: Rig) -> None:
    rig.tenants.api_user = replace(CREDENTIALS, secret="hunter2-secret")
    rig.turn()
    texts = str(rig.events(names.HEALTH)) + str(rig.events(names.LOGS))
    assert "hunter2-secret" not in texts
    assert CREDENTIALS.integration_code not in texts


def test_a_refused_query_ends_the_cycle_and_is_told(rig: Rig) -> None:
    refusal = {"kind": "status", "status": 500, "body": {"errors": ["Unable to find isVoided."]}}
    rig.plant({"path": ".*/Invoices/query"}, refusal)
    rig.command("c1", "sync-now")
    rig.turn()
    assert rig.results("c1")[-1] == ("refused", "Unable to find isVoided.")
    assert any("Unable to find isVoided." in line for line in rig.logs())
    assert rig.worker._connection.circuit.state == "connected"


def test_a_tenant_that_may_not_list_invoices_is_not_shown_as_connected(rig: Rig) -> None:
    refusal = {"kind": "status", "status": 403, "body": {"errors": ["not the adequate permissions to query"]}}
    rig.plant({"path": ".*/Invoices/query"}, refusal, None)
    rig.add_invoice(1)
    rig.turn()
    rig.offset += timedelta(seconds=301)
    rig.command("c1", "explain", "invoice/1")
    rig.turn()
    assert set(health(rig)) == {"refused"}
    told = rig.events(names.HEALTH)[-1]
    assert "not the adequate permissions to query" in told["detail"]
    assert "security level" in told["detail"]
    (answer,) = [event["answer"] for event in rig.events(names.COMMAND_RESULTS) if event["answer"]]
    assert "circuit_open" in answer
    assert "security level" in answer
    rig.server.app.faults.clear()
    rig.offset += timedelta(seconds=301)
    rig.turn()
    assert health(rig)[-1] == "connected"
    assert len(rig.events(names.DISCOVERED)) == 1
    assert sign_ins_refused(rig) == 0


def test_a_refused_stamp_opens_no_connection(rig: Rig) -> None:
    rig.add_invoice(1)
    rig.turn()
    rig.synced(1)
    rig.plant({"method": "PATCH"}, {"kind": "status", "status": 403, "body": {"errors": ["read-only"]}}, None)
    rig.turn()
    assert set(health(rig)) == {"connected"}


def test_a_command_interrupted_by_an_outage_is_served_afterwards(rig: Rig) -> None:
    rig.add_invoice(1, invoiceDateTime="2020-01-01T00:00:00Z")
    rig.plant({"path": ".*/BillingItems/query"}, DOWN)
    rig.command("c1", "resync", "invoice/1")
    rig.turn()
    assert [state for state, _ in rig.results("c1")] == ["accepted", "started"]
    rig.offset += timedelta(seconds=16)
    rig.turn()
    assert [state for state, _ in rig.results("c1")] == ["accepted", "started", "done"]
    assert len(rig.events(names.DISCOVERED)) == 1


def use_budget(rig: Rig, used: int, share: float = 0.5) -> None:
    database = rig.simulator.database("acme")
    database.switches = replace(database.switches, external_usage=used)
    settings = effective_settings({"autotask_budget_share": share})
    rig.tenants.current = TenantRules(version=2, paused=False, settings=settings)


def test_above_the_share_only_interactive_work_goes_on(rig: Rig) -> None:
    rig.add_invoice(1)
    rig.add_invoice(2)
    use_budget(rig, 6_000)
    rig.turn()
    assert rig.events(names.DISCOVERED) == []
    rig.command("c1", "resync", "invoice/1")
    rig.turn()
    assert [event["invoice"]["id"] for event in rig.events(names.DISCOVERED)] == [1]
    use_budget(rig, 100)
    rig.offset += timedelta(seconds=61)
    rig.turn()
    assert [event["invoice"]["id"] for event in rig.events(names.DISCOVERED)] == [1, 2]


def test_above_95_per_cent_nothing_is_asked_but_the_usage(rig: Rig) -> None:
    rig.add_invoice(1)
    use_budget(rig, 9_600)
    rig.command("c1", "resync", "invoice/1")
    for _ in range(3):
        rig.turn()
    assert {call["path"].rpartition("/")[2] for call in rig.calls()} == {
        "zoneInformation",
        "ThresholdInformation",
    }
    assert len(rig.calls()) == 2


def test_an_invoice_that_autotask_can_not_read_out_is_its_own_fault_and_holds_up_nobody(rig: Rig) -> None:
    for number in (1, 2, 3, 4, 7777, 8001, 8002, 8003):
        rig.add_invoice(number)
    rig.plant({"path": ".*/BillingItems/query", "body_contains": "7777"}, DOWN, None)
    fresh = 100
    for _ in range(12):
        rig.add_invoice(fresh)
        fresh += 1
        rig.turn()
        rig.offset += timedelta(seconds=301)
    found = {event["invoice"]["id"] for event in rig.events(names.DISCOVERED)}
    assert {1, 2, 3, 4, 8001, 8002, 8003} <= found
    assert rig.known(7777).fault_code == "PROVIDER_ERROR"
    assert {event["document"] for event in rig.events(names.FAULTED)} == {"invoice/7777"}


def test_a_command_that_an_outage_interrupts_holds_up_no_other(rig: Rig) -> None:
    for number in (5, 6):
        rig.add_invoice(number, invoiceDateTime="2020-01-01T00:00:00Z")
    rig.plant({"path": ".*/BillingItems/query", "body_contains": "[5]"}, DOWN, None)
    rig.command("c5", "resync", "invoice/5")
    rig.command("c6", "resync", "invoice/6")
    for _ in range(4):
        rig.turn()
        rig.offset += timedelta(seconds=301)
    assert rig.results("c6")[-1] == ("done", None)
    assert rig.results("c5")[-1][0] == "done"
    assert rig.known(5).fault_code == "PROVIDER_ERROR"


def test_no_customers_name_reaches_the_process_log(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    rig.add_invoice(1)
    rig.turn()
    rig.faulted(1, text="Can't find Xero Contact with Account Name: Harbour Dental Ltd")
    rig.turn()
    assert any("Harbour Dental" in line for line in rig.logs())
    assert "Harbour" not in caplog.text
    assert "ana@" not in caplog.text
    assert CREDENTIALS.secret not in caplog.text
    assert any(getattr(record, "document", None) == "invoice/1" for record in caplog.records)


def test_what_is_known_without_a_call_does_not_close_the_circuit_nor_quicken_the_probes(rig: Rig) -> None:
    rig.turn()
    rig.offset += timedelta(seconds=301)
    rig.plant({"path": ".*/(Invoices/query|ThresholdInformation)"}, DOWN, None)
    before = len(rig.calls())
    for _ in range(180):
        rig.turn()
        rig.offset += timedelta(seconds=10)
    assert 5 < len(rig.calls()) - before <= 12, "after 15, 30, 60, 120 and 240 s, then every five minutes"
    told = {(event["state"], event["changed_at"]) for event in rig.events(names.HEALTH)[1:]}
    assert len(told) == 1, "since when it is down does not change while it is"
    assert rig.worker._connection.circuit.state == "down"
