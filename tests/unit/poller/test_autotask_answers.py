"""What an answer means, and that nothing of a credential is ever repeated."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from poller.adapters.autotask.answers import read_answer
from poller.adapters.autotask.errors import (
    AutotaskError,
    DownError,
    RefusedError,
    RequestRefusedError,
    ThrottledError,
)


def body(*errors: object) -> bytes:
    return json.dumps({"errors": list(errors)}).encode()


LOCKED = "The user account has been locked. Please see your Autotask Administrator for details."
THREADS = "Thread Threshold Exceeded — The Autotask API thread threshold of 3 threads has been exceeded."


@pytest.mark.parametrize(
    ("status", "content", "meaning"),
    [
        (401, b"", RefusedError),
        (401, b"<html>", RefusedError),
        (500, body(LOCKED), RefusedError),
        (500, body("IntegrationCode is invalid."), RefusedError),
        (500, body("Zone information could not be determined"), RefusedError),
        (429, b"", ThrottledError),
        (500, body(THREADS), ThrottledError),
        (403, body("The API request threshold of 10000 requests has been exceeded."), ThrottledError),
        (503, b"<html>", DownError),
        (502, body("x"), DownError),
        (504, b"", DownError),
        (200, b"<html><title>Service", DownError),
        (200, b'{"items": [', DownError),
        (200, b"[]", DownError),
        (500, b"<html>", DownError),
        (302, b"", DownError),
        (500, body("Unable to find x in the Invoices Entity."), RequestRefusedError),
        (500, body({"message": "too long", "field": "invoiceNumber"}), RequestRefusedError),
        (200, body("read-only"), RequestRefusedError),
        (403, body("The logged in Resource does not have the adequate permissions"), RequestRefusedError),
        (405, b'{"Message": "The requested resource does not support http method"}', RequestRefusedError),
    ],
)
def test_each_answer_is_named_for_what_follows_from_it(
    status: int, content: bytes, meaning: type[AutotaskError]
) -> None:
    with pytest.raises(meaning) as caught:
        read_answer(status, {}, content)
    assert type(caught.value) is meaning


def test_money_is_read_without_floats() -> None:
    answer = read_answer(200, {}, b'{"items": [{"invoiceTotal": 52.7775, "id": 1}]}')
    assert answer["items"] == [{"invoiceTotal": Decimal("52.7775"), "id": 1}]
    assert not isinstance(answer["items"][0]["invoiceTotal"], float)


@pytest.mark.parametrize(
    ("header", "seconds"), [("7", 7.0), ("999999", 3600.0), ("soon", None), ("", None), ("-3", None)]
)
def test_retry_after_is_taken_within_reason(header: str, seconds: float | None) -> None:
    with pytest.raises(ThrottledError) as caught:
        read_answer(429, {"Retry-After": header}, b"")
    assert caught.value.retry_after == seconds


def test_an_endless_error_text_is_cut() -> None:
    with pytest.raises(RequestRefusedError) as caught:
        read_answer(500, {}, body("x" * 10_000))
    assert len(str(caught.value)) <= 300
