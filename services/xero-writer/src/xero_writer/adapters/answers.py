"""What a call to Xero can end in, named for what may be concluded from it."""

from __future__ import annotations

from dataclasses import dataclass

from xero_writer.core.values import Json


class XeroError(Exception):
    """A read failed. Writes never raise these for outcomes that matter: they return them."""


class DownError(XeroError):
    """Xero does not answer, or answers that it is away."""


class UnreachableError(DownError):
    """No connection could be opened: nothing was sent."""


class RefusedError(XeroError):
    """Xero refuses who we are: credentials, scope or connection. Not to be tried again until they change."""


class ThrottledError(XeroError):
    """A limit of Xero's; not processed.

    Attributes:
        wait: seconds until the next call makes sense.
        problem: Xero's name of the limit, such as minute or day.
    """

    def __init__(self, wait: float, problem: str) -> None:
        super().__init__(f"Xero's {problem} limit is reached, next call in {wait:.0f} s")
        self.wait = wait
        self.problem = problem


class BadQueryError(XeroError):
    """Xero did not accept a read: a fault of ours, not of the document."""


@dataclass(frozen=True, slots=True)
class Readable:
    """2xx with a body that could be read: decided per element."""

    body: Json


@dataclass(frozen=True, slots=True)
class CallRefused:
    """400 (or another 4xx) for the whole call: nothing is assumed."""

    status: int
    body: Json | None
    words: str


@dataclass(frozen=True, slots=True)
class NotProcessed:
    """401 or 429: Xero did not look at the request.

    Attributes:
        wait: seconds until it may be sent again; None if it may not, because we are refused.
        reason: in words.
    """

    wait: float | None
    reason: str
    throttled: bool


@dataclass(frozen=True, slots=True)
class OutcomeUnknown:
    """Time-out, cut connection, unreadable answer or 5xx.

    Attributes:
        may_resend: False after a 5xx, which Xero replays for this key.
        never_sent: the connection could not even be opened.
    """

    reason: str
    may_resend: bool
    never_sent: bool = False


WriteAnswer = Readable | CallRefused | NotProcessed | OutcomeUnknown
