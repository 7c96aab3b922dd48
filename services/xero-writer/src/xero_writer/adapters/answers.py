"""What a call to Xero can end in, named for what may be concluded from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from invoice_events.classification import UNKNOWN
from xero_writer.core.failures import PROVIDER_ERROR
from xero_writer.core.values import Json


class XeroError(Exception):
    """A read failed, or something can not be done now. Writes never raise: they return what may be concluded."""


class DownError(XeroError):
    """Xero does not answer, or answers that it is away."""


class UnreachableError(DownError):
    """No connection could be opened: nothing was sent."""


class RefusedError(XeroError):
    """Xero refuses who we are: credentials, scope or connection. Not to be tried again until they change."""


class NotOursError(RefusedError):
    """Xero lets us in, but not to the organisation of this tenant: we refuse. That may change without the credentials."""


class ThrottledError(XeroError):
    """A limit of Xero's; not processed.

    Attributes:
        wait: seconds until the next call makes sense.
    """

    def __init__(self, wait: float, problem: str) -> None:
        super().__init__(f"Xero's {problem} limit is reached, next call in {wait:.0f} s")
        self.wait = wait


class BadQueryError(XeroError):
    """Xero did not accept a read.

    Attributes:
        code: of the fault catalogue.
    """

    def __init__(self, message: str, code: str = UNKNOWN) -> None:
        super().__init__(message)
        self.code = code


class NotFoundError(BadQueryError):
    """There is no such document in Xero."""


class PostponedError(XeroError):
    """Nothing is known to be wrong with Xero, but this one thing could not be done: again after a pause."""


@dataclass(frozen=True, slots=True)
class Readable:
    """2xx with a body that could be read: decided per element."""

    body: Json


@dataclass(frozen=True, slots=True)
class CallRefused:
    """400 (or another 4xx) for the whole call: nothing is assumed.

    `code`: of the catalogue, from everything that the answer shows.
    """

    body: Json | None
    words: str
    code: str


@dataclass(frozen=True, slots=True)
class NotProcessed:
    """Xero did not look at the request, or never got it.

    Attributes:
        why: throttled (429), refused (credentials, scope, connection), down (no connection, no token), or too_late: it was
            not sent, because its time or that of the lease was over.
        reason: in words.
        wait: seconds until it may be sent again, if throttled.
    """

    why: Literal["throttled", "refused", "down", "too_late"]
    reason: str
    wait: float = 0.0


@dataclass(frozen=True, slots=True)
class OutcomeUnknown:
    """Time-out, cut connection, unreadable answer or 5xx.

    Attributes:
        may_resend: False after a 5xx, which Xero replays for this key.
        code: of the catalogue, if the document turns out not to be written and nothing else is to blame.
    """

    reason: str
    may_resend: bool
    code: str = PROVIDER_ERROR


WriteAnswer = Readable | CallRefused | NotProcessed | OutcomeUnknown
