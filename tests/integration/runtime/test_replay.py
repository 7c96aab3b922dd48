"""Dead letters are handled once more by the service that wrote them, each once, and none is lost on the way."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from service_runtime.config import Environment
from service_runtime.dead_letters import DeadLetters
from service_runtime.intake import Handle
from service_runtime.records import Poison, Record
from service_runtime.replay import Graveyard, OpenHandler, replay_command

pytestmark = pytest.mark.stack


class Handler:
    """A service whose handler can not do with records whose value is `bad`."""

    def __init__(self) -> None:
        self.seen: list[Record] = []
        self.bad: set[bytes] = set()

    @contextmanager
    def open(self, env: Environment, graveyard: Graveyard) -> Iterator[Handle]:
        assert env.values

        def handle(records: Sequence[Record]) -> None:
            for record in records:
                self.seen.append(record)
                if record.value in self.bad:
                    graveyard.bury([Poison(record, "still bad")])
                else:
                    graveyard.handled(1)

        yield handle

    @property
    def values(self) -> list[bytes | None]:
        return [record.value for record in self.seen]


@pytest.fixture
def service(
    admin: AdminClient,
    producer: Producer,
    kafka: str,
    monkeypatch: pytest.MonkeyPatch,
) -> str:
    """A service with three dead letters."""
    name = f"test-{uuid.uuid4().hex}"
    admin.create_topics([NewTopic(f"{name}.dlq", 1, 1)])[f"{name}.dlq"].result(30)
    dead_letters = DeadLetters(name, producer, 1.0)
    for number in range(3):
        headers = [
            ("tenant", b"acme"),
            ("document", f"invoice/{number}".encode()),
            ("traceparent", b"00-1-2-01"),
        ]
        record = Record("invoice.mapped", 4, 70 + number, b"key", f"value {number}".encode(), headers)
        dead_letters.bury([Poison(record, f"reason {number}")])
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", kafka)
    return name


Run = Callable[..., int]


@pytest.fixture
def handler() -> Handler:
    return Handler()


@pytest.fixture
def run(service: str, handler: Handler) -> Run:
    def go(*arguments: str) -> int:
        opener: OpenHandler = handler.open
        return replay_command(service, arguments, opener)

    return go


def test_no_dead_letter_comes_back_as_another_record(run: Run, handler: Handler) -> None:
    assert run() == 0

    assert handler.seen == [
        Record(
            "invoice.mapped",
            4,
            70 + number,
            b"key",
            f"value {number}".encode(),
            [("tenant", b"acme"), ("document", f"invoice/{number}".encode()), ("traceparent", b"00-1-2-01")],
        )
        for number in range(3)
    ]


def test_no_dead_letter_is_replayed_twice(run: Run, handler: Handler) -> None:
    assert run("--count", "2") == 0
    assert run() == 0
    assert run() == 0

    assert handler.values == [b"value 0", b"value 1", b"value 2"]


def test_a_dry_run_replays_nothing_and_tells_everything(
    run: Run, handler: Handler, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("--dry-run") == 0

    told = capsys.readouterr().out
    assert handler.values == []
    assert "invoice.mapped[4]@70, acme, invoice/0" in told
    assert "reason 2" in told
    assert told.endswith("3 dead letters would be replayed\n")
    assert "value" not in told


def test_no_later_letter_overtakes_one_that_fails_again(run: Run, handler: Handler) -> None:
    handler.bad = {b"value 1"}

    assert run() == 1
    assert handler.values == [b"value 0", b"value 1"]
    handler.bad = set()
    assert run() == 0

    assert handler.values[2:] == [b"value 1", b"value 2"]


def test_a_letter_that_fails_again_is_kept_and_does_not_go_round(run: Run, handler: Handler) -> None:
    handler.bad = {b"value 1"}

    assert run("--on-failure", "keep") == 1
    assert handler.values == [b"value 0", b"value 1", b"value 2"]
    handler.bad = set()
    assert run() == 0

    assert handler.values[3:] == [b"value 1"]
    assert [record.offset for record in handler.seen if record.value == b"value 1"] == [71, 71]


@pytest.mark.parametrize(
    "arguments", [("--count", "0"), ("--count", "x"), ("--on-failure", "drop"), ("everything",)]
)
def test_a_wish_that_makes_no_sense_replays_nothing(
    run: Run, handler: Handler, arguments: tuple[str, ...]
) -> None:
    with pytest.raises(SystemExit):
        run(*arguments)

    assert handler.values == []
