"""The tenant signs in with another Xero app: keys and `createdByMyApp` are an app's own, so what the old one wrote must not be missed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from service_runtime import metrics
from tests.integration.xero_writer.rig import CREDENTIALS, TENANT
from tests.integration.xero_writer.xero_hands import verify
from xero_writer.core.body import Call

if TYPE_CHECKING:
    from tests.integration.xero_writer.rig import Rig

pytestmark = pytest.mark.stack
XERO_NUMBERS = pytest.mark.parametrize("rig", ["xero"], indirect=True)
PUT = {"method": "PUT"}
CUT = {"kind": "cut"}
BROKEN = {"kind": "status", "status": 500, "body": {"ErrorNumber": 500}}


def change_app(rig: Rig) -> None:
    """Another client_id in the tenants file, connected to the same organisation; a new worker begins with it."""
    rig.simulator._loaded(TENANT).client_id = "app-2"
    rig.credentials = replace(CREDENTIALS, client_id="app-2")
    rig.take_over()


@pytest.mark.parametrize("trouble", [CUT, BROKEN], ids=["may be sent again", "is only looked up"])
@pytest.mark.parametrize("kind", ["invoice", "credit_note"])
@XERO_NUMBERS
def test_what_the_old_app_wrote_is_found_and_neither_sent_again_nor_made_again(
    rig: Rig, kind: str, trouble: dict[str, Any]
) -> None:
    rig.plant(PUT, trouble, when="after")
    rig.arrive(rig.mapped(1, kind=kind))
    rig.turn()
    change_app(rig)
    verify(rig)
    assert (len(rig.calls("PUT")), len(rig.copies(1, kind))) == (1, 1)
    assert rig.outcomes(1) == [("synced", "created")]


@XERO_NUMBERS
def test_the_last_look_sees_a_double_that_the_old_app_wrote(rig: Rig) -> None:
    rig.plant(PUT, BROKEN, when="after")
    rig.arrive(rig.mapped(1))
    rig.work()
    verify(rig)
    sent = rig.row("SELECT method, path, body FROM intent")
    rig.client.write(
        Call(sent.method, sent.path, bytes(sent.body)), "of a process that woke late", lambda: True
    )
    change_app(rig)
    before = metrics.duplicates.labels(TENANT)._value.get()
    rig.execute("UPDATE intent SET recheck_at = clock_timestamp()")
    rig.work()
    assert metrics.duplicates.labels(TENANT)._value.get() == before + 1


@XERO_NUMBERS
def test_what_a_release_wrote_that_did_not_note_its_app_is_not_sent_again_and_found(rig: Rig) -> None:
    rig.plant(PUT, CUT, when="after")
    rig.arrive(rig.mapped(1))
    rig.turn()
    rig.execute("UPDATE intent SET app = NULL")
    change_app(rig)
    verify(rig)
    assert (len(rig.calls("PUT")), len(rig.copies(1))) == (1, 1)
    assert rig.outcomes(1) == [("synced", "created")]
