"""Bulk acts over HTTP: all or none, each document told by itself, once however often they are asked for."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import text

from status_api.core.access import Actor, Grant, Role
from status_api.server.auth import require_role
from status_api.server.problems import Problem
from status_api.server.routes import OPERATIONS
from tests.integration.status_api.conftest import Answered, Client, outbox_events
from tests.integration.status_api.samples import of

pytestmark = pytest.mark.stack

CONTACT, TAX = "CONTACT_NOT_FOUND", "TAX_MISMATCH"


def faulted(number: int, code: str = CONTACT, *, kind: str = "invoice", attempt: int = 3) -> Any:  # noqa: ANN401  # an event
    """A document that waits for a person (at fault), or for its next try."""
    return of(
        f"{kind}/{number}", "faulted", minute=number, code=code, attempt=attempt, strike=True, final=False
    )


@pytest.fixture
def faults(client: Client) -> Client:
    """Invoices 1 to 3 and order 1 at fault for one cause, invoice 4 for another, 5 still tried again, 6 in Xero."""
    client.read_model.store(
        *(faulted(number) for number in (1, 2, 3)),
        faulted(1, kind="purchase-order"),
        faulted(4, TAX),
        faulted(5, attempt=1),
        of("invoice/6", "synced"),
    )
    return client


def bulk(client: Client, body: dict[str, Any], *, key: str | None = None, tenant: str = "acme") -> Answered:
    headers = {} if key is None else {"Idempotency-Key": key}
    return client.call("POST", f"/api/v1/tenants/{tenant}/commands/bulk", body, headers=headers)


def fates(answer: Answered) -> dict[str, str]:
    return {item["document"]: item["fate"] for item in answer.json["items"]}


def finish(client: Client, command_id: str, document: str) -> None:
    client.read_model.store(
        (
            "sync.command-results",
            {
                "event_id": f"{command_id}-done", "command_id": command_id, "tenant_id": "acme", "kind": "resync",
                "document": document, "service": "poller", "occurred_at": datetime.now(UTC), "state": "done",
                "reason": None, "answer": None,
            },
        )
    )  # fmt: skip


def test_each_document_is_told_by_itself(faults: Client) -> None:
    faults.read_model.store(of("invoice/6", "held", hold="skip"))
    single = faults.call(
        "POST", "/api/v1/tenants/acme/commands", {"kind": "resync", "document": "invoice/2"}
    ).json["command_id"]
    named = ["invoice/1", "purchase-order/1", "invoice/2", "invoice/77", "invoice/6"]
    answer = bulk(faults, {"kind": "resync", "documents": named})
    assert answer.status_code == 202
    assert fates(answer) == {
        "invoice/1": "accepted", "purchase-order/1": "accepted", "invoice/2": "already_open",
        "invoice/77": "unknown", "invoice/6": "refused",
    }  # fmt: skip
    told = {name: answer.json[name] for name in ("accepted", "already_open", "unknown", "refused")}
    assert told == {"accepted": 2, "already_open": 1, "unknown": 1, "refused": 1}
    items = {item["document"]: item for item in answer.json["items"]}
    assert items["invoice/2"]["command_id"] == single
    assert items["invoice/77"]["problem"]["type"] == "urn:invoice-sync:problem:unknown-invoice"
    assert items["invoice/6"]["problem"]["type"] == "urn:invoice-sync:problem:on-hold"
    sent = outbox_events(faults.read_model, "sync.commands")[1:]
    assert [(event["kind"], event["document"], event["options"]) for event in sent] == [
        ("resync", document, {"bulk": answer.json["bulk_id"]})
        for document in ("invoice/1", "purchase-order/1")
    ]
    assert {event["command_id"] for event in sent} == {
        items[document]["command_id"] for document in ("invoice/1", "purchase-order/1")
    }


def test_documents_of_a_bulk_resync_show_as_pending_at_once(faults: Client) -> None:
    bulk(faults, {"kind": "resync", "cause": CONTACT})
    shown = {item["id"]: item["status"] for item in faults.items("/tenants/acme/invoices")}
    assert shown == {
        1: "Pending Sync", 2: "Pending Sync", 3: "Pending Sync", 4: "Fault", 5: "Pending Sync", 6: "Complete",
    }  # fmt: skip


def test_a_cause_takes_what_waits_for_a_person_and_nothing_else(faults: Client) -> None:
    answer = bulk(faults, {"kind": "resync", "cause": CONTACT})
    assert fates(answer) == dict.fromkeys(
        ("invoice/3", "invoice/2", "invoice/1", "purchase-order/1"), "accepted"
    )
    again = bulk(faults, {"kind": "resync", "cause": CONTACT})
    assert (again.json["items"], again.json["accepted"]) == ([], 0)


def test_a_cause_is_narrowed_by_kind_and_status(faults: Client) -> None:
    orders = bulk(faults, {"kind": "resync", "cause": CONTACT, "document_kind": "purchase-order"})
    assert fates(orders) == {"purchase-order/1": "accepted"}
    retried = bulk(faults, {"kind": "skip", "cause": CONTACT, "status": ["Pending Sync"]})
    assert fates(retried) == {"invoice/5": "accepted"}


def test_no_document_of_another_tenant_is_taken(faults: Client) -> None:
    assert fates(bulk(faults, {"kind": "resync", "documents": ["invoice/1"]}, tenant="beta")) == {
        "invoice/1": "unknown"
    }
    assert bulk(faults, {"kind": "resync", "cause": CONTACT}, tenant="beta").json["items"] == []
    assert outbox_events(faults.read_model, "sync.commands") == []


def test_what_is_beyond_the_limit_is_counted_and_taken_by_the_next_act(faults: Client) -> None:
    body = {"kind": "resync", "cause": CONTACT, "limit": 3}
    first = bulk(faults, body)
    assert (first.json["accepted"], first.json["remaining"]) == (3, 1)
    second = bulk(faults, body)
    assert (second.json["accepted"], second.json["remaining"]) == (1, 0)
    assert not set(fates(first)) & set(fates(second))


def test_what_was_skipped_by_hand_can_be_taken_back_at_once(faults: Client) -> None:
    faults.read_model.store(
        *(of(f"invoice/{number}", "held", hold="skip", minute=60) for number in (1, 2)),
        of("invoice/3", "skipped", 2, minute=60, reason="by_hand"),
    )
    assert fates(bulk(faults, {"kind": "unskip", "cause": "by_hand"})) == dict.fromkeys(
        ("invoice/1", "invoice/2"), "accepted"
    )


def test_a_repeat_with_its_key_does_nothing_and_gets_the_first_answer(faults: Client) -> None:
    body = {"kind": "resync", "documents": ["invoice/1", "invoice/77"]}
    first = bulk(faults, body, key="one-wish")
    (item,) = (each for each in first.json["items"] if each["command_id"])
    finish(faults, item["command_id"], "invoice/1")
    again = bulk(faults, body, key="one-wish")
    assert (first.status_code, again.status_code) == (202, 200)
    without_id = [
        {
            **answer.json,
            "items": [{**each, "problem": bool(each["problem"])} for each in answer.json["items"]],
        }
        for answer in (first, again)
    ]
    assert without_id[0] == without_id[1]
    assert len(outbox_events(faults.read_model, "sync.commands")) == 1
    assert len(faults.read_model.rows("SELECT FROM audit WHERE action = 'bulk-resync'")) == 1


def test_a_key_does_not_answer_another_wish(faults: Client) -> None:
    bulk(faults, {"kind": "resync", "documents": ["invoice/1"]}, key="k")
    for body in (
        {"kind": "skip", "documents": ["invoice/1"]},
        {"kind": "resync", "documents": ["invoice/2"]},
        {"kind": "resync", "cause": CONTACT},
    ):
        answer = bulk(faults, body, key="k")
        assert (answer.status_code, answer.json["type"]) == (
            422, "urn:invoice-sync:problem:idempotency-key-reused",
        )  # fmt: skip
    assert len(outbox_events(faults.read_model, "sync.commands")) == 1


def test_a_key_of_one_tenant_says_nothing_at_another(faults: Client) -> None:
    bulk(faults, {"kind": "resync", "documents": ["invoice/1"]}, key="k")
    assert (
        bulk(faults, {"kind": "skip", "documents": ["invoice/1"]}, key="k", tenant="beta").status_code == 202
    )


def test_a_key_is_forgotten_after_a_day(faults: Client) -> None:
    body = {"kind": "resync", "documents": ["invoice/1"]}
    first = bulk(faults, body, key="k")
    with faults.read_model.engine.begin() as connection:
        connection.execute(
            text("UPDATE bulk_act SET issued_at = issued_at - :age"), {"age": timedelta(hours=24, minutes=1)}
        )
    second = bulk(faults, body, key="k")
    assert second.status_code == 202
    assert fates(second) == {"invoice/1": "already_open"}
    assert second.json["bulk_id"] != first.json["bulk_id"]


@pytest.mark.parametrize("key", ["", "two words", "é", "x" * 101])
def test_a_key_that_is_none_is_refused(faults: Client, key: str) -> None:
    answer = bulk(faults, {"kind": "resync", "documents": ["invoice/1"]}, key=key)
    assert (answer.status_code, answer.json["parameter"]) == (400, "Idempotency-Key")


def test_a_bulk_act_is_one_line_of_the_audit_with_its_counts(faults: Client) -> None:
    bulk_id = bulk(faults, {"kind": "resync", "cause": CONTACT}).json["bulk_id"]
    (line,) = faults.read_model.rows(
        "SELECT actor, action, tenant_id, subject FROM audit WHERE action LIKE '%resync'"
    )
    assert (line["action"], line["tenant_id"]) == ("bulk-resync", "acme")
    assert line["subject"].startswith(
        f"bulk {bulk_id}, invoice or purchase-order in Fault with cause {CONTACT}: 4 accepted"
    )


def test_an_act_that_fails_leaves_nothing_behind(faults: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise OSError("as if the process died before the commit")

    monkeypatch.setattr("status_api.stores.bulk.write_audit", fails)
    assert bulk(faults, {"kind": "resync", "cause": CONTACT}, key="k").status_code == 500
    monkeypatch.undo()
    assert outbox_events(faults.read_model, "sync.commands") == []
    assert faults.read_model.rows("SELECT FROM command") == []
    assert bulk(faults, {"kind": "resync", "cause": CONTACT}, key="k").json["accepted"] == 4


def test_an_act_of_five_hundred_documents_is_taken_and_a_larger_one_refused(faults: Client) -> None:
    names = [f"invoice/{number}" for number in range(1, 502)]
    assert bulk(faults, {"kind": "resync", "documents": names}).status_code == 400
    answer = bulk(faults, {"kind": "resync", "documents": names[:500]})
    assert (answer.json["accepted"], answer.json["unknown"]) == (6, 494)


def test_commands_of_a_paused_tenant_wait_and_the_act_says_so(faults: Client) -> None:
    faults.read_model.store(of("invoice/1", "synced", tenant="beta"))
    answer = bulk(faults, {"kind": "resync", "documents": ["invoice/1"]}, tenant="beta").json
    assert (answer["accepted"], answer["reason"]) == (1, "the tenant is paused: the command waits")
    act = faults.get(f"/tenants/beta/commands/bulk/{answer['bulk_id']}").json
    assert (act["open"], act["reason"]) == (1, "the tenant is paused: the command waits")
    (command,) = faults.items("/tenants/beta/commands", bulk=answer["bulk_id"])
    assert command["reason"] == "the tenant is paused: the command waits"
    assert bulk(faults, {"kind": "skip", "documents": ["invoice/1"]}, tenant="beta").json["reason"] is None


def test_an_act_tells_how_far_its_commands_have_come(faults: Client) -> None:
    answer = bulk(faults, {"kind": "resync", "cause": CONTACT, "document_kind": "invoice"}).json
    first = answer["items"][0]
    finish(faults, first["command_id"], first["document"])
    act = faults.get(f"/tenants/acme/commands/bulk/{answer['bulk_id']}").json
    assert (act["open"], act["commands"]["waiting"], act["commands"]["done"]) == (2, 2, 1)
    assert faults.get(f"/tenants/beta/commands/bulk/{answer['bulk_id']}").status_code == 404
    assert faults.get("/tenants/acme/commands/bulk/none").json["type"].endswith(":unknown-bulk-act")


def test_somebody_who_asks_for_one_document_does_not_wait_behind_a_bulk_act(faults: Client) -> None:
    bulk(faults, {"kind": "resync", "documents": ["invoice/1"]})
    answer = faults.call("POST", "/api/v1/tenants/acme/commands", {"kind": "resync", "document": "invoice/1"})
    assert (answer.status_code, answer.json["bulk_id"], answer.json["options"]) == (202, None, {})
    assert [event["options"] == {} for event in outbox_events(faults.read_model, "sync.commands")] == [
        False,
        True,
    ]


@pytest.mark.parametrize(
    "body",
    [
        {"kind": "resync"},
        {"kind": "resync", "documents": []},
        {"kind": "resync", "documents": ["invoice/1"], "cause": CONTACT},
        {"kind": "resync", "documents": ["invoice/1"], "limit": 3},
        {"kind": "resync", "documents": ["invoice/1", "invoice/1"]},
        {"kind": "resync", "documents": ["bill/1"]},
        {"kind": "resync", "documents": ["invoice/9999999999999999999"]},
        {"kind": "explain", "documents": ["invoice/1"]},
        {"kind": "sync-now", "cause": CONTACT},
        {"kind": "resync", "cause": "'; DROP TABLE command"},
        {"kind": "resync", "cause": CONTACT, "limit": 5001},
        {"kind": "resync", "cause": CONTACT, "status": ["Broken"]},
        {"kind": "resync", "cause": CONTACT, "options": {"recreate": True}},
    ],
)
def test_an_act_that_makes_no_sense_is_refused(faults: Client, body: dict[str, Any]) -> None:
    assert bulk(faults, body).status_code == 400
    assert faults.read_model.rows("SELECT FROM command") == []


def test_who_may_only_look_gives_no_bulk_command() -> None:
    (operation,) = (each for each in OPERATIONS if each.operation_id == "giveBulkCommand")
    with pytest.raises(Problem, match="operator"):
        require_role(operation, Actor("viewer", (Grant("acme", Role.VIEWER),)), {"tenant_id": "acme"})


def at_once(*calls: Callable[[], Answered]) -> list[Answered]:
    """Answers of calls that begin together."""
    gate = Barrier(len(calls))

    def one(call: Callable[[], Answered]) -> Answered:
        gate.wait()
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(one, calls))


def test_acts_that_meet_on_the_same_documents_give_each_command_once(client: Client) -> None:
    names = [f"invoice/{number}" for number in range(1, 301)]
    client.read_model.store(*(of(name, "synced") for name in names))
    for _ in range(5):
        forward, backward = at_once(
            lambda: bulk(client, {"kind": "resync", "documents": names}),
            lambda: bulk(client, {"kind": "resync", "documents": names[::-1]}),
        )
        assert forward.json["accepted"] + backward.json["accepted"] == 300
        assert forward.json["already_open"] + backward.json["already_open"] == 300
        ids = {item["document"]: item["command_id"] for item in forward.json["items"]}
        assert {item["document"]: item["command_id"] for item in backward.json["items"]} == ids
        with client.read_model.engine.begin() as connection:
            connection.execute(text("UPDATE command SET finished_at = now() - interval '1 hour'"))


def test_a_key_that_comes_twice_at_the_same_time_is_one_act(faults: Client) -> None:
    def ask() -> Answered:
        return bulk(faults, {"kind": "resync", "cause": CONTACT}, key="twice")

    answers = at_once(ask, ask, ask)
    assert sorted(answer.status_code for answer in answers) == [200, 200, 202]
    assert len({answer.json["bulk_id"] for answer in answers}) == 1
    assert [answer.json["accepted"] for answer in answers] == [4, 4, 4]
    assert len(outbox_events(faults.read_model, "sync.commands")) == 4
