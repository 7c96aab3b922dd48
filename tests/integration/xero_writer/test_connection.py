"""Outages, limits and refused credentials: one tenant waits, no document is at fault, nothing runs hot."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from service_runtime.leases import LeaseLostError
from tests.integration.xero_writer.rig import CREDENTIALS
from tests.integration.xero_writer.test_connection_test import ask
from xero_writer.adapters.answers import RefusedError
from xero_writer.worker.probe import note_failure

if TYPE_CHECKING:
    from tests.integration.xero_writer.rig import Rig
    from xero_writer.adapters.answers import WriteAnswer

pytestmark = pytest.mark.stack
PUT = {"method": "PUT"}
BROKEN = {"kind": "status", "status": 500, "body": {"ErrorNumber": 500}}


def refusal(detail: str, status: int = 401) -> dict[str, Any]:
    return {"kind": "status", "status": status, "body": {"Title": "Unauthorized", "Detail": detail}}


def throttle(seconds: int) -> dict[str, Any]:
    headers = {"Retry-After": str(seconds), "X-Rate-Limit-Problem": "minute"}
    return {"kind": "status", "status": 429, "body": "", "headers": headers}


@pytest.mark.parametrize("answer", [refusal("AuthenticationUnsuccessful"), refusal("no", 403)])
def test_a_refused_write_leaves_nothing_half_done_and_is_not_probed(rig: Rig, answer: dict[str, Any]) -> None:
    rig.plant({}, answer, times=None)
    rig.arrive(rig.mapped(1))
    rig.work()
    assert rig.session.circuit.state == "refused"
    calls = len(rig.calls())
    for _ in range(3):
        rig.pass_time(600)
        rig.work()
    assert len(rig.calls()) == calls
    assert rig.row("SELECT count(*) AS n FROM intent WHERE state <> 'resolved'").n == 0
    assert rig.row("SELECT count(*) AS n FROM work").n == 1
    assert rig.outcomes(1) == []


def test_changed_credentials_get_their_try_in_a_new_worker(rig: Rig) -> None:
    rig.plant({}, refusal("AuthenticationUnsuccessful"), times=None)
    rig.arrive(rig.mapped(1))
    rig.work()
    rig.server.app.faults.clear()
    rig.credentials = replace(CREDENTIALS, organisation_id="11111111-2222-4333-8444-555555555555")
    with pytest.raises(LeaseLostError, match="credentials"):
        rig.turn()
    rig.take_over()
    rig.work()
    assert rig.outcomes(1) == [("synced", "created")]


def test_a_refusal_seen_only_by_the_probe_is_a_refusal_and_no_outage(rig: Rig) -> None:
    rig.plant(PUT, BROKEN)
    rig.plant({"method": "GET"}, refusal("AuthenticationUnsuccessful"), times=None)
    rig.arrive(rig.mapped(1))
    rig.work()
    assert rig.session.circuit.state == "refused"


def test_tokens_that_are_always_called_expired_open_the_circuit_and_do_not_spin(rig: Rig) -> None:
    rig.plant(PUT, refusal("TokenExpired: token expired at 01/23/2026 18:21:16"), times=None)
    rig.arrive(rig.mapped(1))
    rig.work()
    assert rig.session.circuit.state == "down"
    assert len(rig.calls("PUT")) == 2
    rig.server.app.faults.clear()
    rig.pass_time(20)
    rig.work()
    assert rig.outcomes(1) == [("synced", "created")]


def test_a_short_limit_is_waited_for_with_the_same_intent(rig: Rig) -> None:
    rig.plant(PUT, throttle(1))
    rig.arrive(rig.mapped(1))
    rig.work()
    assert rig.outcomes(1) == [("synced", "created")]
    assert rig.row("SELECT count(*) AS n FROM intent").n == 1


def test_a_limit_longer_than_an_intent_may_wait_puts_the_document_back(rig: Rig) -> None:
    rig.plant(PUT, throttle(3600))
    rig.arrive(rig.mapped(1))
    rig.turn()
    assert rig.session.circuit.state == "throttled"
    assert rig.row("SELECT count(*) AS n FROM work").n == 1
    assert rig.outcomes(1) == []
    rig.work()
    assert len(rig.calls("PUT")) == 1


def test_stopping_does_not_wait_for_a_limit(rig: Rig) -> None:
    rig.plant(PUT, throttle(200))
    rig.arrive(rig.mapped(1))
    stopping = threading.Event()
    thread = threading.Thread(target=rig.worker.run, args=(stopping,))
    thread.start()
    while rig.session.circuit.state != "throttled":
        assert thread.is_alive()
        stopping.wait(0.05)
    stopping.set()
    rig.worker.wake()
    thread.join(30)
    assert not thread.is_alive()
    assert rig.row("SELECT count(*) AS n FROM intent WHERE state <> 'resolved'").n == 0
    assert rig.row("SELECT count(*) AS n FROM work").n == 1


def test_a_failing_worker_does_not_wait_for_a_limit_either(rig: Rig) -> None:
    rig.plant(PUT, throttle(200))
    rig.arrive(rig.mapped(1))
    failures: list[BaseException] = []

    def run() -> None:
        try:
            rig.worker.run(threading.Event())
        except LeaseLostError as error:
            failures.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    waiting = threading.Event()
    while rig.session.circuit.state != "throttled":
        assert thread.is_alive()
        waiting.wait(0.05)
    rig.credentials = replace(CREDENTIALS, client_secret="other")
    rig.worker.wake()
    thread.join(30)
    assert not thread.is_alive()
    assert failures


def test_a_limit_that_does_not_say_how_long_is_neither_hammered_nor_shown_as_over_before_it_is(
    rig: Rig,
) -> None:
    rig.plant({"path": "/api.xro/.*"}, {"kind": "status", "status": 429, "body": ""}, times=None)
    rig.arrive(rig.mapped(1))
    before = len(rig.calls())
    for _ in range(40):
        rig.turn()
        rig.pass_time(10)
    assert rig.health.states == ["throttled"]
    assert len(rig.calls()) - before <= 7  # at once, and after 15, 30, 60, 120 and 240 seconds
    rig.server.app.faults.clear()
    rig.pass_time(300)
    rig.turn(2)
    assert rig.health.states == ["throttled", "connected"]


def test_broken_reference_data_stop_no_document(rig: Rig) -> None:
    rig.plant({"method": "GET", "path": ".*/BrandingThemes"}, BROKEN, times=None)
    rig.execute("UPDATE tenant SET reference_at = reference_at - interval '2 hours'")
    rig.arrive(rig.mapped(1))
    rig.work()
    assert rig.outcomes(1) == [("synced", "created")]
    asked = [call for call in rig.calls("GET") if call["path"].endswith("/BrandingThemes")]
    rig.work()
    assert [call for call in rig.calls("GET") if call["path"].endswith("/BrandingThemes")] == asked


def test_contacts_that_can_not_be_read_make_no_document_faulty(rig: Rig) -> None:
    rig.plant({"method": "GET", "path": ".*/Contacts"}, BROKEN, times=None)
    rig.pass_time(600)
    rig.arrive(rig.mapped(1), rig.mapped(2, customer="Nobody Ltd"))
    rig.work()
    assert rig.outcomes(1) == rig.outcomes(2) == []
    rig.server.app.faults.clear()
    rig.pass_time(30)
    rig.work()
    assert rig.outcomes(1) == [("synced", "created")]
    assert rig.outcomes(2) == [("faulted", "CONTACT_NOT_FOUND")]


def test_a_call_that_a_limit_refused_is_not_repeated_once_the_tenant_is_paused(rig: Rig) -> None:
    def pause(_: WriteAnswer) -> None:
        rig.state = "paused"

    rig.client.after_write = pause
    rig.plant(PUT, throttle(1))
    rig.arrive(rig.mapped(1))
    rig.turn(2)
    assert len(rig.calls("PUT")) == 1
    rig.client.after_write = None
    rig.state = "active"
    rig.pass_time(60)
    rig.work()
    assert rig.outcomes(1) == [("synced", "created")]
    assert len(rig.copies(1)) == 1


def test_a_paused_tenant_finishes_what_is_in_doubt_and_begins_nothing(rig: Rig) -> None:
    rig.plant(PUT, {"kind": "cut"}, when="after")
    rig.arrive(rig.mapped(1))
    rig.turn()
    rig.state = "paused"
    rig.arrive(rig.mapped(2))
    rig.pass_time(10)
    rig.work()
    assert rig.outcomes(1) == [("synced", "created")]
    assert rig.outcomes(2) == []
    assert rig.row("SELECT count(*) AS n FROM work").n == 1


def test_an_organisation_of_another_tenant_is_refused_and_nothing_is_written(rig: Rig) -> None:
    rig.execute("UPDATE tenant SET tenant_id = 'northwind'")
    rig.take_over()
    rig.arrive(rig.mapped(1))
    rig.work()
    assert rig.session.circuit.state == "refused"
    assert rig.calls("PUT") == []


def sign_ins(rig: Rig) -> int:
    """Sign-ins that Xero refused so far."""
    calls = rig.server.app.calls.since(0)
    return len([one for one in calls if one["path"].endswith("/connect/token") and one["status"] >= 400])


def test_refused_credentials_are_not_tried_anew_by_every_worker(rig: Rig) -> None:
    rig.credentials = replace(CREDENTIALS, client_secret="wrong")
    for _ in range(5):
        rig.take_over()
        rig.turn(2)
        assert rig.session.circuit.state == "refused"
        assert rig.session.circuit.detail.startswith("Xero refuses the client credentials")
    assert sign_ins(rig) == 1


def test_nothing_that_is_kept_of_refused_credentials_can_be_read_back(rig: Rig) -> None:
    rig.credentials = replace(CREDENTIALS, client_secret="wr0ng-secret")
    rig.take_over()
    rig.turn()
    first = rig.row("SELECT * FROM refused_credentials")
    kept = repr([bytes(one) if isinstance(one, memoryview) else one for one in first])
    assert "wr0ng" not in kept
    assert CREDENTIALS.client_id not in kept
    rig.execute("DELETE FROM refused_credentials")
    rig.take_over()
    rig.turn()
    assert bytes(rig.row("SELECT * FROM refused_credentials").digest) != bytes(first.digest)


def test_other_credentials_are_tried_whatever_was_refused_before(rig: Rig) -> None:
    rig.credentials = replace(CREDENTIALS, client_secret="wrong")
    rig.take_over()
    rig.turn()
    rig.credentials = CREDENTIALS
    rig.take_over()
    rig.arrive(rig.mapped(1))
    rig.work()
    assert rig.outcomes(1) == [("synced", "created")]
    assert rig.row("SELECT count(*) AS n FROM refused_credentials").n == 0


def test_a_connection_that_was_tested_and_works_stays_so_in_the_next_worker(rig: Rig) -> None:
    rig.plant({}, refusal("AuthenticationUnsuccessful"), times=None)
    rig.arrive(rig.mapped(1))
    rig.work()
    rig.server.app.faults.clear()
    rig.take_over()
    rig.turn()
    assert rig.session.circuit.state == "refused"
    ask(rig, "c1")
    rig.work()
    rig.take_over()
    rig.work()
    assert rig.session.circuit.is_closed()
    assert rig.outcomes(1) == [("synced", "created")]


def test_an_organisation_that_was_freed_does_not_stay_refused(rig: Rig) -> None:
    rig.execute("UPDATE tenant SET tenant_id = 'northwind'")
    rig.take_over()
    rig.turn()
    assert rig.session.circuit.state == "refused"
    rig.execute("DELETE FROM tenant")
    rig.take_over()
    rig.turn()
    assert rig.session.circuit.is_closed()


def test_a_success_that_was_under_way_does_not_close_a_refused_circuit(rig: Rig) -> None:
    rig.client.after_write = lambda _: note_failure(rig.session, RefusedError("the consent was taken away"))
    rig.arrive(rig.mapped(1))
    rig.work()
    assert rig.outcomes(1) == [("synced", "created")]
    assert rig.session.circuit.state == "refused"


def test_no_worker_works_unheard_and_none_that_has_ended_is_taken_for_one_that_hangs(rig: Rig) -> None:
    beats = rig.worker._beats
    beats.ended(rig.session.tenant_id)  # the rig has worked before
    rig.turn()
    assert set(beats.silent()) == {rig.session.tenant_id}
    beats.ended(rig.session.tenant_id)
    rig.worker._rest(0)  # between two pages of a long list
    assert set(beats.silent()) == {rig.session.tenant_id}
    rig.session.lease.lost.set()
    with pytest.raises(LeaseLostError):
        rig.worker.run(threading.Event())
    assert not beats.silent()
