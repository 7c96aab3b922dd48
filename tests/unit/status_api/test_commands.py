"""What people may ask, and what makes two commands the same."""

from __future__ import annotations

import pytest

from invoice_events.names import Document
from status_api.core.bulk import BULK_KINDS, Item, counts_of, of_cause, refused_beforehand
from status_api.core.commands import (
    ABOUT_A_DOCUMENT,
    KINDS,
    SIDES,
    Asked,
    CommandKind,
    Side,
    kind_and_options,
    names_of,
    wrong_with,
)

ORDER = Document("purchase-order", 771)


def test_a_resync_that_recreates_is_another_command_than_a_plain_one() -> None:
    plain, anew = Asked("resync", ORDER), Asked("resync", ORDER, recreate=True)
    assert plain.name != anew.name
    assert (plain.options, anew.options) == ({}, {"recreate": "true"})


@pytest.mark.parametrize("recreate", [False, True])
def test_a_stored_name_leads_back_to_kind_and_options(*, recreate: bool) -> None:
    asked = Asked("resync", ORDER, recreate=recreate)
    assert kind_and_options(asked.name) == (asked.kind, asked.options)


@pytest.mark.parametrize("side", [None, "autotask", "xero"])
def test_tests_of_different_sides_are_different_commands(side: Side | None) -> None:
    asked = Asked("test-connection", side=side)
    assert kind_and_options(asked.name) == ("test-connection", asked.options)
    assert asked.options == ({} if side is None else {"side": side})


@pytest.mark.parametrize("kind", KINDS)
def test_only_a_test_is_about_a_side(kind: str) -> None:
    wrong = wrong_with(kind, str(ORDER) if kind in ABOUT_A_DOCUMENT else None, recreate=False, side="xero")
    assert (wrong is None) == (kind == "test-connection")


@pytest.mark.parametrize("kind", KINDS)
def test_only_a_resync_can_recreate(kind: str) -> None:
    document = str(ORDER) if kind in ABOUT_A_DOCUMENT else None
    assert wrong_with(kind, document, recreate=False) is None
    wrong = wrong_with(kind, document, recreate=True)
    assert (wrong is None) == (kind == "resync")
    assert wrong is None or wrong[0] == "options.recreate"


@pytest.mark.parametrize(("kind", "document"), [("resync", None), ("sync-now", str(ORDER))])
def test_a_command_without_its_document_or_with_one_too_many_is_refused(
    kind: str, document: str | None
) -> None:
    wrong = wrong_with(kind, document, recreate=False)
    assert wrong is not None
    assert wrong[0] == "document"


def test_a_resync_of_a_bulk_act_keeps_nobody_waiting_who_asks_for_that_document_alone() -> None:
    alone, in_bulk = Asked("resync", ORDER), Asked("resync", ORDER, bulk_id="b")
    assert alone.name != in_bulk.name
    assert kind_and_options(in_bulk.name) == ("resync", {})
    assert in_bulk.options == {"bulk": "b"}


@pytest.mark.parametrize("kind", ["skip", "unskip"])
def test_holds_are_laid_at_once_in_bulk_too(kind: CommandKind) -> None:
    assert Asked(kind, ORDER, bulk_id="b").name == Asked(kind, ORDER).name


@pytest.mark.parametrize("kind", KINDS)
def test_a_list_of_one_kind_leaves_none_of_its_names_out(kind: CommandKind) -> None:
    sides: tuple[Side | None, ...] = (None, *SIDES) if kind == "test-connection" else (None,)
    given = {Asked(kind, ORDER, side=side).name for side in sides}
    given |= {Asked(kind, ORDER, bulk_id="b").name} if kind in BULK_KINDS else set()
    given |= {Asked(kind, ORDER, recreate=True).name} if kind == "resync" else set()
    assert set(names_of(kind)) == given
    assert {kind_and_options(name)[0] for name in names_of(kind)} == {kind}


def test_an_act_about_a_cause_takes_what_waits_for_a_person_unless_told_otherwise() -> None:
    assert of_cause("resync", "NO_LINES").statuses == ("Fault",)
    assert of_cause("resync", "NO_LINES").kinds == ("invoice", "purchase-order")
    unskip = of_cause("unskip", "by_hand")
    assert (unskip.statuses, unskip.hold) == (("Skipped",), "skip")
    assert of_cause("skip", "NO_LINES", statuses=["Pending Sync", "Fault"]).statuses == (
        "Pending Sync",
        "Fault",
    )


def test_only_a_resync_is_refused_because_of_a_hold() -> None:
    assert refused_beforehand("resync", "skip")
    assert not refused_beforehand("resync", "none")
    assert not refused_beforehand("unskip", "skip")


def test_every_fate_is_counted_also_those_that_nothing_had() -> None:
    counts = counts_of([Item(ORDER, "accepted", "c"), Item(ORDER, "unknown")])
    assert counts == {"accepted": 1, "already_open": 0, "unknown": 1, "refused": 0}
