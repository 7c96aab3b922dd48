"""The fault catalogue says enough of every fault, does not contradict itself, and knows the words that users know."""

from __future__ import annotations

import re

import pytest

from invoice_events.catalogue import CatalogueEntry, catalogue, fault
from invoice_events.evidence import Evidence, rule_of

ENTRIES = list(catalogue().values())
OUTAGES = [entry for entry in ENTRIES if entry.connection is not None]

every_entry = pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.code)

# The words of the faults that users of such products know, and every kind of fault that is behind them.
KNOWN_WORDS = {
    "Invoice not of valid status for modification": {"NUMBER_CONFLICT"},
    "This document cannot be edited as it has a payment or credit note allocated to it.": {
        "LOCKED_BY_PAYMENT"
    },
    "The access token has expired": {"TOKEN_EXPIRED", "TIMEOUT"},
    "HTTP Error 503. The service is unavailable.": {"PROVIDER_OUTAGE"},
    "Organisation is not subscribed to currency": {"CURRENCY_NOT_SUBSCRIBED"},
    "The user account has been locked. Please see your Autotask Administrator for details.": {
        "ACCOUNT_LOCKED"
    },
    "Unable to sync Invoice. No valid contact for the invoice - please ensure that the account has at least 1 active contact.": {
        "NO_ACTIVE_CONTACT"
    },
    "Can't find Xero Contact with Account Name: {name}": {"CONTACT_NOT_FOUND"},
    "Timeout Expired": {"TIMEOUT"},
    "Error connecting to Xero": {"CONNECTION_FAILED"},
    "Invoice Amounts do not match": {"AMOUNTS_DO_NOT_MATCH", "XERO_AMOUNTS_DIFFER"},
    "Invoice contains no line items skipping over": {"NO_LINES"},
    "Invalid email address can't sync invoice": {"EMAIL_INVALID"},
    "Autotask Invoice number is empty": {"NUMBER_EMPTY"},
    "Missing account code": {"ACCOUNT_MISSING"},
    "Tax mismatch": {"TAX_MISMATCH"},
}


@pytest.mark.parametrize("words", KNOWN_WORDS)
def test_no_words_that_users_know_lead_to_another_fault_or_to_none(words: str) -> None:
    found = {entry.code for entry in ENTRIES if words in {entry.text, *entry.aliases}}
    assert found == KNOWN_WORDS[words]


@every_entry
def test_no_fault_is_without_a_way_to_be_found(entry: CatalogueEntry) -> None:
    assert entry.match or entry.found_by, "neither an answer shows it nor does anybody find it"


@every_entry
def test_no_remedy_leaves_open_whether_a_resync_is_needed(entry: CatalogueEntry) -> None:
    assert ("resync" in entry.remedy.lower()) == entry.retry_can_help
    if entry.heals_by_itself:
        assert entry.remedy.startswith("Nothing to do")
    if entry.strike:
        assert entry.retry_can_help, "a document that ends at Fault must have a way out"


@every_entry
def test_no_remedy_or_alias_is_unfinished(entry: CatalogueEntry) -> None:
    assert entry.remedy[0].isupper()
    assert entry.remedy.endswith(".")
    assert entry.text not in entry.aliases
    assert len(entry.aliases) == len(set(entry.aliases))


def test_a_number_conflict_names_both_remedies() -> None:
    remedy = fault("NUMBER_CONFLICT").remedy
    assert "in Autotask" in remedy
    assert "in Xero" in remedy
    assert "was not touched" in remedy


def test_no_outage_costs_a_strike_or_ends_the_tries() -> None:
    assert {entry.connection for entry in OUTAGES} == {"down", "throttled", "refused"}
    for entry in OUTAGES:
        assert not entry.strike, entry.code
        assert not entry.final, entry.code
        # what has passed needs nobody; refused credentials do
        assert entry.heals_by_itself == (entry.connection != "refused"), entry.code


def test_no_other_faults_are_final_at_once_than_those_that_a_further_try_can_not_change() -> None:
    final = {entry.code for entry in ENTRIES if entry.final}
    assert final == {"CAN_NOT_TAKE_BACK", "DELETED_IN_XERO", "EVENT_UNREADABLE", "INVOICE_TOO_LARGE"}
    assert not any(entry.strike for entry in ENTRIES if entry.final)


def test_no_words_of_a_document_can_look_like_an_outage() -> None:
    """A customer may be called anything: words count as an outage only beside a status, or if there is no answer at all.

    What is left are answers that are no JSON, and the kinds of errors that the identity server names.
    """
    for entry in OUTAGES:
        for side, rules in entry.match.items():
            for rule in rules:
                assert rule.text is None or rule.statuses is not None, f"{entry.code} of {side}"


@pytest.mark.parametrize(
    "written", [{}, {"status": [400], "words": "x"}, {"txt": "x"}], ids=["empty", "unknown part", "misspelt"]
)
def test_no_rule_that_asks_for_nothing_or_is_misspelt_is_read(written: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="a rule with"):
        rule_of(written)


def test_no_rule_with_a_broken_pattern_is_read() -> None:
    with pytest.raises(re.error):
        rule_of({"text": "(unfinished"})


def test_every_condition_of_a_rule_has_to_hold() -> None:
    rule = rule_of(
        {"status": [400, "500-599"], "number": [10], "type": "Validation.*", "text": "lock  ?date"}
    )
    good = Evidence(503, 10, "ValidationException", ("other", "Before the LOCK\n date"))
    assert rule.fits(good)
    for other in (
        Evidence(401, good.number, good.kind, good.texts),
        Evidence(None, good.number, good.kind, good.texts),
        Evidence(400, 11, good.kind, good.texts),
        Evidence(400, good.number, "AnotherValidationException", good.texts),
        Evidence(400, good.number, good.kind, ("other",)),
    ):
        assert not rule.fits(other)
