"""A support bundle tells no secret, and who the customer is only if it shall."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from invoice_events.names import EVENT_TOPICS
from invoice_events.schemas import schema_of
from status_api.core.redaction import SECRET, Is, Redaction, what_is

_EXAMPLES = sorted((Path(__file__).parents[3] / "schemas" / "examples").glob("*/*.json"))
_OF_A_DOCUMENT = [path for path in _EXAMPLES if path.parent.name.startswith(("invoice.", "purchase-order."))]


_OF_THE_CUSTOMER = {
    "name", "first_name", "last_name", "email", "phone", "tax_number", "attention", "address_1", "address_2", "city", "state",
    "region", "postal_code", "country", "country_name", "description", "group_description", "memo", "ticket_title",
    "contract_name", "resource_name",
}  # fmt: skip


def _redaction(*, detailed: bool = False, **event: Any) -> Redaction:  # noqa: ANN401  # any event
    redaction = Redaction(lambda text: text.replace("hunter2-hunter2", "***"), detailed=detailed)
    redaction.learn(event)
    return redaction


def _texts(schema: Any, place: str, name: str, seen: set[str]) -> list[tuple[str, str]]:  # noqa: ANN401  # Avro
    """Places and names of fields that hold text."""
    if isinstance(schema, list):
        return [found for part in schema for found in _texts(part, place, name, seen)]
    if isinstance(schema, str):
        return [(place, name)] if schema == "string" else []
    kind = schema["type"]
    if kind == "record":
        fields = () if schema["name"] in seen else schema["fields"]
        seen.add(schema["name"])
        return [found for field in fields for found in _texts(field["type"], name, field["name"], seen)]
    if kind in {"array", "map"}:
        return _texts(schema["items" if kind == "array" else "values"], place, name, seen)
    return [(place, name)] if kind in {"enum", "string"} else []


@pytest.mark.parametrize("topic", sorted(EVENT_TOPICS))
def test_somebody_has_decided_about_every_text_of_every_event(topic: str) -> None:
    undecided = [
        f"{place}.{name}"
        for place, name in _texts(schema_of(topic).parsed, "", "", set())
        if what_is(place, name) is None
    ]
    assert undecided == []


@pytest.mark.parametrize("path", _OF_A_DOCUMENT, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_no_name_or_address_of_an_event_is_told(path: Path) -> None:
    event = json.loads(path.read_text("utf-8"))
    told = _redaction(**event).told(event)
    parts = [(event[name], told[name]) for name in ("company", "vendor", "contact") if event.get(name)]
    parts += [(part["details"], hidden["details"]) for part, hidden in parts if part.get("details")]
    parts += zip(event.get("lines", []), told.get("lines", []), strict=True)
    for part, hidden in parts:
        for name in _OF_THE_CUSTOMER & set(part):
            assert not part[name] or hidden[name].startswith(
                ("[name ", "[address ", "[phone ", "[email ", "[tax ", "[text ")
            ), name


@pytest.mark.parametrize("path", _OF_A_DOCUMENT, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_amounts_dates_codes_and_ids_stay_for_whoever_helps(path: Path) -> None:
    event = json.loads(path.read_text("utf-8"))
    told = _redaction(**event).told(event)
    for name in (
        "event_id",
        "document",
        "revision",
        "occurred_at",
        "action",
        "code",
        "reason",
        "prediction",
        "xero_number",
    ):
        assert told.get(name) == event.get(name), name
    for subject in ("invoice", "order"):
        for name in ("id", "number", "total", "date", "currency"):
            assert (told.get(subject) or {}).get(name) == (event.get(subject) or {}).get(name)


def test_a_name_is_the_same_label_everywhere_and_hidden_in_sentences_too() -> None:
    redaction = _redaction(
        company={"name": "Straße & Söhne"},
        contact={"first_name": "Al", "email": "al@soehne.example", "phone": "09 555 0100"},
        details=["near match: Strasse und Soehne (0.91)"],
    )
    told = redaction.told(
        {
            "contact_name": "STRASSE & SÖHNE",
            "text": "Can't find Xero Contact with Account Name: Straße & Söhne",
            "message": "Al asked bob@else.example or +64 9 555 0199, see Strasse und Soehne; also also",
            "details": ["near match: Strasse und Soehne (0.91)"],
        }
    )
    assert told["contact_name"] == "[name 1]"
    assert told["text"] == "Can't find Xero Contact with Account Name: [name 1]"
    assert told["message"] == "Al asked [email] or [phone], see [name 3]; also also"
    assert told["details"] == ["near match: [name 3] (0.91)"]


def test_what_nobody_has_decided_about_is_hidden() -> None:
    told = _redaction().told({"hair_colour": "chestnut brown", "weight": "81.50", "born": "1970-01-01"})
    assert told == {"hair_colour": "[text of 14 characters]", "weight": "81.50", "born": "1970-01-01"}


@pytest.mark.parametrize("detailed", [True, False])
def test_secrets_are_never_told(detailed: bool) -> None:  # noqa: FBT001  # a parameter
    redaction = _redaction(detailed=detailed)
    event = {
        "client_secret": "abc",
        "alerts": {"targets": ["slack://token-a/token-b"]},
        "text": "Bearer eyJhbGciOi.J9 was refused by https://user:pw-1@host/x, hunter2-hunter2",
        "fields": {"api_key": "k-1", "token_id": "t-7"},
    }
    for told in (redaction.told(event), redaction.without_secrets(event)):
        text = json.dumps(told)
        assert told["client_secret"] == SECRET
        assert told["alerts"]["targets"] == SECRET
        assert not any(secret in text for secret in ("eyJ", "pw-1", "hunter2", "k-1", "token-b"))
        assert told["fields"]["token_id"] == "t-7"


def test_an_admin_who_asks_is_told_everything_but_secrets() -> None:
    event = {"company": {"name": "Acme Dental", "city": "Bern"}, "lines": [{"description": "Two\nlines"}]}
    assert _redaction(detailed=True, **event).told(event) == event


def test_settings_stay_readable() -> None:
    settings = {
        "invoices_import_as": "draft",
        "contact_links": {"7": "x-1"},
        "tracking": [{"category": "Region"}],
    }
    assert _redaction().without_secrets(settings) == settings


def test_kinds_are_told_apart_by_where_they_stand() -> None:
    assert what_is("company", "state") is Is.ADDRESS
    assert what_is("", "state") is Is.KEPT
    assert what_is("tracking", "name") is Is.KEPT
    assert what_is("company", "name") is Is.PERSON
    assert what_is("fields", "anything") is Is.WORDS
