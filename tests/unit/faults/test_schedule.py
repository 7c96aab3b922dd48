"""The schedule and its matrix: decided by the seed, complete, and never two faults in one place."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.faults.kinds import (
    ALONE,
    DISASTERS,
    LINKS,
    LONG_PAUSE,
    PLACES,
    PROVIDER_FAULTS,
    Fault,
    Stage,
    disaster_pairs,
    pairs,
    targets,
)
from tests.faults.matrix import hits, missed, read_hits, table, write_hits
from tests.faults.plans import LARGE, LONG, SHORT
from tests.faults.rig import EVERYTHING_TWICE, LEASE_SECONDS
from tests.faults.schedule import COPY_AHEAD, MOST, copies_before, planned, schedule
from tests.unit.faults.planted import trouble

SEEDS = range(20)
WANTED = 20
"""Hits that each pair has to have in the long runs together."""
MARGIN = 4
"""More are planned than wanted, since some find nothing to hit."""


def test_no_run_differs_from_another_of_its_seed() -> None:
    assert schedule(7, 40, 4, disasters=1) == schedule(7, 40, 4, disasters=1)
    assert schedule(7, 40, 4) != schedule(8, 40, 4)


@pytest.mark.parametrize("seed", SEEDS)
def test_no_pair_is_left_out_while_others_come_again_and_again(seed: int) -> None:
    counts = planned(schedule(seed, 60, 4))
    most = max(counts[pair] for pair in pairs())
    assert min(counts[pair] for pair in pairs()) >= most - 3


@pytest.mark.parametrize("seed", SEEDS)
def test_no_round_has_two_faults_in_one_place_or_company_for_what_needs_quiet(seed: int) -> None:
    for steps in schedule(seed, 100, 4, disasters=2):
        assert 1 <= len(steps) <= MOST
        places = {
            (step.target, step.stage, step.tenant) if step.fault in PROVIDER_FAULTS else step.target
            for step in steps
        }
        assert len(places) == len(steps)
        assert len(steps) == 1 or not {step.fault for step in steps} & ALONE


@pytest.mark.parametrize("seed", SEEDS)
def test_no_link_to_a_provider_is_disturbed_while_the_provider_is(seed: int) -> None:
    for steps in schedule(seed, 100, 4):
        providers = {step.target for step in steps if step.fault in PROVIDER_FAULTS}
        assert not providers & {step.target for step in steps if step.fault not in PROVIDER_FAULTS}


def test_no_pair_is_planned_less_often_in_the_long_runs_than_it_has_to_be_hit() -> None:
    counts = planned(steps for plan in (*LONG, LARGE) for steps in plan.schedule())
    few = {pair: count for pair, count in counts.items() if count < WANTED + MARGIN}
    assert few == {}


def test_no_fault_that_the_machine_can_not_produce_is_planned() -> None:
    clocks = frozenset({Fault.CLOCK_FORWARDS, Fault.CLOCK_BACKWARDS, Fault.READ_DROPPED})
    rounds = schedule(1, 100, 4, disasters=2, without=clocks)
    assert not clocks & {step.fault for steps in rounds for step in steps}


@pytest.mark.parametrize("seed", SEEDS)
def test_no_memory_is_restored_that_was_not_copied_before(seed: int) -> None:
    rounds = schedule(seed, 60, 4, disasters=2)
    copies = copies_before(rounds)
    for steps in rounds:
        for step in steps:
            if step.fault in {Fault.LEDGER_RESTORED, Fault.JOURNAL_RESTORED}:
                assert step.fault in copies[step.number - COPY_AHEAD]
    found = Counter(step.fault for steps in rounds for step in steps if step.fault in DISASTERS)
    assert found == dict.fromkeys(DISASTERS, 2)


def test_no_disaster_is_dropped_silently_for_want_of_rounds() -> None:
    with pytest.raises(ValueError, match="do not fit"):
        schedule(1, 12, 4, disasters=1)


def test_no_short_run_does_without_the_everyday_faults() -> None:
    hit = {pair for pair, count in planned(SHORT.schedule()).items() if count}
    assert {fault for fault, _ in hit} >= {Fault.KILL, Fault.CUT, Fault.LOST_ANSWER, Fault.ERROR_AFTER}
    assert {stage for _, stage in hit} == set(Stage)


@pytest.mark.parametrize("seed", SEEDS)
def test_no_fault_is_aimed_where_it_can_not_hit(seed: int) -> None:
    for steps in schedule(seed, 100, 4):
        for step in steps:
            assert step.target in targets(step.fault, step.stage)
            assert step.tenant is None or 0 <= step.tenant < 4
            assert (step.tenant is not None) == (step.fault in PROVIDER_FAULTS)


def test_no_fault_and_no_step_is_without_a_pair() -> None:
    assert {fault for fault, _ in (*pairs(), *disaster_pairs())} == set(Fault)
    assert not {fault for fault, _ in pairs()} & set(DISASTERS)
    assert {stage for _, stage in pairs()} == set(Stage)
    assert set(LINKS) >= {"broker", "autotask", "xero"}


def test_no_long_pause_is_shorter_than_a_lease() -> None:
    assert LONG_PAUSE > LEASE_SECONDS


def test_no_second_replica_is_hit_where_there_is_none() -> None:
    services = {place.process.removesuffix("-materialize") for place in PLACES.values()}
    assert dict.fromkeys(services, 2) == EVERYTHING_TWICE


def test_no_fault_counts_that_missed_its_step_or_did_nothing() -> None:
    done = [trouble(0, 1), trouble(0, 1), trouble(0, 1, aimed=False), trouble(0, 1, hits=0)]
    assert hits(done) == {(Fault.DAY_LIMIT, Stage.CREATE): 2}


def test_no_pair_is_hidden_by_the_matrix() -> None:
    every = [*pairs(), *disaster_pairs()]
    counts = {pair: number for number, pair in enumerate(every)}
    lines = table(counts)
    shown = [int(cell) for line in lines[2:] for cell in line.split("|") if cell.strip().isdigit()]
    assert sorted(shown) == list(range(len(every)))
    assert missed(counts) == [every[0]]
    assert missed(counts, 3) == every[:3]


def test_no_hit_is_lost_or_invented_when_runs_are_added_up(tmp_path: Path) -> None:
    first, second = pairs()[:2]
    for name, counts in {"one": {first: 2}, "two": {first: 3, second: 1}}.items():
        (tmp_path / name).mkdir()
        write_hits(counts, tmp_path / name)
    assert read_hits([tmp_path / "one", tmp_path / "two"]) == {first: 5, second: 1}
    with pytest.raises(FileNotFoundError):
        read_hits([tmp_path / "none"])
