"""Holds: what a person lays over a document, so that it is left alone, and lifts again.

Diagnostic Mode is a hold too. It lies over a skip, if there is one, which comes back when the document is released.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

from invoice_events.identity import next_revision
from invoice_events.names import Document
from invoice_events.types import Hold
from poller.core.entry import Entry
from poller.core.messages import Command, LogLine
from poller.work.answering import UNSKIP, started
from poller.work.changes import publish_hold
from poller.work.store import Transaction

SKIP, DIAGNOSE, RELEASE = "skip", "diagnose", "release"

_UNKNOWN = "the document is not known here yet"
_IN_DIAGNOSIS = "the document is in Diagnostic Mode: release it first"
_NOT_IN_DIAGNOSIS = "the document was not in Diagnostic Mode"


def why_held(hold: Hold) -> str:
    """Why a document under a hold is not read again, with the way out."""
    return _IN_DIAGNOSIS if hold == "diagnose" else f"the document is on hold ({hold}): lift the hold first"


def hold_or_lift(transaction: Transaction, command: Command) -> None:
    """Do what a command says to the hold. An unskip and a diagnose stay open: their document is read after this.

    Raises:
        BadDocumentNameError: the command names no document.
    """
    document = Document.parse(command.document or "")
    _DO[command.kind](transaction, document, transaction.entry(str(document)), command)


def _skip(transaction: Transaction, _: Document, entry: Entry | None, command: Command) -> None:
    if entry is None or entry.hold == "diagnose":
        transaction.answer(command, "refused", _UNKNOWN if entry is None else _IN_DIAGNOSIS)
        return
    started(transaction, command)
    if entry.hold != "skip":
        transaction.save(_hold(transaction, entry, "skip", command))
    transaction.answer(command, "done")


def _unskip(transaction: Transaction, document: Document, entry: Entry | None, command: Command) -> None:
    if entry is not None and entry.hold == "diagnose":
        transaction.answer(command, "refused", _IN_DIAGNOSIS)
        return
    started(transaction, command)
    if entry is None:
        _lift_unknown(transaction, document, command)
    else:
        transaction.save(_hold(transaction, entry, "none", command))


def _diagnose(transaction: Transaction, _: Document, entry: Entry | None, command: Command) -> None:
    if entry is None:
        transaction.answer(command, "refused", _UNKNOWN)
        return
    started(transaction, command)
    if entry.hold != "diagnose":
        transaction.save(_hold(transaction, replace(entry, hold_below=entry.hold), "diagnose", command))


def _release(transaction: Transaction, document: Document, entry: Entry | None, command: Command) -> None:
    """The document is again what it was. What lies over it is said even if it is not in Diagnostic Mode: others may think so."""
    started(transaction, command)
    if entry is None:
        _lift_unknown(transaction, document, command)
        transaction.answer(command, "done", _NOT_IN_DIAGNOSIS)
        return
    was_in_it = entry.hold == "diagnose"
    below = entry.hold_below if was_in_it else entry.hold
    transaction.save(_hold(transaction, replace(entry, hold_below="none"), below, command))
    shown = json.dumps({"hold": below, "state": entry.state, "strikes": entry.strikes})
    transaction.answer(command, "done", None if was_in_it else _NOT_IN_DIAGNOSIS, shown)


def _lift_unknown(transaction: Transaction, document: Document, command: Command) -> None:
    """Lift a hold that the ledger does not know (any more): others may have kept what we have lost."""
    revision = next_revision(None, transaction.now)  # later than any that was lost: others read none below 1
    unknown = Entry(str(document), document.id, "skipped", revision, command.traceparent)
    _hold(transaction, unknown, "none", command)


def _hold(transaction: Transaction, entry: Entry, hold: Hold, command: Command) -> Entry:
    """Say that a hold was laid or lifted. Returns the entry as it is to be stored."""
    held = publish_hold(transaction, replace(entry, hold=hold), command)
    said = "lifted by" if hold == "none" else f"({hold}) laid over it by"
    transaction.tell(LogLine(f"Hold {said} {command.actor}", f"hold: {hold}", entry=held))
    return held


_DO: dict[str, Callable[[Transaction, Document, Entry | None, Command], None]] = {
    SKIP: _skip,
    UNSKIP: _unskip,
    DIAGNOSE: _diagnose,
    RELEASE: _release,
}
HOLDING = tuple(_DO)
"""Commands that lay or lift a hold."""
