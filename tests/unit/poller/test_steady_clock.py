from __future__ import annotations

from datetime import UTC, datetime, timedelta

from poller.work.steady_clock import steady_clock

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)


def test_no_step_of_the_hosts_clock_moves_a_wait() -> None:
    wall, seconds = [NOON], [500.0]
    now = steady_clock(lambda: wall[0], lambda: seconds[0])
    wall[0] -= timedelta(hours=1)
    seconds[0] += 15
    assert now() == NOON + timedelta(seconds=15)
    wall[0] += timedelta(days=2)
    seconds[0] += 15
    assert now() == NOON + timedelta(seconds=30)
