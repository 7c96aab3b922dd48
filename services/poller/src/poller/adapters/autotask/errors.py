"""Why a call to Autotask failed, named for what follows from it. Messages never hold credentials."""

from __future__ import annotations


class AutotaskError(Exception):
    """A call did not succeed.

    Attributes:
        code: of the fault catalogue; empty if no answer was classified.
    """

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.code = code


class DownError(AutotaskError):
    """No usable answer: time ran out, no connection, a gateway's error page. Asked again later."""


class ThrottledError(AutotaskError):
    """Too many requests at once or in the hour. Asked again later.

    Attributes:
        retry_after: seconds that Autotask asked us to wait, None if it named none.
    """

    def __init__(self, message: str, retry_after: float | None = None, code: str = "") -> None:
        super().__init__(message, code)
        self.retry_after = retry_after


class RefusedError(AutotaskError):
    """Our credentials are not accepted. Never asked again by itself: repeated failures lock the account."""


class RequestRefusedError(AutotaskError):
    """Autotask understood who asks but refuses what is asked: a filter, a field, a permission. Repeating it at once is of no use."""
