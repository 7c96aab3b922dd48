"""Kafka clients with the options every service agrees on."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, TypeVar

from confluent_kafka import Consumer, KafkaError, KafkaException, Producer
from confluent_kafka.admin import AdminClient

from service_runtime.config import ConfigurationError

MAX_MESSAGE_BYTES = 8 * 1024 * 1024
MAX_PRODUCED_BYTES = 9 * 1024 * 1024
"""A dead letter is a record of full size with its story added; the topics have limits of their own."""

_Client = TypeVar("_Client", Producer, Consumer)
_NAMED_OPTION = re.compile(r'configuration property:? "([^"]+)"')


def make_producer(options: dict[str, str], client: str) -> Producer:
    """Idempotent producer: acks from all in-sync replicas, the Java client's partitioner, zstd.

    Raises:
        ConfigurationError: librdkafka refuses an option.
    """
    return _make(
        Producer,
        # What configuration may override.
        {
            "client.id": client,
            "linger.ms": 5,
            "delivery.timeout.ms": 45_000,  # less than produce_all waits: what it gives up is not sent later
            "queue.buffering.max.kbytes": 65_536,
        }
        | options
        # What the guarantees rest on.
        | {
            "acks": "all",
            "enable.idempotence": True,
            "partitioner": "murmur2_random",
            "compression.type": "zstd",
            "message.max.bytes": MAX_PRODUCED_BYTES,
        },
        options,
    )


def make_consumer(options: dict[str, str], group: str, client: str) -> Consumer:
    """Consumer whose offsets are committed by hand and whose lost position is an error, never a silent jump.

    Raises:
        ConfigurationError: librdkafka refuses an option.
    """
    return _make(
        Consumer,
        {
            "client.id": client,
            "fetch.wait.max.ms": 100,
            "session.timeout.ms": 10_000,  # a killed replica holds its partitions this long; the default is 45 s
            # What is read ahead counts towards the service's memory, unpacked; one answer may exceed what is queued at most.
            "queued.max.messages.kbytes": 4096,
            "fetch.max.bytes": 4 * 1024 * 1024,
            "fetch.message.max.bytes": 1024 * 1024,  # of a partition; a larger record comes alone
        }
        | options
        | {
            "group.id": group,
            "enable.auto.commit": False,
            "enable.auto.offset.store": False,
            "auto.offset.reset": "error",
            "partition.assignment.strategy": "range",
        },
        options,
    )


def _make(kind: type[_Client], config: dict[str, Any], options: dict[str, str]) -> _Client:
    """A client, or one line that says which variable librdkafka refuses. Values are not repeated: one may be a password."""
    try:
        return kind(config)
    except KafkaException as error:
        if error.args[0].code() != KafkaError._INVALID_ARG:  # noqa: SLF001  # librdkafka's local codes begin with an underscore
            raise
        text: str = error.args[0].str()
        option = _NAMED_OPTION.search(text)
        if option is None:
            raise ConfigurationError(f"KAFKA_ variables: {text}") from None
        variable = "KAFKA_" + option[1].upper().replace(".", "_")
        where = variable if option[1] in options else "KAFKA_ variables"
        raise ConfigurationError(
            f"{where}: librdkafka refuses the option {option[1]} or its value, wanted one of its documented options"
        ) from None


def is_beyond_recovery(error: KafkaError) -> bool:
    """Whether the client that told this error can never again do anything: only a new process helps.

    The error that librdkafka answers every later call with (`_FATAL`) does not always say of itself that it is fatal.
    """
    return error.fatal() or error.code() == KafkaError._FATAL  # noqa: SLF001  # librdkafka's local codes begin with an underscore


def require_topics(options: dict[str, str], topics: Iterable[str], timeout: float = 30.0) -> None:
    """Services never create topics: stop if one is missing.

    Raises:
        ConfigurationError: the broker does not answer, or a topic is missing; the message names them.
    """
    try:
        known = AdminClient(dict(options)).list_topics(timeout=timeout).topics
    except KafkaException as error:
        raise ConfigurationError(
            f"KAFKA_BOOTSTRAP_SERVERS {options['bootstrap.servers']}: no broker answers ({error.args[0].name()}), wanted a running Kafka"
        ) from error
    missing = sorted(set(topics) - set(known))
    if missing:
        raise ConfigurationError(
            f"Kafka lacks the topics {', '.join(missing)}: create them from deploy/topics.yaml"
        )
