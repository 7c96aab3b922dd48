"""What is stuck is told; what waits for a reason of its own is not."""

from __future__ import annotations

import pytest

from poller.core.stuck import Waits, stuck


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
    ],
)
def test_nothing_is_stuck_in_silence_and_nothing_that_has_to_wait_is_called_stuck(
    *, waits: Waits, paused: bool, answers: bool, reasons: set[str]
) -> None:
    found = stuck(waits, paused=paused, autotask_answers=answers)
    assert set(found) == reasons
    assert all("hours" in words for words in found.values())
