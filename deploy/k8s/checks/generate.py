"""Files made from other files: the topics Job's list, Strimzi's topics and users, the sandbox's tenants.

`python -m deploy.k8s.checks.generate` writes them; a test fails while they are not what it would write.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml

from deploy.k8s.checks.flows import CLIENTS, SCHEMA_GROUPS, TABLE_GROUPS, Client
from invoice_events import names
from local_stack.topics import Topic, load_topics
from simulators.books import generate

K8S = Path(__file__).parents[1]
CLUSTER = "invoice-sync"
"""Name of Strimzi's cluster, and with it of its Services."""

_HEADER = "# Written by `python -m deploy.k8s.checks.generate`; change {source} instead.\n"
_SEED, _INVOICES, _DAY = 7, 40, dt.date(2026, 1, 15)
_API = "kafka.strimzi.io/v1"


def generated() -> dict[Path, str]:
    """Every generated file with what it has to hold."""
    topics = load_topics()
    return {
        K8S / "base/topics/topics.json": json.dumps([_plain(topic) for topic in topics], indent=1) + "\n",
        K8S / "components/strimzi/topics.yaml": _HEADER.format(source="deploy/topics.yaml")
        + _documents([_kafka_topic(topic) for topic in topics]),
        K8S / "components/strimzi/users.yaml": _HEADER.format(source="deploy/k8s/checks/flows.py")
        + _documents([_kafka_user(client) for client in CLIENTS]),
        **_tenants(),
    }


def _tenants() -> dict[Path, str]:
    """The three cuts of the tenants file for the simulators' books. It depends neither on the day nor on the number of invoices."""
    books = generate(_SEED, _INVOICES, today=_DAY).tenants_file()
    without = {"poller": {"xero"}, "xero-writer": {"autotask"}, "status-api": {"autotask", "xero"}}
    return {
        K8S / f"overlays/sandbox/tenants/{service}.json": json.dumps(
            {
                "tenants": [
                    {key: value for key, value in tenant.items() if key not in left_out}
                    for tenant in books["tenants"]
                ]
            },
            indent=1,
        )
        + "\n"
        for service, left_out in without.items()
    }


def _documents(documents: Sequence[dict[str, Any]]) -> str:
    return yaml.safe_dump_all(documents, sort_keys=False, width=120)


def _plain(topic: Topic) -> dict[str, Any]:
    return {
        "name": topic.name,
        "partitions": topic.partitions,
        "replication": topic.replication,
        "config": topic.config(),
    }


def _kafka_topic(topic: Topic) -> dict[str, Any]:
    return {
        "apiVersion": _API,
        "kind": "KafkaTopic",
        "metadata": {"name": topic.name, "labels": {"strimzi.io/cluster": CLUSTER}},
        "spec": {"partitions": topic.partitions, "replicas": topic.replication, "config": topic.config()},
    }


def _kafka_user(client: Client) -> dict[str, Any]:
    return {
        "apiVersion": _API,
        "kind": "KafkaUser",
        "metadata": {"name": user_of(client), "labels": {"strimzi.io/cluster": CLUSTER}},
        "spec": {
            "authentication": {"type": "tls"},
            "authorization": {"type": "simple", "acls": list(_acls(client))},
        },
    }


def user_of(client: Client) -> str:
    """Name of a client's KafkaUser, and of the Secret with its certificate."""
    return f"kafka-{client.name}"


def _acls(client: Client) -> Iterator[dict[str, Any]]:
    """What a client may do. An idempotent producer needs no more than to write to a topic; Describe comes with either."""
    for topic in sorted(client.reads | client.writes):
        operations = [
            operation
            for operation, allowed in (("Read", client.reads), ("Write", client.writes))
            if topic in allowed
        ]
        yield _acl("topic", topic, "literal", [*operations, "Describe"])
    if client.group is not None:
        # Also `<service>.dlq.replay`, in which replays keep their place.
        yield _acl("group", client.group, "prefix", ["Read", "Describe"])
    schemas = [SCHEMA_GROUPS] if names.SCHEMAS in client.reads else []
    for prefix in [*schemas, *([TABLE_GROUPS] if client.tables else [])]:
        yield _acl("group", prefix, "prefix", ["Read", "Describe"])


def _acl(kind: str, name: str, pattern: str, operations: Sequence[str]) -> dict[str, Any]:
    return {
        "resource": {"type": kind, "name": name, "patternType": pattern},
        "operations": list(operations),
        "host": "*",
    }


def main() -> None:
    """Write them."""
    for file, text in generated().items():
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
