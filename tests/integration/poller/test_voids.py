"""What a person voids in Autotask: skipped if it never went over, voided in Xero if it did and the settings want that."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from invoice_events import names
from invoice_events.codec import Event
from tests.integration.poller.rig import Rig

pytestmark = pytest.mark.stack


@pytest.fixture
def done(rig: Rig) -> Rig:
    """Invoice 1 is in Xero and stamped; what is voided is to be voided in Xero."""
    rig.tenants.choose(void_autotask_invoices=True)
    rig.add_invoice(1)
    rig.turn()
    rig.synced(1)
    rig.turn()
    return rig


def voids(rig: Rig) -> list[Event]:
    return [event for event in rig.events(names.DISCOVERED) if event["action"] == "void"]


def test_an_invoice_that_went_over_and_is_voided_is_voided_in_xero_once(done: Rig) -> None:
    done.void_invoice(1)
    done.turn()
    (event,) = voids(done)
    assert (event["xero_document_id"], event["attempt"], event["lines"]) == ("xero-1", 1, [])
    assert event["invoice"]["is_voided"]
    done.turn()
    stamps = len(done.calls("PATCH"))
    done.voided(1)
    for _ in range(3):
        done.turn()
    assert len(voids(done)) == 1
    assert (done.known(1).state, done.known(1).stamp_wanted) == ("done", False)
    assert len(done.calls("PATCH")) == stamps, "a voided invoice was stamped again"
    assert done.events(names.SKIPPED) == []


def test_with_the_option_off_a_void_costs_no_call_and_changes_nothing(done: Rig) -> None:
    done.tenants.choose()
    done.turn()
    calls = len(done.calls())
    done.turn()
    cost = len(done.calls()) - calls
    done.void_invoice(1)
    done.turn()
    assert len(done.calls()) == calls + 2 * cost
    assert (voids(done), done.known(1).state) == ([], "done")


def test_an_option_that_is_switched_on_later_misses_no_void_however_old(done: Rig) -> None:
    done.tenants.choose()
    for number in range(2, 5):
        done.add_invoice(number)
    done.turn()
    for number in range(2, 5):
        done.synced(number)
    done.turn()
    for number in range(2, 5):
        done.void_invoice(number)
    done.turn()
    done.take_over()
    done.tenants.choose(void_autotask_invoices=True)
    done.turn()
    assert [event["document"] for event in voids(done)] == ["invoice/2", "invoice/3", "invoice/4"]


def test_a_restart_between_two_looks_misses_no_void(done: Rig) -> None:
    done.turn()
    done.void_invoice(1)
    done.take_over()
    done.turn()
    assert len(voids(done)) == 1


def test_an_invoice_that_is_voided_on_its_way_is_voided_after_its_success(rig: Rig) -> None:
    rig.tenants.choose(void_autotask_invoices=True)
    rig.add_invoice(1)
    rig.turn()
    rig.void_invoice(1)
    for _ in range(2):
        rig.turn()
    assert len(rig.events(names.DISCOVERED)) == 1, "overtaken by its own void"
    rig.synced(1)
    rig.offset = timedelta(days=3)  # long after the look that has seen the void
    rig.turn()
    assert [event["action"] for event in rig.events(names.DISCOVERED)] == ["create", "void"]


def test_a_failed_void_counts_its_strikes_and_is_not_begun_again_by_itself(done: Rig) -> None:
    done.void_invoice(1)
    for strikes in (1, 2, 3):
        done.turn()
        assert (len(voids(done)), voids(done)[-1]["attempt"]) == (strikes, strikes)
        done.faulted(1, text="has a payment")
    for _ in range(3):
        done.turn()
    assert (len(voids(done)), done.known(1).state) == (3, "fault")
    done.command("c1", "resync", "invoice/1")
    done.turn()
    assert (len(voids(done)), voids(done)[-1]["priority"]) == (4, "interactive")


def test_a_held_invoice_is_not_voided_until_its_hold_is_lifted(done: Rig) -> None:
    done.command("c1", "skip", "invoice/1")
    done.turn()
    done.void_invoice(1)
    done.turn()
    assert voids(done) == []
    done.command("c2", "unskip", "invoice/1")
    done.turn()
    assert len(voids(done)) == 1


def test_a_resync_of_a_voided_invoice_voids_again_or_with_the_option_off_leaves_xero_alone(done: Rig) -> None:
    done.void_invoice(1)
    done.turn()
    done.synced(1)
    done.turn()
    done.command("c1", "resync", "invoice/1")
    done.turn()
    assert (len(voids(done)), voids(done)[-1]["command_id"]) == (2, "c1")
    done.synced(1)
    done.turn()
    done.tenants.choose()
    done.command("c2", "resync", "invoice/1")
    done.turn()
    assert len(voids(done)) == 2
    assert (done.known(1).state, done.known(1).skip_reason) == ("skipped", "voided")


def test_a_cleared_stamp_and_a_void_do_not_fight_each_other(done: Rig) -> None:
    done.void_invoice(1, webServiceDate=None)
    done.turn()
    assert [event["action"] for event in done.events(names.DISCOVERED)] == ["create", "void"]
    done.voided(1)
    for _ in range(4):
        done.turn()
    assert len(done.events(names.DISCOVERED)) == 2
    assert done.stamp_of(1) is not None


def test_a_void_that_was_given_up_when_the_option_went_off_comes_when_it_is_on_again(done: Rig) -> None:
    done.void_invoice(1)
    done.turn()
    done.faulted(1)
    done.tenants.choose()
    done.turn()
    assert done.known(1).skip_reason == "voided"
    done.tenants.choose(void_autotask_invoices=True)
    done.turn()
    assert len(voids(done)) == 2


@pytest.mark.parametrize("settings", [{}, {"void_autotask_invoices": True}])
@pytest.mark.parametrize("final", [False, True])
def test_what_never_was_in_xero_is_skipped_once_it_is_voided(
    rig: Rig, settings: dict[str, Any], *, final: bool
) -> None:
    rig.tenants.choose(**settings)
    rig.add_invoice(1)
    rig.turn()
    rig.faulted(1, final=final)
    rig.worker.turn()
    rig.void_invoice(1)
    for _ in range(2):
        rig.turn()
    (event,) = rig.events(names.SKIPPED)
    assert (event["reason"], rig.known(1).state, voids(rig)) == ("voided", "skipped", [])
    assert 1 <= event["attempt"] <= 3


def test_a_refused_look_for_voids_is_told_and_the_invoices_went_on(done: Rig) -> None:
    refusal = {"kind": "status", "status": 500, "body": {"errors": ["Unable to find voidedDate."]}}
    done.plant({"path": ".*/Invoices/query", "body_contains": "voidedDate"}, refusal)
    done.add_invoice(2)
    done.void_invoice(1)
    done.turn()
    assert [event["document"] for event in done.events(names.DISCOVERED)] == ["invoice/1", "invoice/2"]
    assert any("Unable to find voidedDate." in line for line in done.logs())
    done.turn()
    assert len(voids(done)) == 1


def test_a_document_that_a_fault_left_in_xero_is_voided_too(rig: Rig) -> None:
    rig.tenants.choose(void_autotask_invoices=True)
    rig.add_invoice(1)
    rig.turn()
    rig.faulted(1, final=True, xero_id="xero-1")
    rig.turn()
    rig.void_invoice(1)
    for _ in range(2):
        rig.turn()
    (event,) = voids(rig)
    assert (event["xero_document_id"], rig.events(names.SKIPPED)) == ("xero-1", [])


def test_an_invoice_that_lives_again_is_voided_a_second_time(done: Rig) -> None:
    done.void_invoice(1)
    done.turn()
    done.voided(1)
    done.turn()
    done.change_invoice(1, isVoided=False, voidedDate=None)
    done.command("c1", "resync", "invoice/1")
    done.turn()
    done.synced(1)
    done.turn()
    assert len(voids(done)) == 1
    done.void_invoice(1)
    done.turn()
    assert [event["action"] for event in done.events(names.DISCOVERED)] == [
        "create",
        "void",
        "update",
        "void",
    ]


def test_a_void_whose_company_makes_no_sense_goes_over_all_the_same(done: Rig) -> None:
    done.simulator.database("acme").upsert("Companies", [{"id": 318, "currencyID": 99}])
    done.take_over()
    done.void_invoice(1)
    done.turn()
    (event,) = voids(done)
    assert (event["invoice"]["currency"], event["company"]["id"]) == ("", 318)
    assert done.events(names.FAULTED) == []


def test_a_void_that_was_done_is_not_done_again_after_the_option_was_off_for_a_resync(done: Rig) -> None:
    done.void_invoice(1)
    done.turn()
    done.voided(1)
    done.turn()
    done.tenants.choose()
    done.command("c1", "resync", "invoice/1")
    done.turn()
    assert done.known(1).skip_reason == "voided"
    done.tenants.choose(void_autotask_invoices=True)
    done.turn()
    assert len(voids(done)) == 1
