"""What does not move is shown, with its reason; what moves again is shown no more."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, text

from service_runtime import metrics
from service_runtime.beats import Beats
from service_runtime.leases import Leases
from service_runtime.stuck import StuckWatch

pytestmark = pytest.mark.stack


class Clock:
    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def stuck(tenant: str, reason: str) -> float | None:
    shown = {
        (sample.labels["tenant"], sample.labels["reason"]): sample.value
        for metric in metrics.stuck.collect()
        for sample in metric.samples
    }
    return shown.get((tenant, reason))


def age_outbox(engine: Engine, seconds: int) -> None:
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO outbox (topic, key, headers, payload, created_at)"
                " VALUES ('t', 'k', '[]', '', clock_timestamp() - make_interval(secs => :age))"
            ),
            {"age": seconds},
        )


def test_an_outbox_that_does_not_move_is_told(engine: Engine) -> None:
    watch = StuckWatch(engine, list, lambda: None)
    age_outbox(engine, 60)
    watch.look()
    assert stuck("", "outbox") == 0
    with engine.begin() as connection:
        connection.execute(text("UPDATE outbox SET created_at = created_at - interval '2 minutes'"))
    watch.look()
    assert stuck("", "outbox") == 1
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM outbox"))
    watch.look()
    assert stuck("", "outbox") == 0


def test_a_worker_that_hangs_is_not_taken_for_one_that_works(engine: Engine) -> None:
    clock = Clock()
    beats = Beats(clock)
    watch = StuckWatch(engine, list, lambda: None, clock, beats.silent)
    beats.beat("hung")
    beats.beat("well")
    watch.look()
    assert (stuck("hung", "worker"), stuck("well", "worker")) == (0, 0)
    clock.seconds += 601
    beats.beat("well")
    watch.look()
    assert (stuck("hung", "worker"), stuck("well", "worker")) == (1, 0)
    beats.ended("hung")
    watch.look()
    assert (stuck("hung", "worker"), stuck("well", "worker")) == (None, 0)


def test_a_tenant_that_nobody_works_for_is_told_whether_it_had_a_lease_or_not(engine: Engine) -> None:
    clock, tenants = Clock(), ["stuck-a", "stuck-b"]
    watch = StuckWatch(engine, lambda: tenants, lambda: None, clock)
    leases = Leases(engine, 30)
    assert leases.acquire("stuck-a") is not None
    watch.look()
    assert (stuck("stuck-a", "lease"), stuck("stuck-b", "lease")) == (0, 0)
    with engine.begin() as connection:
        connection.execute(text("UPDATE lease SET expires_at = expires_at - interval '2 minutes'"))
    clock.seconds += 61
    watch.look()
    assert (stuck("stuck-a", "lease"), stuck("stuck-b", "lease")) == (1, 1)
    assert leases.acquire("stuck-a") is not None
    tenants.remove("stuck-b")
    watch.look()
    assert (stuck("stuck-a", "lease"), stuck("stuck-b", "lease")) == (0, None)


def test_a_service_without_leases_needs_no_table_of_them_to_tell_of_its_outbox(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE lease"))
    age_outbox(engine, 180)
    StuckWatch(engine, None, lambda: None).look()
    assert stuck("", "outbox") == 1
