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


def _stop(rig: Rig) -> None:
    rig.execute("UPDATE lease SET expires_at = clock_timestamp() - interval '1 s'")


def _start(rig: Rig) -> None:
    rig.execute("UPDATE lease SET expires_at = clock_timestamp() + interval '1 hour'")


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
    _stop(rig)
    code, told, problem = type_command("xero_writer", "forget-lists", DATABASE_URL=rig_database_url)
    assert (code, problem) == (0, "")
    assert told == f"the lists in Xero are read again before the next write: {TENANT}\n"
    _start(rig)
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
    _stop(rig)
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


def test_no_document_that_the_journal_knows_is_taken_for_a_copy_of_it(
    rig: Rig, rig_database_url: str
) -> None:
    """A person copied our document in Xero, mark and all: the next update must not go to the copy."""
    rig.arrive(rig.mapped(1))
    rig.work()
    rig.execute(
        "UPDATE document SET xero_id = 'ffffffff-0000-0000-0000-000000000000'"
    )  # the one Xero lists last
    _stop(rig)
    code, _, _ = type_command("xero_writer", "forget-lists", DATABASE_URL=rig_database_url)
    _start(rig)
    rig.arrive(rig.mapped(2))
    rig.work()
    assert code == 0
    assert rig.row("SELECT xero_id FROM document WHERE document LIKE '%/1'") == (
        "ffffffff-0000-0000-0000-000000000000",
    )


def test_the_lists_are_not_forgotten_under_a_replica_that_works(rig: Rig, rig_database_url: str) -> None:
    rig.arrive(rig.mapped(1))
    rig.work()
    _start(rig)
    code, told, problem = type_command("xero_writer", "forget-lists", DATABASE_URL=rig_database_url)
    assert (code, told) == (2, "")
    assert problem.startswith(f"xero-writer: xero-writer works for {TENANT}: stop it first")
    assert rig.row("SELECT listed_at IS NOT NULL FROM tenant") == (True,)
