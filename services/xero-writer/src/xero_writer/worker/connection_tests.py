"""Tests of the connection that a person asked for: Xero is tried once, whatever the circuit says, and a success closes it."""

from __future__ import annotations

import json

from invoice_events import names
from invoice_events.identity import event_id, utc_now
from invoice_events.types import CommandResult, CommandState
from service_runtime.tenants import XeroCredentials
from xero_writer.adapters import commands
from xero_writer.adapters.answers import RefusedError, XeroError
from xero_writer.adapters.commands import Command
from xero_writer.core.events import SERVICE
from xero_writer.worker import upkeep
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
        asked = commands.open_commands(connection, session.tenant_id)
    for command in asked:
        if command.state == "started":
            _tell(session, command, "refused", _INTERRUPTED)
            continue
        _tell(session, command, "started")
        words = _trouble(session, credentials)
        answer = {
            "side": "xero",
            "works": words is None,
            "state": session.circuit.state,
            "words": words or "Xero answers, and the organisation is the tenant's.",
        }
        _tell(session, command, "done", words, json.dumps(answer, ensure_ascii=False))


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


def _tell(
    session: Session,
    command: Command,
    state: CommandState,
    reason: str | None = None,
    answer: str | None = None,
) -> None:
    """How far a command has come: in the inbox, and for whoever asked. The event's id hangs on both, so a repeat is recognised."""
    detail = f"{command.id} {SERVICE} {state}"
    event: CommandResult = {
        "event_id": event_id(session.tenant_id, "", 0, names.COMMAND_RESULTS, detail),
        "command_id": command.id,
        "tenant_id": session.tenant_id,
        "kind": command.kind,
        "document": None,
        "service": SERVICE,
        "occurred_at": utc_now(),
        "state": state,
        "reason": reason,
        "answer": answer,
    }
    with session.transaction() as tx:
        commands.set_state(tx.connection, command, "started" if state == "started" else "done")
        session.publish(tx.connection, names.COMMAND_RESULTS, event, command.traceparent)
