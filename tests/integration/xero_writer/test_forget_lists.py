"""`xero-writer forget-lists`: what Xero got after the backup was taken is taken over, and not written again."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from tests.integration.xero_writer.made_up import ORDER
from tests.integration.xero_writer.rig import TENANT
from tests.integration.xero_writer.xero_hands import IDS, foreign
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


_WAITS = (
    "INSERT INTO work (tenant_id, document, revision, priority, mapped, traceparent, batch_limit, received_at)"
    " SELECT tenant_id, document, revision, priority, mapped, traceparent, batch_limit, received_at - interval '1 hour' FROM intent_element"
)
_AS_IN_THE_BACKUP = {
    "sent": (
        "UPDATE intent SET state = 'open', resolved_at = NULL, created_at = created_at - interval '1 hour', last_sent_at = NULL",
        "UPDATE intent_element SET state = 'pending', outcome = NULL, xero_id = NULL",
    ),
    "waiting": (
        _WAITS,
        "DELETE FROM intent_element",
        "DELETE FROM intent",
    ),
}


@pytest.mark.parametrize("under_way", _AS_IN_THE_BACKUP)
def test_nothing_that_was_under_way_in_the_backup_undoes_what_followed(
    rig: Rig, rig_database_url: str, under_way: str
) -> None:
    """The first try was under way when the backup was taken. A second one has changed the document since."""
    rig.arrive(rig.mapped(1))
    rig.work()
    rig.arrive(rig.mapped(1, amount="200.00", tax="30.00"))
    rig.work()
    assert rig.outcomes(1) == [("synced", "created"), ("synced", "updated")]
    before, writes = rig.copies(1), len(rig.calls("PUT", "POST"))
    rig.execute("DELETE FROM intent_element WHERE revision = 2")
    rig.execute("DELETE FROM intent WHERE id NOT IN (SELECT intent_id FROM intent_element)")
    for statement in _AS_IN_THE_BACKUP[under_way]:
        rig.execute(statement)
    rig.execute(
        "UPDATE document SET latest_revision = 1, xero_kind = NULL, xero_id = NULL, xero_number = NULL, synced_revision = NULL"
    )
    _stop(rig)
    code, told, _ = type_command("xero_writer", "forget-lists", DATABASE_URL=rig_database_url)
    assert (code, told.splitlines()[1:]) == (0, ["given up: 1 documents that were under way in the backup"])
    rig.take_over()
    rig.work()
    assert rig.copies(1) == before
    assert len(rig.calls("PUT", "POST")) == writes
    rig.arrive(rig.mapped(1, amount="200.00", tax="30.00"))
    rig.work()
    assert rig.outcomes(1)[2:] == [("synced", "adopted")]


def test_what_is_so_young_that_it_may_still_be_under_way_is_not_given_up(
    rig: Rig, rig_database_url: str
) -> None:
    rig.arrive(rig.mapped(1))
    _stop(rig)
    rig.execute(
        "INSERT INTO tenant (tenant_id, organisation_id) VALUES (:tenant, 'x') ON CONFLICT DO NOTHING",
        tenant=TENANT,
    )
    code, told, _ = type_command("xero_writer", "forget-lists", DATABASE_URL=rig_database_url)
    assert (code, len(told.splitlines())) == (0, 1)
    assert rig.row("SELECT count(*) FROM work") == (1,)


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


def _forget_lists(rig: Rig, database_url: str) -> None:
    _stop(rig)
    code, _, problem = type_command("xero_writer", "forget-lists", DATABASE_URL=database_url)
    assert (code, problem) == (0, "")
    rig.take_over()
    rig.work()


def _journal_knows(rig: Rig) -> str:
    xero_id: str = rig.row("SELECT xero_id FROM document WHERE document LIKE '%/1'").xero_id
    return xero_id


@pytest.mark.parametrize("marked", [True, False], ids=["marked", "mark removed"])
@pytest.mark.parametrize("place", [0, 1], ids=["listed first", "listed last"])
def test_no_document_that_the_journal_knows_is_taken_for_a_copy_of_it(
    rig: Rig, rig_database_url: str, place: int, *, marked: bool
) -> None:
    """A person copied our document in Xero, mark and all: the next update must not go to the copy."""
    rig.arrive(rig.mapped(1))
    rig.work()
    [ours] = rig.copies(1)
    foreign(rig, "invoice", "COPY-1", Url=ours["Url"])
    known = sorted(one["InvoiceID"] for one in rig.copies(1))[place]
    rig.execute("UPDATE document SET xero_id = :id", id=known)
    if not marked:
        rig.person_changes(known, Url="https://psa.example/")
    _forget_lists(rig, rig_database_url)
    assert _journal_knows(rig) == known


@pytest.mark.parametrize("kind", ["invoice", "credit_note"])
@XERO_NUMBERS
def test_what_was_deleted_and_made_anew_after_the_backup_is_not_called_deleted_nor_made_once_more(
    rig: Rig, rig_database_url: str, kind: str
) -> None:
    rig.arrive(rig.mapped(1, kind=kind))
    rig.work()
    first = _journal_knows(rig)
    rig.person_changes(first, Status="DELETED")
    rig.arrive(rig.mapped(1, kind=kind, recreate=True))
    rig.work()
    [second] = rig.copies(1, kind)
    rig.execute("UPDATE document SET xero_id = :id", id=first)  # as the backup has it
    _forget_lists(rig, rig_database_url)
    assert _journal_knows(rig) == second[IDS[kind]]
    rig.arrive(rig.mapped(1, kind=kind))
    rig.work()
    assert rig.outcomes(1)[-1] == ("synced", "adopted")
    assert len(rig.copies(1, kind)) == 1


@XERO_NUMBERS
def test_a_take_back_that_the_backup_holds_as_under_way_does_not_make_the_new_document_unknown(
    rig: Rig, rig_database_url: str
) -> None:
    rig.arrive(rig.mapped(1, total=Decimal("115.01")))
    rig.work()
    taken_back = rig.row("SELECT xero_id FROM intent_element WHERE xero_id IS NOT NULL LIMIT 1").xero_id
    rig.arrive(rig.mapped(1))
    rig.work()
    [second] = rig.copies(1)
    last = "(SELECT id FROM intent WHERE purpose = 'take_back' ORDER BY created_at DESC LIMIT 1)"
    rig.execute(f"UPDATE intent SET state = 'open', resolved_at = NULL WHERE id = {last}")  # noqa: S608  # our own words
    rig.execute(f"UPDATE intent_element SET state = 'pending', outcome = NULL WHERE intent_id = {last}")  # noqa: S608  # our own words
    rig.execute("UPDATE document SET xero_id = :id", id=taken_back)
    _forget_lists(rig, rig_database_url)
    rig.arrive(rig.mapped(1))
    rig.work()
    assert [one["InvoiceID"] for one in rig.copies(1)] == [second["InvoiceID"]]
    assert _journal_knows(rig) == second["InvoiceID"]


def test_a_document_in_xero_that_is_another_ones_by_the_journal_stays_with_that(
    rig: Rig, rig_database_url: str
) -> None:
    """A person gave it another mark: taking it over twice would be refused by the database, again and again."""
    rig.arrive(rig.mapped(1))
    rig.work()
    known = _journal_knows(rig)
    rig.person_changes(known, Url="https://psa.example/invoice?id=2#sync=invoice/2")
    _forget_lists(rig, rig_database_url)
    assert _journal_knows(rig) == known
    assert rig.row("SELECT count(*) FROM tenant WHERE listed_at IS NOT NULL") == (1,)


def test_the_lists_are_not_forgotten_under_a_replica_that_works(rig: Rig, rig_database_url: str) -> None:
    rig.arrive(rig.mapped(1))
    rig.work()
    _start(rig)
    code, told, problem = type_command("xero_writer", "forget-lists", DATABASE_URL=rig_database_url)
    assert (code, told) == (2, "")
    assert problem.startswith(f"xero-writer: xero-writer works for {TENANT}: stop it first")
    assert rig.row("SELECT listed_at IS NOT NULL FROM tenant") == (True,)


def test_no_hold_that_was_lifted_since_the_backup_keeps_a_document_waiting(
    rig: Rig, rig_database_url: str
) -> None:
    rig.arrive(rig.mapped(1), rig.mapped(2))
    rig.execute("UPDATE document SET hold = 'skip', hold_version = 2 WHERE document = 'invoice/1'")
    _forget_lists(rig, rig_database_url)
    assert rig.outcomes(1) == [], "what waited under the hold is given up"
    rig.arrive(rig.mapped(1))
    rig.work()
    assert rig.outcomes(1) == rig.outcomes(2) == [("synced", "created")]
