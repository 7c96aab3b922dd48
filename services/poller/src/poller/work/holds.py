"""Holds: what a person lays over a document, so that it is left alone, and lifts again."""

from __future__ import annotations

from dataclasses import replace

from invoice_events.identity import next_revision
from invoice_events.names import Document
from invoice_events.types import Hold
from poller.core.entry import Entry
from poller.core.messages import Command, LogLine
from poller.work.changes import publish_hold
from poller.work.store import Transaction

SKIP, UNSKIP = "skip", "unskip"


def hold_or_lift(transaction: Transaction, command: Command) -> None:
    """Do what a skip or an unskip says to the hold.

    Raises:
        BadDocumentNameError: the command names no document.
    """
    document = Document.parse(command.document or "")
    entry = transaction.entry(str(document))
    if command.kind == UNSKIP:
        started(transaction, command)
        _lift(transaction, document, entry, command)
    elif entry is None:
        transaction.answer(command, "refused", "the document is not known here yet")
    else:
        started(transaction, command)
        if entry.hold != "skip":
            transaction.save(_hold(transaction, entry, "skip", command))
        transaction.answer(command, "done")


def started(transaction: Transaction, command: Command) -> None:
    """Say that a command is being served, once."""
    if command.state != "started":
        transaction.answer(command, "started")


def _lift(transaction: Transaction, document: Document, entry: Entry | None, command: Command) -> None:
    """Lift a hold, even one that the ledger does not know (any more): others may have kept what we have lost."""
    if entry is not None:
        transaction.save(_hold(transaction, entry, "none", command))
        return
    revision = next_revision(None, transaction.now)  # later than any that was lost: others read none below 1
    unknown = Entry(str(document), document.id, "skipped", revision, command.traceparent)
    _hold(transaction, unknown, "none", command)


def _hold(transaction: Transaction, entry: Entry, hold: Hold, command: Command) -> Entry:
    """Say that a hold was laid or lifted. Returns the entry as it is to be stored."""
    held = publish_hold(transaction, replace(entry, hold=hold), command)
    said = "lifted by" if hold == "none" else f"({hold}) laid over it by"
    transaction.tell(LogLine(f"Hold {said} {command.actor}", f"hold: {hold}", entry=held))
    return held
