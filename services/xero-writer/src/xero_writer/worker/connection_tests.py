"""Tests of the connection that a person asked for: Xero is tried once, whatever the circuit says, and a success closes it."""

from __future__ import annotations

import json

from service_runtime.tenants import XeroCredentials
from xero_writer.adapters import commands
from xero_writer.adapters.answers import RefusedError, XeroError
from xero_writer.worker import upkeep
from xero_writer.worker.command_results import tell
from xero_writer.worker.probe import note_failure
from xero_writer.worker.refused import forget
from xero_writer.worker.session import Session

_INTERRUPTED = "the test was interrupted before its outcome was known: ask again"


def answer_tests(session: Session, credentials: XeroCredentials | None) -> None:
    """Answer every test that is asked for.

    `started` is stored before Xero is asked: whatever ends this process, refused credentials are tried once for each wish.

    Raises:
        LeaseLostError: the tenant is somebody else's now.
    """
    with session.engine.connect() as connection:
        asked = commands.open_commands(connection, session.tenant_id, commands.TEST)
    for command in asked:
        if command.state == "started":
            tell(session, command, "refused", _INTERRUPTED)
            continue
        tell(session, command, "started")
        words = _trouble(session, credentials)
        answer = {
            "side": "xero",
            "works": words is None,
            "state": session.circuit.state,
            "words": words or "Xero answers, and the organisation is the tenant's.",
        }
        tell(session, command, "done", words, json.dumps(answer, ensure_ascii=False))


def _trouble(session: Session, credentials: XeroCredentials | None) -> str | None:
    """What stands in the way of working with Xero: a fresh token, the organisation, an answer. None: nothing does."""
    try:
        if credentials is None:
            raise RefusedError("the tenants file has no xero credentials for this tenant")
        session.client.forget_token()
        upkeep.bind_organisation(session, credentials)
        session.client.probe()
    except XeroError as error:
        note_failure(session, error)
        return str(error)
    session.circuit.restored()
    forget(session)
    return None
