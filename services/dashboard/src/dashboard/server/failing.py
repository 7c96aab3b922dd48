"""What a person sees when a page's action fails: the reason and what to do, never a silent nothing."""

from __future__ import annotations

import logging

from dash import set_props

from dashboard.api.connection import ProblemError, SessionEndedError, UnreachableError
from dashboard.components.notices import notice
from dashboard.names import SIGN_IN
from dashboard.server.measuring import count_failure
from service_web.failures import failure

log = logging.getLogger(__name__)


def tell_failure(error: Exception) -> None:
    """Show why an action failed; Dash calls this instead of answering 500."""
    count_failure(error)
    if isinstance(error, SessionEndedError):
        set_props("leave", {"data": {"to": SIGN_IN, "again": True}})
        return
    set_props("notices", {"sendNotifications": [notice(*told(error), bad=True)]})


def told(error: Exception) -> tuple[str, str]:
    """Title and sentence for a person."""
    if isinstance(error, ProblemError):
        return error.title, f"{error.detail} (request {error.request_id})"
    if isinstance(error, UnreachableError):
        return (
            "The service does not answer",
            "Nothing is lost. What you see may be old; try again in a minute.",
        )
    log.error("a page failed: %s", failure(error))
    return (
        "Something went wrong here",
        "The failure was logged. Try again; if it stays, tell whoever runs this page.",
    )
