"""What an answer of Autotask means.

A 500 is usually no server fault: it carries `{"errors": [...]}` with the reason. 401 has no documented body; the limits on
threads and on the hour come as 429 or as texts under other statuses; gateways answer HTML.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from http import HTTPStatus
from typing import Any

from invoice_events.catalogue import fault
from invoice_events.classification import classify
from invoice_events.evidence import Evidence
from poller.adapters.autotask.errors import (
    AutotaskError,
    DownError,
    RefusedError,
    RequestRefusedError,
    ThrottledError,
)

_LONGEST_TEXT = 300
_LONGEST_WAIT_SECONDS = 3600.0


def read_answer(status: int, headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
    """The JSON object of a good answer, numbers with a point as Decimal.

    Raises:
        RefusedError: the credentials are not accepted: 401, a locked account, a wrong integration code, an unknown user.
        ThrottledError: 429, or the text of one of the two limits.
        DownError: an outage, or no JSON where JSON is wanted.
        RequestRefusedError: any other refusal, in Autotask's own words.
    """
    document = _json(body)
    texts = _errors(document)
    if status == HTTPStatus.OK and document is not None and not texts:
        return document
    readable = document is not None and not _says_nothing(status, document)
    evidence = Evidence(status, texts=tuple(texts), readable=readable)
    words = " ".join(texts)[:_LONGEST_TEXT]
    raise _error(classify("autotask", evidence), status, words, headers)


def _says_nothing(status: int, document: Mapping[str, object]) -> bool:
    """A server's error in JSON that has neither place for reasons: a refusal would have one, even if it is empty."""
    return status >= HTTPStatus.INTERNAL_SERVER_ERROR and not {"errors", "Message"} & set(document)


def _error(code: str, status: int, words: str, headers: Mapping[str, str]) -> AutotaskError:
    """What follows from a class of answers: the catalogue says what the connection becomes by it."""
    trouble = fault(code).connection
    if trouble == "refused":
        return RefusedError(_refusal(status, words), code)
    if trouble == "throttled":
        return ThrottledError(words or "Autotask asks us to slow down (429)", _retry_after(headers), code)
    if trouble == "down":
        return DownError(_outage(status, words), code)
    return RequestRefusedError(words or f"Autotask answers {status}", code)


def _refusal(status: int, words: str) -> str:
    """Refused credentials. A 401 says so by itself: its words, if any, are not documented."""
    if status != HTTPStatus.UNAUTHORIZED:
        return words
    return "Autotask does not accept the credentials (401)" + (f": {words}" if words else "")


def _outage(status: int, words: str) -> str:
    """An outage in the words that people know it by."""
    if status < HTTPStatus.BAD_REQUEST:
        return f"Autotask answers {status} without readable JSON"
    said = words or ("The service is unavailable." if status == HTTPStatus.SERVICE_UNAVAILABLE else "")
    return f"HTTP Error {status}. {said}".rstrip()


def picklist_labels(fields: Sequence[object], name: str) -> dict[int, str]:
    """Labels of one picklist field by value, from `entityInformation/fields`. Values are texts; one that is no number is left out.

    Inactive values keep their label: records that use them still exist.
    """
    labels: dict[int, str] = {}
    for each in fields:
        if isinstance(each, dict) and str(each.get("name")).casefold() == name.casefold():
            for option in each.get("picklistValues") or ():
                value = str(option.get("value"))
                if value.isascii() and value.isdigit():
                    labels[int(value)] = str(option.get("label") or "")
    return labels


def _json(body: bytes) -> dict[str, Any] | None:
    try:
        document = json.loads(body.decode("utf-8"), parse_float=Decimal)
    except (UnicodeDecodeError, json.JSONDecodeError):
        return None
    return document if isinstance(document, dict) else None


def _errors(document: dict[str, Any] | None) -> list[str]:
    """The texts of `errors` (strings, or objects with a message) or of `Message`."""
    if document is None:
        return []
    errors = document.get("errors") or document.get("Message") or []
    parts = errors if isinstance(errors, list) else [errors]
    return [str(part.get("message", part)) if isinstance(part, dict) else str(part) for part in parts]


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds of `Retry-After`; the form with a date is not known from Autotask and counts as none."""
    text = headers.get("Retry-After", "").strip()
    if not text.isascii() or not text.isdigit():
        return None
    return min(float(text), _LONGEST_WAIT_SECONDS)
