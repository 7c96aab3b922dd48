"""The topics Job: make what is missing of the topics in a file, set what differs, tell what can not be set.

The file is made from deploy/topics.yaml. Services never create topics. Partitions and replicas of a topic that exists are
left alone: with more partitions a key would move to another one, and with it the order of its records.

usage: make_topics.py FILE
KAFKA_BOOTSTRAP_SERVERS and other KAFKA_ variables say how Kafka is reached, as for every service. TOPICS_REPLICATION (a
number) wants fewer replicas than the file, for a cluster of one node.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import (  # type: ignore[attr-defined]  # public, but its types do not say so
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    ResourceType,
)
from confluent_kafka.cimpl import NewTopic

from service_runtime.config import ConfigurationError, Environment, kafka_options

_SECONDS = 60.0
_MIN_IN_SYNC = "min.insync.replicas"


class TopicsError(Exception):
    """The topics can not be brought to what the file wants; the message says which and why."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One topic of the file. `config` has Kafka's own names."""

    name: str
    partitions: int
    replication: int
    config: dict[str, str]

    def with_at_most(self, replicas: int) -> Wanted:
        """The same topic in a smaller cluster: a record is acknowledged while one replica less is in sync."""
        replication = min(self.replication, replicas)
        in_sync = min(int(self.config[_MIN_IN_SYNC]), max(1, replication - 1))
        return replace(self, replication=replication, config={**self.config, _MIN_IN_SYNC: str(in_sync)})


def read_topics(file: Path, replicas: int | None = None) -> list[Wanted]:
    """The topics of the file, with at most so many replicas each.

    Raises:
        OSError, ValueError, KeyError: it can not be read.
    """
    found = [Wanted(**entry) for entry in json.loads(file.read_text("utf-8"))]
    return found if replicas is None else [topic.with_at_most(replicas) for topic in found]


def make_topics(admin: AdminClient, wanted: Sequence[Wanted]) -> list[str]:
    """Make what is missing and set what differs; one line for each thing done, none when all was as it should be.

    Raises:
        TopicsError: Kafka refuses something, or a topic has another number of partitions.
        KafkaException: Kafka does not answer.
    """
    known = admin.list_topics(timeout=_SECONDS).topics
    missing = [topic for topic in wanted if topic.name not in known]
    done = [f"made {name}" for name in _create(admin, missing)]
    there = [topic for topic in wanted if topic.name in known]
    done += [f"set {change}" for change in _configure(admin, there)]
    odd = [
        f"{topic.name} has {len(known[topic.name].partitions)} partitions, wanted {topic.partitions}"
        for topic in there
        if len(known[topic.name].partitions) != topic.partitions
    ]
    if odd:
        raise TopicsError(f"partitions are never changed, a key would lose its order: {'; '.join(odd)}")
    return done


def _create(admin: AdminClient, missing: Sequence[Wanted]) -> list[str]:
    requests = [
        NewTopic(topic.name, topic.partitions, topic.replication, config=topic.config) for topic in missing
    ]
    made, refused = [], []
    for name, future in (
        admin.create_topics(requests, operation_timeout=_SECONDS) if requests else {}
    ).items():
        try:
            future.result(timeout=_SECONDS)
            made.append(name)
        except KafkaException as error:
            if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:  # else another run was faster
                refused.append(f"{name}: {error.args[0].str()}")
    if refused:
        raise TopicsError(f"Kafka refuses to make {'; '.join(refused)}")
    return made


def _configure(admin: AdminClient, there: Sequence[Wanted]) -> list[str]:
    """Set the options in which a topic differs from the file; those that the file does not name are left alone."""
    if not there:
        return []
    described = admin.describe_configs([ConfigResource(ResourceType.TOPIC, topic.name) for topic in there])
    now = {resource.name: future.result(timeout=_SECONDS) for resource, future in described.items()}
    changes = {
        topic.name: {
            option: value for option, value in topic.config.items() if now[topic.name][option].value != value
        }
        for topic in there
    }
    _alter(admin, {name: options for name, options in changes.items() if options})
    return [
        f"{name} {option}={value}" for name, options in changes.items() for option, value in options.items()
    ]


def _alter(admin: AdminClient, changes: dict[str, dict[str, str]]) -> None:
    if not changes:
        return
    resources = [
        ConfigResource(
            ResourceType.TOPIC,
            name,
            incremental_configs=[
                ConfigEntry(option, value, incremental_operation=AlterConfigOpType.SET)
                for option, value in options.items()
            ],
        )
        for name, options in changes.items()
    ]
    for resource, future in admin.incremental_alter_configs(resources).items():
        try:
            future.result(timeout=_SECONDS)
        except KafkaException as error:
            raise TopicsError(f"Kafka refuses to set {resource.name}: {error.args[0].str()}") from error


def _say(lines: Iterable[str]) -> None:
    for line in lines:
        sys.stdout.write(f"{line}\n")


def main(arguments: Sequence[str]) -> int:
    """Make the topics of the file named; 0 = all are as they should be, 1 = not, 2 = wrongly called."""
    if len(arguments) != 1:
        sys.stderr.write("usage: make_topics.py FILE\n")
        return 2
    env = Environment()
    try:
        options: dict[str, Any] = dict(kafka_options(env))
        replicas = env.number("TOPICS_REPLICATION", 0, minimum=0, unit="replicas")
        wanted = read_topics(Path(arguments[0]), int(replicas) or None)
        _say(make_topics(AdminClient(options), wanted) or [f"{len(wanted)} topics are as they should be"])
    except ConfigurationError as error:
        sys.stderr.write(f"topics: {error}\n")
        return 2
    except TopicsError as error:
        sys.stderr.write(f"topics: {error}\n")
        return 1
    except KafkaException as error:
        sys.stderr.write(f"topics: Kafka does not do it: {error.args[0].str()}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
