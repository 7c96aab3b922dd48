"""What a schema can not carry exactly is refused by name, never rounded, cut or guessed, and its value is not repeated."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from invoice_events.codec import Codec, NoForeignSchemas, SingleObjectFraming, UnrepresentableEventError
from invoice_events.compatibility import examples
from invoice_events.plain import from_plain

CODEC = Codec(SingleObjectFraming(), NoForeignSchemas())
TOPIC = "invoice.discovered"
NAIVE = datetime(2025, 1, 1)  # noqa: DTZ001  # that is the point


def _event() -> dict[str, Any]:
    return from_plain(TOPIC, examples(TOPIC)["typical.json"])


def _refused(event: dict[str, Any], topic: str = TOPIC) -> str:
    with pytest.raises(UnrepresentableEventError) as caught:
        CODEC.encode(topic, event)
    return str(caught.value)


@pytest.mark.parametrize(
    "amount",
    [
        "0.00001",
        "1.23456",
        "-999999999999999.99999",
        "1E+15",
        "123456789012345678",
        "-1E+30",
        "NaN",
        "sNaN",
        "Infinity",
        "-Infinity",
    ],
)
def test_no_amount_with_too_many_digits_is_carried(amount: str) -> None:
    event = _event()
    event["lines"][1]["extended_price"] = Decimal(amount)

    assert "lines[1].extended_price" in _refused(event)


@pytest.mark.parametrize("rate", ["0.000000001", "100000000000000000000", "1E+27"])
def test_no_rate_with_too_many_digits_is_carried(rate: str) -> None:
    event = _event()
    event["lines"][0]["rate"] = Decimal(rate)

    assert "lines[0].rate" in _refused(event)


@settings(max_examples=200, deadline=None)
@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_no_decimal_is_read_as_another_one(amount: Decimal) -> None:
    """Whatever the digits: refused, or the same when read."""
    event = _event()
    event["invoice"]["total"] = amount
    try:
        data = CODEC.encode(TOPIC, event)
    except UnrepresentableEventError:
        return
    assert CODEC.decode(TOPIC, data)["invoice"]["total"] == amount


@pytest.mark.parametrize("amount", [1, 1.5, "1.5", b"\x01", None, True])
def test_no_amount_that_is_no_decimal_is_carried(amount: object) -> None:
    event = _event()
    event["invoice"]["total"] = amount

    assert "invoice.total" in _refused(event)


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("occurred_at",), NAIVE),
        (("occurred_at",), NAIVE.date()),
        (("occurred_at",), 1763769600000000),
        (("invoice", "voided_at"), NAIVE),
        (("invoice", "date"), datetime(2025, 1, 1, 5, tzinfo=UTC)),
        (("invoice", "due_date"), datetime(2025, 1, 1, 5, tzinfo=UTC)),
        (("invoice", "date"), 20089),
        (("invoice", "date"), "2025-01-01"),
    ],
    ids=str,
)
def test_no_time_without_zone_and_no_date_with_time_of_day_is_carried(
    place: tuple[str, ...], value: object
) -> None:
    assert ".".join(place) in _refused(_with(place, value))


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("revision",), 1.5),
        (("revision",), 2**63),
        (("revision",), -(2**63) - 1),
        (("revision",), True),
        (("revision",), "1"),
        (("attempt",), 2**31),
        (("invoice", "tax_region_id"), 1.0),
        (("invoice", "is_voided"), "no"),
        (("invoice", "is_voided"), None),
        (("invoice", "is_voided"), 0),
        (("invoice", "currency"), None),
        (("invoice", "currency"), b"NZD"),
        (("invoice", "currency"), 5),
        (("priority",), "urgent"),
        (("priority",), None),
        (("priority",), ["normal"]),
        (("lines",), "abc"),
        (("lines",), {}),
        (("invoice",), None),
        (("company",), []),
        (("contact",), "Contact One"),
    ],
    ids=str,
)
def test_no_value_of_another_type_is_carried(place: tuple[str, ...], value: object) -> None:
    assert ".".join(place) in _refused(_with(place, value))


@pytest.mark.parametrize("place", [("revision",), ("invoice", "currency"), ("company", "name")], ids=str)
def test_no_event_without_a_field_is_carried(place: tuple[str, ...]) -> None:
    event = _event()
    holder = event
    for name in place[:-1]:
        holder = holder[name]
    del holder[place[-1]]

    assert f"{'.'.join(place)}: missing" in _refused(event)


@pytest.mark.parametrize("place", [("xero_document_ID",), ("invoice", "totl")], ids=str)
def test_no_field_that_the_schema_does_not_know_is_dropped_silently(place: tuple[str, ...]) -> None:
    assert f"{'.'.join(place)}: not known" in _refused(_with(place, "x"))


def test_no_field_with_a_default_has_to_be_given() -> None:
    event = _event()
    del event["command_id"], event["invoice"]["due_date"]

    read = CODEC.decode(TOPIC, CODEC.encode(TOPIC, event))

    assert (read["command_id"], read["invoice"]["due_date"]) == (None, None)


@pytest.mark.parametrize("options", [{1: "x"}, {"a": 1}, {"a": None}, ["a"], None])
def test_no_map_of_other_things_than_texts_is_carried(options: object) -> None:
    command = from_plain("sync.commands", examples("sync.commands")["typical.json"])

    assert "options" in _refused(command | {"options": options}, "sync.commands")


def test_no_event_that_is_no_record_is_carried() -> None:
    with pytest.raises(UnrepresentableEventError):
        CODEC.encode(TOPIC, [])  # type: ignore[arg-type]  # that is the point


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("company", "name"), "Hidden Customer \ud800"),
        (("company", "phone"), ["Hidden Customer"]),
        (("invoice", "total"), "Hidden Customer"),
        (("priority",), "Hidden Customer"),
        (("contact",), "Hidden Customer"),
    ],
    ids=str,
)
def test_no_refusal_repeats_what_may_be_a_customers_name(place: tuple[str, ...], value: object) -> None:
    event = _with(place, value)

    with pytest.raises(UnrepresentableEventError) as caught:
        CODEC.encode(TOPIC, event)

    told: BaseException | None = caught.value
    while told is not None:
        assert "Hidden" not in str(told)
        told = told.__cause__ or (None if told.__suppress_context__ else told.__context__)


def _with(place: tuple[str, ...], value: object) -> dict[str, Any]:
    event = _event()
    holder = event
    for name in place[:-1]:
        holder = holder[name]
    holder[place[-1]] = value
    return event
