"""Commands over HTTP: stored with their event, once while open, shown at once, followed to their end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from status_api.stores.expiry import Expiry
from tests.integration.status_api.conftest import Client, outbox_events
from tests.integration.status_api.samples import event, of

pytestmark = pytest.mark.stack

RESYNC = {"kind": "resync", "document": "invoice/1"}


@pytest.fixture
def complete(client: Client) -> Client:
    client.read_model.store(
        ("invoice.discovered", event("invoice.discovered")),
        ("invoice.synced", event("invoice.synced", minute=1)),
    )
    return client


def give(client: Client, body: dict[str, Any], tenant: str = "acme") -> Any:  # noqa: ANN401  # an answer
    return client.call("POST", f"/api/v1/tenants/{tenant}/commands", body)


def result(command_id: str, state: str, **more: object) -> tuple[str, dict[str, Any]]:
    return "sync.command-results", {
        "event_id": f"{command_id}-{state}", "command_id": command_id, "tenant_id": "acme", "kind": "resync",
        "document": "invoice/1", "service": "poller", "occurred_at": datetime.now(UTC), "state": state,
        "reason": None, "answer": None,
    } | more  # fmt: skip


def status(client: Client) -> str:
    return str(client.get("/tenants/acme/invoices/1").json["status"])


def test_a_command_is_stored_together_with_its_event(complete: Client) -> None:
    answer = give(complete, RESYNC)
    assert answer.status_code == 202
    command_id = answer.json["command_id"]
    assert answer.headers["Location"] == f"/api/v1/tenants/acme/commands/{command_id}"
    (sent,) = outbox_events(complete.read_model, "sync.commands")
    assert (sent["command_id"], sent["kind"], sent["document"]) == (command_id, "resync", "invoice/1")
    assert complete.get(f"/tenants/acme/commands/{command_id}").json["state"] == "waiting"


def test_a_repeat_while_one_is_open_returns_that_one(complete: Client) -> None:
    first = give(complete, RESYNC)
    again = give(complete, RESYNC)
    assert (again.status_code, again.json["command_id"]) == (200, first.json["command_id"])
    assert len(outbox_events(complete.read_model, "sync.commands")) == 1


def test_a_repeat_of_a_command_that_a_service_has_lost_brings_it_back(complete: Client) -> None:
    first = give(complete, RESYNC)
    with complete.read_model.engine.begin() as connection:
        connection.execute(text("UPDATE command SET issued_at = issued_at - interval '2 minutes'"))
    again = give(complete, RESYNC)
    assert (again.status_code, again.json["command_id"]) == (200, first.json["command_id"])
    sent, repeated = outbox_events(complete.read_model, "sync.commands")
    assert repeated == sent | {"issued_at": sent["issued_at"] - timedelta(minutes=2)}


def test_after_the_end_of_one_the_next_is_new(complete: Client) -> None:
    first = give(complete, RESYNC).json["command_id"]
    complete.read_model.store(result(first, "done"))
    second = give(complete, RESYNC)
    assert (second.status_code, second.json["command_id"] != first) == (202, True)


def test_a_resync_shows_as_pending_at_once_and_until_its_own_event_is_folded(complete: Client) -> None:
    assert status(complete) == "Complete"
    command_id = give(complete, RESYNC).json["command_id"]
    invoice = complete.get("/tenants/acme/invoices/1").json
    assert invoice["status"] == "Pending Sync"
    assert invoice["open_command"]["command_id"] == command_id
    assert complete.items("/tenants/acme/invoices", status="Complete") == []
    assert [item["id"] for item in complete.items("/tenants/acme/invoices", status="Pending Sync")] == [1]
    counts = complete.get("/tenants/acme/overview").json["counts"]
    assert (counts["Pending Sync"], counts["Complete"]) == (1, 0)
    complete.read_model.store(result(command_id, "accepted"), result(command_id, "done"))
    assert status(complete) == "Pending Sync"
    complete.read_model.store(
        ("invoice.discovered", event("invoice.discovered", revision=2, minute=5, command_id=command_id))
    )
    assert status(complete) == "Pending Sync"
    complete.read_model.store(
        ("invoice.synced", event("invoice.synced", revision=2, minute=6, command_id=command_id))
    )
    assert status(complete) == "Complete"


def test_a_refused_resync_shows_what_was_there_before(complete: Client) -> None:
    command_id = give(complete, RESYNC).json["command_id"]
    complete.read_model.store(result(command_id, "refused", reason="Autotask has no such invoice"))
    assert status(complete) == "Complete"
    command = complete.get(f"/tenants/acme/commands/{command_id}").json
    assert (command["state"], command["reason"]) == ("refused", "Autotask has no such invoice")


def test_a_hold_lies_over_an_open_resync(complete: Client) -> None:
    complete.read_model.store(("invoice.held", event("invoice.held", hold="skip", minute=9)))
    give(complete, RESYNC)
    assert status(complete) == "Skipped"


def test_a_replay_does_not_open_a_finished_command_again(complete: Client) -> None:
    command_id = give(complete, RESYNC).json["command_id"]
    end = result(command_id, "done")
    shown = ("invoice.discovered", event("invoice.discovered", revision=2, minute=5, command_id=command_id))
    complete.read_model.store(end, shown)
    before = complete.read_model.rows("SELECT * FROM command")
    complete.read_model.clear()
    complete.read_model.store(shown, end)
    assert complete.read_model.rows("SELECT * FROM command") == before


def test_the_furthest_answer_tells_the_fate_whatever_came_last(complete: Client) -> None:
    command_id = give(complete, RESYNC).json["command_id"]
    complete.read_model.store(result(command_id, "done"))
    complete.read_model.store(result(command_id, "accepted"))
    command = complete.get(f"/tenants/acme/commands/{command_id}").json
    assert command["state"] == "done"
    assert {answer["state"] for answer in command["results"]} == {"accepted", "done"}


def test_a_command_on_an_unknown_invoice_is_refused(complete: Client) -> None:
    answer = give(complete, {"kind": "resync", "document": "invoice/77"})
    assert (answer.status_code, answer.json["type"]) == (404, "urn:invoice-sync:problem:unknown-invoice")
    assert give(complete, RESYNC, tenant="beta").status_code == 404
    assert outbox_events(complete.read_model, "sync.commands") == []


@pytest.mark.parametrize(
    "body",
    [
        {"kind": "explode"},
        {"kind": "resync"},
        {"kind": "sync-now", "document": "invoice/1"},
        {"kind": "resync", "document": "invoice/01"},
        {"kind": "resync", "document": "1"},
        {"kind": "resync", "document": "invoice/1", "force": "yes"},
        {"kind": "resync", "document": "bill/1"},
        {"kind": "resync", "document": "invoice/1", "options": {"recreate": "yes"}},
        {"kind": "resync", "document": "invoice/1", "options": {"force": True}},
        {"kind": "skip", "document": "invoice/1", "options": {"recreate": True}},
        {"kind": "explain"},
        {"kind": "test-connection", "document": "invoice/1"},
        {"kind": "test-connection", "options": {"side": "us"}},
        {"kind": "sync-now", "options": {"side": "xero"}},
        {},
    ],
)
def test_a_command_that_makes_no_sense_is_refused(complete: Client, body: dict[str, Any]) -> None:
    assert give(complete, body).status_code == 400
    assert outbox_events(complete.read_model, "sync.commands") == []


@pytest.mark.parametrize("document", ["invoice/77", "purchase-order/77"])
def test_what_is_not_known_here_can_be_explained_all_the_same(complete: Client, document: str) -> None:
    answer = give(complete, {"kind": "explain", "document": document})
    assert (answer.status_code, answer.json["document"]) == (202, document)
    (sent,) = outbox_events(complete.read_model, "sync.commands")
    assert (sent["kind"], sent["document"]) == ("explain", document)


def test_a_question_does_not_show_a_document_as_pending_nor_wait_for_the_end_of_a_pause(
    complete: Client,
) -> None:
    assert give(complete, {"kind": "explain", "document": "invoice/1"}).status_code == 202
    assert status(complete) == "Complete"
    asked = give(complete, {"kind": "explain", "document": "invoice/1"}, tenant="beta").json
    assert (asked["state"], asked["reason"]) == ("waiting", None)


def test_tests_of_different_sides_do_not_swallow_each_other(complete: Client) -> None:
    bodies: list[dict[str, Any]] = [
        {"kind": "test-connection", "options": {"side": side}} for side in ("both", "autotask", "xero")
    ]
    given = [give(complete, body) for body in (*bodies, {"kind": "test-connection"})]
    assert [answer.status_code for answer in given] == [202, 202, 202, 200]
    assert given[3].json["command_id"] == given[0].json["command_id"]
    assert [answer.json["options"] for answer in given] == [{}, {"side": "autotask"}, {"side": "xero"}, {}]
    sent = outbox_events(complete.read_model, "sync.commands")
    assert [event["options"] for event in sent] == [{}, {"side": "autotask"}, {"side": "xero"}]


RECREATE = RESYNC | {"options": {"recreate": True}}


def test_a_resync_that_recreates_is_carried_as_its_option_and_shown_with_it(complete: Client) -> None:
    answer = give(complete, RECREATE)
    assert (answer.status_code, answer.json["kind"], answer.json["options"]) == (
        202, "resync", {"recreate": True},
    )  # fmt: skip
    (sent,) = outbox_events(complete.read_model, "sync.commands")
    assert (sent["kind"], sent["options"]) == ("resync", {"recreate": "true"})
    assert status(complete) == "Pending Sync"
    assert [item["options"] for item in complete.items("/tenants/acme/commands")] == [{"recreate": True}]


@pytest.mark.parametrize("repeated", [RESYNC, RECREATE, RESYNC | {"options": {"recreate": False}}])
def test_a_recreate_and_a_plain_resync_do_not_swallow_each_other(
    complete: Client, repeated: dict[str, Any]
) -> None:
    first = [give(complete, body).json["command_id"] for body in (RESYNC, RECREATE)]
    assert len(set(first)) == 2
    again = give(complete, repeated)
    assert (again.status_code, again.json["command_id"]) == (200, first[repeated == RECREATE])


@pytest.mark.parametrize("document", ["invoice/77", "purchase-order/1", "invoice/9999999999999999999"])
def test_what_was_never_known_can_not_be_made_anew(complete: Client, document: str) -> None:
    answer = give(complete, RECREATE | {"document": document})
    assert (answer.status_code, answer.json["type"]) == (422, "urn:invoice-sync:problem:nothing-to-recreate")
    assert "never found in Autotask" in answer.json["detail"]
    assert outbox_events(complete.read_model, "sync.commands") == []


@pytest.mark.parametrize("kind", ["resync", "skip", "unskip"])
def test_a_command_about_an_order_is_not_taken_for_one_about_the_invoice_of_that_id(
    complete: Client, kind: str
) -> None:
    complete.read_model.store(
        of("purchase-order/1", "discovered"), of("purchase-order/1", "synced", minute=1)
    )
    body = {"kind": kind, "document": "purchase-order/1"}
    about_order = give(complete, body)
    about_invoice = give(complete, body | {"document": "invoice/1"})
    assert (about_order.status_code, about_invoice.status_code) == (202, 202)
    assert about_order.json["document"] == "purchase-order/1"
    assert give(complete, body).json["command_id"] == about_order.json["command_id"]
    sent = outbox_events(complete.read_model, "sync.commands")
    assert [event["document"] for event in sent] == ["purchase-order/1", "invoice/1"]


def test_a_resync_of_an_order_shows_on_the_order_alone(complete: Client) -> None:
    complete.read_model.store(
        of("purchase-order/1", "discovered"), of("purchase-order/1", "synced", minute=1)
    )
    command_id = give(complete, {"kind": "resync", "document": "purchase-order/1"}).json["command_id"]
    order = complete.get("/tenants/acme/purchase-orders/1").json
    assert (order["status"], order["open_command"]["command_id"]) == ("Pending Sync", command_id)
    pending = complete.items("/tenants/acme/purchase-orders", status="Pending Sync")
    assert [item["id"] for item in pending] == [1]
    assert complete.items("/tenants/acme/invoices", status="Pending Sync") == []
    assert status(complete) == "Complete"
    overview = complete.get("/tenants/acme/overview").json
    assert (overview["counts"]["Complete"], overview["purchase_orders"]["counts"]["Pending Sync"]) == (1, 1)
    complete.read_model.store(of("purchase-order/1", "synced", 2, minute=6, command_id=command_id))
    assert complete.get("/tenants/acme/purchase-orders/1").json["status"] == "Complete"


def test_a_command_on_an_unknown_order_says_what_to_do(complete: Client) -> None:
    answer = give(complete, {"kind": "resync", "document": "purchase-order/1"})
    assert (answer.status_code, answer.json["type"]) == (
        404, "urn:invoice-sync:problem:unknown-purchase-order",
    )  # fmt: skip
    assert "purchase_orders.enabled" in answer.json["detail"]


def test_a_paused_tenants_command_says_that_it_waits(client: Client) -> None:
    answer = give(client, {"kind": "sync-now"}, tenant="beta")
    assert answer.status_code == 202
    assert "paused" in answer.json["reason"]


def test_a_command_of_another_tenant_is_not_found(complete: Client) -> None:
    command_id = give(complete, RESYNC).json["command_id"]
    assert complete.get(f"/tenants/beta/commands/{command_id}").status_code == 404
    assert complete.items("/tenants/beta/commands") == []


def test_commands_are_listed_newest_first(complete: Client) -> None:
    ids = [give(complete, body).json["command_id"] for body in (RESYNC, {"kind": "sync-now"})]
    first = complete.get("/tenants/acme/commands", limit=1).json
    second = complete.get("/tenants/acme/commands", limit=1, cursor=first["next_cursor"]).json
    assert [item["command_id"] for item in first["items"] + second["items"]] == ids[::-1]


def test_a_list_is_narrowed_by_state_kind_document_and_actor(complete: Client) -> None:
    complete.read_model.store(of("purchase-order/1", "discovered"))
    bodies: tuple[dict[str, Any], ...] = (
        RESYNC,
        RECREATE,
        {"kind": "test-connection", "options": {"side": "xero"}},
        {"kind": "skip", "document": "purchase-order/1"},
    )
    plain, anew, tested, skipped = (give(complete, body).json["command_id"] for body in bodies)
    complete.read_model.store(result(plain, "done"), result(anew, "refused"), result(tested, "started"))

    def listed(**query: object) -> set[str]:
        return {item["command_id"] for item in complete.items("/tenants/acme/commands", **query)}

    assert listed(state="done") == {plain}
    assert listed(state=["refused", "waiting"]) == {anew, skipped}
    assert listed(state=["waiting", "started", "accepted"]) == {tested, skipped}
    assert listed(kind="resync") == {plain, anew}
    assert listed(kind=["test-connection", "skip"]) == {tested, skipped}
    assert listed(document="invoice/1") == {plain, anew}
    assert listed(document="purchase-order/1", state="waiting") == {skipped}
    assert listed(actor="admin-token") == {plain, anew, tested, skipped}
    assert listed(actor="somebody else") == set()
    assert complete.get("/tenants/acme/commands", document="invoice/9999999999999999999").status_code == 400
    assert complete.get("/tenants/acme/commands", state="lost").status_code == 400


def test_an_expired_command_is_listed_as_such_and_as_nothing_else(complete: Client) -> None:
    give(complete, RESYNC)
    expire(complete, age=DAY + SOON)
    assert [item["state"] for item in complete.items("/tenants/acme/commands", state="expired")] == [
        "expired"
    ]
    assert complete.items("/tenants/acme/commands", state=["waiting", "done"]) == []


def test_commands_and_answers_stand_in_the_timeline(complete: Client) -> None:
    command_id = give(complete, RESYNC).json["command_id"]
    (sent,) = outbox_events(complete.read_model, "sync.commands")
    complete.read_model.store(("sync.commands", sent), result(command_id, "accepted"))
    topics = [entry["topic"] for entry in complete.items("/tenants/acme/invoices/1/timeline")]
    assert topics[-2:] == ["sync.commands", "sync.command-results"]


def expire(client: Client, *, age: timedelta, as_of: timedelta = timedelta()) -> None:
    """Close old commands, given so long ago, by a read model of that age."""
    with client.read_model.engine.begin() as connection:
        connection.execute(text("UPDATE command SET issued_at = issued_at - :age"), {"age": age})
        connection.execute(
            text(
                "INSERT INTO progress (as_of) VALUES (clock_timestamp() - :age)"
                " ON CONFLICT (one) DO UPDATE SET as_of = excluded.as_of"
            ),
            {"age": as_of},
        )
    Expiry(client.read_model.engine).expire()


DAY = timedelta(hours=24)
SOON = timedelta(minutes=5)


def test_a_command_that_nobody_answers_does_not_block_its_document_for_ever(complete: Client) -> None:
    first = give(complete, RESYNC).json["command_id"]
    expire(complete, age=DAY + SOON)
    assert status(complete) == "Complete"
    command = complete.get(f"/tenants/acme/commands/{first}").json
    assert command["state"] == "expired"
    assert "No service answered within 24 hours" in command["reason"]
    second = give(complete, RESYNC)
    assert (second.status_code, second.json["command_id"] != first) == (202, True)
    assert status(complete) == "Pending Sync"


def test_a_diagnosis_that_was_lost_on_its_way_does_not_stay_open_for_ever(complete: Client) -> None:
    lost = give(complete, {"kind": "diagnose", "document": "invoice/1"}).json["command_id"]
    resync = give(complete, RESYNC).json["command_id"]
    for command_id in (lost, resync):
        complete.read_model.store(result(command_id, "accepted"), result(command_id, "started"))
    expire(complete, age=timedelta(minutes=59))
    assert complete.get(f"/tenants/acme/commands/{lost}").json["state"] == "started"
    expire(complete, age=timedelta(minutes=6))
    assert complete.get(f"/tenants/acme/commands/{lost}").json["state"] == "expired"
    assert complete.get(f"/tenants/acme/commands/{resync}").json["state"] == "started"
    again = give(complete, {"kind": "diagnose", "document": "invoice/1"})
    assert (again.status_code, again.json["command_id"] != lost) == (202, True)
    complete.read_model.store(result(lost, "done", kind="diagnose", answer='{"would": "create"}'))
    command = complete.get(f"/tenants/acme/commands/{lost}").json
    assert (command["state"], command["answer"]) == ("done", '{"would": "create"}')


def test_a_diagnosis_is_told_in_the_timeline_and_changes_nothing_but_the_hold(complete: Client) -> None:
    before = complete.get("/tenants/acme/invoices/1").json
    command_id = give(complete, {"kind": "diagnose", "document": "invoice/1"}).json["command_id"]
    assert status(complete) == "Complete"
    dry = {"purpose": "diagnose", "command_id": command_id, "detail": "dry"}
    obstacle = {"outcome": "faulted", "code": "NO_LINES", "text": "Invoice has no lines", "details": []}
    complete.read_model.store(
        ("invoice.held", event("invoice.held", hold="diagnose", hold_version=5, minute=9)),
        ("invoice.discovered", event("invoice.discovered", minute=9, **dry)),
        ("invoice.mapped", event("invoice.mapped", minute=9, **dry) | {"obstacle": obstacle}),
        result(command_id, "done", kind="diagnose"),
    )
    shown = complete.get("/tenants/acme/invoices/1").json
    assert (shown["status"], shown["strikes"], shown["cause"]) == ("Diagnostic Mode", 0, None)
    unchanged = ("source", "mapping", "synced", "fault", "skip", "revision", "stage")
    assert {name: shown[name] for name in unchanged} == {name: before[name] for name in unchanged}
    told = " / ".join(entry["summary"] for entry in complete.items("/tenants/acme/invoices/1/timeline"))
    assert "Read from Autotask for a diagnosis" in told
    assert "Diagnosis: would be faulted: Invoice has no lines (NO_LINES)" in told
    complete.read_model.store(("invoice.held", event("invoice.held", hold="none", hold_version=6, minute=10)))
    after = complete.get("/tenants/acme/invoices/1").json
    assert after["status"] == "Complete"


def test_a_diagnosis_does_not_wait_for_the_end_of_a_pause(complete: Client) -> None:
    complete.read_model.store(of("invoice/1", "synced", tenant="beta"))
    for kind in ("diagnose", "release"):
        asked = give(complete, {"kind": kind, "document": "invoice/1"}, tenant="beta").json
        assert (asked["state"], asked["reason"]) == ("waiting", None)


def test_an_answer_that_comes_after_all_is_shown(complete: Client) -> None:
    command_id = give(complete, RESYNC).json["command_id"]
    expire(complete, age=DAY + SOON)
    complete.read_model.store(result(command_id, "done"))
    command = complete.get(f"/tenants/acme/commands/{command_id}").json
    assert (command["state"], command["reason"]) == ("done", None)


def test_a_command_is_not_closed_before_its_time_nor_once_it_was_accepted(complete: Client) -> None:
    command_id = give(complete, RESYNC).json["command_id"]
    expire(complete, age=DAY - SOON)
    assert complete.get(f"/tenants/acme/commands/{command_id}").json["state"] == "waiting"
    complete.read_model.store(result(command_id, "accepted", reason="tenant is paused"))
    expire(complete, age=DAY)
    assert give(complete, RESYNC).json["command_id"] == command_id


def test_an_answer_that_is_not_folded_yet_keeps_its_command_open(complete: Client) -> None:
    command_id = give(complete, RESYNC).json["command_id"]
    expire(complete, age=DAY + SOON, as_of=2 * SOON)
    assert complete.get(f"/tenants/acme/commands/{command_id}").json["state"] == "waiting"


@pytest.mark.parametrize("state", ["started", "done"])
def test_the_reason_of_an_earlier_answer_is_not_told_as_that_of_a_later_one(
    complete: Client, state: str
) -> None:
    command_id = give(complete, RESYNC).json["command_id"]
    complete.read_model.store(result(command_id, "accepted", reason="tenant is paused"))
    complete.read_model.store(result(command_id, state))
    command = complete.get(f"/tenants/acme/commands/{command_id}").json
    assert (command["state"], command["reason"]) == (state, None)


def test_of_two_acceptances_the_newer_tells_the_reason(complete: Client) -> None:
    command_id = give(complete, RESYNC).json["command_id"]
    accepted = result(command_id, "accepted", reason="tenant is paused")
    again = result(command_id, "accepted", event_id="again", occurred_at=datetime.now(UTC) + SOON)
    complete.read_model.store(accepted, again)
    assert complete.get(f"/tenants/acme/commands/{command_id}").json["reason"] is None
