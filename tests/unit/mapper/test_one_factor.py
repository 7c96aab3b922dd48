from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import simplejson

from invoice_events.settings import effective_settings, settings_problems, settings_schema
from mapper.core.mapping import map_snapshot
from mapper.core.outcome import Faulted, Mapped, Outcome, Skipped
from tests.unit.mapper.conftest import NOW, reference
from tests.unit.mapper.one_factor import (
    ACCOUNT_NUMBER,
    BASE,
    EXACT,
    INVOICES,
    PINNED,
    ROWS,
    Row,
    sample_order,
)
from xero_writer.core.body import create_call, element
from xero_writer.core.contact_match import ContactBook, XeroContact, find_contact
from xero_writer.core.due_date import due_date

ROOT = Path(__file__).resolve().parents[3]
Json = dict[str, Any]


def contact(contact_id: str, name: str, account_number: str = "") -> XeroContact:
    return XeroContact(contact_id, name, account_number, "ACTIVE", 45, "DAYSAFTERBILLDATE")


BOOK = ContactBook(
    [
        contact(EXACT, "CONTOSO LTD"),
        contact("v-exact", "INGOT Distribution"),
        contact(ACCOUNT_NUMBER, "Another customer", "CONT01"),
        contact("v-account", "Another vendor", "V-402"),
        contact(PINNED, "A third one"),
    ]
)
"""Contacts whose names differ from Autotask's in case, and others that only a number or a link leads to."""


def xero_rates() -> Any:  # noqa: ANN401  # reference data
    """The made-up organisation with a second tax type of the same rate."""
    known = reference()
    known["tax_rates"].append(known["tax_rates"][0] | {"tax_type": "OTHER15", "can_apply_to_expenses": True})
    return known


def request(event: Any, document: Json) -> Json:  # noqa: ANN401  # either snapshot
    """What is sent to Xero for a new document under these settings, or why nothing is."""
    assert settings_problems(document) == []
    outcome = map_snapshot(event, effective_settings(document), 3, xero_rates(), NOW)
    if isinstance(outcome, Faulted | Skipped):
        return {"outcome": told(outcome)}
    made = outcome.event
    assert made["xero"] is not None
    found = find_contact(made["contact"], BOOK)
    if not isinstance(found, XeroContact):
        return {"outcome": "no contact"}
    day = None
    if isinstance(outcome, Mapped):
        day = due_date(outcome.event["due_rule"], outcome.event["due_date"], made["xero"]["date"], found)
    body = element(made, found.id, day)
    call = create_call(made["xero_kind"], made["xero"]["unit_decimals"], [body])
    sent: Json
    (sent,) = next(iter(simplejson.loads(call.body, use_decimal=True).values()))
    query = re.search(r"unitdp=(\d)", call.path)
    return sent | ({"unitdp": query[1]} if query else {})


def told(outcome: Outcome) -> str:
    return f"{outcome.topic}: {outcome.event.get('code') or outcome.event.get('reason')}"


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:  # noqa: ANN401  # JSON
    """Every field of a request by its path; tracking is one field of a line."""
    if isinstance(value, dict):
        for name, part in value.items():
            yield from leaves(part, f"{path}.{name}" if path else name)
    elif isinstance(value, list) and not path.endswith("Tracking"):
        for place, part in enumerate(value):
            yield from leaves(part, f"{path}[{place}]")
    else:
        yield path, value


def changed(before: Json, after: Json) -> set[str]:
    """Paths of the fields that differ; a line that only one side has is one path, and so is a request that only one side is."""
    if "outcome" in before or "outcome" in after:
        return set() if before == after else {"outcome"}
    one, other = dict(leaves(before)), dict(leaves(after))
    kept = min(len(before["LineItems"]), len(after["LineItems"]))

    def named(path: str) -> str:
        found = re.match(r"LineItems\[(\d+)\]", path)
        return found[0] if found and int(found[1]) >= kept else path

    return {
        named(path)
        for path in one.keys() | other.keys()
        if path not in one or path not in other or one[path] != other[path]
    }


def with_value(document: Json, setting: str, value: Any) -> Json:  # noqa: ANN401  # JSON
    """The settings with one of them, or a part of one, replaced."""
    name, _, rest = setting.partition(".")
    part = with_value(document.get(name, {}), rest, value) if rest else value
    return document | {name: part}


def row_id(row: Row) -> str:
    return f"{row.setting}={simplejson.dumps(row.value)}:{row.sample}"


@pytest.mark.parametrize("row", ROWS, ids=row_id)
def test_a_value_changes_exactly_the_fields_it_names(row: Row) -> None:
    default = BASE | row.given
    chosen = with_value(default, row.setting, row.value)
    event = INVOICES[row.sample]()
    assert changed(request(event, default), request(event, chosen)) == row.invoice
    bought = sample_order()
    assert changed(request(bought, default), request(bought, chosen)) == row.order


@pytest.mark.parametrize("row", [row for row in ROWS if row.elsewhere], ids=row_id)
def test_what_acts_elsewhere_is_not_without_a_test_there(row: Row) -> None:
    assert row.elsewhere is not None
    assert not row.invoice
    assert not row.order
    file, _, name = row.elsewhere.partition("::")
    assert re.search(rf"^def {re.escape(name)}\(", (ROOT / file).read_text(), re.MULTILINE)


def demands(schema: Json, path: str = "") -> Iterator[tuple[str, list[Any]]]:
    """Every setting, and every part of one, with the values that have to be shown; none: any that is not the default."""
    if "properties" in schema:
        for name, part in schema["properties"].items():
            yield from demands(part, f"{path}.{name}" if path else name)
    elif "enum" in schema:
        yield path, schema["enum"]
    elif schema["type"] == "boolean":
        yield path, [False, True]
    elif "minimum" in schema:
        yield path, [schema["minimum"], schema["maximum"]]
    elif schema["type"] == "array":
        yield from demands(schema["items"], f"{path}[]")
    else:
        yield path, [None] if schema["type"] == ["string", "null"] else []


def shown(value: Any, path: str) -> Iterator[tuple[str, Any]]:  # noqa: ANN401  # JSON
    """What a row's value shows, part by part."""
    yield path, value
    if isinstance(value, list):
        for part in value:
            yield from shown(part, f"{path}[]")
    elif isinstance(value, dict):
        for name, part in value.items():
            yield from shown(part, f"{path}.{name}")


def test_no_setting_and_no_value_of_one_is_without_a_row() -> None:
    seen: dict[str, list[Any]] = {}
    for row in ROWS:
        for path, value in shown(row.value, row.setting):
            seen.setdefault(path, []).append(value)
    missing = []
    for path, values in demands(settings_schema()):
        known = seen.get(path, [])
        missing += [f"{path} = {value!r}" for value in values if value not in known]
        if all(value is None for value in known):
            missing.append(f"{path}: a value")
    assert missing == []


def test_a_setting_without_a_row_would_be_missed() -> None:
    found = dict(demands({"properties": {"new": {"properties": {"part": {"enum": [1, 2]}}}}}))
    assert found == {"new.part": [1, 2]}


def test_every_row_can_be_wrong() -> None:
    """The comparison sees a field that changes, a field that comes or goes, and a line that comes."""
    before = {"A": 1, "LineItems": [{"D": "x", "Tracking": [1]}]}
    after = {"A": 2, "B": 1, "LineItems": [{"D": "x", "Tracking": [2]}, {"D": "y", "Q": 1}]}
    assert changed(before, after) == {"A", "B", "LineItems[0].Tracking", "LineItems[1]"}
    assert changed({"outcome": "a"}, {"outcome": "a"}) == set()
    assert changed({"outcome": "a"}, before) == {"outcome"}
