"""Which fault hits which step of the pipeline, where and for how long: decided by a seed alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from random import Random


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
    CUT = "connections cut"
    SILENT = "connections silent"
    SLOW = "connections slow"
    DEAF = "connections lose answers"
    LOST_ANSWER = "one answer lost"
    ERROR_BEFORE = "5xx before the work"
    ERROR_AFTER = "5xx after the work"
    THROTTLED = "429 with Retry-After"
    THROTTLED_BARE = "429 without Retry-After"
    DAY_LIMIT = "day limit of one tenant"
    BROKER_RESTART = "broker restarted"
    DATABASE_RESTART = "database restarted"


PROCESS_FAULTS = (Fault.KILL, Fault.PAUSE)
LINK_FAULTS = (Fault.CUT, Fault.SILENT, Fault.SLOW, Fault.DEAF)
PROVIDER_FAULTS = (
    Fault.LOST_ANSWER,
    Fault.ERROR_BEFORE,
    Fault.ERROR_AFTER,
    Fault.THROTTLED,
    Fault.THROTTLED_BARE,
    Fault.DAY_LIMIT,
)
BROKER, DATABASE = "broker", "database"
LONG_PAUSE = 8.0
"""Seconds, longer than the leases of a run."""


@dataclass(frozen=True, slots=True)
class Place:
    """Who takes part in a step of the pipeline.

    Attributes:
        process: the process that does it; its second replica is called `{process}-2`.
        links: what it talks to, each behind a proxy.
        provider: the simulator it calls, if any.
        twice: whether it runs in two replicas.
    """

    process: str
    links: tuple[str, ...]
    provider: str | None = None
    twice: bool = True


PLACES = {
    Stage.DISCOVER: Place("poller", ("autotask", "poller-database", BROKER), "autotask"),
    Stage.MAP: Place("mapper", (BROKER,)),
    Stage.CREATE: Place("xero-writer", ("xero", "xero-writer-database"), "xero"),
    Stage.SYNCED: Place("xero-writer", (BROKER, "xero-writer-database")),
    Stage.STAMP: Place("poller", ("autotask", "poller-database"), "autotask"),
    Stage.FOLD: Place("status-api-materialize", (BROKER, "status-api-database"), twice=False),
}
LINKS = tuple(dict.fromkeys(link for place in PLACES.values() for link in place.links))


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One fault to inject.

    Attributes:
        number: of the round it belongs to; those of one round happen at the same time.
        target: a process, a link, a provider, `broker` or `database`.
        replicas: which replicas of a process: (1,), (2,) or both.
        seconds: how long it lasts; 0 = over at once.
        tenant: index of the tenant that is hit; None = all.
        times: calls that a provider spoils; None = all while it lasts.
        hard: a server is killed, not stopped.
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


Pair = tuple[Fault, Stage]


def pairs() -> list[Pair]:
    """Every fault with every step of the pipeline that it can hit."""
    return [(fault, stage) for stage, place in PLACES.items() for fault in _faults_of(stage, place)]


def targets(fault: Fault, stage: Stage) -> tuple[str, ...]:
    """Where a fault can be injected to hit a step of the pipeline."""
    place = PLACES[stage]
    if fault in PROCESS_FAULTS:
        return (place.process,)
    if fault in LINK_FAULTS:
        return place.links
    if fault is Fault.BROKER_RESTART:
        return (BROKER,)
    if fault is Fault.DATABASE_RESTART:
        return (DATABASE,)
    return (place.provider,) if place.provider else ()


def schedule(seed: int, rounds: int, tenants: int) -> list[list[Step]]:
    """The rounds of a run. The same arguments give the same rounds.

    Every pair comes once before any comes again. A round has up to two faults, at different places; what hits one
    tenant only is alone in its round, so that its neighbours can be watched.
    """
    rng = Random(seed)
    waiting = _endless_pairs(rng)
    left: list[Pair] = []
    found: list[list[Step]] = []
    for number in range(rounds):
        steps = [_step(rng, left.pop(0) if left else next(waiting), number, tenants)]
        if steps[0].tenant is None:
            other = _step(rng, left.pop(0) if left else next(waiting), number, tenants)
            if _can_be_together(steps[0], other):
                steps.append(other)
            else:
                left.append((other.fault, other.stage))
        found.append(steps)
    return found


def _faults_of(stage: Stage, place: Place) -> Iterator[Fault]:
    yield from PROCESS_FAULTS
    yield from LINK_FAULTS
    if place.provider:
        for fault in PROVIDER_FAULTS:
            # A read has no work that could be done before its error.
            if fault is not Fault.ERROR_AFTER or stage is not Stage.DISCOVER:
                yield fault
    if BROKER in place.links:
        yield Fault.BROKER_RESTART
    if any(link.endswith(f"-{DATABASE}") for link in place.links):
        yield Fault.DATABASE_RESTART


def _endless_pairs(rng: Random) -> Iterator[Pair]:
    while True:
        bag = pairs()
        rng.shuffle(bag)
        yield from bag


def _step(rng: Random, pair: Pair, number: int, tenants: int) -> Step:
    fault, stage = pair
    place = PLACES[stage]
    choices: list[tuple[int, ...]] = [(1,), (2,), (1, 2)] if place.twice else [(1,)]
    alone = fault is Fault.DAY_LIMIT
    return Step(
        number=number,
        fault=fault,
        stage=stage,
        target=rng.choice(targets(fault, stage)),
        seconds=_seconds(rng, fault),
        replicas=rng.choice(choices) if fault in PROCESS_FAULTS else (1,),
        tenant=rng.randrange(tenants) if alone else None,
        times=None if alone else rng.choice((1, 1, 2)),
        hard=rng.random() < 0.5,
    )


def _seconds(rng: Random, fault: Fault) -> float:
    """Long enough to be felt. Silence ends before the keys that a late request carries are dead."""
    if fault is Fault.PAUSE:
        return rng.choice((1.5, LONG_PAUSE))
    if fault is Fault.KILL:
        return rng.choice((0.0, 2.0))
    return round(rng.uniform(1.5, 4.0), 1)


def _can_be_together(one: Step, other: Step) -> bool:
    if other.tenant is not None or one.target == other.target:
        return False
    # A database that restarts and a cut connection to it would be one fault, not two.
    return not any(
        step.fault is Fault.DATABASE_RESTART and peer.target.endswith(DATABASE)
        for step, peer in ((one, other), (other, one))
    )
