"""Xero's words to codes of the fault catalogue, which has the patterns. Unknown words stay raw under UNKNOWN."""

from __future__ import annotations

from collections.abc import Sequence

from invoice_events.classification import classify
from invoice_events.evidence import Evidence

NUMBER_TAKEN = "NUMBER_CONFLICT"
CONTACT_TAKEN = "CONTACT_TAKEN"
LOCKED = "LOCKED_BY_PAYMENT"
EMAIL_INVALID = "EMAIL_INVALID"

_REFUSED = 400
"""An element that is refused within a 200 is as good as a call that is: it was read, and its content was not accepted."""


def code_of(texts: Sequence[str]) -> str:
    """Catalogue code of a document or contact that Xero refused in these words. Never that of an outage: Xero did answer.

    A taken number goes before other mistakes: its holder has to be looked at, since it may be this very document. Only beside a
    lock its words tell of the lock.
    """
    singly = {_code((each,)) for each in texts}
    if NUMBER_TAKEN in singly and LOCKED not in singly:
        return NUMBER_TAKEN
    return _code(tuple(texts))


def _code(texts: tuple[str, ...]) -> str:
    return classify("xero", Evidence(_REFUSED, texts=texts))


REFERENCE_CODES = frozenset({"ACCOUNT_INVALID", "TAX_INVALID", "CURRENCY_NOT_SUBSCRIBED", "PERIOD_LOCKED"})
"""Refusals that newer reference data could explain: it is read again soon."""
