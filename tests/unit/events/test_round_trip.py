"""Every event that a schema can represent survives its bytes, money to the last digit; nothing else is made of it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from invoice_events.codec import Codec, NoForeignSchemas, SingleObjectFraming, UnreadableEventError
from invoice_events.names import EVENT_TOPICS
from invoice_events.plain import from_plain, to_plain
from invoice_events.schemas import schema_of
from tests.support.avro_strategies import decimals, events

CODEC = Codec(SingleObjectFraming(), NoForeignSchemas())
PREFIX = 10
MANY = settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


@pytest.mark.parametrize("topic", EVENT_TOPICS)
@MANY
@given(data=st.data())
def test_no_event_changes_between_writing_and_reading(topic: str, data: st.DataObject) -> None:
    event = data.draw(events(schema_of(topic).parsed))

    assert CODEC.decode(topic, CODEC.encode(topic, event)) == event


@pytest.mark.parametrize("topic", EVENT_TOPICS)
@MANY
@given(data=st.data())
def test_no_event_changes_in_its_plain_form(topic: str, data: st.DataObject) -> None:
    event = data.draw(events(schema_of(topic).parsed))

    assert from_plain(topic, to_plain(event)) == event


@settings(max_examples=200, deadline=None)
@given(amount=decimals(19, 4), rate=decimals(28, 8))
def test_no_digit_of_an_amount_or_rate_is_lost(amount: Decimal, rate: Decimal) -> None:
    read = _carried(amount, rate)

    assert (str(read["extended_price"]), str(read["rate"])) == (_canonical(amount, 4), _canonical(rate, 8))


@pytest.mark.parametrize(
    ("amount", "rate"),
    [
        (Decimal("999999999999999.9999"), Decimal("99999999999999999999.99999999")),
        (Decimal("-999999999999999.9999"), Decimal("-99999999999999999999.99999999")),
        (Decimal("0.0001"), Decimal("0.00000001")),
        (Decimal("-0.0001"), Decimal("-0.00000001")),
        (Decimal("1E+14"), Decimal("1E+19")),
    ],
)
def test_no_extreme_amount_is_rounded(amount: Decimal, rate: Decimal) -> None:
    read = _carried(amount, rate)

    assert (read["extended_price"], read["rate"]) == (amount, rate)


@pytest.mark.parametrize(
    ("given_amount", "carried"),
    [("1.50000", "1.5000"), ("100.0000000000", "100.0000"), ("0E-20", "0.0000"), ("-2.00000", "-2.0000")],
)
def test_no_amount_is_refused_for_zeros_that_say_nothing(given_amount: str, carried: str) -> None:
    assert str(_carried(Decimal(given_amount), Decimal(0))["extended_price"]) == carried


@settings(max_examples=200, deadline=None)
@given(moment=st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30)), minutes=st.integers(-1439, 1439))  # noqa: DTZ001  # the zone is added below
def test_no_time_loses_a_microsecond_or_its_zone(moment: datetime, minutes: int) -> None:
    aware = moment.replace(tzinfo=timezone(timedelta(minutes=minutes)))

    read = CODEC.decode("sync.commands", CODEC.encode("sync.commands", _command() | {"issued_at": aware}))

    assert read["issued_at"] == aware
    assert read["issued_at"].tzinfo is UTC


@pytest.mark.parametrize("topic", EVENT_TOPICS)
@MANY
@given(data=st.data())
def test_no_truncated_event_is_read(topic: str, data: st.DataObject) -> None:
    written = CODEC.encode(topic, data.draw(events(schema_of(topic).parsed)))
    length = data.draw(st.integers(0, len(written) - 1))

    with pytest.raises(UnreadableEventError):
        CODEC.decode(topic, written[:length])


@pytest.mark.parametrize("topic", EVENT_TOPICS)
@MANY
@given(data=st.data(), rest=st.binary(min_size=1, max_size=12))
def test_no_event_with_bytes_left_over_is_read(topic: str, data: st.DataObject, rest: bytes) -> None:
    written = CODEC.encode(topic, data.draw(events(schema_of(topic).parsed)))

    with pytest.raises(UnreadableEventError):
        CODEC.decode(topic, written + rest)


@MANY
@given(data=st.data())
def test_no_flipped_byte_makes_another_kind_of_event_of_it(data: st.DataObject) -> None:
    """Whatever is read in the end has the shape of the topic it was read from; most of it is refused."""
    topic = data.draw(st.sampled_from(EVENT_TOPICS))
    written = bytearray(CODEC.encode(topic, data.draw(events(schema_of(topic).parsed))))
    position = data.draw(st.integers(0, len(written) - 1))
    written[position] ^= data.draw(st.integers(1, 255))

    try:
        read = CODEC.decode(topic, bytes(written))
    except UnreadableEventError:
        return

    assert position >= PREFIX, "a flipped byte of the framing must never be read over"
    assert list(read) == [field["name"] for field in schema_of(topic).parsed["fields"]]


@pytest.mark.parametrize("other", EVENT_TOPICS)
@MANY
@given(data=st.data())
def test_no_event_is_read_from_the_topic_of_another_kind(other: str, data: st.DataObject) -> None:
    topic = data.draw(st.sampled_from([name for name in EVENT_TOPICS if name != other]))
    written = CODEC.encode(topic, data.draw(events(schema_of(topic).parsed)))

    with pytest.raises(UnreadableEventError):
        CODEC.decode(other, written)


@settings(max_examples=200, deadline=None)
@given(junk=st.binary(max_size=200))
def test_no_junk_is_read_or_ends_in_another_error(junk: bytes) -> None:
    with pytest.raises(UnreadableEventError):
        CODEC.decode("invoice.mapped", junk)


@settings(max_examples=200, deadline=None)
@given(junk=st.binary(max_size=300))
def test_no_junk_behind_a_right_frame_ends_in_another_error(junk: bytes) -> None:
    """It may be read by chance; if not, it is refused as what it is."""
    framed = b"\xc3\x01" + schema_of("invoice.discovered").fingerprint + junk
    try:
        read = CODEC.decode("invoice.discovered", framed)
    except UnreadableEventError:
        return
    assert set(read) == {field["name"] for field in schema_of("invoice.discovered").parsed["fields"]}


def _canonical(value: Decimal, scale: int) -> str:
    return str(value.quantize(Decimal(1).scaleb(-scale))) if value else str(Decimal(0).scaleb(-scale))


def _command() -> dict[str, Any]:
    return {
        "command_id": "c",
        "tenant_id": "acme",
        "kind": "resync",
        "document": None,
        "actor": "a",
        "issued_at": datetime(2025, 1, 1, tzinfo=UTC),
        "options": {},
    }


def _carried(amount: Decimal, rate: Decimal) -> Any:  # noqa: ANN401  # a line of an event
    """A line with this amount and rate, written and read."""
    line = {
        "id": 1,
        "type": 2,
        "sub_type": 1,
        "item_name": "",
        "description": "",
        "group_description": "",
        "quantity": Decimal(1),
        "rate": rate,
        "extended_price": amount,
        "total_amount": Decimal(0),
        "tax": Decimal(0),
        "non_billable": False,
    }
    event = from_plain("invoice.discovered", _snapshot()) | {"lines": [line]}
    return CODEC.decode("invoice.discovered", CODEC.encode("invoice.discovered", event))["lines"][0]


def _snapshot() -> dict[str, Any]:
    texts = (
        "name",
        "number",
        "tax_number",
        "phone",
        "address_1",
        "address_2",
        "city",
        "state",
        "postal_code",
    )
    return {
        "event_id": "",
        "tenant_id": "acme",
        "document": "invoice/1",
        "revision": 1,
        "occurred_at": "2025-01-01T00:00:00Z",
        "attempt": 1,
        "action": "create",
        "priority": "normal",
        "purpose": "sync",
        "settings_version": 1,
        "autotask_url": "",
        "invoice": {
            "id": 1,
            "number": "1",
            "date": date(2025, 1, 1).isoformat(),
            "created_at": "2025-01-01T00:00:00Z",
            "total": "0",
            "tax_total": "0",
            "currency": "NZD",
            "order_number": "",
            "comments": "",
            "is_voided": False,
        },
        "company": {"id": 1} | dict.fromkeys(texts, ""),
        "lines": [],
    }
