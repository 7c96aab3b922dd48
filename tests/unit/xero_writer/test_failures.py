"""Every answer of the corpus gets its class, and what the client concludes from it agrees with the catalogue."""

from __future__ import annotations

import json

import pytest
import requests

from invoice_events import classification
from invoice_events.catalogue import Trouble, catalogue
from invoice_events.evidence import Evidence, Rule
from tests.unit.events.answers_corpus import Case, answers, mismatches
from xero_writer.adapters.answers import (
    BadQueryError,
    CallRefused,
    DownError,
    NotProcessed,
    OutcomeUnknown,
    RefusedError,
    ThrottledError,
)
from xero_writer.adapters.limits import Limits
from xero_writer.adapters.xero_client import XeroClient
from xero_writer.core.failures import failure_of

CASES = answers("xero")
API = [case for case in CASES if not case.identity and case.code is not None]


def code_of(case: Case) -> str | None:
    """As the writer classifies it."""
    try:
        body = json.loads(case.content)
    except ValueError:
        body = case.content.decode()
    return failure_of(case.status or 0, case.headers, body)


def connection_by(case: Case) -> Trouble | None:
    return None if case.code is None else catalogue()[case.code].connection


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_no_answer_is_classified_otherwise(case: Case) -> None:
    assert mismatches([case], code_of) == []


RULES = [
    pytest.param(rule, id=f"{entry.code}-{number}")
    for entry in catalogue().values()
    for number, rule in enumerate(entry.match.get("xero", ()))
    if not rule.without_status
]


@pytest.mark.parametrize("dropped", RULES)
def test_no_rule_can_be_lost_without_a_case_that_notices(
    dropped: Rule, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = tuple(pair for pair in classification._rules("xero") if pair[0] is not dropped)
    monkeypatch.setattr(classification, "_rules", lambda _: left)
    assert mismatches(CASES, code_of) != []


def _answered(case: Case) -> requests.Response:
    response = requests.Response()
    response.status_code = case.status or 0
    response._content = case.content
    response.headers.update(case.headers)
    return response


def _client() -> XeroClient:
    return XeroClient(requests.Session(), "http://localhost", "acme", None, Limits("acme"), 1.0)  # type: ignore[arg-type]  # nothing is sent


# An expired token is renewed and the call repeated before anything is concluded.
CONCLUDED = [case for case in API if case.code != "TOKEN_EXPIRED"]


@pytest.mark.parametrize("case", CONCLUDED, ids=lambda case: case.name)
def test_no_write_is_concluded_otherwise_than_the_catalogue_says(case: Case) -> None:
    answer = _client()._meaning(_answered(case))
    if connection_by(case) in {"throttled", "refused"}:
        assert isinstance(answer, NotProcessed)
        assert answer.why == connection_by(case)
    else:
        assert not isinstance(answer, NotProcessed), (
            "a write that may have been done must never count as not done"
        )


@pytest.mark.parametrize("case", CONCLUDED, ids=lambda case: case.name)
def test_no_refused_write_loses_its_class_on_the_way_to_its_document(case: Case) -> None:
    answer = _client()._meaning(_answered(case))
    if isinstance(answer, CallRefused | OutcomeUnknown):
        outage = connection_by(case) is not None
        assert answer.code == ("PROVIDER_ERROR" if outage else case.code)


OUTAGES = [case for case in CONCLUDED if connection_by(case) is not None]


@pytest.mark.parametrize("case", OUTAGES, ids=lambda case: case.name)
def test_no_failed_read_loses_its_class_on_the_way_to_the_connection(case: Case) -> None:
    error = _client()._read_error(_answered(case))
    kinds = {"down": DownError, "throttled": ThrottledError, "refused": RefusedError}
    assert isinstance(error, kinds[connection_by(case) or "down"])
    if case.in_body:
        assert classification.classify("xero", Evidence(texts=(str(error),))) == case.code


REFUSED_READS = [case for case in CONCLUDED if case.status == 400 and connection_by(case) is None]


@pytest.mark.parametrize("case", REFUSED_READS, ids=lambda case: case.name)
def test_no_refused_read_loses_its_class(case: Case) -> None:
    error = _client()._read_error(_answered(case))
    assert isinstance(error, BadQueryError)
    assert error.code == case.code


def test_odd_bodies_are_no_failure_of_ours() -> None:
    odd: list[object] = [
        {"ErrorNumber": "10", "Type": 5, "Elements": 7},
        {"Elements": [None, 3]},
        [],
        None,
        "text",
    ]
    for body in odd:
        assert failure_of(451, {}, body) == "UNKNOWN"
