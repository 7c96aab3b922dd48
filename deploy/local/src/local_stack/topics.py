"""deploy/topics.yaml: read, checked, and made in a broker."""

import re
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Literal

import yaml
from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from local_stack.errors import StackError
from local_stack.paths import TOPICS_FILE

_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{0,200}")
_DAYS = re.compile(r"([1-9][0-9]{0,4})d")
_NUMBERS = ("partitions", "replication", "min_insync_replicas", "max_message_bytes")
_KEYS = {*_NUMBERS, "cleanup", "retention"}
_DAY_MS = 86_400_000
_CREATE_SECONDS = 60.0
_PROBE_PAUSE_SECONDS = 0.05


class TopicsFileError(StackError):
    """The file of topics is wrong; the message names the place and what it wants."""


@dataclass(frozen=True, kw_only=True)
class Topic:
    """One topic as the file wants it.

    Attributes:
        retention: how long records are kept; None = for ever. Compacted topics have none.
    """

    name: str
    partitions: int
    replication: int
    min_insync_replicas: int
    max_message_bytes: int
    cleanup: Literal["delete", "compact"]
    retention: timedelta | None

    def config(self) -> dict[str, str]:
        """The topic's settings in Kafka's own names."""
        settings = {
            "cleanup.policy": self.cleanup,
            "max.message.bytes": str(self.max_message_bytes),
            "min.insync.replicas": str(self.min_insync_replicas),
        }
        if self.cleanup == "compact":
            # The active segment is never compacted: close it daily, or a quiet topic keeps every version.
            settings |= {"segment.ms": str(_DAY_MS), "min.cleanable.dirty.ratio": "0.1"}
        else:
            retention = -1 if self.retention is None else self.retention // timedelta(milliseconds=1)
            settings |= {"retention.ms": str(retention), "retention.bytes": "-1"}
        return settings

    def fitted(self, brokers: int, partitions: int | None) -> "Topic":
        """The same topic for a small cluster: no more replicas than brokers, at most so many partitions."""
        replication = min(self.replication, brokers)
        return replace(
            self,
            replication=replication,
            min_insync_replicas=min(self.min_insync_replicas, max(1, replication - 1)),
            partitions=self.partitions if partitions is None else min(self.partitions, partitions),
        )


def load_topics(file: Path = TOPICS_FILE) -> tuple[Topic, ...]:
    """Every topic of the file.

    Raises:
        TopicsFileError: it can not be read, or says something it should not.
    """
    try:
        document = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise TopicsFileError(f"{file} can not be read: {error}") from error
    match document:
        case {"defaults": dict(defaults), "topics": dict(topics), **rest} if not rest and topics:
            return tuple(_topic(file, str(name), defaults, given) for name, given in topics.items())
        case _:
            raise TopicsFileError(f"{file} must have `defaults` and `topics`, and nothing else")


def create_topics(
    bootstrap: str, topics: Iterable[Topic] | None = None, *, partitions: int | None = None
) -> tuple[Topic, ...]:
    """Make the topics that are missing and wait until each has leaders; those that exist are left alone.

    Args:
        bootstrap: address of the broker.
        topics: default: those of deploy/topics.yaml.
        partitions: upper bound, for tests that want less than production has.

    Returns:
        The topics, fitted to the number of brokers found.

    Raises:
        StackError: the broker refuses one, or they did not become usable in a minute.
    """
    admin = AdminClient({"bootstrap.servers": bootstrap, "log_level": 0})  # refusals are raised, not printed
    brokers = len(admin.list_topics(timeout=_CREATE_SECONDS).brokers)
    wanted = tuple(
        topic.fitted(brokers, partitions) for topic in (load_topics() if topics is None else topics)
    )
    requests = [
        NewTopic(topic.name, topic.partitions, topic.replication, config=topic.config()) for topic in wanted
    ]
    for name, future in admin.create_topics(requests, operation_timeout=_CREATE_SECONDS).items():
        try:
            future.result(timeout=_CREATE_SECONDS)
        except KafkaException as error:
            if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
                raise StackError(f"topic {name} can not be made: {error.args[0].str()}") from error
    _await_leaders(admin, wanted)
    return wanted


def _await_leaders(admin: AdminClient, topics: Sequence[Topic]) -> None:
    deadline = time.monotonic() + _CREATE_SECONDS
    while True:
        known = admin.list_topics(timeout=_CREATE_SECONDS).topics
        missing = [
            topic.name
            for topic in topics
            if topic.name not in known
            or not known[topic.name].partitions
            or any(partition.leader < 0 for partition in known[topic.name].partitions.values())
        ]
        if not missing:
            return
        if time.monotonic() > deadline:
            raise StackError(f"topics without a leader after {_CREATE_SECONDS:.0f} s: {', '.join(missing)}")
        time.sleep(_PROBE_PAUSE_SECONDS)


def _topic(file: Path, name: str, defaults: dict[str, object], given: object) -> Topic:
    where = f"{file}: topic {name!r}"
    if _NAME.fullmatch(name) is None:
        raise TopicsFileError(f"{where}: a name has a-z, 0-9, dots and hyphens only")
    if not isinstance(given, dict):
        raise TopicsFileError(f"{where}: wants at least {{cleanup: delete, retention: forever}}")
    values: dict[str, object] = {**defaults, **given}
    unknown = set(values) - _KEYS
    if unknown:
        raise TopicsFileError(f"{where}: unknown key {min(unknown)!r}; known are {', '.join(sorted(_KEYS))}")
    numbers = {key: _positive(where, key, values.get(key)) for key in _NUMBERS}
    if numbers["min_insync_replicas"] > numbers["replication"]:
        raise TopicsFileError(f"{where}: min_insync_replicas exceeds replication, nothing could be written")
    match values.get("cleanup"), values.get("retention"):
        case "compact", None:
            return Topic(name=name, cleanup="compact", retention=None, **numbers)
        case "delete", "forever":
            return Topic(name=name, cleanup="delete", retention=None, **numbers)
        case "delete", str(text) if days := _DAYS.fullmatch(text):
            return Topic(name=name, cleanup="delete", retention=timedelta(days=int(days[1])), **numbers)
        case _:
            raise TopicsFileError(
                f"{where}: wants cleanup compact without retention, or cleanup delete with retention "
                '"forever" or days such as "90d"'
            )


def _positive(where: str, key: str, value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise TopicsFileError(f"{where}: {key} must be a whole number of at least 1, not {value!r}")
    return value
