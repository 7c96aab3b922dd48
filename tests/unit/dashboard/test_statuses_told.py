"""What a document's state means, what can be done about it, and what became of what somebody did."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.core.acts import act_named, acts_for, command_name, fate_words, open_kinds
from dashboard.core.stories import noun_of, now_and_next
from status_api.core.commands import wrong_with

IN_XERO = {"kind": "invoice", "number": "INV:48213", "status": "DRAFT", "url": "https://go.xero.com/x"}


def document(status: str = "Pending Sync", **changed: Any) -> dict[str, Any]:  # noqa: ANN401  # any JSON
    plain: dict[str, Any] = {
        "document": "invoice/48213",
        "status": status,
        "phase": None,
        "cause": None,
        "strikes": 0,
        "hold": "none",
        "stage": "discovered",
        "open_command": None,
        "xero": None,
        "mapping": None,
        "fault": None,
        "held": None,
    }
    return plain | changed


def fault(code: str, text: str = "words") -> dict[str, str]:
    return {"code": code, "text": text}


def told(status: str, **changed: Any) -> str:  # noqa: ANN401  # any JSON
    return " ".join(now_and_next(document(status, **changed)))


@pytest.mark.parametrize(
    ("status", "changed", "words"),
    [
        ("Pending Sync", {}, "queued for Xero"),
        ("Pending Sync", {"stage": "mapped"}, "ready and queued"),
        ("Pending Sync", {"open_command": {"command_id": "c"}, "strikes": 3}, "within a minute"),
        ("Pending Sync", {"strikes": 1}, "After 2 more faults in a row"),
        ("Pending Sync", {"strikes": 2}, "After one more fault in a row"),
        ("Pending Sync", {"strikes": 2, "xero": IN_XERO}, "What is in Xero is from before it"),
        ("Pending Sync", {"cause": fault("INVOICE_INCOMPLETE")}, "no fault is counted"),
        ("Processing Now", {"phase": "writing"}, "at this moment"),
        ("Processing Now", {"phase": "verifying"}, "can not be doubled"),
        ("Complete", {"xero": IN_XERO}, "INV:48213 (DRAFT)"),
        ("Complete", {"xero": IN_XERO}, "approves it in Xero"),
        ("Complete", {"xero": IN_XERO | {"status": "AUTHORISED"}}, "Nothing more happens"),
        (
            "Complete",
            {"xero": IN_XERO | {"status": "VOIDED"}, "cause": fault("voided_in_xero")},
            "voided in Xero",
        ),
        ("Complete", {"cause": fault("nothing_in_xero")}, "nothing of it was in Xero"),
        ("Complete", {"xero": IN_XERO, "cause": fault("changed_since")}, "a resync takes it over"),
        ("Fault", {"strikes": 3}, "failed 3 times in a row"),
        ("Fault", {"strikes": 1, "fault": {"final": True}}, "trying again by itself can not mend"),
        ("Skipped", {"hold": "skip", "held": {"actor": "kim@example.com"}}, "skipped by kim@example.com"),
        ("Skipped", {"hold": "skip", "cause": fault("by_hand")}, "Do not skip any more"),
        ("Skipped", {"cause": fault("stamped_elsewhere")}, "Web Service Date is cleared"),
        ("Skipped", {"cause": fault("unpaid")}, "goes over by itself once it is paid"),
        ("Skipped", {"cause": fault("voided")}, "Xero is left as it is"),
        ("Skipped", {"cause": fault("something_new", "why it is")}, "why it is. Nothing more happens"),
        ("Diagnostic Mode", {"hold": "diagnose"}, "Release it"),
        ("Parked", {}, "newer than this page"),
    ],
)
def test_what_is_so_and_what_comes_next(status: str, changed: dict[str, Any], words: str) -> None:
    assert words in told(status, **changed)


def test_a_document_is_called_what_it_is_in_xero() -> None:
    assert noun_of(document()) == "invoice"
    assert noun_of(document(mapping={"xero_kind": "credit_note"})) == "credit note"
    assert noun_of(document(xero=IN_XERO | {"kind": "credit_note"})) == "credit note"
    assert noun_of(document(document="purchase-order/771")) == "purchase order"


def names(**changed: Any) -> list[str]:  # noqa: ANN401  # any JSON
    return [act.name for act in acts_for(document(**changed))]


def test_under_a_hold_nothing_is_offered_that_the_service_refuses() -> None:
    assert names(hold="diagnose") == ["release"]
    assert names(hold="skip") == ["unskip", "diagnose"]
    assert act_named(document(hold="skip"), "resync") is None


@pytest.mark.parametrize("code", ["DELETED_IN_XERO", "KIND_CHANGED"])
def test_a_new_document_is_offered_where_the_one_in_xero_is_gone(code: str) -> None:
    assert names(status="Fault", cause=fault(code))[0] == "recreate"
    assert names(xero=IN_XERO | {"status": "DELETED"})[0] == "recreate"
    assert names(status="Fault", cause=fault("CONTACT_NOT_FOUND")) == ["resync", "skip", "diagnose"]


def test_a_resync_of_what_is_in_xero_says_that_it_is_never_doubled() -> None:
    resync = acts_for(document("Complete", xero=IN_XERO))[0]
    assert "never makes a second one" in resync.hint
    assert resync.words == "Resync this Invoice"
    assert not resync.main
    assert acts_for(document(document="purchase-order/771"))[0].words == "Resync this Purchase Order"


@pytest.mark.parametrize("hold", ["none", "skip", "diagnose"])
def test_every_button_gives_a_command_that_there_is(hold: str) -> None:
    gone = document(hold=hold, xero=IN_XERO | {"status": "VOIDED"})
    for act in acts_for(gone):
        recreate = act.command.get("options", {}).get("recreate", False)
        assert wrong_with(act.command["kind"], "invoice/48213", recreate=recreate) is None


def command(kind: str = "resync", state: str = "waiting", **changed: Any) -> dict[str, Any]:  # noqa: ANN401  # any JSON
    return {"kind": kind, "state": state, "options": {}, "reason": None} | changed


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (command(), "Asked for, and not yet taken up."),
        (
            command(reason="the tenant is paused: the command waits"),
            "Asked for, and not yet taken up: the tenant is paused: the command waits.",
        ),
        (command(state="started"), "Under way."),
        (command(state="refused", reason="the document is on hold."), "Refused: the document is on hold."),
        (command(state="expired", reason="nobody answered"), "Given up: nobody answered."),
        (command(state="new-state"), "new-state."),
    ],
)
def test_what_became_of_a_command(given: dict[str, Any], words: str) -> None:
    assert fate_words(given) == words


def test_what_is_open_can_not_be_asked_for_twice() -> None:
    recreate = command(options={"recreate": True}, state="accepted")
    assert open_kinds([recreate, command("skip", "done"), command("diagnose", "started")]) == {
        "recreate",
        "diagnose",
    }
    assert command_name(recreate) == "Resync as a new document"
    assert command_name(command("unskip")) == "Do not skip any more"
