"""What an event can not carry is told as what it is: only a decimal is a matter of decimals."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from invoice_events import names
from invoice_events.codec import (
    Codec,
    Event,
    NoForeignSchemas,
    SingleObjectFraming,
    UnrepresentableEventError,
)
from invoice_events.compatibility import examples
from invoice_events.plain import from_plain
from poller.work.trying import unfit

CODEC = Codec(SingleObjectFraming(), NoForeignSchemas())


def with_surrogate(event: Event) -> None:
    event["invoice"]["number"] = "INV-\ud800"


def with_long_id(event: Event) -> None:
    event["invoice"]["id"] = 2**70


def with_missing_field(event: Event) -> None:
    del event["invoice"]["number"]


def with_fine_amount(event: Event) -> None:
    event["invoice"]["total"] = Decimal("1.00001")


def with_large_amount(event: Event) -> None:
    event["invoice"]["total"] = Decimal(10) ** 15


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (with_surrogate, "UNKNOWN"),
        (with_long_id, "UNKNOWN"),
        (with_missing_field, "UNKNOWN"),
        (with_fine_amount, "AMOUNT_PRECISION"),
        (with_large_amount, "AMOUNT_PRECISION"),
    ],
)
def test_only_a_decimal_is_told_as_too_many_decimals(spoil: Callable[[Event], None], code: str) -> None:
    event = from_plain(names.DISCOVERED, examples(names.DISCOVERED)["typical.json"])
    spoil(event)
    with pytest.raises(UnrepresentableEventError) as refused:
        CODEC.encode(names.DISCOVERED, event)
    fault = unfit(refused.value)
    assert (fault.code, fault.strike, fault.final) == (code, True, False)
    assert fault.words
