"""Guarantee 4: any repetition, reordering or interleaving of events ends in the same rows, and they are the right ones."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.integration.status_api.conftest import ReadModel
from tests.integration.status_api.figures_model import counted, kept
from tests.integration.status_api.fold_model import shown
from tests.integration.status_api.samples import START, Event, event, of

pytestmark = pytest.mark.stack

Record = tuple[str, Event]

_revisions = st.integers(1, 4)
_minutes = st.integers(0, 4)
_attempts = st.integers(1, 3)
_DOCUMENTS = ("invoice/1", "invoice/2", "purchase-order/1")
_STAGES = ("discovered", "mapped", "processing", "synced", "faulted", "skipped", "held")


@st.composite
def _records(draw: st.DrawFn) -> Record:
    stage, document = draw(st.sampled_from(_STAGES)), draw(st.sampled_from(_DOCUMENTS))
    topic = f"{document.partition('/')[0]}.{stage}"
    revision, minute = draw(_revisions), draw(_minutes)
    more: dict[str, Any] = {"attempt": draw(_attempts)}
    detail = ""
    if stage in {"discovered", "mapped"}:
        more["purpose"] = draw(st.sampled_from(["sync", "sync", "sync", "diagnose"]))
        if stage == "mapped":
            more["warnings"] = draw(st.lists(st.sampled_from(["one", "two"]), max_size=2))
    elif stage == "processing":
        more |= {
            "request_id": draw(st.sampled_from(["a", "b"])),
            "phase": draw(st.sampled_from(["writing", "verifying"])),
        }
        detail = f"{more['request_id']}/{more['phase']}"
    elif stage == "synced":
        more |= {
            "xero_number": f"{document} {revision} {minute}",
            "outcome": draw(st.sampled_from(["created", "updated", "voided"])),
        }
        if more["outcome"] == "voided" and draw(st.booleans()):
            more["xero_document_id"] = None
    elif stage == "faulted":
        more |= {
            "strike": draw(st.booleans()),
            "final": draw(st.booleans()),
            "code": draw(st.sampled_from(["UNKNOWN", "NO_LINES"])),
        }
    elif stage == "skipped":
        more["reason"] = draw(st.sampled_from(["voided", "stamped_elsewhere"]))
    else:
        more |= {
            "hold": draw(st.sampled_from(["none", "skip", "diagnose"])),
            "hold_version": draw(_revisions),
        }
        detail = str(more["hold_version"])
        if topic == "purchase-order.held":
            more["changed_since"] = draw(st.sampled_from([None, START]))
    return topic, event(topic, document, revision, minute=minute, detail=detail, **more)


def _identity(record: Record) -> tuple[Any, ...]:
    """One event is told once: two with one id and time are the same event."""
    topic, body = record
    return topic, body["event_id"], body["occurred_at"]


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(_records(), min_size=1, max_size=25, unique_by=_identity),
    st.randoms(use_true_random=False),
)
def test_no_order_repetition_or_batching_changes_what_is_shown(
    read_model: ReadModel, events: list[Record], chance: random.Random
) -> None:
    dumps = []
    for _ in range(2):
        read_model.clear()
        told = events + chance.choices(events, k=len(events) // 2)
        chance.shuffle(told)
        while told:
            size = chance.randint(1, len(told))
            read_model.store(*told[:size])
            told = told[size:]
        dumps.append(read_model.dump())
        assert kept(read_model) == counted(read_model)
    assert dumps[0] == dumps[1]
    for document in _DOCUMENTS:
        kind, _, number = document.partition("/")
        own = [record for record in events if record[1]["document"] == document]
        rows = read_model.rows(
            "SELECT * FROM document WHERE kind = :kind AND id = :id", kind=kind, id=int(number)
        )
        expected = shown(own)
        if expected is None:
            assert rows == []
        else:
            assert {name: rows[0][name] for name in expected} == expected


def _status(read_model: ReadModel) -> str:
    return str(read_model.rows("SELECT status FROM document")[0]["status"])


def test_a_later_fault_does_not_hide_the_link_of_an_earlier_success(read_model: ReadModel) -> None:
    read_model.store(("invoice.synced", event("invoice.synced", revision=1, xero_number="INV:1")))
    read_model.store(
        ("invoice.faulted", event("invoice.faulted", revision=2, minute=1, attempt=1, final=True))
    )
    row = read_model.rows("SELECT status, synced_number, synced_url FROM document")[0]
    assert row["status"] == "Fault"
    assert row["synced_number"] == "INV:1"
    assert row["synced_url"]


def test_a_success_of_an_older_revision_does_not_end_the_newer_one(read_model: ReadModel) -> None:
    read_model.store(
        ("invoice.discovered", event("invoice.discovered", revision=2, minute=1)),
        ("invoice.synced", event("invoice.synced", revision=1, minute=2, xero_number="INV:1")),
    )
    row = read_model.rows("SELECT status, synced_number FROM document")[0]
    assert row == {"status": "Pending Sync", "synced_number": "INV:1"}


def test_the_third_strike_is_a_fault_and_the_second_is_not(read_model: ReadModel) -> None:
    fault: dict[str, Any] = {"strike": True, "final": False}
    read_model.store(("invoice.faulted", event("invoice.faulted", revision=1, attempt=2, **fault)))
    row = read_model.rows("SELECT status, strikes, cause FROM document")[0]
    assert (row["status"], row["strikes"], bool(row["cause"])) == ("Pending Sync", 2, True)
    read_model.store(("invoice.faulted", event("invoice.faulted", revision=2, minute=1, attempt=3, **fault)))
    assert _status(read_model) == "Fault"


def test_an_outage_at_the_third_try_is_no_third_strike(read_model: ReadModel) -> None:
    read_model.store(("invoice.faulted", event("invoice.faulted", attempt=3, strike=False, final=False)))
    row = read_model.rows("SELECT status, strikes FROM document")[0]
    assert row == {"status": "Pending Sync", "strikes": 2}


def test_lifting_a_hold_shows_what_was_below(read_model: ReadModel) -> None:
    read_model.store(
        ("invoice.synced", event("invoice.synced")),
        ("invoice.held", event("invoice.held", detail="1", hold="skip", hold_version=1, minute=1)),
    )
    assert _status(read_model) == "Skipped"
    read_model.store(
        ("invoice.held", event("invoice.held", detail="2", hold="none", hold_version=2, minute=2))
    )
    assert _status(read_model) == "Complete"


def test_a_hold_that_is_lifted_from_a_changed_order_still_shows_the_change(read_model: ReadModel) -> None:
    def held(version: int, hold: str, since: datetime | None) -> Record:
        return of(
            "purchase-order/1", "held", detail=str(version), minute=version, hold=hold, hold_version=version, changed_since=since
        )  # fmt: skip

    def cause() -> object:
        return read_model.rows("SELECT cause FROM document")[0]["cause"]

    read_model.store(of("purchase-order/1", "synced"), held(1, "none", START))
    assert cause() == "changed_since"
    read_model.store(held(2, "skip", START))
    assert cause() == "by_hand"
    read_model.store(held(3, "none", START))
    assert cause() == "changed_since"
    read_model.store(held(4, "none", None))
    assert cause() is None


def test_a_fault_after_a_change_in_autotask_is_not_hidden_by_the_change(read_model: ReadModel) -> None:
    read_model.store(
        of("purchase-order/1", "synced"),
        of("purchase-order/1", "held", minute=1, hold="none", hold_version=1, changed_since=START),
        of("purchase-order/1", "faulted", 2, minute=2, code="NO_LINES", final=True),
    )
    assert read_model.rows("SELECT status, cause FROM document") == [{"status": "Fault", "cause": "NO_LINES"}]


def test_a_void_of_an_older_try_does_not_mark_the_newer_one(read_model: ReadModel) -> None:
    read_model.store(
        of("invoice/1", "synced", 1, outcome="voided", xero_status="VOIDED"),
        of("invoice/1", "synced", 2, minute=1, outcome="created", xero_status="DRAFT"),
    )
    row = read_model.rows("SELECT status, cause, synced_xero_status FROM document")[0]
    assert row == {"status": "Complete", "cause": None, "synced_xero_status": "DRAFT"}


def test_volume_counts_a_document_once_at_its_first_success(read_model: ReadModel) -> None:
    read_model.store(
        ("invoice.synced", event("invoice.synced", revision=2, minute=60 * 24 * 40)),
        ("invoice.synced", event("invoice.synced", revision=1, minute=0)),
    )
    assert read_model.rows("SELECT first_synced_at FROM document") == [{"first_synced_at": START}]


@pytest.mark.parametrize("together", [True, False])
def test_a_void_is_no_volume_and_takes_none_away(read_model: ReadModel, *, together: bool) -> None:
    voided = of("invoice/1", "synced", 1, outcome="voided", xero_document_id=None)
    anew = of("invoice/1", "synced", 2, minute=1, outcome="created")
    gone = of("invoice/1", "synced", 3, minute=2, outcome="voided")
    for batch in [[voided, anew, gone]] if together else [[gone], [voided], [anew]]:
        read_model.store(*batch)
    assert read_model.rows("SELECT first_synced_at, cause FROM document") == [
        {"first_synced_at": START + timedelta(minutes=1), "cause": "voided_in_xero"}
    ]


def test_a_dry_run_changes_no_status(read_model: ReadModel) -> None:
    read_model.store(
        ("invoice.synced", event("invoice.synced", revision=1)),
        ("invoice.discovered", event("invoice.discovered", revision=2, minute=1, purpose="diagnose")),
        ("invoice.mapped", event("invoice.mapped", revision=2, minute=1, purpose="diagnose")),
    )
    assert _status(read_model) == "Complete"
    assert len(read_model.rows("SELECT event_id FROM timeline")) == 3


def test_a_repetition_writes_no_row_anew(read_model: ReadModel) -> None:
    records = [
        ("invoice.discovered", event("invoice.discovered")),
        ("invoice.synced", event("invoice.synced")),
    ]
    read_model.store(*records)
    places = "SELECT ctid::text AS place FROM document UNION ALL SELECT ctid::text FROM timeline ORDER BY 1"
    before = read_model.rows(places)
    read_model.store(*records)
    assert read_model.rows(places) == before


def test_characters_that_postgres_or_copy_take_amiss_survive(read_model: ReadModel) -> None:
    company = event("invoice.discovered")["company"]
    name = "Tab\tNewline\nBackslash\\N \\. Return\r Null\0 Żółć 🧾"
    read_model.store(("invoice.discovered", event("invoice.discovered", company=company | {"name": name})))
    stored = read_model.rows("SELECT source_company_name FROM document")[0]["source_company_name"]
    assert stored == name.replace("\0", "\ufffd")


def test_health_and_reference_keep_the_newest_whatever_comes_last(read_model: ReadModel) -> None:
    health = {
        "tenant_id": "acme", "side": "xero", "service": "xero-writer", "detail": "", "budgets": [],
        "changed_at": START,
    }  # fmt: skip
    newer = ("connection.health", health | {"state": "refused", "checked_at": START + timedelta(minutes=5)})
    older = ("connection.health", health | {"state": "connected", "checked_at": START})
    read_model.store(newer)
    read_model.store(older)
    assert read_model.rows("SELECT state FROM connection") == [{"state": "refused"}]
