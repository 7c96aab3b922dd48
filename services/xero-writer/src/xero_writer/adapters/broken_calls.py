"""What broke a call that has no answer: whether anything was sent, and what it began with."""

from __future__ import annotations

import requests
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError


def root_of(error: BaseException) -> str:
    """What kind of error it all began with; its words may name addresses."""
    while error.__context__ is not None:
        error = error.__context__
    return type(error).__name__


def never_connected(error: requests.ConnectionError) -> bool:
    """Whether the connection was not even opened, so that no byte of the request can have arrived."""
    cause = error.args[0] if error.args else None
    return isinstance(getattr(cause, "reason", cause), NewConnectionError | ConnectTimeoutError)
