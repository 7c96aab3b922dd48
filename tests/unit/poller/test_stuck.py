"""What is stuck is told; what waits for a reason of its own is not."""

from __future__ import annotations

import pytest

from poller.core.stuck import Waits, stuck
from poller.work.progress import Progress


@pytest.mark.parametrize(
    ("waits", "paused", "answers", "reasons"),
    [
        (Waits(), False, True, set()),
        (Waits(in_flight=3600, stamp=3600), False, True, set()),
        (Waits(in_flight=3601), False, True, {"in_flight"}),
        (Waits(in_flight=3601), True, True, set()),
        (Waits(stamp=3601), True, True, {"stamp"}),
        (Waits(stamp=3601), False, False, set()),
        (Waits(in_flight=7200, stamp=7200), False, True, {"in_flight", "stamp"}),
        (Waits(cycle=3600), False, True, set()),
        (Waits(cycle=3601), False, True, {"cycle"}),
    ],
)
def test_nothing_is_stuck_in_silence_and_nothing_that_has_to_wait_is_called_stuck(
    *, waits: Waits, paused: bool, answers: bool, reasons: set[str]
) -> None:
    found = stuck(waits, paused=paused, autotask_answers=answers, xero_open=False)
    assert set(found) == reasons
    assert all("hours" in words for words in found.values())


def test_what_waits_for_xero_is_not_called_stuck() -> None:
    waits = Waits(in_flight=7200, stamp=7200)
    assert set(stuck(waits, paused=False, autotask_answers=True, xero_open=True)) == {"stamp"}


def test_a_cycle_is_overdue_only_while_cycles_could_run() -> None:
    clock = [0.0]
    progress = Progress(300.0, lambda: clock[0])
    clock[0] = 300.0
    assert progress.overdue == 0
    clock[0] = 4000.0
    assert progress.overdue == 3700
    progress.begin_anew()
    assert progress.overdue == 0
