"""What became of Sync Now and of a connection's test, and what the engine's switch says before it switches."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dashboard.core.engine import (
    activation_words,
    overtaken_words,
    pausing_words,
    posts_at_once,
    waiting_words,
)
from dashboard.core.errands import is_open, newest_test, sync_now_words, words_of_test
from invoice_events.settings import effective_settings


def settings_with(**given: object) -> dict[str, Any]:
    return dict(effective_settings(given))


def command(state: str, answer: object = None, reason: str | None = None, **options: str) -> dict[str, Any]:
    text = None if answer is None else json.dumps(answer)
    return {"state": state, "reason": reason, "answer": text, "options": options}


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (
            {"seen": 9, "discovery": 1, "retry": 5, "orders_retry": 1},
            "1 invoice found, 5 invoices tried again, 1 purchase order tried again",
        ),
        ({"seen": 9, "orders_seen": 12}, "nothing new"),
        ({"discovery": 2, "paid": 1, "voided": 1}, "4 invoices found"),
        (["something else"], "nothing new"),
    ],
)
def test_a_sync_now_tells_what_it_found(answer: object, words: str) -> None:
    assert sync_now_words(command("done", answer)) == f"Autotask was asked: {words}."


def test_a_sync_now_that_waits_says_for_what() -> None:
    waiting = command("waiting", reason="tenant is paused")
    assert is_open(waiting)
    assert sync_now_words(waiting) == "Sync Now waits: tenant is paused."
    assert sync_now_words(command("started")) == "Autotask is being asked now."


@pytest.mark.parametrize("state", ["refused", "expired"])
def test_a_sync_now_that_was_not_carried_out_says_why(state: str) -> None:
    told = command(state, reason="no budget is left")
    assert not is_open(told)
    assert sync_now_words(told) == "Sync Now was not carried out: no budget is left"


def test_the_newest_test_of_a_side_may_have_been_of_both() -> None:
    of_xero, of_both = command("done", side="xero"), command("done")
    assert newest_test([of_xero, of_both], "autotask") is of_both
    assert newest_test([of_xero, of_both], "xero") is of_xero
    assert newest_test([of_xero], "autotask") is None


def test_a_test_tells_whether_the_connection_works_in_its_own_words() -> None:
    refused = command("done", {"side": "xero", "works": False, "words": "The organisation is another one."})
    assert words_of_test(refused, "xero") == ("The organisation is another one.", False)
    assert words_of_test(command("waiting"), "xero") == ("Xero is being tested …", None)
    assert words_of_test(command("expired"), "xero") == ("The test was not carried out.", False)
    garbled = command("refused", reason="no such tenant") | {"answer": "{"}
    assert words_of_test(garbled, "xero") == ("The test was not carried out: no such tenant", False)


def test_an_activation_promises_no_count_that_nobody_knows() -> None:
    words = " ".join(activation_words(settings_with(), 0, first=True))
    assert "last 14 days" in words
    assert "Draft" in words
    assert "INV:48213" in words
    assert "told by Autotask alone" in words
    assert "Purchase orders are not looked for" in words
    assert not posts_at_once(settings_with())


def test_a_later_activation_tells_what_goes_on() -> None:
    settings = settings_with(
        days_back=1,
        paid_invoices_only=True,
        invoices_import_as="approved",
        invoice_numbers="xero",
        quiet_mode={"enabled": True},
    )
    words = " ".join(activation_words(settings, 12, first=False))
    assert "paid in the last day" in words
    assert "12 documents were read before" in words
    assert "posts to the ledger at once" in words
    assert "its own sequence" in words
    assert "quiet mode is on" in words
    assert posts_at_once(settings)


def test_pausing_tells_what_is_still_finished() -> None:
    assert "is finished, and no other is begun" in pausing_words(0)[0]
    assert "3 are being written" in pausing_words(3)[0]


@pytest.mark.parametrize(
    ("commands", "more", "words"),
    [
        (0, False, None),
        (1, False, "1 command that waits is carried out."),
        (100, True, "100 or more commands that wait are carried out."),
    ],
)
def test_commands_that_waited_are_told(commands: int, words: str | None, *, more: bool) -> None:
    assert waiting_words(commands, more=more) == words


def test_whoever_was_faster_is_named() -> None:
    assert overtaken_words("paused", "Kim", "16:20", "paused").startswith(
        "Kim has just set the engine to Paused"
    )
    assert "switch again if you still want to" in overtaken_words("active", "Kim", "16:20", "paused")
