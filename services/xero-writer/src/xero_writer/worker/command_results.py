"""Answers to commands: in the inbox, and for whoever asked."""

from __future__ import annotations

from invoice_events import names
from invoice_events.identity import event_id, utc_now
from invoice_events.types import CommandResult, CommandState
from xero_writer.adapters import commands
from xero_writer.adapters.commands import Command
from xero_writer.core.events import SERVICE
from xero_writer.worker.session import Session


def tell(
    session: Session,
    command: Command,
    state: CommandState,
    reason: str | None = None,
    answer: str | None = None,
) -> None:
    """How far a command has come. The event's id hangs on command and state, so a repeat is recognised.

    Raises:
        LeaseLostError: somebody else works for this tenant.
    """
    detail = f"{command.id} {SERVICE} {state}"
    event: CommandResult = {
        "event_id": event_id(session.tenant_id, command.document or "", 0, names.COMMAND_RESULTS, detail),
        "command_id": command.id,
        "tenant_id": session.tenant_id,
        "kind": command.kind,
        "document": command.document,
        "service": SERVICE,
        "occurred_at": utc_now(),
        "state": state,
        "reason": reason,
        "answer": answer,
    }
    with session.transaction() as tx:
        commands.set_state(tx.connection, command, "started" if state == "started" else "done")
        session.publish(tx.connection, names.COMMAND_RESULTS, event, command.traceparent)
