"""Commands and their results."""

from __future__ import annotations

import pytest

from invoice_events import names
from tests.integration.poller.rig import Rig

pytestmark = pytest.mark.stack

SERVED = [("accepted", None), ("started", None), ("done", None)]


@pytest.fixture
def done(rig: Rig) -> Rig:
    """Invoice 1 is in Xero and stamped."""
    rig.add_invoice(1)
    rig.turn()
    rig.synced(1)
    rig.turn()
    return rig


def test_a_resync_reads_everything_again_whatever_the_state(done: Rig) -> None:
    done.change_invoice(1, orderNumber="changed")
    done.simulator.database("acme").upsert(
        "Contacts", [{"id": 12, "companyID": 318, "firstName": "Ana", "lastName": "Lee", "isActive": 1, "emailAddress": "new@harbour.example"}]
    )  # fmt: skip
    done.command("c1", "resync", "invoice/1")
    done.turn()
    event = done.events(names.DISCOVERED)[-1]
    assert (event["action"], event["priority"], event["command_id"]) == ("update", "interactive", "c1")
    assert (event["invoice"]["order_number"], event["contact"]["email"]) == ("changed", "new@harbour.example")
    assert done.results("c1") == SERVED


def test_a_resync_finds_invoices_that_are_not_known_yet(rig: Rig) -> None:
    rig.add_invoice(1, invoiceDateTime="2020-01-01T00:00:00Z")
    rig.command("c1", "resync", "invoice/1")
    rig.turn()
    assert len(rig.events(names.DISCOVERED)) == 1


@pytest.mark.parametrize(
    ("kind", "document", "words"),
    [
        ("resync", "invoice/99", "Autotask has no invoice 99"),
        ("resync", "nonsense", "names no document"),
        ("resync", None, "names no document"),
        ("resync", "purchase-order/3", "purchase orders are switched off"),
        ("skip", "purchase-order/3", "not known"),
        ("skip", "invoice/99", "not known"),
        ("unskip", "purchase-order", "names no document"),
        ("diagnose", "invoice/99", "not known"),
        ("diagnose", "nonsense", "names no document"),
        ("release", None, "names no document"),
        ("what-if", "invoice/1", "what-if is no command that this release knows"),
        ("explain", "nonsense", "names no document"),
    ],
)
def test_what_can_not_be_served_is_refused_with_the_reason(
    done: Rig, kind: str, document: str | None, words: str
) -> None:
    done.command("c1", kind, document)
    done.turn()
    state, reason = done.results("c1")[-1]
    assert state == "refused"
    assert words in (reason or "")
    assert len(done.events(names.DISCOVERED)) == 1


def test_a_command_is_served_once_however_often_its_event_comes(done: Rig) -> None:
    for _ in range(3):
        done.command("c1", "resync", "invoice/1")
        done.turn()
    assert len(done.events(names.DISCOVERED)) == 2
    assert done.results("c1") == SERVED


def test_commands_of_a_paused_tenant_wait_and_say_so(done: Rig) -> None:
    done.tenants.pause()
    done.command("c1", "resync", "invoice/1")
    done.turn()
    assert done.results("c1") == [("accepted", "tenant is paused")]
    assert len(done.events(names.DISCOVERED)) == 1
    done.tenants.pause(paused=False)
    done.turn()
    assert [state for state, _ in done.results("c1")] == ["accepted", "started", "done"]
    assert len(done.events(names.DISCOVERED)) == 2


def test_two_wishes_for_a_cycle_at_once_start_one(rig: Rig) -> None:
    rig.turn()
    before = len(rig.calls("POST", "/Invoices/query"))
    rig.command("c1", "sync-now")
    rig.command("c2", "sync-now")
    rig.worker._next_cycle = float("inf")
    rig.worker.turn()
    rig.worker.turn()
    assert len(rig.calls("POST", "/Invoices/query")) == before + 1
    assert rig.results("c1") == rig.results("c2") == SERVED


def test_a_hold_leaves_the_document_alone_until_it_is_lifted(rig: Rig) -> None:
    rig.add_invoice(1)
    rig.turn()
    rig.faulted(1)
    rig.command("c1", "skip", "invoice/1")
    rig.turn()
    rig.command("c2", "resync", "invoice/1")
    rig.turn()
    assert len(rig.events(names.DISCOVERED)) == 1
    assert rig.results("c2")[-1][0] == "refused"
    rig.command("c3", "unskip", "invoice/1")
    rig.turn()
    assert len(rig.events(names.DISCOVERED)) == 2
    laid, lifted = rig.events(names.HELD)
    assert (laid["hold"], lifted["hold"]) == ("skip", "none")
    assert laid["hold_version"] < lifted["hold_version"]
    assert rig.results("c1") == rig.results("c3") == SERVED


def test_holds_after_a_lost_ledger_are_newer_than_those_before(rig: Rig) -> None:
    rig.add_invoice(1)
    rig.turn()
    for command_id, kind in (("c1", "skip"), ("c2", "unskip"), ("c3", "skip")):
        rig.command(command_id, kind, "invoice/1")
        rig.turn()
    before = rig.events(names.HELD)[-1]["hold_version"]
    rig.lose_ledger()
    rig.turn()
    rig.command("c4", "skip", "invoice/1")
    rig.turn()
    assert rig.events(names.HELD)[-1]["hold_version"] > before


@pytest.mark.parametrize("known", [True, False])
def test_a_hold_of_a_lost_ledger_can_be_lifted(rig: Rig, *, known: bool) -> None:
    rig.add_invoice(1)
    rig.turn()
    rig.command("c1", "skip", "invoice/1")
    rig.turn()
    rig.lose_ledger()
    if known:
        rig.turn()
    else:
        rig.worker._next_cycle = float("inf")
    tries = len(rig.events(names.DISCOVERED))
    rig.command("c2", "unskip", "invoice/1")
    rig.worker.turn()
    laid, lifted = rig.events(names.HELD)
    assert lifted["hold"] == "none"
    assert lifted["hold_version"] > laid["hold_version"]
    assert lifted["revision"] >= laid["revision"] > 0, "a revision that nobody can read"
    assert len(rig.events(names.DISCOVERED)) == tries + 1
    assert rig.results("c2") == SERVED


def test_a_hold_laid_in_a_paused_tenant_is_there_before_anything_begins(rig: Rig) -> None:
    rig.add_invoice(1)
    rig.turn()
    rig.faulted(1)
    rig.tenants.pause()
    rig.command("c1", "skip", "invoice/1")
    rig.turn()
    assert rig.results("c1") == SERVED
    rig.tenants.pause(paused=False)
    rig.turn()
    assert len(rig.events(names.DISCOVERED)) == 1


def test_a_hold_is_lifted_in_a_paused_tenant_but_nothing_is_read(rig: Rig) -> None:
    rig.add_invoice(1)
    rig.turn()
    rig.command("c1", "skip", "invoice/1")
    rig.turn()
    rig.tenants.pause()
    rig.command("c2", "unskip", "invoice/1")
    rig.turn()
    assert rig.known(1).hold == "none"
    assert len(rig.events(names.DISCOVERED)) == 1
    rig.command("c3", "skip", "invoice/1")
    rig.turn()
    rig.tenants.pause(paused=False)
    rig.turn()
    assert len(rig.events(names.DISCOVERED)) == 1, "the newer hold was passed over"
    assert rig.results("c2")[-1][0] == "refused"


def test_a_success_under_a_hold_is_recorded_and_stamped(rig: Rig) -> None:
    rig.add_invoice(1)
    rig.turn()
    rig.command("c1", "skip", "invoice/1")
    rig.synced(1)
    rig.turn()
    assert (rig.known(1).state, rig.known(1).hold) == ("done", "skip")
    assert rig.stamp_of(1) is not None


def test_a_resync_of_a_stamped_invoice_that_a_lost_ledger_does_not_know_goes_through(rig: Rig) -> None:
    rig.add_invoice(1, webServiceDate="2026-01-02T03:04:00Z")
    rig.turn()
    assert rig.events(names.DISCOVERED) == []
    rig.command("c1", "resync", "invoice/1")
    rig.turn()
    assert len(rig.events(names.DISCOVERED)) == 1
    assert rig.results("c1") == SERVED


def test_resync_of_what_another_integration_stamped_names_the_date_and_the_way(rig: Rig) -> None:
    rig.add_invoice(1)
    rig.turn()
    rig.faulted(1)
    rig.change_invoice(1, webServiceDate="2026-01-02T03:04:00Z")
    rig.turn()
    assert rig.known(1).skip_reason == "stamped_elsewhere"
    rig.command("c1", "resync", "invoice/1")
    rig.turn()
    state, reason = rig.results("c1")[-1]
    assert state == "done"
    assert len(rig.events(names.DISCOVERED)) == 1
    assert "2026-01-02 03:04" in (reason or "")
    assert "Clear Web Service Date" in (reason or "")


def test_resync_of_a_voided_invoice_ends_as_skipped(done: Rig) -> None:
    done.change_invoice(1, isVoided=True)
    done.command("c1", "resync", "invoice/1")
    done.turn()
    assert done.known(1).state == "skipped"
    assert done.results("c1")[-1][0] == "done"
    assert done.events(names.SKIPPED)[0]["command_id"] == "c1"


def test_many_commands_at_once_are_all_served(rig: Rig) -> None:
    many = 230
    for number in range(1, many + 1):
        rig.command(f"c{number}", "skip", f"invoice/{number}")
    rig.command("last", "sync-now")
    rig.turn()
    assert {rig.results(f"c{number}")[-1][0] for number in range(1, many + 1)} == {"refused"}
    assert rig.results("last") == SERVED


@pytest.mark.parametrize(("said", "generation"), [("true", 2), ("false", 1)])
def test_a_document_is_made_anew_only_if_a_person_wants_it_and_as_long_as_that_wish_is_tried(
    done: Rig, said: str, generation: int
) -> None:
    done.command("c1", "resync", "invoice/1", recreate=said)
    done.turn()
    event = done.events(names.DISCOVERED)[-1]
    assert (event["generation"], event["recreate"]) == (generation, said == "true")
    done.faulted(1)
    done.turn()
    event = done.events(names.DISCOVERED)[-1]
    assert (event["attempt"], event["generation"], event["recreate"]) == (2, generation, said == "true")
    done.command("c2", "resync", "invoice/1")
    done.turn()
    event = done.events(names.DISCOVERED)[-1]
    assert (event["generation"], event["recreate"]) == (generation, False)


def test_an_option_that_makes_no_sense_is_refused_before_anything_begins(done: Rig) -> None:
    done.command("c1", "resync", "invoice/1", recreate="perhaps")
    done.turn()
    state, reason = done.results("c1")[-1]
    assert (state, len(done.events(names.DISCOVERED))) == ("refused", 1)
    assert "wanted true or false" in (reason or "")


def test_what_may_never_have_reached_xero_is_not_made_anew_under_another_number(rig: Rig) -> None:
    rig.add_invoice(1)
    rig.turn()
    rig.command("c1", "resync", "invoice/1", recreate="true")
    rig.turn()
    event = rig.events(names.DISCOVERED)[-1]
    assert (event["action"], event["generation"], event["recreate"]) == ("create", 1, False)
    rig.faulted(1, final=True, xero_id="xero-1")
    rig.command("c2", "resync", "invoice/1", recreate="true")
    rig.turn()
    event = rig.events(names.DISCOVERED)[-1]
    assert (event["action"], event["generation"], event["recreate"]) == ("update", 2, True)
