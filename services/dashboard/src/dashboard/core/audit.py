"""The audit in words: what each act was, and what it was done to."""

from __future__ import annotations

ACTIONS = {
    "sign-in": "Signed in",
    "sign-out": "Signed out",
    "accept-invitation": "Accepted an invitation",
    "change-password": "Changed the password",
    "change-alerts": "Changed alert wishes",
    "create-token": "Made a token",
    "revoke-token": "Ended a token or session",
    "add-person": "Added a person",
    "invite-person": "Invited again",
    "rename-person": "Renamed a person",
    "change-grant": "Changed a role",
    "disable-person": "Disabled a person",
    "enable-person": "Enabled a person",
    "create-admin": "Made an admin on the command line",
    "change-settings": "Changed settings",
    "change-state": "Activated or paused",
    "resync": "Resync",
    "recreate": "Resync with a new document",
    "skip": "Skip",
    "unskip": "Lift a skip",
    "diagnose": "Diagnose",
    "release": "Release from diagnosis",
    "explain": "Asked why a document is not here",
    "sync-now": "Sync Now",
    "test-connection": "Tested the connections",
    "test-connection:autotask": "Tested the connection to Autotask",
    "test-connection:xero": "Tested the connection to Xero",
    "bulk-resync": "Resync in bulk",
    "bulk-skip": "Skip in bulk",
    "bulk-unskip": "Lift skips in bulk",
    "bulk-diagnose": "Diagnose in bulk",
    "bulk-release": "Release in bulk",
    "bundle": "Took a support bundle",
    "detailed-bundle": "Took a support bundle with customers' data",
}
"""Acts by status-api's name for them. It may learn others: they are shown by their name."""

_DOCUMENTS = ("invoice/", "purchase-order/")


def action_words(action: str) -> str:
    """An act in words."""
    return ACTIONS.get(action, action)


def document_of(subject: str | None) -> str | None:
    """The document, named `invoice/48213`, that a line of the audit is about; None if it is about something else."""
    if subject is None or not subject.startswith(_DOCUMENTS):
        return None
    number = subject.partition("/")[2]
    return subject if number.isascii() and number.isdigit() else None
