"""Ends of commands that several of those who serve them need."""

from __future__ import annotations

from poller.core.messages import Command, LogLine
from poller.work.store import Transaction

UNSKIP = "unskip"


def started(transaction: Transaction, command: Command) -> None:
    """Say that a command is being served, once."""
    if command.state != "started":
        transaction.answer(command, "started")


def decline(transaction: Transaction, command: Command, reason: str) -> None:
    """The document is not read again. An unskip has done its work all the same: the hold was lifted when it was taken in."""
    if command.kind == UNSKIP:
        transaction.answer(command, "done", f"the hold is lifted; {reason}")
    else:
        refuse(transaction, command, reason)


def refuse(transaction: Transaction, command: Command, reason: str) -> None:
    """Nothing was done, and why."""
    transaction.answer(command, "refused", reason)
    transaction.tell(
        LogLine(f"Command {command.kind} refused: {reason}", f"command {command.kind} refused", "warning")
    )
