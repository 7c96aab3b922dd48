"""Requests that came to their end long ago are forgotten; what a later try would ask for is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.integration.xero_writer.xero_hands import verify

if TYPE_CHECKING:
    from tests.integration.xero_writer.rig import Rig

pytestmark = pytest.mark.stack

LONG_AGO = "UPDATE intent SET resolved_at = resolved_at - interval '91 days'"
BROKEN = {"kind": "status", "status": 500, "body": {"ErrorNumber": 500}}


def left(rig: Rig) -> set[str]:
    """Documents of which the journal still has requests, after a new worker's first turns."""
    rig.take_over()
    rig.turn(3)
    row = rig.row(
        "SELECT array_agg(e.document) AS documents FROM intent_element e JOIN intent i ON i.id = e.intent_id"
    )
    return set(row.documents or ())


def test_requests_that_ended_long_ago_do_not_fill_the_database_for_ever(rig: Rig) -> None:
    for document in range(1, 26):  # more than one step
        rig.arrive(rig.mapped(document))
        rig.work()
    rig.execute(LONG_AGO)
    rig.arrive(rig.mapped(99))
    rig.work()
    assert left(rig) == {"invoice/99"}
    assert rig.row("SELECT count(*) FROM intent") == (1,)
    rig.arrive(rig.mapped(1))
    rig.work()
    assert rig.outcomes(1) == [("synced", "created"), ("synced", "unchanged")]


def test_no_request_is_forgotten_that_is_open_or_still_to_be_looked_at(rig: Rig) -> None:
    rig.plant({"method": "PUT"}, BROKEN, when="after")
    rig.arrive(rig.mapped(1))
    rig.work()
    assert rig.outcomes(1) == [("synced", "created")]
    rig.plant({"method": "PUT"}, {"kind": "cut"}, when="after")
    unseen = {"kind": "status", "status": 500, "body": {}}
    rig.plant({"method": "GET", "path": ".*/Invoices"}, unseen, times=None)
    rig.arrive(rig.mapped(2))
    rig.work()
    rig.execute("UPDATE intent SET created_at = created_at - interval '91 days'")
    rig.execute(LONG_AGO)
    assert left(rig) == {"invoice/1", "invoice/2"}


def test_no_number_is_forgotten_under_which_a_document_may_still_turn_up(rig: Rig) -> None:
    rig.plant({"method": "PUT"}, BROKEN, times=None)
    rig.arrive(rig.mapped(1))
    rig.work()
    verify(rig)
    assert rig.outcomes(1) == [("faulted", "PROVIDER_ERROR")]
    rig.execute("UPDATE intent SET recheck_at = NULL")
    rig.execute(LONG_AGO)
    assert left(rig) == {"invoice/1"}
