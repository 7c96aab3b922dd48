"""Kafka clients with the options every service agrees on."""

from __future__ import annotations

from collections.abc import Iterable

from confluent_kafka import Consumer, KafkaException, Producer
from confluent_kafka.admin import AdminClient

from service_runtime.config import ConfigurationError

MAX_MESSAGE_BYTES = 8 * 1024 * 1024


def make_producer(options: dict[str, str], client: str) -> Producer:
    """Idempotent producer: acks from all in-sync replicas, the Java client's partitioner, zstd."""
    return Producer(
        options
        | {
            "client.id": client,
            "acks": "all",
            "enable.idempotence": True,
            "partitioner": "murmur2_random",
            "compression.type": "zstd",
            "linger.ms": 5,
            "message.max.bytes": MAX_MESSAGE_BYTES,
        }
    )


def make_consumer(options: dict[str, str], group: str, client: str) -> Consumer:
    """Consumer whose offsets are committed by hand and whose lost position is an error, never a silent jump."""
    return Consumer(
        options
        | {
            "client.id": client,
            "group.id": group,
            "enable.auto.commit": False,
            "enable.auto.offset.store": False,
            "auto.offset.reset": "error",
            "fetch.message.max.bytes": MAX_MESSAGE_BYTES,
            "fetch.wait.max.ms": 100,
            "partition.assignment.strategy": "range",
        }
    )


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
