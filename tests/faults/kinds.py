"""Steps of the pipeline, kinds of faults, and which fault can hit which step."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class Stage(StrEnum):
    """Steps of the pipeline."""

    DISCOVER = "discover"  # Autotask is read, ledger and event are stored
    MAP = "map"
    CREATE = "create"  # intent, call to Xero, outcome
    SYNCED = "synced"  # the outcome is told
    STAMP = "stamp"
    FOLD = "fold"  # the read model


class Fault(StrEnum):
    """Kinds of faults."""

    KILL = "process killed"
    PAUSE = "process frozen"
    REBALANCE = "member leaves and joins"
    ROLLING = "rolling restart, other schemas"
    CUT = "connections cut"
    SILENT = "connections silent"
    SLOW = "connections slow"
    DEAF = "connections lose answers"
    LOST_ANSWER = "one answer lost"
    ERROR_BEFORE = "5xx before the work"
    ERROR_AFTER = "5xx after the work"
    CACHED_ERROR = "5xx unseen, replayed for its key"
    THROTTLED = "429 with Retry-After"
    THROTTLED_BARE = "429 without Retry-After"
    DAY_LIMIT = "day limit of one tenant"
    BROKER_RESTART = "broker restarted"
    LEADER_KILLED = "partition's leader killed"
    LEADER_FROZEN = "partition's leader frozen"
    DATABASE_RESTART = "database restarted"
    CLOCK_FORWARDS = "database's clock forwards"
    CLOCK_BACKWARDS = "database's clock backwards"
    LEDGER_DROPPED = "poller's database dropped"
    LEDGER_RESTORED = "poller's database from an old copy"
    JOURNAL_DROPPED = "writer's database dropped"
    JOURNAL_RESTORED = "writer's database from an old copy"
    READ_DROPPED = "read model emptied"


PROCESS_FAULTS = (Fault.KILL, Fault.PAUSE, Fault.REBALANCE, Fault.ROLLING)
LINK_FAULTS = (Fault.CUT, Fault.SILENT, Fault.SLOW, Fault.DEAF)
PROVIDER_FAULTS = (
    Fault.LOST_ANSWER,
    Fault.ERROR_BEFORE,
    Fault.ERROR_AFTER,
    Fault.CACHED_ERROR,
    Fault.THROTTLED,
    Fault.THROTTLED_BARE,
    Fault.DAY_LIMIT,
)
BROKER_FAULTS = (Fault.BROKER_RESTART, Fault.LEADER_KILLED, Fault.LEADER_FROZEN)
CLOCK_FAULTS = (Fault.CLOCK_FORWARDS, Fault.CLOCK_BACKWARDS)
DATABASE_FAULTS = (Fault.DATABASE_RESTART, *CLOCK_FAULTS)
LEDGER_DISASTERS = (Fault.LEDGER_DROPPED, Fault.LEDGER_RESTORED)
JOURNAL_DISASTERS = (Fault.JOURNAL_DROPPED, Fault.JOURNAL_RESTORED)
DISASTERS = (*LEDGER_DISASTERS, *JOURNAL_DISASTERS, Fault.READ_DROPPED)
"""What needs a person, who follows the page about lost data: nothing else goes wrong meanwhile."""
ALONE = frozenset({Fault.DAY_LIMIT, *DISASTERS})
BROKER, DATABASE, CLOCK = "broker", "database", "clock"
LONG_PAUSE = 8.0
"""Seconds, longer than the leases of a run."""


@dataclass(frozen=True, slots=True)
class Place:
    """Who takes part in a step of the pipeline.

    Attributes:
        process: the process that does it, in two replicas; the second is called `{process}-2`.
        links: what it talks to, each behind a proxy.
        topic: what it writes, or if it writes nothing, reads.
        provider: the simulator it calls, if any.
    """

    process: str
    links: tuple[str, ...]
    topic: str
    provider: str | None = None


PLACES = {
    Stage.DISCOVER: Place(
        "poller", ("autotask", "poller-database", BROKER), "invoice.discovered", "autotask"
    ),
    Stage.MAP: Place("mapper", (BROKER,), "invoice.mapped"),
    Stage.CREATE: Place("xero-writer", ("xero", "xero-writer-database"), "invoice.processing", "xero"),
    Stage.SYNCED: Place("xero-writer", (BROKER, "xero-writer-database"), "invoice.synced"),
    Stage.STAMP: Place("poller", ("autotask", "poller-database"), "invoice.synced", "autotask"),
    Stage.FOLD: Place("status-api-materialize", (BROKER, "status-api-database"), "invoice.synced"),
}
LINKS = tuple(dict.fromkeys(link for place in PLACES.values() for link in place.links))


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One fault to inject.

    Attributes:
        number: of the round it belongs to; those of one round happen at the same time.
        target: a process, a link, a provider, `broker`, `database` or its `clock`.
        replicas: which replicas of a process: (1,), (2,) or both.
        seconds: how long it lasts; 0 = over at once. Of a clock: by how much it is moved.
        tenant: index of the tenant whose calls are hit; None = all.
        times: calls that a provider spoils; None = all while it lasts.
        hard: a server or process is killed, not stopped.
        partition: whose leader is lost.
    """

    number: int
    fault: Fault
    stage: Stage
    target: str
    seconds: float
    replicas: tuple[int, ...] = (1,)
    tenant: int | None = None
    times: int | None = 1
    hard: bool = True
    partition: int = 0

    @property
    def processes(self) -> list[str]:
        """Names of the processes that are hit."""
        return [self.target if number == 1 else f"{self.target}-{number}" for number in self.replicas]


Pair = tuple[Fault, Stage]


def pairs() -> list[Pair]:
    """Every fault with every step of the pipeline that it can hit, disasters left out."""
    return [(fault, stage) for stage, place in PLACES.items() for fault in _faults_of(stage, place)]


def disaster_pairs() -> list[Pair]:
    """Every disaster with the step whose memory it takes."""
    stages = {"poller": Stage.DISCOVER, "xero-writer": Stage.CREATE, "status-api-materialize": Stage.FOLD}
    return [(fault, stages[_victim(fault)]) for fault in DISASTERS]


def targets(fault: Fault, stage: Stage) -> tuple[str, ...]:
    """Where a fault can be injected to hit a step of the pipeline."""
    place = PLACES[stage]
    if fault in DISASTERS:
        return (_victim(fault),)
    if fault in PROCESS_FAULTS:
        return (place.process,)
    if fault in LINK_FAULTS:
        return place.links
    servers = dict.fromkeys(BROKER_FAULTS, BROKER) | dict.fromkeys(CLOCK_FAULTS, CLOCK)
    servers[Fault.DATABASE_RESTART] = DATABASE
    if fault in servers:
        return (servers[fault],)
    return (place.provider,) if place.provider else ()


def _victim(fault: Fault) -> str:
    if fault in LEDGER_DISASTERS:
        return "poller"
    return "xero-writer" if fault in JOURNAL_DISASTERS else "status-api-materialize"


def _faults_of(stage: Stage, place: Place) -> Iterator[Fault]:
    yield from PROCESS_FAULTS
    yield from LINK_FAULTS
    if place.provider:
        for fault in PROVIDER_FAULTS:
            # A read has no work that could be done before its error; only Xero's writes have keys.
            if (fault is Fault.ERROR_AFTER and stage is Stage.DISCOVER) or (
                fault is Fault.CACHED_ERROR and stage is not Stage.CREATE
            ):
                continue
            yield fault
    if BROKER in place.links:
        yield from BROKER_FAULTS
    if any(link.endswith(f"-{DATABASE}") for link in place.links):
        yield from DATABASE_FAULTS
