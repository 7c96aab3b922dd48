"""Who is told what, and when: at once the first time, then at most about hourly, and nothing while nothing is new.

Pure: what was noticed and the time go in, what is due comes out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from status_api.core.access import EVERYWHERE, Grant

GATHER = timedelta(minutes=2)
"""A first message waits this long for more of the same: a run that faults fifty documents is one message, within five minutes.
A connection that recovers sooner was never worth a message."""
AGAIN = timedelta(minutes=55)
"""Between two messages about a tenant's cause. Not a whole hour: what comes right after a message is told within the hour, too."""
MOST_EXAMPLES = 10
INSTALLATION = ""
"""Instead of a tenant: what concerns all of them, or nobody knows whom."""

MAIL = "mail/"
CHAT = "chat/"
CONNECTED = "connected"
REFUSED = "refused"
_WORKS = "works"
_TAKE_BACK_REFUSED = "CAN_NOT_TAKE_BACK"


def connection_cause(side: str, state: str) -> str:
    """The cause of a connection that is `down`, `throttled` or `refused`."""
    return f"connection/{side}/{state}"


def works_again_cause(side: str) -> str:
    """The cause of a connection that recovered."""
    return f"connection/{side}/{_WORKS}"


def dead_letters_cause(service: str) -> str:
    """The cause of records that a service could not handle."""
    return f"dead-letters/{service}"


def is_urgent(cause: str) -> bool:
    """Whether it does not wait for more: what stands in Xero is wrong and could not be taken back."""
    return cause == _TAKE_BACK_REFUSED


@dataclass(frozen=True, slots=True)
class News:
    """Something that was noticed.

    Attributes:
        tenant_id: whose; INSTALLATION if nobody's.
        cause: code of the fault catalogue, or one of the causes above.
        count: how many documents or records.
        examples: one line for each of the first few, with data of the documents.
        since: when it began; None: when it was noticed.
        only: targets that it is for; None: all that are concerned.
    """

    tenant_id: str
    cause: str
    count: int
    examples: tuple[str, ...] = ()
    since: datetime | None = None
    only: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """Whether alerts of a tenant (None: of every one without a wish of its own) are wanted, and with data of the documents."""

    tenant_id: str | None
    on: bool
    detailed: bool


@dataclass(frozen=True, slots=True)
class Reader:
    """A person who may want to be told.

    Attributes:
        person_id: stable.
        email: where mail goes.
        grants: roles that are held now.
        wishes: at most one for each tenant.
    """

    person_id: str
    email: str
    grants: tuple[Grant, ...]
    wishes: tuple[Wish, ...]


@dataclass(frozen=True, slots=True)
class AlertsOf:
    """What a tenant's settings say about alerts; `targets` are names of chat targets."""

    name: str
    on: bool = True
    detailed: bool = False
    targets: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ChatTarget:
    """A chat target of the installation, without its address, which is a secret.

    Attributes:
        key: how rows name it.
        name: tenants that name it are told of there; None: every tenant is.
    """

    key: str
    name: str | None


@dataclass(frozen=True, slots=True)
class Concern:
    """Somebody is to be told, with data of the documents or without."""

    target: str
    detailed: bool


def concern_of_reader(reader: Reader, tenant_id: str, alerts: AlertsOf | None) -> Concern | None:
    """What a person is told of a tenant: who wishes it and has a role there; of the installation, who has one at every tenant.

    Args:
        reader: who.
        tenant_id: of which tenant, or INSTALLATION.
        alerts: the tenant's settings, None for INSTALLATION.
    """
    place = tenant_id or None
    if not any(grant.tenant_id in {EVERYWHERE, place} for grant in reader.grants):
        return None
    if alerts is not None and not alerts.on:
        return None
    by_place = {wish.tenant_id: wish for wish in reader.wishes}
    wish = by_place.get(place) or by_place.get(None)
    if wish is None or not wish.on:
        return None
    return Concern(MAIL + reader.person_id, wish.detailed)


def concern_of_chat(target: ChatTarget, alerts: AlertsOf | None) -> Concern | None:
    """What a chat target is told of a tenant (`alerts`: its settings) or of the installation (None)."""
    if alerts is None:
        return Concern(target.key, detailed=False) if target.name is None else None
    if not alerts.on or (target.name is not None and target.name not in alerts.targets):
        return None
    return Concern(target.key, alerts.detailed)


@dataclass(frozen=True, slots=True)
class Circuit:
    """A connection that is not connected.

    Attributes:
        red_since: since when.
        announced: the state that was told, None while nothing was.
        announced_at: when.
    """

    red_since: datetime
    announced: str | None = None
    announced_at: datetime | None = None


def look_at_circuit(
    known: Circuit | None, state: str, changed_at: datetime, now: datetime
) -> tuple[Circuit | None, str | None]:
    """What is known of a connection after a look at it, and the state to tell of now, if any.

    Told once while it is red, and once more if it becomes `refused`, since then a person has to act. Back to `connected` is
    told only if red was: at most once for each time it was red.
    """
    if state == CONNECTED:
        return None, (_WORKS if known is not None and known.announced is not None else None)
    known = known or Circuit(min(changed_at, now))
    worse = state == REFUSED and known.announced not in {None, REFUSED}
    if worse or (known.announced is None and now - known.red_since >= GATHER):
        return Circuit(known.red_since, state, now), state
    return known, None


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for one target about one cause of one tenant.

    Attributes:
        count: what is new; 0: nothing.
        since: when the first of these was noticed.
        told_at: when this cause was told last.
    """

    target: str
    tenant_id: str
    cause: str
    count: int
    since: datetime
    examples: tuple[str, ...] = ()
    told_at: datetime | None = None


def due_at(waiting: Waiting) -> datetime:
    """When this alone is reason enough for a message."""
    gathered = waiting.since
    if not is_urgent(waiting.cause) and not waiting.cause.startswith("connection/"):
        gathered += GATHER  # a connection was red that long before it was noticed
    return gathered if waiting.told_at is None else max(gathered, waiting.told_at + AGAIN)


def due_groups(waiting: Iterable[Waiting], now: datetime) -> list[tuple[Waiting, ...]]:
    """The messages that are due: for each target and tenant everything that is new, once any of it is due.

    What goes along early makes no message of its own later. The one that waited longest comes first.
    """
    groups: dict[tuple[str, str], list[Waiting]] = {}
    for one in waiting:
        if one.count > 0:
            groups.setdefault((one.target, one.tenant_id), []).append(one)
    due = [tuple(group) for group in groups.values() if any(due_at(one) <= now for one in group)]
    return sorted(due, key=lambda group: min(one.since for one in group))


def told_of_red(
    waiting: Iterable[Waiting], tenant_id: str, side: str, announced_at: datetime
) -> frozenset[str]:
    """Targets that were told, or will be, that this connection is red: only they are told that it works again."""
    prefix, works = f"connection/{side}/", works_again_cause(side)
    return frozenset(
        one.target
        for one in waiting
        if one.tenant_id == tenant_id
        and one.cause.startswith(prefix)
        and one.cause != works
        and (one.count > 0 or (one.told_at is not None and one.told_at >= announced_at))
    )


def recipients(
    news: News, readers: Sequence[Reader], chats: Sequence[ChatTarget], tenants: dict[str, AlertsOf]
) -> list[Concern]:
    """Everybody whom news concern. A tenant that nobody knows concerns nobody."""
    if news.tenant_id != INSTALLATION and news.tenant_id not in tenants:
        return []
    alerts = tenants.get(news.tenant_id)
    found: Collection[Concern | None] = [
        *(concern_of_reader(reader, news.tenant_id, alerts) for reader in readers),
        *(concern_of_chat(chat, alerts) for chat in chats),
    ]
    return [one for one in found if one is not None and (news.only is None or one.target in news.only)]


@dataclass(slots=True)
class Pause:
    """Growing pauses of something that fails: `first`, doubled up to `most`; a success ends them."""

    first: timedelta
    most: timedelta
    until: datetime | None = None
    length: timedelta = timedelta(0)

    def failed(self, now: datetime) -> None:
        """Wait longer than the last time."""
        self.length = min(max(self.first, self.length * 2), self.most)
        self.until = now + self.length

    def is_over(self, now: datetime) -> bool:
        """Whether it may be tried."""
        return self.until is None or now >= self.until
