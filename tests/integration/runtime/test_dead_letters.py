"""What can not be handled is kept whole, with its story; a service that can handle little stops."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from confluent_kafka import Producer

from local_stack.topics import load_topics
from service_runtime.dead_letters import DeadLetters, DeadLettersUnwritableError, TooManyDeadLettersError
from service_runtime.kafka import MAX_MESSAGE_BYTES, make_producer
from service_runtime.records import Poison, Record
from tests.support.topics import Topics

pytestmark = [pytest.mark.stack, pytest.mark.usefixtures("kafka_topics")]
TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def _record(
    value: bytes | None = b"\xff\x00 raw", key: bytes | None = b"acme/invoice/1", **headers: bytes
) -> Record:
    return Record("invoice.mapped", 2, 77, key, value, list(headers.items()))


def _last(kafka: str) -> Any:  # noqa: ANN401  # the stubs have no type for a message that was read
    return Topics(kafka).raw("mapper.dlq")[-1]


def _dead_letters(producer: Producer, share: float = 0.5) -> DeadLetters:
    return DeadLetters("mapper", producer, share)


def test_no_dead_letter_loses_its_bytes_headers_or_story(
    producer: Producer, kafka: str, caplog: pytest.LogCaptureFixture
) -> None:
    record = _record(
        tenant=b"acme",
        document=b"invoice/1",
        revision=b"5",
        schema=b"x",
        traceparent=TRACE.encode(),
        odd=b"\xff",
    )

    with caplog.at_level(logging.ERROR):
        _dead_letters(producer).bury([Poison(record, "the bytes do not fit")])

    message = _last(kafka)
    headers = dict(message.headers())
    assert (message.key(), message.value()) == (b"acme/invoice/1", b"\xff\x00 raw")
    assert {
        name: headers[name] for name in ("tenant", "document", "revision", "schema", "traceparent", "odd")
    } == dict(record.headers)
    assert {
        name: value.decode()
        for name, value in headers.items()
        if name.startswith("dlq.") and name != "dlq.at"
    } == {
        "dlq.service": "mapper",
        "dlq.topic": "invoice.mapped",
        "dlq.partition": "2",
        "dlq.offset": "77",
        "dlq.reason": "the bytes do not fit",
    }
    assert headers["dlq.at"].decode().endswith("+00:00")
    (line,) = [line for line in caplog.records if "mapper.dlq" in line.getMessage()]
    assert (line.__dict__["tenant"], line.__dict__["document"], line.__dict__["revision"]) == (
        "acme",
        "invoice/1",
        "5",
    )


def test_no_record_without_headers_key_or_value_is_lost_or_changed(producer: Producer, kafka: str) -> None:
    _dead_letters(producer).bury([Poison(_record(value=None, key=None), "empty")])

    message = _last(kafka)
    assert (message.key(), message.value()) == (None, None)
    assert dict(message.headers())["traceparent"].decode().startswith("00-")


def test_no_record_that_dies_twice_keeps_the_old_story_beside_the_new(producer: Producer, kafka: str) -> None:
    record = Record("mapper.dlq", 0, 5, b"k", b"v", [("dlq.reason", b"old"), ("tenant", b"acme")])

    _dead_letters(producer).bury([Poison(record, "new")])

    assert [value for name, value in _last(kafka).headers() if name == "dlq.reason"] == [b"new"]


def test_no_record_of_full_size_is_too_large_to_bury(producer: Producer, kafka: str) -> None:
    """Else the service could neither handle nor bury it, and would never get past it."""
    assert {topic.name: topic for topic in load_topics()}["mapper.dlq"].max_message_bytes > MAX_MESSAGE_BYTES
    noise = b"".join(number.to_bytes(4, "big") for number in range((MAX_MESSAGE_BYTES - 2000) // 4))

    _dead_letters(producer).bury([Poison(_record(noise, tenant=b"x" * 1500), "r" * 5000)])

    assert _last(kafka).value() == noise


def test_no_batch_counts_as_buried_that_kafka_did_not_take() -> None:
    nowhere = make_producer(
        {"bootstrap.servers": "127.0.0.1:1", "delivery.timeout.ms": "500", "log_level": "0"}, "t"
    )

    with pytest.raises(DeadLettersUnwritableError, match=r"1 records .* could not be kept in mapper\.dlq"):
        _dead_letters(nowhere).bury([Poison(_record(), "away")])


def test_no_service_goes_on_when_most_of_what_it_reads_dies(producer: Producer, kafka: str) -> None:
    letters = _dead_letters(producer, share=0.2)
    letters.handled(90)
    letters.bury([Poison(_record(), "a few") for _ in range(19)])
    before = len(Topics(kafka).raw("mapper.dlq"))

    with pytest.raises(TooManyDeadLettersError, match=r"28 of the last 118 .* more than a share of 0\.2"):
        letters.bury([Poison(_record(), "many") for _ in range(9)])

    assert len(Topics(kafka).raw("mapper.dlq")) == before, (
        "the batch is not committed, so they would be written again"
    )


def test_no_service_that_is_started_again_and_again_fills_the_topic(producer: Producer, kafka: str) -> None:
    before = len(Topics(kafka).raw("mapper.dlq"))
    batch = [Poison(_record(), "not for this release") for _ in range(150)]

    for _ in range(3):
        with pytest.raises(
            TooManyDeadLettersError,
            match=r"150 of the last 150 .* the last: invoice\.mapped\[2\]@77: not for this release",
        ):
            _dead_letters(producer).bury(batch)

    assert len(Topics(kafka).raw("mapper.dlq")) == before


def test_no_service_stops_for_a_few_bad_records_at_its_start(producer: Producer) -> None:
    letters = _dead_letters(producer, share=0.01)

    letters.bury([Poison(_record(), "first of all") for _ in range(99)])


def test_no_old_trouble_counts_for_ever(producer: Producer) -> None:
    letters = _dead_letters(producer, share=0.05)
    letters.bury([Poison(_record(), "long ago") for _ in range(60)])
    letters.handled(5000)

    letters.bury([Poison(_record(), "now") for _ in range(50)])
