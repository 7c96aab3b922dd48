"""One sentence per event: every event has one, and it does not hide what is unusual about it."""

from __future__ import annotations

from typing import Any

import pytest

from invoice_events import names
from invoice_events.plain import to_plain
from status_api.core.summaries import summary
from tests.unit.status_api.examples import examples

TIMELINE_TOPICS = [*names.DOCUMENT_TOPICS, names.COMMANDS, names.COMMAND_RESULTS]


def told(topic: str, **more: Any) -> str:  # noqa: ANN401  # fields of any event
    """The sentence of an example's event, told otherwise where the test says so."""
    payload = to_plain(next(iter(examples(topic)))) | {"purpose": "sync", "action": "create"} | more
    return summary(topic, payload)


def mapped(topic: str, **more: Any) -> str:  # noqa: ANN401  # fields of any event
    payload = next(event for event in examples(topic) if event["prediction"] is not None)
    return summary(topic, to_plain(payload) | more)


@pytest.mark.parametrize("topic", TIMELINE_TOPICS)
def test_every_event_of_a_timeline_can_be_told(topic: str) -> None:
    for event in examples(topic):
        assert summary(topic, to_plain(event))


@pytest.mark.parametrize(
    ("topic", "lacking"),
    [(names.DISCOVERED, ["generation", "recreate"]), (names.MAPPED, ["recreate", "warnings"])],
)
def test_an_event_that_an_older_release_folded_can_be_told(topic: str, lacking: list[str]) -> None:
    for event in examples(topic):
        plain = to_plain(event)
        assert summary(topic, {name: value for name, value in plain.items() if name not in lacking})


@pytest.mark.parametrize(
    ("topic", "words"), [(names.DISCOVERED, "voided"), (names.ORDER_DISCOVERED, "cancelled")]
)
def test_a_reading_that_ends_in_a_void_says_so(topic: str, words: str) -> None:
    assert f"where it is {words}" in told(topic, action="void")
    assert words not in told(topic)


@pytest.mark.parametrize("topic", [names.DISCOVERED, names.ORDER_DISCOVERED])
def test_a_reading_that_makes_the_document_anew_says_so(topic: str) -> None:
    assert "written anew" in told(topic, recreate=True, generation=2)
    assert "written anew" not in told(topic, recreate=False, generation=2)


@pytest.mark.parametrize("topic", [names.MAPPED, names.ORDER_MAPPED])
def test_warnings_of_the_mapping_are_in_its_sentence(topic: str) -> None:
    sentence = mapped(topic, recreate=True, warnings=["unit prices have two decimals", "another"])
    assert "written anew" in sentence
    assert sentence.endswith("; warnings: unit prices have two decimals; another")
    assert "warning" not in mapped(topic, recreate=False, warnings=[])


@pytest.mark.parametrize("topic", [names.MAPPED, names.ORDER_MAPPED])
def test_a_mapped_void_is_not_told_as_a_document(topic: str) -> None:
    void = next(event for event in examples(topic) if event["action"] == "void")
    assert summary(topic, to_plain(void)) == "Mapped: to be voided in Xero"
    dry = to_plain(void) | {"purpose": "diagnose"}
    assert summary(topic, dry) == "Diagnosis: mapped: to be voided in Xero"


@pytest.mark.parametrize("topic", [names.MAPPED, names.ORDER_MAPPED])
def test_what_a_dry_run_has_met_is_not_told_as_a_fault_of_the_document(topic: str) -> None:
    met = next(event for event in examples(topic) if event["obstacle"] is not None)
    told_of_it = "Diagnosis: would be faulted: Invoice Amounts do not match (AMOUNTS_DO_NOT_MATCH)"
    assert summary(topic, to_plain(met)) == told_of_it


@pytest.mark.parametrize("topic", [names.SYNCED, names.ORDER_SYNCED])
def test_a_void_is_not_told_as_a_write(topic: str) -> None:
    gone = {"outcome": "voided", "xero_number": "INV:7", "xero_status": "DELETED", "warnings": []}
    assert told(topic, **gone) == "Voided in Xero as in Autotask: INV:7 is DELETED"
    never = {"outcome": "voided", "xero_number": "", "xero_document_id": None, "xero_status": ""}
    sentence = told(topic, **never, warnings=["it never was in Xero"])
    assert sentence == ("Voided in Autotask, and nothing of it is in Xero; warning: it never was in Xero")


SINCE = "2026-05-04T10:00:00Z"


@pytest.mark.parametrize(
    ("held", "sentence"),
    [
        (
            {"hold": "none", "actor": None, "changed_since": SINCE},
            f"Changed in Autotask since it went over, first seen {SINCE}; a resync takes it over",
        ),
        (
            {"hold": "skip", "actor": "ada", "changed_since": SINCE},
            f"Skipped by hand by ada. Changed in Autotask since it went over, first seen {SINCE}; a resync takes it over",
        ),
        ({"hold": "skip", "actor": "ada", "changed_since": None}, "Skipped by hand by ada"),
        ({"hold": "none", "actor": "ada", "changed_since": None}, "Hold lifted by ada"),
        (
            {"hold": "none", "actor": None, "changed_since": None},
            "Neither held nor different in Autotask from what went over",
        ),
    ],
)
def test_a_difference_and_a_hold_of_an_order_do_not_hide_each_other(
    held: dict[str, Any], sentence: str
) -> None:
    assert told(names.ORDER_HELD, **held) == sentence


def test_a_lifted_hold_of_an_invoice_says_nothing_about_differences() -> None:
    assert told(names.HELD, hold="none", actor=None) == "Hold lifted"


def test_a_resync_that_recreates_is_not_told_as_a_plain_one() -> None:
    assert "new document" in told(names.COMMANDS, kind="resync", options={"recreate": "true"})
    assert "new document" not in told(names.COMMANDS, kind="resync", options={})
