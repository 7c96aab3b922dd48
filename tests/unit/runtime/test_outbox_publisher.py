"""The publisher goes on over what passes by, ends over what does not, and never keeps a stop waiting."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from confluent_kafka import KafkaError, KafkaException
from sqlalchemy import create_engine

from service_runtime import outbox
from service_runtime.kafka import make_producer
from service_runtime.outbox import OutboxPublisher, produce_all

NOWHERE = {"bootstrap.servers": "127.0.0.1:1", "log_level": "0"}


class Publisher(OutboxPublisher):
    """A publisher whose every batch is the test's, on a database without an outbox."""

    def __init__(self, batch: Callable[[float], int]) -> None:
        super().__init__(create_engine("sqlite://"), make_producer(NOWHERE, "tests"), lambda: None)
        self._batch = batch

    def publish_batch(self, timeout: float = 60.0) -> int:
        return self._batch(timeout)


@pytest.mark.parametrize(
    "error",
    [KafkaError(KafkaError._FATAL), KafkaError(KafkaError.INVALID_PRODUCER_EPOCH, "fenced", fatal=True)],
    ids=["answer of a dead client", "the error itself"],
)
@pytest.mark.parametrize("when", ["running", "stopping"])
def test_no_publisher_goes_round_with_a_producer_beyond_recovery(error: KafkaError, when: str) -> None:
    stopping = threading.Event()
    if when == "stopping":
        stopping.set()

    def batch(_timeout: float) -> int:
        stopping.set()  # a loop that goes on must end all the same
        raise KafkaException(error)

    with pytest.raises(KafkaException):
        Publisher(batch).run(stopping)


def test_no_error_that_passes_ends_the_publisher() -> None:
    stopping = threading.Event()

    def batch(_timeout: float) -> int:
        stopping.set()
        raise KafkaException(KafkaError(KafkaError._MSG_TIMED_OUT))

    Publisher(batch).run(stopping)


def test_no_stop_waits_until_an_outbox_that_is_filled_on_and_on_is_empty(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    clock = 0.0
    given: list[float] = []
    monkeypatch.setattr(outbox, "time", SimpleNamespace(monotonic=lambda: clock))
    stopping = threading.Event()
    stopping.set()

    def batch(timeout: float) -> int:
        nonlocal clock
        clock += 8
        given.append(timeout)
        assert len(given) < 100, "it never ends"
        return 500

    Publisher(batch).run(stopping)

    assert given == [20, 12, 4]
    assert "stopped" in caplog.text, "what is left is told"


def test_nothing_that_was_not_waited_for_is_sent_later() -> None:
    producer = make_producer(NOWHERE, "tests")

    with pytest.raises(KafkaException):
        produce_all(producer, [("any", b"key", [], b"1")], timeout=0.1)

    producer.flush(0)  # tells of what was taken out
    assert len(producer) == 0


def test_no_fatal_error_hides_behind_another_one() -> None:
    class Dying:
        """A producer that gives up two records, the second for good."""

        def __init__(self) -> None:
            self._told: list[Callable[[], None]] = []

        def produce(self, topic: str, *, on_delivery: Callable[..., None], **_record: object) -> None:
            code = KafkaError._FATAL if self._told else KafkaError._MSG_TIMED_OUT
            self._told.append(lambda: on_delivery(KafkaError(code), topic))

        def flush(self, _timeout: float) -> int:
            for tell in self._told:
                tell()
            return 0

    with pytest.raises(KafkaException) as caught:
        produce_all(Dying(), [("any", b"key", [], b"1")] * 2)  # type: ignore[arg-type]  # a stand-in

    assert caught.value.args[0].code() == KafkaError._FATAL
