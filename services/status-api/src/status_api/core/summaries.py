"""One sentence per event of a timeline."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from invoice_events import names

Payload = dict[str, Any]


def summary(topic: str, payload: Payload) -> str:
    """What the event says, for people."""
    return _SENTENCES[topic](payload)


def _discovered(event: Payload) -> str:
    invoice = event["invoice"]
    verb = "Read from Autotask for a diagnosis" if event["purpose"] == "diagnose" else "Read from Autotask"
    return (
        f"{verb}: {len(event['lines'])} lines, total {invoice['total']} {invoice['currency']},"
        f" try {event['attempt']}"
    )


def _mapped(event: Payload) -> str:
    if event["prediction"] is None:
        return "Mapped: to be voided in Xero"
    kind = "credit note" if event["xero_kind"] == "credit_note" else "invoice"
    return f"Mapped to a Xero {kind} of {event['prediction']['total']} {event['xero']['currency']}"


def _processing(event: Payload) -> str:
    if event["phase"] == "verifying":
        return "The outcome of the request to Xero is unknown and is being looked up"
    return "Being written to Xero"


def _synced(event: Payload) -> str:
    return f"In Xero as {event['xero_number'] or event['xero_document_id']} ({event['outcome']}, {event['xero_status']})"


def _faulted(event: Payload) -> str:
    count = f"fault {event['attempt']} of 3" if event["strike"] else "not counted"
    return f"{event['text']} ({event['code']}, {'final' if event['final'] else count})"


def _skipped(event: Payload) -> str:
    return f"Skipped: {event['text'] or event['reason']}"


def _held(event: Payload) -> str:
    words = {"none": "Hold lifted", "skip": "Skipped by hand", "diagnose": "Taken into Diagnostic Mode"}[
        event["hold"]
    ]
    return f"{words} by {event['actor']}" if event["actor"] else words


def _command(event: Payload) -> str:
    return f"{event['kind']} asked for by {event['actor']}"


def _result(event: Payload) -> str:
    reason = f": {event['reason']}" if event["reason"] else ""
    return f"{event['kind']} {event['state']} by {event['service']}{reason}"


_SENTENCES: dict[str, Callable[[Payload], str]] = {
    names.DISCOVERED: _discovered,
    names.MAPPED: _mapped,
    names.PROCESSING: _processing,
    names.SYNCED: _synced,
    names.FAULTED: _faulted,
    names.SKIPPED: _skipped,
    names.HELD: _held,
    names.COMMANDS: _command,
    names.COMMAND_RESULTS: _result,
}
