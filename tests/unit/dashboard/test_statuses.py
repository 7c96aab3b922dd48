"""Statuses in words, and when the panel is read again."""

from __future__ import annotations

from typing import get_args

import pytest

from dashboard.core.panes import FIRST_PANE, PANES, concerns, pane_named
from dashboard.core.statuses import (
    LOOKS,
    PHASES,
    REASONS,
    STATUSES,
    cause_words,
    look_of,
    status_words,
    strikes_words,
)
from status_api.core import statuses as told

OPENED = {"kind": "invoice", "id": "48213"}


def test_every_status_that_is_told_has_words_and_a_look() -> None:
    assert get_args(told.Status) == STATUSES
    assert all(look.meaning.endswith(".") and look.symbol for look in LOOKS.values())
    assert len({look.name for look in LOOKS.values()}) == len(STATUSES)


def test_reasons_that_no_event_words_are_known_here() -> None:
    assert set(told.REASONS) <= set(REASONS)


def test_a_status_of_a_newer_release_is_shown_all_the_same() -> None:
    assert look_of("Parked").name == "other"
    assert status_words("Parked", "napping") == "Parked, napping"


def test_processing_now_says_what_it_does() -> None:
    assert status_words("Processing Now", "verifying") == "Processing Now, verifying"
    assert status_words("Complete") == "Complete"
    assert set(PHASES) == {"writing", "verifying"}


@pytest.mark.parametrize(
    ("cause", "words"),
    [
        (None, ""),
        ({"code": "by_hand", "text": "Skipped by hand"}, "Skipped by hand"),
        ({"code": "unpaid", "text": "a long sentence"}, "Not paid in full in Autotask"),
        ({"code": "UNKNOWN", "text": "Xero's <b>own</b> words"}, "Xero's <b>own</b> words"),
        ({"code": "something_new", "text": None}, "something_new"),
    ],
)
def test_a_cause_in_one_line(cause: dict[str, str | None] | None, words: str) -> None:
    assert cause_words(cause) == words


def test_faults_in_a_row_are_counted_out_of_three() -> None:
    assert strikes_words(2) == "2 of 3 faults"
    assert not strikes_words(0)


def test_an_address_with_another_section_opens_the_first() -> None:
    assert FIRST_PANE == "summary"
    assert pane_named(None) == pane_named("secrets") == FIRST_PANE
    assert [pane_named(name) for name in PANES] == list(PANES)


def change(*ids: str, reset: bool = False) -> dict[str, object]:
    return {
        "n": 1,
        "subjects": sorted({each.partition("/")[0] for each in ids}),
        "ids": list(ids),
        "reset": reset,
    }


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        (None, False),
        (change("invoice/48213"), True),
        (change("invoice/48214"), False),
        (change("purchase-order/48213"), False),
        (change("command/c1"), True),
        (change("command/c9"), False),
        (change("tenant/acme"), True),
        (change("connection/xero"), False),
        (change(reset=True), True),
    ],
)
def test_the_panel_is_read_again_for_what_it_shows_alone(
    changes: dict[str, object] | None, *, wanted: bool
) -> None:
    shown = {"document": "invoice/48213", "commands": ["c1", "c2"]}
    assert concerns(changes, OPENED, shown) is wanted


def test_before_anything_is_shown_the_document_alone_counts() -> None:
    assert concerns(change("invoice/48213"), OPENED, None)
    assert not concerns(change("command/c1"), OPENED, None)
