"""The words of alerts. Without details they hold counts, the catalogue's words and a link: nothing of any document."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from invoice_events.catalogue import catalogue
from status_api.core.alerts import INSTALLATION, MOST_EXAMPLES, Waiting, is_urgent

_SIDES = {"autotask": "Autotask", "xero": "Xero"}
_STATES = {
    "down": "does not answer since {since}. Documents wait and go over by themselves once it does.",
    "throttled": "lets no more calls through since {since}. Documents wait and go over by themselves later.",
    "refused": "refuses our access since {since}. Somebody has to restore it and test the connection; documents wait.",
    "works": "works again. What waited goes over by itself.",
}


@dataclass(frozen=True, slots=True)
class Message:
    """One message.

    Attributes:
        subject: one line.
        body: plain text.
        urgent: whether somebody should look at once.
        key: the same if the same message is sent again, so that a mail program can tell.
    """

    subject: str
    body: str
    urgent: bool
    key: str


def compose(group: Sequence[Waiting], name: str, dashboard: str | None, *, detailed: bool) -> Message:
    """The message of everything that waits for one target about one tenant.

    Args:
        group: at least one, all of one target and tenant.
        name: of the tenant.
        dashboard: address of the dashboard without a slash at its end, None if there is none.
        detailed: whether data of the documents may be told.
    """
    tenant_id = group[0].tenant_id
    about = "the installation" if tenant_id == INSTALLATION else " ".join(name.split())
    rows = sorted(group, key=lambda one: (not is_urgent(one.cause), -one.count, one.cause))
    urgent = any(is_urgent(one.cause) for one in rows)
    subject = f"{'Urgent: ' if urgent else ''}{about}: {_summary(rows)}"
    blocks = [f"News of {about}:", *(_block(one, detailed=detailed) for one in rows)]
    if dashboard is not None:
        path = "" if tenant_id == INSTALLATION else f"/t/{quote(tenant_id)}"
        blocks.append(f"See {dashboard}{path}")
    else:
        blocks.append("See the dashboard for more.")
    return Message(subject, "\n\n".join(blocks) + "\n", urgent, _key(group))


def _summary(rows: Sequence[Waiting]) -> str:
    documents = sum(one.count for one in rows if "/" not in one.cause)
    parts = [f"{_counted(documents, 'document')} at fault"] if documents else []
    connections = {one.cause.split("/")[1] for one in rows if one.cause.startswith("connection/")}
    parts += [f"connection to {_SIDES.get(side, side)}" for side in sorted(connections)]
    if any(one.cause.startswith("dead-letters/") for one in rows):
        parts.append("unreadable records")
    return ", ".join(parts)


def _block(one: Waiting, *, detailed: bool) -> str:
    kind, _, rest = one.cause.partition("/")
    if kind == "connection":
        side, _, state = rest.partition("/")
        words = _STATES.get(state, "has trouble since {since}.")
        return f"- {_SIDES.get(side, side)} {words.format(since=f'{one.since:%Y-%m-%d %H:%M} UTC')}"
    if kind == "dead-letters":
        return f"- {_counted(one.count, 'record')} could not be handled by the service {rest}; an operator finds them in its dead letters."
    entry = catalogue().get(one.cause)
    words = f"{entry.text} {entry.remedy}" if entry is not None else one.cause
    if entry is not None and not entry.text.endswith((".", "!", "?")):
        words = f"{entry.text}. {entry.remedy}"
    lines = [f"- {_counted(one.count, 'document')}: {words}"]
    if detailed and one.examples:
        lines += [f"    {line}" for line in one.examples[:MOST_EXAMPLES]]
        if one.count > len(one.examples):
            lines.append(f"    … and {one.count - len(one.examples)} more")
    return "\n".join(lines)


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _key(group: Sequence[Waiting]) -> str:
    told = [
        f"{one.target} {one.tenant_id} {one.cause} {one.count} {one.since.isoformat()}"
        for one in sorted(group, key=lambda one: one.cause)
    ]
    return hashlib.sha256("\n".join(told).encode()).hexdigest()[:32]


def example_line(kind: str, number: int, text: str, document_number: str | None, company: str | None) -> str:
    """One line of a detailed message: what it is, whose, and what went wrong in the provider's words."""
    noun = "Invoice" if kind == "invoice" else "Purchase order"
    named = f" ({document_number})" if document_number else ""
    whose = f", {company}" if company else ""
    return " ".join(f"{noun} {number}{named}{whose}: {text}".split())[:300]
