"""Circuit, limits and pauses, with a clock that the test holds."""

from __future__ import annotations

import pytest
from requests.structures import CaseInsensitiveDict

from xero_writer.adapters.limits import Limits, MinuteLimit
from xero_writer.core.timing import Timing
from xero_writer.worker.backoff import Backoff
from xero_writer.worker.circuit import Circuit

TIMING = Timing()


class Clock:
    """The steady clock of the modules under test."""

    def __init__(self) -> None:
        self.now = 5000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    for module in ("xero_writer.worker.circuit", "xero_writer.worker.backoff", "xero_writer.adapters.limits"):
        monkeypatch.setattr(f"{module}.time", made)
    return made


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def circuit(clock: Clock, told: list[str]) -> Circuit:
    return Circuit("acme", lambda state, _: told.append(state), TIMING)


def test_an_outage_is_probed_with_growing_pauses_up_to_five_minutes(circuit: Circuit, clock: Clock) -> None:
    pauses = []
    for _ in range(7):
        circuit.down("away")
        wait = circuit.seconds_to_probe()
        assert wait is not None
        pauses.append(wait)
        assert not circuit.probe_due()
        clock.now += wait
        assert circuit.probe_due()
    assert pauses == [15, 30, 60, 120, 240, 300, 300]


def test_several_calls_that_fail_together_are_one_outage(circuit: Circuit, told: list[str]) -> None:
    for _ in range(4):
        circuit.down("away")
    assert circuit.seconds_to_probe() == 15
    assert told == ["down"]


def test_a_success_forgets_earlier_outages(circuit: Circuit, clock: Clock, told: list[str]) -> None:
    circuit.down("away")
    clock.now += 15
    circuit.down("away")
    circuit.connected()
    assert circuit.is_closed()
    circuit.down("away")
    assert circuit.seconds_to_probe() == 15
    assert told == ["down", "connected", "down"]


def test_refused_credentials_are_never_probed_whatever_else_is_heard(circuit: Circuit, clock: Clock) -> None:
    circuit.refused("invalid_client")
    circuit.down("a late time-out")
    circuit.throttled(1.0, "a late limit")
    clock.now += 10_000
    assert circuit.state == "refused"
    assert not circuit.probe_due()
    assert circuit.seconds_to_probe() is None


def test_a_success_under_way_does_not_close_what_was_refused_and_a_new_sign_in_does(circuit: Circuit) -> None:
    assert circuit.refused("invalid_client")
    assert not circuit.refused("invalid_client")
    circuit.connected()
    assert (circuit.state, circuit.detail) == ("refused", "invalid_client")
    circuit.restored()
    assert circuit.is_closed()


def test_of_two_limits_the_longer_one_counts(circuit: Circuit) -> None:
    circuit.throttled(3600.0, "day")
    circuit.throttled(1.0, "concurrent")
    assert circuit.seconds_to_probe() == 3600.0


@pytest.fixture
def limits(clock: Clock) -> Limits:
    return Limits("acme")


def seen(limits: Limits, **headers: str) -> None:
    limits.seen(CaseInsensitiveDict({name.replace("_", "-"): value for name, value in headers.items()}))


def test_the_last_calls_of_a_minute_are_kept_and_not_spent_on_refusals(limits: Limits, clock: Clock) -> None:
    seen(limits, x_minlimit_remaining="30", x_daylimit_remaining="900")
    assert limits.wait() == 0
    clock.now += 20
    seen(limits, x_minlimit_remaining="1")
    assert limits.wait() == 40
    assert limits.left().day == 900
    clock.now += 40
    assert limits.wait() == 0


def test_a_new_minute_is_seen_by_its_growing_remainder(limits: Limits, clock: Clock) -> None:
    seen(limits, x_minlimit_remaining="5")
    clock.now += 30
    seen(limits, x_minlimit_remaining="59")
    clock.now += 10
    seen(limits, x_minlimit_remaining="0")
    assert limits.wait() == 50


@pytest.mark.parametrize("told", ["", "soon", "²", "-1", "1.5"])
def test_headers_that_are_no_numbers_change_nothing(limits: Limits, told: str) -> None:
    seen(limits, x_minlimit_remaining=told)
    assert limits.left().minute is None
    assert limits.wait() == 0


@pytest.mark.parametrize(
    ("headers", "wait", "problem"),
    [
        ({"Retry-After": "26", "X-Rate-Limit-Problem": "minute"}, 26.0, "minute"),
        ({"Retry-After": "18000", "X-Rate-Limit-Problem": "day"}, 18000.0, "day"),
        ({"X-Rate-Limit-Problem": "concurrent"}, 1.0, "concurrent"),
        ({"X-Rate-Limit-Problem": "appminute"}, 15.0, "appminute"),
        ({}, 15.0, "rate"),
        ({"X-Rate-Limit-Problem": "minute"}, 60.0, "minute"),
        ({"X-Rate-Limit-Problem": "Day", "Retry-After": "later"}, 900.0, "Day"),
        ({"Retry-After": "0"}, 15.0, "rate"),
    ],
)
def test_a_refusal_is_waited_out_even_if_it_does_not_say_how_long(
    limits: Limits, headers: dict[str, str], wait: float, problem: str
) -> None:
    assert limits.throttled(CaseInsensitiveDict(headers)) == (wait, problem)
    assert limits.wait() == wait


@pytest.mark.parametrize(
    ("problem", "pauses"),
    [
        ("concurrent", [1, 15, 30, 60, 120, 240, 300, 300]),
        ("appminute", [15, 30, 60, 120, 240, 300, 300]),
        ("minute", [60, 60, 60, 120, 240, 300]),
    ],
)
def test_refusals_that_do_not_say_how_long_are_not_hammered_at_one_pace(
    limits: Limits, clock: Clock, problem: str, pauses: list[float]
) -> None:
    for pause in pauses:
        assert limits.throttled({"X-Rate-Limit-Problem": problem}) == (pause, problem)
        assert limits.throttled({"X-Rate-Limit-Problem": problem}) == (pause, problem), "refused together"
        clock.now += pause
    limits.admitted()
    assert limits.throttled({"X-Rate-Limit-Problem": problem}) == (pauses[0], problem)


def test_no_tenant_spends_the_last_calls_of_the_app_that_it_shares(clock: Clock) -> None:
    app = MinuteLimit()
    one, other, alone = Limits("one", TIMING, app), Limits("other", TIMING, app), Limits("alone", TIMING)
    seen(one, x_appminlimit_remaining="400")
    assert (one.wait(), other.wait(), alone.wait()) == (0, 0, 0)
    clock.now += 20
    seen(one, x_appminlimit_remaining="20")
    assert (one.wait(), other.wait(), alone.wait()) == (40, 40, 0)
    clock.now += 40
    assert other.wait() == 0


def test_answers_that_overtake_each_other_do_not_begin_a_new_minute(clock: Clock) -> None:
    app = MinuteLimit()
    limits = Limits("one", TIMING, app)
    seen(limits, x_appminlimit_remaining="25")
    clock.now += 30
    for left in ("21", "23", "20"):
        seen(limits, x_appminlimit_remaining=left)
    assert limits.wait() == 30


def test_a_short_refusal_does_not_shorten_a_long_one(limits: Limits) -> None:
    limits.throttled({"Retry-After": "3600"})
    limits.throttled({})
    assert limits.wait() == 3600


def test_what_fails_again_and_again_is_tried_ever_more_rarely_and_never_given_up(clock: Clock) -> None:
    backoff = Backoff(TIMING)
    pauses = []
    for _ in range(7):
        pauses.append(backoff.failed("one"))
        clock.now += backoff.left("one")
        assert backoff.left("one") == 0
    assert pauses == [15, 30, 60, 120, 240, 300, 300]
    assert backoff.left("another") == 0
    backoff.succeeded("one")
    assert backoff.failed("one") == 15


def test_names_that_nobody_asks_for_any_more_are_forgotten(clock: Clock) -> None:
    backoff = Backoff(TIMING)
    for number in range(100):
        backoff.failed(f"document {number}")
    clock.now += 10_000
    backoff.failed("one")
    assert list(backoff._pauses) == ["one"]
