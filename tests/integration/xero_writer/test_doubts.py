"""What nobody answered, or answered oddly: nothing lost, nothing doubled, no wrong strike, no endless loop."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from invoice_events import names
from tests.integration.xero_writer.xero_hands import verify

if TYPE_CHECKING:
    from tests.integration.xero_writer.rig import Rig
    from xero_writer.adapters.answers import WriteAnswer

pytestmark = pytest.mark.stack
BOTH = pytest.mark.parametrize("rig", ["ours", "xero"], indirect=True)
XERO_NUMBERS = pytest.mark.parametrize("rig", ["xero"], indirect=True)
PUT = {"method": "PUT"}
CUT = {"kind": "cut"}
BROKEN = {
    "kind": "status",
    "status": 500,
    "body": {"ErrorNumber": 500, "Message": "An error occurred in Xero."},
}


@XERO_NUMBERS
def test_the_last_open_document_of_a_failed_batch_gets_no_strike(rig: Rig) -> None:
    rig.plant(PUT, {"kind": "partial", "elements": 1})
    rig.arrive(rig.mapped(1), rig.mapped(2))
    rig.work()
    verify(rig)
    assert rig.outcomes(1) == rig.outcomes(2) == [("synced", "created")]
    assert (len(rig.copies(1)), len(rig.copies(2))) == (1, 1)


@BOTH
def test_a_document_whose_own_call_always_fails_becomes_its_fault_and_not_a_loop(rig: Rig) -> None:
    rig.plant(PUT | {"body_contains": "sync=invoice/1"}, BROKEN, times=None)
    rig.arrive(rig.mapped(1), rig.mapped(2), rig.mapped(3))
    for _ in range(4):
        rig.work()
        verify(rig)
    assert rig.outcomes(1) == [("faulted", "PROVIDER_ERROR")]
    assert rig.outcomes(2) == rig.outcomes(3) == [("synced", "created")]
    assert rig.session.circuit.is_closed()


@BOTH
def test_a_document_whose_own_call_is_always_cut_becomes_its_fault_and_not_a_loop(rig: Rig) -> None:
    rig.plant(PUT, CUT, times=None)
    rig.arrive(rig.mapped(1))
    rig.work()
    verify(rig)
    assert rig.outcomes(1) == [("faulted", "PROVIDER_ERROR")]
    assert len(rig.calls("PUT")) < 6


def test_a_refusal_of_a_later_sending_is_told_in_xeros_words(rig: Rig) -> None:
    rig.plant(PUT, CUT)
    event = rig.mapped(1)
    event["xero"]["lines"][0]["account_code"] = "299999"
    rig.arrive(event)
    rig.work()
    rig.pass_time(10)
    rig.work()
    assert rig.outcomes(1) == [("faulted", "ACCOUNT_INVALID")]
    assert "299999" in rig.events(names.FAULTED, 1)[0]["text"]


def status(code: int, body: object) -> dict[str, Any]:
    return {"kind": "status", "status": code, "body": body}


@pytest.mark.parametrize(
    ("answer", "code", "final"),
    [
        (status(413, "<html>Request Entity Too Large"), "INVOICE_TOO_LARGE", True),
        (
            status(400, {"ErrorNumber": 14, "Message": "JSON for post data was invalid"}),
            "REQUEST_REJECTED",
            False,
        ),
        (status(400, {"Type": "NoDataProcessedException", "Message": "Nothing"}), "REQUEST_REJECTED", False),
        (status(415, "<html>"), "REQUEST_REJECTED", False),
        (status(412, "<html>"), "REQUEST_REJECTED", False),
        (status(501, {"ErrorNumber": 20, "Message": "Not here"}), "REQUEST_REJECTED", False),
        (status(404, "<html><center>nginx</center></html>"), "PROVIDER_ERROR", False),
    ],
)
@pytest.mark.parametrize("first", ["refused", "unknown"])
def test_no_refused_call_is_told_by_its_words_alone(
    rig: Rig,
    first: str,
    answer: dict[str, Any],
    code: str,
    final: bool,  # noqa: FBT001  # a parameter of the case
) -> None:
    if first == "unknown":
        rig.plant(PUT, CUT)
    rig.plant(PUT, answer, times=None)
    rig.arrive(rig.mapped(1))
    rig.work()
    verify(rig)
    assert rig.outcomes(1) == [("faulted", code)]
    assert rig.last_fault(1)["final"] is final


def test_a_document_of_which_nothing_can_be_made_is_at_fault_and_stops_no_other(rig: Rig) -> None:
    rig.arrive(rig.mapped(1) | {"xero": None}, rig.mapped(2))
    rig.work()
    assert rig.outcomes(1) == [("faulted", "UNKNOWN")]
    assert rig.outcomes(2) == [("synced", "created")]


def unmarked(rig: Rig, *, flagged: bool) -> dict[str, Any]:
    """An answer that ties nothing to a mark or number."""
    element: dict[str, Any] = {"InvoiceID": "00000000-0000-0000-0000-000000000000"}
    if flagged:
        element |= {"HasErrors": True, "ValidationErrors": [{"Message": "Account must be valid."}]}
    return {"Id": "x", "Status": "OK", "Invoices": [element]}


@XERO_NUMBERS
def test_refusals_that_name_no_document_end_after_splitting_and_not_never(rig: Rig) -> None:
    answer = {"kind": "status", "status": 200, "body": unmarked(rig, flagged=True)}
    rig.plant(PUT, answer, times=None)
    rig.arrive(rig.mapped(1), rig.mapped(2))
    rig.work()
    verify(rig)
    assert rig.outcomes(1) == rig.outcomes(2) == [("faulted", "ACCOUNT_INVALID")]


@XERO_NUMBERS
def test_documents_that_xero_wrote_without_our_mark_are_never_written_again(rig: Rig) -> None:
    def strip(_: WriteAnswer) -> None:
        for one in [*rig.copies(1), *rig.copies(2)]:
            rig.person_changes(one["InvoiceID"], Url="https://psa.example/other")

    rig.client.after_write = strip
    stray = {"InvoiceID": "4a7c5f5e-1111-4222-8333-444444444444", "StatusAttributeString": "OK"}
    answer = {"Id": "x", "Status": "OK", "Invoices": [stray, stray | {"InvoiceNumber": "INV-9"}]}
    rig.plant(PUT, {"kind": "garbage", "body": json.dumps(answer)}, when="after")
    rig.arrive(rig.mapped(1), rig.mapped(2))
    rig.work()
    verify(rig)
    assert len(rig.calls("PUT")) == 1
    assert rig.outcomes(1) == rig.outcomes(2) == [("faulted", "CAN_NOT_TAKE_BACK")]
    assert rig.events(names.FAULTED, 1)[0]["final"] is True


@BOTH
def test_an_outage_costs_no_strike_however_long_it_lasts(rig: Rig) -> None:
    rig.plant({}, BROKEN, times=None)
    rig.arrive(rig.mapped(1))
    rig.work()
    for _ in range(5):
        rig.pass_time(400)
        rig.work()
    assert rig.session.circuit.state == "down"
    rig.server.app.faults.clear()
    rig.pass_time(400)
    rig.work()
    verify(rig)
    assert rig.outcomes(1) == [("synced", "created")]
    assert len(rig.copies(1)) == 1


@pytest.mark.parametrize("met", [{}, {"path": ".*/connect/token"}], ids=["while sending", "before sending"])
@BOTH
def test_a_repeat_that_meets_an_outage_costs_no_strike(rig: Rig, met: dict[str, Any]) -> None:
    rig.plant(PUT, CUT)
    rig.arrive(rig.mapped(1))
    rig.turn()
    rig.client.forget_token()
    rig.plant(met, BROKEN, times=None)
    rig.pass_time(10)
    rig.work()
    assert rig.session.circuit.state == "down"
    rig.server.app.faults.clear()
    for _ in range(2):
        rig.pass_time(400)
        rig.work()
    verify(rig)
    assert rig.outcomes(1) == [("synced", "created")]
    assert len(rig.copies(1)) == 1


def test_one_documents_unreadable_page_opens_no_circuit_and_stops_no_other(rig: Rig) -> None:
    rig.arrive(rig.mapped(1))
    rig.work()
    xero_id = rig.copies(1)[0]["InvoiceID"]
    rig.plant({"method": "GET", "path": f".*{xero_id}"}, BROKEN, times=None)
    rig.arrive(rig.mapped(1, action="update"), rig.mapped(2))
    rig.work()
    assert rig.outcomes(1)[1:] == []
    assert rig.outcomes(2) == [("synced", "created")]
    for _ in range(2):
        rig.pass_time(60)
        rig.work()
    assert rig.outcomes(1)[1:] == [("faulted", "PROVIDER_ERROR")]
    assert rig.session.circuit.is_closed()


@pytest.mark.parametrize("broken", [CUT, BROKEN], ids=["connection", "answer"])
@pytest.mark.parametrize(("action", "outcome"), [("update", "unchanged"), ("void", "voided")])
def test_a_reading_that_fails_once_while_xero_answers_others_is_no_strike(
    rig: Rig, action: str, outcome: str, broken: dict[str, Any]
) -> None:
    rig.arrive(rig.mapped(1))
    rig.work()
    xero_id = rig.copies(1)[0]["InvoiceID"]
    rig.plant({"method": "GET", "path": f".*{xero_id}"}, broken, times=2)
    rig.arrive(rig.void(1) if action == "void" else rig.mapped(1, action="update"))
    rig.work()
    for _ in range(2):
        rig.pass_time(60)
        rig.work()
    assert rig.outcomes(1)[1:] == [("synced", outcome)]


@pytest.mark.parametrize("code", [400, 405, 409])
@pytest.mark.parametrize(("action", "outcome"), [("update", "unchanged"), ("void", "voided")])
def test_a_gateway_that_refuses_everything_costs_no_strike(
    rig: Rig, action: str, outcome: str, code: int
) -> None:
    rig.arrive(rig.mapped(1))
    rig.work()
    rig.plant({}, status(code, "<html>Method Not Allowed</html>"), times=None)
    rig.arrive(rig.void(1) if action == "void" else rig.mapped(1, action="update"))
    rig.work()
    assert rig.outcomes(1)[1:] == []
    rig.server.app.faults.clear()
    rig.pass_time(400)
    rig.work()
    assert rig.outcomes(1)[1:] == [("synced", outcome)]


def test_a_document_that_xero_no_longer_knows_is_a_final_fault_and_not_a_loop(rig: Rig) -> None:
    rig.arrive(rig.mapped(1))
    rig.work()
    rig.execute("UPDATE document SET xero_id = '4a7c5f5e-1111-4222-8333-444444444444'")
    rig.arrive(rig.mapped(1, action="update"))
    rig.work()
    assert rig.outcomes(1)[1:] == [("faulted", "DELETED_IN_XERO")]


def test_a_lookup_that_xero_refuses_is_tried_with_pauses_and_stops_no_other(rig: Rig) -> None:
    rig.plant(PUT, BROKEN)
    refused = {"kind": "status", "status": 400, "body": {"Message": "no"}}
    rig.plant({"method": "GET", "path": ".*/Invoices"}, refused, times=None)
    rig.arrive(rig.mapped(1))
    rig.work()
    lookups = len([call for call in rig.calls("GET") if call["path"].endswith("/Invoices")])
    rig.arrive(rig.mapped(2))
    rig.work()
    assert rig.outcomes(2) == [("synced", "created")]
    assert len([call for call in rig.calls("GET") if call["path"].endswith("/Invoices")]) == lookups
    rig.server.app.faults.clear()
    verify(rig)
    assert rig.outcomes(1) == [("faulted", "PROVIDER_ERROR")]


def test_a_last_look_that_xero_refuses_is_tried_with_pauses(rig: Rig) -> None:
    rig.plant(PUT, CUT, when="after")
    rig.arrive(rig.mapped(1))
    rig.work()
    rig.pass_time(10)
    rig.work()
    rig.pass_time(901)
    refused = {"kind": "status", "status": 400, "body": {"Message": "no"}}
    rig.plant({"method": "GET", "path": ".*/Invoices"}, refused, times=None)
    before = len(rig.calls("GET"))
    rig.work()
    rig.work()
    assert len(rig.calls("GET")) == before + 1
    rig.server.app.faults.clear()
    rig.pass_time(20)
    rig.work()
    assert rig.row("SELECT count(*) AS n FROM intent WHERE recheck_at IS NOT NULL").n == 0


def test_our_own_late_request_that_took_the_number_is_adopted(rig: Rig) -> None:
    rig.plant(PUT, BROKEN, when="after")  # the work is done, but the first lookup does not see it yet
    unseen = {"kind": "status", "status": 200, "body": {"Invoices": [], "pagination": {"pageCount": 0}}}
    rig.plant({"method": "GET", "path": ".*/Invoices"}, unseen)
    rig.arrive(rig.mapped(1), rig.mapped(2))
    rig.work()
    verify(rig)
    assert rig.outcomes(1) == rig.outcomes(2) == [("synced", "adopted")]
    assert (len(rig.copies(1)), len(rig.copies(2))) == (1, 1)


@XERO_NUMBERS
def test_a_document_that_turns_up_after_all_is_known_to_the_next_try(rig: Rig) -> None:
    rig.plant(PUT, BROKEN, when="after")
    unseen = {"kind": "status", "status": 200, "body": {"Invoices": [], "pagination": {"pageCount": 0}}}
    rig.plant({"method": "GET", "path": ".*/Invoices"}, unseen, times=3)
    rig.arrive(rig.mapped(1))
    rig.work()
    verify(rig)
    assert rig.outcomes(1) == [("faulted", "PROVIDER_ERROR")]
    rig.pass_time(901)
    rig.work()
    rig.arrive(rig.mapped(1))
    rig.work()
    assert rig.outcomes(1) == [("synced", "adopted"), ("faulted", "PROVIDER_ERROR")]
    assert len(rig.copies(1)) == 1


@XERO_NUMBERS
def test_a_document_deleted_by_a_person_while_in_doubt_is_not_made_again_by_a_resync(rig: Rig) -> None:
    rig.plant(PUT, CUT, when="after")
    rig.arrive(rig.mapped(1))
    rig.turn()
    rig.person_changes(rig.copies(1)[0]["InvoiceID"], Status="DELETED")
    rig.pass_time(250)
    rig.work()
    assert rig.outcomes(1) == [("faulted", "DELETED_IN_XERO")]
    rig.arrive(rig.mapped(1))
    rig.work()
    assert rig.outcomes(1) == [("faulted", "DELETED_IN_XERO")] * 2
    assert len(rig.calls("PUT")) == 1


@XERO_NUMBERS
def test_a_persons_copy_with_our_mark_does_not_hide_ours_and_is_reported(rig: Rig) -> None:
    rig.plant(PUT, CUT, when="after")
    rig.arrive(rig.mapped(1), rig.mapped(2))
    rig.turn()
    first, second = rig.copies(1)[0], rig.copies(2)[0]
    rig.person_changes(second["InvoiceID"], Url=first["Url"], Status="DELETED")
    rig.pass_time(250)
    rig.work()
    assert rig.outcomes(1) == [("synced", "created")]
    assert rig.events(names.SYNCED, 1)[0]["xero_document_id"] == first["InvoiceID"]


@pytest.mark.parametrize("learnt", ["from the answer", "from a lookup"])
@BOTH
def test_an_outcome_that_can_not_be_recorded_keeps_no_other_of_its_batch_open(rig: Rig, learnt: str) -> None:
    """By the journal its document in Xero is another one's, which the database refuses."""

    def taken(_: WriteAnswer) -> None:
        rig.client.after_write = None
        rig.execute(
            "INSERT INTO document (tenant_id, document, xero_kind, xero_id) VALUES ('acme', 'invoice/9', 'invoice', :id)",
            id=rig.copies(2)[0]["InvoiceID"],
        )

    rig.client.after_write = taken
    if learnt == "from a lookup":
        rig.plant(PUT, BROKEN, when="after")
    rig.arrive(rig.mapped(1), rig.mapped(2), rig.mapped(3))
    rig.work()
    assert rig.outcomes(1) == rig.outcomes(3) == [("synced", "created")]
    assert rig.outcomes(2) == []
    assert rig.row("SELECT state, may_resend FROM intent") == ("unknown", False)
    rig.execute("DELETE FROM document WHERE document = 'invoice/9'")
    verify(rig)
    assert rig.outcomes(2) == [("synced", "created")]
    assert len(rig.calls("PUT")) == 1


def test_codes_that_xero_dropped_are_seen_although_the_warning_was_lost(rig: Rig) -> None:
    rig.switch(unknown_account="remove")
    rig.plant(PUT, CUT, when="after")
    event = rig.mapped(1)
    event["xero"]["lines"][0]["account_code"] = "476"
    rig.arrive(event)
    rig.work()
    verify(rig)
    assert rig.outcomes(1) == [("faulted", "ACCOUNT_INVALID")]
    assert "AccountCode" in rig.events(names.FAULTED, 1)[0]["text"]
    assert rig.copies(1) == []


@BOTH
def test_an_update_whose_answer_was_lost_is_found_out_by_reading_it(rig: Rig) -> None:
    rig.arrive(rig.mapped(1))
    rig.work()
    rig.plant({"method": "POST"}, CUT, when="after")
    rig.arrive(rig.mapped(1, amount=200, tax=30, action="update"))
    rig.work()
    verify(rig)
    assert rig.outcomes(1) == [("synced", "created"), ("synced", "updated")]
    assert [str(one["Total"]) for one in rig.copies(1)] == ["230.00"]


def test_an_update_that_could_not_be_read_again_at_once_is_judged_by_the_next_reading(rig: Rig) -> None:
    rig.arrive(rig.mapped(1))
    rig.work()
    xero_id = rig.copies(1)[0]["InvoiceID"]

    def broken_page(_: WriteAnswer) -> None:
        rig.client.after_write = None
        rig.plant({"method": "GET", "path": f".*{xero_id}"}, BROKEN)

    rig.client.after_write = broken_page
    rig.arrive(rig.mapped(1, amount=200, tax=30, action="update"))
    rig.work()
    assert rig.outcomes(1) == [("synced", "created"), ("synced", "updated")]
    assert len(rig.calls("POST")) == 1


def test_a_document_that_changes_its_kind_is_refused_and_neither_is_touched(rig: Rig) -> None:
    rig.arrive(rig.mapped(1))
    rig.work()
    before = rig.copies(1)
    writes = len(rig.calls("PUT", "POST"))
    rig.arrive(rig.mapped(1, kind="credit_note"))
    rig.work()
    assert rig.outcomes(1)[1:] == [("faulted", "KIND_CHANGED")]
    assert rig.copies(1) == before
    assert len(rig.calls("PUT", "POST")) == writes


@BOTH
def test_a_batch_with_mixed_outcomes_gives_each_document_its_own(rig: Rig) -> None:
    bad = rig.mapped(2)
    bad["xero"]["lines"][0]["account_code"] = "299999"
    wrong = rig.mapped(3, total=rig.mapped(0)["prediction"]["total"] + 1)
    rig.arrive(rig.mapped(1), bad, wrong, rig.mapped(4))
    rig.work()
    assert len(rig.calls("PUT")) == 1
    assert rig.outcomes(1) == rig.outcomes(4) == [("synced", "created")]
    assert rig.outcomes(2) == [("faulted", "ACCOUNT_INVALID")]
    assert rig.outcomes(3) == [("faulted", "XERO_AMOUNTS_DIFFER")]
    assert rig.copies(3) == []
