"""Commands that a person types beside a running service, and records that its handler could not do with."""

from __future__ import annotations

import os
import subprocess
import sys

from confluent_kafka import Consumer, TopicPartition

from service_runtime.dead_letters import DeadLetters
from service_runtime.kafka import make_consumer, make_producer
from service_runtime.records import Poison, Record

_PATIENCE = 120.0


def type_command(package: str, *arguments: str, **environment: str) -> tuple[int, str, str]:
    """Run `python -m package …` to its end. Returns exit code, standard output and standard error."""
    ended = subprocess.run(
        [sys.executable, "-m", package, *arguments],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=_PATIENCE,
    )
    return ended.returncode, ended.stdout, ended.stderr


def bury(bootstrap: str, service: str, *records: Record) -> None:
    """Put records among the dead letters of a service, as its own handler would."""
    producer = make_producer({"bootstrap.servers": bootstrap}, "tests")
    DeadLetters(service, producer, 1.0).bury([Poison(record, "not understood") for record in records])


def group_stands_at(bootstrap: str, group: str, topic: str, offset: int) -> None:
    """Let a group have read a topic's first partition up to an offset."""
    consumer: Consumer = make_consumer({"bootstrap.servers": bootstrap}, group, "tests")
    try:
        consumer.commit(offsets=[TopicPartition(topic, 0, offset)], asynchronous=False)
    finally:
        consumer.close()
