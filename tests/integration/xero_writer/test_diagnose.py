"""The end of a dry run: Xero is read, what would be sent is told, and nothing is ever written."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from invoice_events import names
from invoice_events.identity import event_id, utc_now
from tests.integration.xero_writer.contacts_kit import contacts, new_company
from tests.integration.xero_writer.made_up import document_of
from tests.integration.xero_writer.rig import CUSTOMER
from tests.integration.xero_writer.test_intake import intake, record
from tests.integration.xero_writer.xero_hands import foreign

if TYPE_CHECKING:
    from tests.integration.xero_writer.rig import Rig

pytestmark = pytest.mark.stack

CREATES = [("invoice", "Invoices"), ("credit_note", "CreditNotes"), ("purchase_order", "PurchaseOrders")]


def dry(event: dict[str, Any], command_id: str = "c1") -> dict[str, Any]:
    """The mapped event of a dry run, made of that of a try."""
    return event | {"purpose": "diagnose", "command_id": command_id, "obstacle": None}


def arrive(rig: Rig, *events: dict[str, Any]) -> None:
    """Mapped events come from Kafka."""
    handler, dead = intake(rig)
    handler.handle([record(rig, event) for event in events])
    assert dead.buried == []


def answers(rig: Rig, command_id: str = "c1") -> list[dict[str, Any]]:
    return [
        json.loads(event["answer"])
        for event in rig.events(names.COMMAND_RESULTS)
        if event["command_id"] == command_id
    ]


def diagnosed(rig: Rig, event: dict[str, Any], command_id: str = "c1") -> dict[str, Any]:
    """The answer to a dry run, after which nothing may have been written, anywhere."""
    before = writes(rig), rig.documents(), contacts(rig)
    arrive(rig, dry(event, command_id))
    rig.work()
    assert (writes(rig), rig.documents(), contacts(rig)) == before
    (answer,) = answers(rig, command_id)
    return answer


def writes(rig: Rig) -> int:
    """Calls that could change something in Xero."""
    return len(rig.calls("PUT", "POST", "DELETE"))


def nothing_counted(rig: Rig, number: int, kind: str = "invoice") -> bool:
    """Whether no event says that anything became of the document."""
    document = str(document_of(kind, number))
    stages = (names.PROCESSING, names.SYNCED, names.FAULTED, names.SKIPPED)
    return not any(rig.events(names.topic_of(stage, document), number) for stage in stages)


@pytest.mark.parametrize(("kind", "path"), CREATES)
def test_what_a_diagnosis_tells_is_what_a_resync_sends_byte_for_byte(rig: Rig, kind: str, path: str) -> None:
    event = rig.mapped(1, kind=kind)
    answer = diagnosed(rig, event)
    assert nothing_counted(rig, 1, kind)
    (request,) = answer["requests"]
    assert (answer["would"], answer["contact"]["name"]) == ("create", CUSTOMER)
    if kind == "invoice":
        assert answer["prediction"] == {
            "sub_total": "100.0000", "total_tax": "15.0000", "total": "115.0000",
        }  # fmt: skip
    rig.arrive(event)
    rig.work()
    (call,) = rig.calls("PUT")
    assert (call["method"], call["path"]) == (request["method"], request["path"].partition("?")[0])
    assert request["path"].startswith(f"/api.xro/2.0/{path}?summarizeErrors=false")
    sent = call["request_body"]
    assert request["body"] == (json.loads(sent) if isinstance(sent, str) else sent)


def test_a_diagnosis_of_what_is_in_xero_tells_what_would_change_there(rig: Rig) -> None:
    rig.arrive(rig.mapped(1))
    rig.work()
    before = rig.documents()
    same = diagnosed(rig, rig.mapped(1), "same")
    assert (same["would"], same["requests"]) == ("nothing", [])
    changed = diagnosed(rig, rig.mapped(1, amount="200.00", tax="30.00"), "changed")
    assert (changed["would"], changed["requests"][0]["method"]) == ("update", "POST")
    assert changed["differences"]
    assert changed["requests"][0]["body"]["Invoices"][0]["InvoiceID"] == before[0]["InvoiceID"]
    assert rig.outcomes(1) == [("synced", "created")]


def test_a_contact_that_is_missing_is_the_answer_and_no_fault(rig: Rig) -> None:
    answer = diagnosed(rig, rig.mapped(1, customer="Nobody Ltd"))
    assert (answer["would"], answer["code"], answer["requests"]) == ("fault", "CONTACT_NOT_FOUND", [])
    assert "Can't find Xero Contact with Account Name: Nobody Ltd" in answer["words"]
    assert nothing_counted(rig, 1)


def test_a_contact_that_would_be_made_is_told_and_not_made(rig: Rig) -> None:
    answer = diagnosed(rig, new_company(rig, 7, "Brand New Ltd"))
    assert [request["path"].partition("?")[0] for request in answer["requests"]] == [
        "/api.xro/2.0/Contacts", "/api.xro/2.0/Invoices",
    ]  # fmt: skip
    assert answer["requests"][0]["body"]["Contacts"][0]["Name"] == "Brand New Ltd"
    assert "the id that Xero gives" in answer["requests"][1]["body"]["Invoices"][0]["Contact"]["ContactID"]
    assert contacts(rig, "Brand New Ltd") == []


def test_a_number_that_somebody_else_has_is_told(rig: Rig) -> None:
    foreign(rig, "invoice", "INV:1")
    answer = diagnosed(rig, rig.mapped(1))
    assert (answer["would"], answer["code"]) == ("fault", "NUMBER_CONFLICT")


def test_what_the_mapper_met_is_told_without_a_call_to_xero(rig: Rig) -> None:
    obstacles = [
        {"outcome": "faulted", "code": "NO_LINES", "text": "Invoice has no lines", "details": ["none"]},
        {"outcome": "skipped", "code": "voided", "text": "voided in Autotask", "details": []},
    ]
    calls = len(rig.calls())
    for number, obstacle in enumerate(obstacles, 1):
        event = dry(rig.mapped(number), f"c{number}") | {
            "xero": None,
            "prediction": None,
            "obstacle": obstacle,
        }
        arrive(rig, event)
    rig.worker._turn(rig.jobs)
    (fault,), (skip,) = answers(rig, "c1"), answers(rig, "c2")
    assert (fault["would"], fault["code"], fault["details"]) == ("fault", "NO_LINES", ["none"])
    assert (skip["would"], skip["words"]) == ("skip", "voided in Autotask")
    assert [call for call in rig.calls()[calls:] if "/Contacts" in call["path"]] == []


def test_a_void_is_told_and_not_done(rig: Rig) -> None:
    nothing = diagnosed(rig, rig.void(1), "nothing")
    assert (nothing["would"], nothing["requests"]) == ("nothing", [])
    rig.arrive(rig.mapped(1))
    rig.work()
    answer = diagnosed(rig, rig.void(1), "void")
    assert (answer["would"], answer["requests"][0]["body"]["Invoices"][0]["Status"]) == ("void", "DELETED")
    assert len(rig.copies(1)) == 1


def test_an_outage_is_the_answer_and_does_not_leave_the_question_open(rig: Rig) -> None:
    rig.work()
    rig.plant({"path": ".*"}, {"kind": "status", "status": 503, "body": ""}, None)
    answer = diagnosed(rig, rig.mapped(1))
    assert (answer["would"], answer["requests"]) == ("unknown", [])
    again = diagnosed(rig, rig.mapped(1), "again")
    assert again["would"] == "unknown"
    assert nothing_counted(rig, 1)


def test_a_paused_tenant_is_answered_too(rig: Rig) -> None:
    rig.state = "paused"
    assert diagnosed(rig, rig.mapped(1))["would"] == "create"


def test_a_crash_before_the_answer_loses_neither_the_question_nor_writes_anything(rig: Rig) -> None:
    arrive(rig, dry(rig.mapped(1)))
    rig.take_over()
    rig.work()
    assert [answer["would"] for answer in answers(rig)] == ["create"]
    rig.take_over()
    rig.work()
    assert (len(answers(rig)), writes(rig), rig.documents()) == (1, 0, [])


def test_a_diagnosis_takes_no_place_of_work_and_leaves_it_waiting(rig: Rig) -> None:
    rig.arrive(rig.mapped(1))
    rig.state = "paused"
    waiting = rig.row("SELECT revision, mapped FROM work")
    diagnosed(rig, rig.mapped(1, amount="999.00"))
    kept = rig.row("SELECT revision, mapped FROM work")
    assert (kept.revision, bytes(kept.mapped)) == (waiting.revision, bytes(waiting.mapped))
    assert rig.row("SELECT count(*) AS n FROM intent").n == 0


def test_a_diagnosis_whose_mark_was_lost_on_the_way_is_not_written_either(rig: Rig) -> None:
    real = rig.mapped(1)
    rig.arrive(real)
    rig.work()
    before = writes(rig), rig.documents()
    lost = rig.mapped(1, amount="999.00", revision=real["revision"], command_id="c1")
    arrive(rig, lost)
    rig.work()
    assert (writes(rig), rig.documents()) == before
    assert rig.outcomes(1) == [("synced", "created")]


def test_a_document_in_diagnostic_mode_is_not_written_whatever_comes(rig: Rig) -> None:
    held = {
        "event_id": event_id("acme", "invoice/1", 1, names.HELD, "1"), "tenant_id": "acme", "document": "invoice/1",
        "revision": 1, "occurred_at": utc_now(), "attempt": 1, "command_id": "c1", "xero_document_id": None,
        "hold": "diagnose", "hold_version": 1, "actor": "ana@acme.example",
    }  # fmt: skip
    handler, _ = intake(rig)
    made = record(rig, rig.mapped(1))
    laid = type(made)(names.HELD, 0, 1, b"key", rig.codec.encode(names.HELD, held), made.headers)
    handler.handle([laid, made])
    rig.work()
    assert (writes(rig), rig.documents()) == (0, [])
    lifted = held | {"hold": "none", "hold_version": 2}
    handler.handle([type(made)(names.HELD, 0, 2, b"key", rig.codec.encode(names.HELD, lifted), made.headers)])
    rig.execute("UPDATE work SET received_at = received_at - interval '1 second'")
    rig.work()
    assert rig.outcomes(1) == [("synced", "created")]


def test_a_replay_of_old_topics_answers_nobody_again(rig: Rig) -> None:
    arrive(rig, dry(rig.mapped(1)) | {"occurred_at": utc_now() - timedelta(hours=25)})
    rig.work()
    assert answers(rig) == []
    event = dry(rig.mapped(2), "c2")
    for _ in range(2):
        arrive(rig, event)
        rig.work()
    assert len(answers(rig, "c2")) == 1


def test_many_diagnoses_leave_room_for_what_is_to_be_written(rig: Rig) -> None:
    rig.work()
    arrive(rig, *(dry(rig.mapped(number), f"c{number}") for number in range(1, 7)))
    rig.arrive(rig.mapped(9))
    rig.turn()
    assert [len(answers(rig, f"c{number}")) for number in range(1, 7)].count(1) == 1, "one at a time"
    rig.work()
    assert rig.outcomes(9) == [("synced", "created")]
    assert all(len(answers(rig, f"c{number}")) == 1 for number in range(1, 7))


def test_a_diagnosis_that_fails_as_nobody_foresaw_does_not_stay_open(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> object:
        raise ZeroDivisionError

    monkeypatch.setattr("xero_writer.worker.diagnosing._of", broken)
    assert diagnosed(rig, rig.mapped(1))["would"] == "unknown"
    (told,) = rig.events(names.COMMAND_RESULTS)
    assert told["reason"] == "It could not be told what would be sent: ZeroDivisionError"
