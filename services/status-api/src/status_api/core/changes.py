"""Changes that are told to those who follow them: which, of what, in which form."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from invoice_events.names import KINDS
from invoice_events.plain import to_plain

COMMAND, CONNECTION, TENANT, EVERYTHING = "command", "connection", "tenant", "everything"
SUBJECTS = (*KINDS, COMMAND, CONNECTION, TENANT)
"""What a change can be of. `EVERYTHING` is beside them: the read model is another one, so all has to be read again."""
MOST_NAMED = 200
"""Of one tenant and subject, in one go. More are told as one change that names none: nobody reads so many one by one."""


@dataclass(frozen=True, slots=True)
class Place:
    """Something that changed, and may have changed again since.

    Attributes:
        tenant_id: whose.
        subject: one of `SUBJECTS`.
        thing: its id, None for many.
    """

    tenant_id: str
    subject: str
    thing: str | None


@dataclass(frozen=True, slots=True)
class Change:
    """A numbered change.

    Attributes:
        number: one more than that of the change before.
        tenant_id: whose; None if everything has to be read again.
        subject: one of `SUBJECTS`, or `EVERYTHING`.
        thing: id of the document, command or tenant, or the side of the connection; None for many.
        status: as it was shown when the change got its number: of a document, its status; of a command, connection, tenant, its state.
        changed_at: of the thing; None for many.
    """

    number: int
    tenant_id: str | None
    subject: str
    thing: str | None
    status: str | None
    changed_at: datetime | None


def told(waiting: Sequence[Place], most: int = MOST_NAMED) -> list[Place]:
    """What is told of changes that wait: each thing once, where it is mentioned last; too many of one subject as one."""
    last = list(dict.fromkeys(reversed(waiting)))[::-1]
    many = {
        group
        for group, number in Counter((place.tenant_id, place.subject) for place in last).items()
        if number > most
    }
    merged = [
        Place(place.tenant_id, place.subject, None) if (place.tenant_id, place.subject) in many else place
        for place in last
    ]
    return list(dict.fromkeys(merged))


def may_see(change: Change, tenants: Collection[str] | None, asked: Collection[str] | None) -> bool:
    """Whether a change is told to somebody.

    Args:
        change: which.
        tenants: those at which they have a role at this moment; None = every one.
        asked: those that they want to hear of; None = every one.
    """
    if change.tenant_id is None:
        return True
    return all(among is None or change.tenant_id in among for among in (tenants, asked))


def frame(change: Change) -> str:
    """A change as a server-sent event; its id is the number to go on from."""
    if change.tenant_id is None:
        return reset_frame(change.number)
    data = {
        "tenant_id": change.tenant_id,
        "subject": change.subject,
        "id": change.thing,
        "status": change.status,
        "changed_at": to_plain(change.changed_at),
    }
    return f"event: change\nid: {change.number}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"


def reset_frame(number: int) -> str:
    """The event that says: read everything again, then go on from this number."""
    return f"event: reset\nid: {number}\ndata: {{}}\n\n"


def place_frame(number: int, comment: str) -> str:
    """No event, but a sign of life: everything up to this number was told, or is none of the reader's business."""
    return f": {comment}\nid: {number}\n\n"


def frames(
    changes: Iterable[Change], tenants: Collection[str] | None, asked: Collection[str] | None
) -> bytes:
    """Those that somebody may see, in order."""
    return "".join(frame(change) for change in changes if may_see(change, tenants, asked)).encode()
