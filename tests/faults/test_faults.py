"""The whole suite under a seeded schedule of faults: nothing lost, doubled, altered or told to the wrong people."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from tests.faults import evidence
from tests.faults.plans import LARGE, LONG, SHORT, Plan
from tests.faults.rig import why_not_here
from tests.faults.run import run

pytestmark = [
    pytest.mark.stack,
    pytest.mark.skipif(why_not_here() is not None, reason=str(why_not_here())),
]


def _name(plan: Plan) -> str:
    return f"seed-{plan.seed}"


@pytest.mark.timeout(1200)
def test_no_schedule_of_faults_leads_to_an_anomaly(tmp_path: Path) -> None:
    _run(SHORT, tmp_path)


@pytest.mark.long
@pytest.mark.timeout(4 * 3600)
@pytest.mark.parametrize("plan", [*LONG, LARGE], ids=_name)
def test_no_long_schedule_of_faults_leads_to_an_anomaly(plan: Plan, tmp_path: Path) -> None:
    _run(plan, tmp_path)


def _run(plan: Plan, folder: Path) -> None:
    outcome = run(plan, folder, logging.getLogger(__name__).info)
    evidence.write(outcome, evidence.FOLDER / _name(plan))
    assert evidence.verdict(outcome) == []
    assert any(injection.aimed and injection.hits for injection in outcome.history.injections)
