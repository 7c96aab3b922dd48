"""Which fault hits which step of the pipeline, where and for how long: decided by a seed alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from random import Random

from tests.faults.kinds import (
    ALONE,
    BROKER,
    DATABASE,
    DISASTERS,
    LONG_PAUSE,
    PROCESS_FAULTS,
    PROVIDER_FAULTS,
    Fault,
    Pair,
    Step,
    disaster_pairs,
    pairs,
    targets,
)

MOST = 6
"""Faults of one round."""
COPY_AHEAD = 4
"""Rounds between the copy of a database and the disaster in which it is restored."""
_LOOK_AHEAD = 40
"""Pairs that are looked at for one that may join a round."""
_ROUNDS_OF_A_BAG = 24
"""About as many rounds as it takes until every pair has come once."""
_CLOCK_STEPS = (3.0, 9.0, 20.0)
"""Seconds: within a lease, beyond it, and beyond the life of a key."""


def schedule(
    seed: int, rounds: int, tenants: int, *, disasters: int = 0, without: frozenset[Fault] = frozenset()
) -> list[list[Step]]:
    """The rounds of a run. The same arguments give the same rounds.

    Every pair comes about as often as any other. A round has faults at different places; what hits all calls of
    one tenant is alone in its round, so that its neighbours can be watched, and so is each disaster.

    Args:
        seed: decides everything.
        rounds: how many, disasters among them.
        tenants: of the run.
        disasters: how often each disaster comes.
        without: faults that this machine can not produce.

    Raises:
        ValueError: the disasters do not fit into so few rounds.
    """
    rng = Random(seed)
    lost = [pair for pair in disaster_pairs() if pair[0] not in without] * disasters
    if lost and rounds < len(lost) + 2 * COPY_AHEAD:
        raise ValueError(f"{len(lost)} disasters do not fit into {rounds} rounds")
    limits = [pair for pair in pairs() if pair[0] is Fault.DAY_LIMIT]
    alone = lost + limits * round(rounds / _ROUNDS_OF_A_BAG)
    rng.shuffle(alone)
    free = rounds - COPY_AHEAD - 1
    places = {COPY_AHEAD + free * (number + 1) // (len(alone) + 1): pair for number, pair in enumerate(alone)}
    waiting = _Waiting(rng, without)
    return [
        [_step(rng, places[number], number, tenants)]
        if number in places
        else _round(rng, waiting, number, tenants)
        for number in range(rounds)
    ]


def copies_before(rounds: Sequence[Sequence[Step]]) -> dict[int, set[Fault]]:
    """Before which rounds a database has to be copied, for which disaster to come."""
    found: dict[int, set[Fault]] = {}
    for steps in rounds:
        for step in steps:
            if step.fault in {Fault.LEDGER_RESTORED, Fault.JOURNAL_RESTORED}:
                found.setdefault(max(0, step.number - COPY_AHEAD), set()).add(step.fault)
    return found


class _Waiting:
    """Pairs to come, each as often as any other; one that does not fit into a round waits for the next."""

    def __init__(self, rng: Random, without: frozenset[Fault]) -> None:
        self._rng = rng
        self._bag = [pair for pair in pairs() if pair[0] not in without | ALONE]
        self._pairs: list[Pair] = []

    def first(self) -> Pair:
        """The one that has waited longest; of those that need the broker if there are any, since each round has but one."""
        self._fill()
        scarce = (place for place, pair in enumerate(self._pairs) if targets(*pair) == (BROKER,))
        return self._pairs.pop(next(scarce, 0))

    def ahead(self) -> list[Pair]:
        """The next ones."""
        self._fill()
        return self._pairs[:_LOOK_AHEAD]

    def take(self, place: int) -> None:
        """One of those ahead is used."""
        self._pairs.pop(place)

    def _fill(self) -> None:
        while len(self._pairs) < _LOOK_AHEAD:
            bag = list(self._bag)
            self._rng.shuffle(bag)
            self._pairs += bag


def _round(rng: Random, waiting: _Waiting, number: int, tenants: int) -> list[Step]:
    steps = [_step(rng, waiting.first(), number, tenants)]
    taken = 0
    for place, pair in enumerate(waiting.ahead()):
        if len(steps) == MOST:
            break
        other = _fitting(rng, pair, steps, number, tenants)
        if other is not None:
            steps.append(other)
            waiting.take(place - taken)
            taken += 1
    return steps


def _fitting(rng: Random, pair: Pair, steps: Sequence[Step], number: int, tenants: int) -> Step | None:
    """A step of this pair that can be together with the others, if there is one among a few."""
    for _ in range(3):
        other = _step(rng, pair, number, tenants)
        if all(_can_be_together(step, other) for step in steps):
            return other
    return None


def _step(rng: Random, pair: Pair, number: int, tenants: int) -> Step:
    fault, stage = pair
    alone = fault is Fault.DAY_LIMIT
    return Step(
        number=number,
        fault=fault,
        stage=stage,
        target=rng.choice(targets(fault, stage)),
        seconds=_seconds(rng, fault),
        replicas=_replicas(rng, fault),
        tenant=rng.randrange(tenants) if fault in PROVIDER_FAULTS else None,
        times=None if alone else rng.choice((1, 1, 2)),
        hard=rng.random() < 0.5,
        partition=rng.randrange(2),
    )


def _replicas(rng: Random, fault: Fault) -> tuple[int, ...]:
    if fault in {Fault.ROLLING, *DISASTERS}:
        return (1, 2)
    choices: tuple[tuple[int, ...], ...] = ((1,), (2,))
    if fault in {Fault.KILL, Fault.PAUSE}:
        choices += ((1, 2),)
    return rng.choice(choices) if fault in PROCESS_FAULTS else (1,)


def _seconds(rng: Random, fault: Fault) -> float:
    """Long enough to be felt. Silence ends before the keys that a late request carries are dead."""
    if fault is Fault.PAUSE:
        return rng.choice((1.5, LONG_PAUSE))
    if fault is Fault.KILL:
        return rng.choice((0.0, 2.0))
    if fault is Fault.LEADER_FROZEN:
        return 5.0  # longer than the controllers wait for a sign of life
    if fault in {Fault.CLOCK_FORWARDS, Fault.CLOCK_BACKWARDS}:
        return rng.choice(_CLOCK_STEPS)
    return round(rng.uniform(1.5, 4.0), 1)


def _can_be_together(one: Step, other: Step) -> bool:
    if one.fault in PROVIDER_FAULTS and other.fault in PROVIDER_FAULTS:
        # Calls of other tenants, or other calls, are other places.
        return (one.target, one.stage, one.tenant) != (other.target, other.stage, other.tenant)
    if one.target == other.target:
        return False
    # A database that restarts and a cut connection to it would be one fault, not two.
    return not any(
        step.fault is Fault.DATABASE_RESTART and peer.target.endswith(DATABASE)
        for step, peer in ((one, other), (other, one))
    )


def planned(rounds: Iterable[Sequence[Step]]) -> dict[Pair, int]:
    """How often each pair is planned."""
    found = dict.fromkeys([*pairs(), *disaster_pairs()], 0)
    for steps in rounds:
        for step in steps:
            found[step.fault, step.stage] += 1
    return found
