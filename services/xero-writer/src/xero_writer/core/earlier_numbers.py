"""Numbers that a document was to get in earlier requests: what they mean for a create under another number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from xero_writer.core.kinds import Kind, Mapped


@dataclass(frozen=True, slots=True)
class EarlierNumber:
    """A number of ours that a create of this document carried.

    Attributes:
        in_doubt: that nothing came of it was believed after one lookup, because Xero refuses a second document with this
            number; the last look, which would find a request that Xero finished late, has not been taken yet.
    """

    kind: Kind
    number: str
    in_doubt: bool


def other_numbers(mapped: Mapped, earlier: Sequence[EarlierNumber]) -> list[EarlierNumber]:
    """Those which do not keep what is asked for now from being a second document.

    Numbers are unique only within a kind. A document that Xero is to number, or that is to be voided, has none.
    """
    number = mapped["xero"]["number"] if mapped["xero"] is not None else None
    wanted = (mapped["xero_kind"], number)
    return [one for one in earlier if (one.kind, one.number) != wanted]


def must_wait(mapped: Mapped, earlier: Sequence[EarlierNumber]) -> bool:
    """Whether an earlier request may still be finished, without the number of what is asked for now keeping it from that.

    A create would make a second document then, and a void would leave the late one standing.
    """
    return any(one.in_doubt for one in other_numbers(mapped, earlier))
