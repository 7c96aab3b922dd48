"""When an earlier number of a document stands in the way of a create, and when it is what keeps it from doubling."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest

from xero_writer.core.earlier_numbers import EarlierNumber, must_wait, other_numbers

if TYPE_CHECKING:
    from xero_writer.core.kinds import Kind, Mapped

DOUBTFUL = EarlierNumber("invoice", "INV:1", in_doubt=True)
SURE = EarlierNumber("invoice", "INV:1", in_doubt=False)


def wanted(kind: Kind, number: str | None) -> Mapped:
    return cast("Mapped", {"xero_kind": kind, "xero": {"number": number}})


VOID = cast("Mapped", {"xero_kind": "invoice", "xero": None})


def test_the_same_number_of_the_same_kind_protects_itself() -> None:
    assert other_numbers(wanted("invoice", "INV:1"), [DOUBTFUL]) == []
    assert not must_wait(wanted("invoice", "INV:1"), [DOUBTFUL])


@pytest.mark.parametrize(
    "mapped",
    [
        wanted("invoice", "INV:1-2"),
        wanted("invoice", "inv:1"),
        wanted("invoice", None),
        wanted("credit_note", "INV:1"),
        VOID,
    ],
)
def test_any_other_number_none_another_kind_or_a_void_waits_while_there_is_doubt(mapped: Mapped) -> None:
    assert must_wait(mapped, [SURE, DOUBTFUL])
    assert not must_wait(mapped, [SURE])
    assert other_numbers(mapped, [SURE]) == [SURE]
