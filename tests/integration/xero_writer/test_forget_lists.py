"""`xero-writer forget-lists`: what Xero got after the backup was taken is taken over, and not written again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.integration.xero_writer.made_up import ORDER
from tests.integration.xero_writer.rig import TENANT
from tests.support.by_hand import type_command

if TYPE_CHECKING:
    from tests.integration.xero_writer.rig import Rig

pytestmark = pytest.mark.stack

XERO_NUMBERS = pytest.mark.parametrize("rig", ["xero"], indirect=True)


@XERO_NUMBERS
def test_what_a_restored_journal_does_not_know_is_found_and_not_made_again(
    rig: Rig, rig_database_url: str
) -> None:
    for document in (1, 2):
        rig.arrive(rig.mapped(document), rig.mapped(document, kind=ORDER))
        rig.work()
    # as a backup that was taken between the two has it
    rig.execute("DELETE FROM intent_element WHERE document LIKE '%/2'")
    rig.execute("DELETE FROM intent WHERE id NOT IN (SELECT intent_id FROM intent_element)")
    rig.execute("DELETE FROM document WHERE document LIKE '%/2'")
    writes = len(rig.calls("PUT", "POST"))
    code, told, problem = type_command("xero_writer", "forget-lists", DATABASE_URL=rig_database_url)
    assert (code, problem) == (0, "")
    assert told == f"the lists in Xero are read again before the next write: {TENANT}\n"
    for document in (1, 2):
        rig.arrive(rig.mapped(document), rig.mapped(document, kind=ORDER))
    rig.work()
    for kind in ("invoice", ORDER):
        assert rig.outcomes(1, kind) == [("synced", "created"), ("synced", "unchanged")]
        assert rig.outcomes(2, kind) == [("synced", "created"), ("synced", "adopted")]
    assert len(rig.calls("PUT", "POST")) == writes


def test_only_the_tenant_that_is_named_is_asked_for_and_an_unknown_one_is_refused(
    rig: Rig, rig_database_url: str
) -> None:
    rig.execute("INSERT INTO tenant (tenant_id, organisation_id, listed_at) VALUES ('other', 'x', now())")
    code, told, _ = type_command(
        "xero_writer", "forget-lists", "--tenant", TENANT, DATABASE_URL=rig_database_url
    )
    assert (code, told.endswith(f": {TENANT}\n")) == (0, True)
    assert rig.row("SELECT tenant_id FROM tenant WHERE listed_at IS NULL") == (TENANT,)
    assert rig.row("SELECT tenant_id FROM tenant WHERE listed_at IS NOT NULL") == ("other",)
    code, told, problem = type_command(
        "xero_writer", "forget-lists", "--tenant", "no", DATABASE_URL=rig_database_url
    )
    assert (code, told) == (2, "")
    assert problem == "xero-writer: --tenant no: wanted a tenant that this database knows\n"
