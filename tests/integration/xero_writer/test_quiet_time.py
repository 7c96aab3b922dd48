"""Quiet mode: in business hours backfill and contact refreshes wait, and nothing else does."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from tests.integration.xero_writer.contacts_kit import contact_writes, refreshing

if TYPE_CHECKING:
    from tests.integration.xero_writer.rig import Rig

pytestmark = pytest.mark.stack
TEN_OCLOCK = datetime(2026, 11, 19, 21, 0, tzinfo=UTC)  # Friday 10:00 in Auckland, which is Thursday in UTC
EVENING = datetime(2026, 11, 20, 5, 30, tzinfo=UTC)  # Friday 18:30
SATURDAY = datetime(2026, 11, 20, 21, 0, tzinfo=UTC)


@pytest.fixture
def quiet(rig: Rig) -> Rig:
    """A tenant with quiet mode, at ten o'clock."""
    rig.settings = {
        "quiet_mode": {"enabled": True},
        "time_zone": "Pacific/Auckland",
        "update_xero_contacts": True,
    }
    rig.session.now = lambda: TEN_OCLOCK
    return rig


@pytest.mark.parametrize("later", [EVENING, SATURDAY])
def test_backfill_makes_no_call_in_business_hours_and_is_not_forgotten_after_them(
    quiet: Rig, later: datetime
) -> None:
    quiet.arrive(*(quiet.mapped(n, priority="backfill") for n in range(1, 61)))
    before = len(quiet.calls())
    quiet.work()
    assert len(quiet.calls()) == before
    quiet.session.now = lambda: later
    quiet.work()
    assert all(quiet.outcomes(n) == [("synced", "created")] for n in range(1, 61))


def test_backfill_that_waits_keeps_no_new_invoice_and_no_person_waiting(quiet: Rig) -> None:
    quiet.arrive(*(quiet.mapped(n, priority="backfill") for n in range(1, 501)))
    quiet.arrive(quiet.mapped(501), quiet.mapped(502, priority="interactive"))
    quiet.arrive(quiet.mapped(503, kind="purchase_order"))
    quiet.work()
    assert quiet.outcomes(501) == quiet.outcomes(502) == [("synced", "created")]
    assert quiet.outcomes(503, "purchase_order") == [("synced", "created")]
    assert quiet.outcomes(1) == []


def test_a_known_document_of_the_backfill_waits_too(quiet: Rig) -> None:
    quiet.arrive(quiet.mapped(1))
    quiet.work()
    before = len(quiet.calls())
    quiet.arrive(quiet.mapped(1, amount="50.00", tax="7.50", priority="backfill"))
    quiet.work()
    assert len(quiet.calls()) == before
    quiet.session.now = lambda: EVENING
    quiet.work()
    assert quiet.outcomes(1) == [("synced", "created"), ("synced", "updated")]


def test_contacts_are_refreshed_only_after_business_hours(quiet: Rig) -> None:
    quiet.arrive(refreshing(quiet, 1))
    quiet.work()
    quiet.pass_time(60)
    quiet.work()
    assert quiet.outcomes(1) == [("synced", "created")]
    assert contact_writes(quiet) == []
    quiet.session.now = lambda: EVENING
    quiet.work()
    assert len(contact_writes(quiet)) == 1


def test_an_unknown_outcome_of_the_backfill_is_cleared_up_in_business_hours_too(quiet: Rig) -> None:
    quiet.session.now = lambda: EVENING
    quiet.plant({"method": "PUT"}, {"kind": "cut"}, when="after")
    quiet.arrive(quiet.mapped(1, priority="backfill"))
    quiet.turn()
    quiet.session.now = lambda: TEN_OCLOCK
    for seconds in (10, 430):
        quiet.pass_time(seconds)
        quiet.work()
    assert quiet.outcomes(1) == [("synced", "created")]


def test_without_quiet_mode_no_hour_keeps_backfill_waiting(rig: Rig) -> None:
    rig.session.now = lambda: TEN_OCLOCK
    rig.arrive(rig.mapped(1, priority="backfill"))
    rig.work()
    assert rig.outcomes(1) == [("synced", "created")]
