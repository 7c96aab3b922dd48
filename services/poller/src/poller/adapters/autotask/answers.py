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

from poller.adapters.autotask.errors import DownError, RefusedError, RequestRefusedError, ThrottledError

_REFUSED_TEXTS = (
    "account has been locked",
    "integrationcode is invalid",
    "zone information could not be determined",
)
_THROTTLED_TEXTS = ("thread threshold", "itgenatr005", "request threshold")
_OUTAGES = frozenset(
    {
        HTTPStatus.REQUEST_TIMEOUT,
        HTTPStatus.BAD_GATEWAY,
        HTTPStatus.SERVICE_UNAVAILABLE,
        HTTPStatus.GATEWAY_TIMEOUT,
    }
)
_LONGEST_TEXT = 300
_LONGEST_WAIT_SECONDS = 3600.0


def read_answer(status: int, headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
    """The JSON object of a good answer, numbers with a point as Decimal.

    Raises:
        RefusedError: 401, a locked account, a wrong integration code, an unknown user.
        ThrottledError: 429, or the text of one of the two limits.
        DownError: 408, 502, 503, 504, or no JSON where JSON is wanted.
        RequestRefusedError: any other refusal, in Autotask's own words.
    """
    document = _json(body)
    words = _errors(document)
    lower = words.lower()
    if status == HTTPStatus.UNAUTHORIZED or any(text in lower for text in _REFUSED_TEXTS):
        raise RefusedError(words or "Autotask does not accept the credentials (401)")
    if status == HTTPStatus.TOO_MANY_REQUESTS or any(text in lower for text in _THROTTLED_TEXTS):
        raise ThrottledError(words or "Autotask asks us to slow down (429)", _retry_after(headers))
    if status in _OUTAGES:
        raise DownError(f"Autotask answers {status}")
    if document is None:
        raise DownError(f"Autotask answers {status} without readable JSON")
    if status != HTTPStatus.OK or words:
        raise RequestRefusedError(words or f"Autotask answers {status}")
    return document


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


def _errors(document: dict[str, Any] | None) -> str:
    """The texts of `errors` (strings, or objects with a message) or of `Message`."""
    if document is None:
        return ""
    errors = document.get("errors") or document.get("Message") or []
    parts = errors if isinstance(errors, list) else [errors]
    texts = [str(part.get("message", part)) if isinstance(part, dict) else str(part) for part in parts]
    return " ".join(texts)[:_LONGEST_TEXT]


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds of `Retry-After`; the form with a date is not known from Autotask and counts as none."""
    text = headers.get("Retry-After", "").strip()
    if not text.isascii() or not text.isdigit():
        return None
    return min(float(text), _LONGEST_WAIT_SECONDS)
