"""The schedule and its matrix: decided by the seed, complete, and never two faults in one place."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.faults.matrix import hits, missed, table
from tests.faults.rig import LEASE_SECONDS, REPLICAS
from tests.faults.schedule import LINKS, LONG_PAUSE, PLACES, Fault, Stage, pairs, schedule, targets
from tests.unit.faults.planted import trouble

SEEDS = range(20)


def test_no_run_differs_from_another_of_its_seed() -> None:
    assert schedule(7, 40, 4) == schedule(7, 40, 4)
    assert schedule(7, 40, 4) != schedule(8, 40, 4)


@pytest.mark.parametrize("seed", SEEDS)
def test_no_pair_is_left_out_before_others_come_again(seed: int) -> None:
    found = [(step.fault, step.stage) for steps in schedule(seed, len(pairs()), 4) for step in steps]
    counts = Counter(found[: len(pairs())])
    assert set(counts) == set(pairs())
    assert max(counts.values()) == 1


@pytest.mark.parametrize("seed", SEEDS)
def test_no_round_has_two_faults_in_one_place_or_company_for_one_tenants_trouble(seed: int) -> None:
    for steps in schedule(seed, 100, 4):
        assert 1 <= len(steps) <= 2
        assert len({step.target for step in steps}) == len(steps)
        assert len(steps) == 1 or all(step.tenant is None for step in steps)


@pytest.mark.parametrize("seed", SEEDS)
def test_no_fault_is_aimed_where_it_can_not_hit(seed: int) -> None:
    for steps in schedule(seed, 100, 4):
        for step in steps:
            assert step.target in targets(step.fault, step.stage)
            assert step.tenant is None or 0 <= step.tenant < 4
            assert step.fault is not Fault.DAY_LIMIT or step.tenant is not None


def test_no_fault_and_no_step_is_without_a_pair() -> None:
    assert {fault for fault, _ in pairs()} == set(Fault)
    assert {stage for _, stage in pairs()} == set(Stage)
    assert set(LINKS) >= {"broker", "autotask", "xero"}


def test_no_long_pause_is_shorter_than_a_lease() -> None:
    assert LONG_PAUSE > LEASE_SECONDS


def test_no_second_replica_is_hit_where_there_is_none() -> None:
    assert {place.process for place in PLACES.values() if place.twice} == set(REPLICAS)


def test_no_fault_counts_that_missed_its_step_or_did_nothing() -> None:
    done = [trouble(0, 1), trouble(0, 1), trouble(0, 1, aimed=False), trouble(0, 1, hits=0)]
    assert hits(done) == {(Fault.DAY_LIMIT, Stage.CREATE): 2}


def test_no_pair_is_hidden_by_the_matrix() -> None:
    counts = {pair: number for number, pair in enumerate(pairs())}
    lines = table(counts)
    shown = [int(cell) for line in lines[2:] for cell in line.split("|") if cell.strip().isdigit()]
    assert sorted(shown) == list(range(len(pairs())))
    assert missed(counts) == [pairs()[0]]
