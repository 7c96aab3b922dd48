"""A worker that is told to stop ends as soon as it can: another replica takes its tenant over only then."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from service_runtime import metrics
from tests.integration.xero_writer.rig import TENANT
from tests.integration.xero_writer.xero_hands import verify

if TYPE_CHECKING:
    from tests.integration.xero_writer.rig import Rig

pytestmark = pytest.mark.stack


def test_a_list_that_is_broken_off_is_no_failure_of_the_worker_and_is_read_later(rig: Rig) -> None:
    rig.execute("UPDATE tenant SET listed_at = NULL")
    two_pages = {"Invoices": [{"InvoiceID": "x"}], "pagination": {"pageCount": 2}}
    rig.plant({"method": "GET", "path": ".*/Invoices"}, {"kind": "status", "status": 200, "body": two_pages})
    rig.client.rest = lambda _: True
    rig.turn()
    assert rig.row("SELECT listed_at FROM tenant") == (None,)
    rig.client.rest = lambda _: False
    rig.turn()
    assert rig.row("SELECT listed_at IS NOT NULL FROM tenant") == (True,)


def test_nobody_is_asked_whether_xero_answers_while_the_worker_ends_and_that_costs_no_strike(
    rig: Rig,
) -> None:
    rig.session.is_ending = lambda: True
    rig.plant({"method": "PUT"}, {"kind": "cut"})
    rig.arrive(rig.mapped(1))
    before = len(rig.calls("GET"))
    rig.turn()
    assert len(rig.calls("PUT")) == 1
    assert not [call for call in rig.calls("GET")[before:] if call["path"].endswith("/Organisation")]
    rig.session.is_ending = lambda: False
    rig.state = "paused"  # nothing is sent again, so that the first call alone is judged
    verify(rig)
    rig.state = "active"
    rig.work()
    assert rig.outcomes(1) == [("synced", "created")]


def shown() -> list[float]:
    """What the circuit's gauge shows of the tenant; nothing if it is not shown."""
    [family] = metrics.circuit_open.collect()
    return [
        sample.value
        for sample in family.samples
        if (sample.labels["side"], sample.labels["tenant"]) == ("xero", TENANT)
    ]


def test_a_new_worker_shows_its_circuit_and_one_that_ended_leaves_nothing_that_stands_still(
    rig: Rig,
) -> None:
    assert shown() == [0]
    rig.session.circuit.down("no answer")
    assert shown() == [1]
    stopping = threading.Event()
    stopping.set()
    rig.worker.run(stopping)
    assert shown() == []
    rig.session.circuit.connected()  # a call that ends late
    assert shown() == []
    rig.take_over()
    assert shown() == [0]
