"""What only the hourly look beyond the window can see."""

from __future__ import annotations

import pytest

from invoice_events import names
from tests.integration.poller.rig import Rig
from tests.integration.poller.test_explain import explain

pytestmark = pytest.mark.stack


@pytest.fixture
def foreign(rig: Rig) -> Rig:
    """An old invoice that a person wanted, that failed, and that another integration has stamped since."""
    rig.add_invoice(1, invoiceDateTime="2020-01-01T00:00:00Z")
    rig.command("c1", "resync", "invoice/1")
    rig.turn()
    rig.faulted(1)
    rig.change_invoice(1, webServiceDate="2026-01-02T03:04:00Z")
    rig.turn()
    assert (rig.known(1).state, rig.known(1).skip_reason) == ("skipped", "stamped_elsewhere")
    return rig


def look(rig: Rig) -> None:
    """A cycle, and the hourly look after it."""
    rig.worker._next_cycle = rig.worker._next_cleared = 0.0
    rig.worker.turn()


def test_anothers_stamp_outside_the_window_that_a_person_clears_is_found_by_the_hourly_look(
    foreign: Rig,
) -> None:
    begun = len(foreign.events(names.DISCOVERED))
    look(foreign)
    assert len(foreign.events(names.DISCOVERED)) == begun, "it is still stamped"
    assert "within the hour" in explain(foreign)["what_to_do"]
    foreign.change_invoice(1, webServiceDate=None)
    found = explain(foreign)
    assert (found["cause"], "within the hour" in found["words"]) == ("stamp_cleared", True)
    look(foreign)
    assert len(foreign.events(names.DISCOVERED)) == begun + 1


def test_a_skip_that_a_cleared_stamp_does_not_end_is_left_alone_by_the_hourly_look(foreign: Rig) -> None:
    foreign.command("hold", "skip", "invoice/1")
    foreign.change_invoice(1, webServiceDate=None)
    asked = foreign.reads("Invoices")
    look(foreign)
    assert foreign.known(1).state == "skipped"
    assert foreign.reads("Invoices") == asked + 1, "the cycle's own query and no other"
