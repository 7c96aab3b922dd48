"""Topics, ACLs and network edges follow the code: what a service subscribes to, requires and calls."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

import mapper.adapters.batch
import mapper.bootstrap
import poller.adapters.intake
import poller.bootstrap
import status_api.names
import status_api.notify.dead_letters
import xero_writer.adapters.intake
import xero_writer.bootstrap
from deploy.k8s.checks.edges import INTERNET, coming_in, going_out
from deploy.k8s.checks.flows import CLIENTS, SCHEMA_GROUPS, TABLE_GROUPS, Client
from deploy.k8s.checks.generate import user_of
from deploy.k8s.checks.policy import pod_of
from deploy.k8s.checks.processes import PROCESSES
from invoice_events import names
from local_stack.services import SERVICES
from local_stack.topics import load_topics

Object = dict[str, Any]
ObjectsOf = Callable[[str], Sequence[Object]]
ROOT = Path(__file__).parents[3]
BY_NAME = {client.name: client for client in CLIENTS}

REQUIRED = {
    "poller": poller.bootstrap.ALL_TOPICS,
    "mapper": mapper.bootstrap.TOPICS,
    "xero-writer": xero_writer.bootstrap._NEEDED_TOPICS,
    "status-api-materialize": (
        *status_api.names.FOLDED_TOPICS,
        names.SCHEMAS,
        status_api.names.DEAD_LETTERS,
    ),
    "status-api-notify": status_api.notify.dead_letters.WATCHED,
}
"""What each service requires to be there when it starts: all it reads or writes."""

SUBSCRIBED = {
    "poller": poller.adapters.intake.TOPICS,
    "mapper": mapper.adapters.batch.DISCOVERED,
    "xero-writer": xero_writer.adapters.intake.TOPICS,
    "status-api-materialize": status_api.names.FOLDED_TOPICS,
    "status-api-notify": status_api.notify.dead_letters.WATCHED,
}

every_service = pytest.mark.parametrize("name", REQUIRED)
every_client = pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.name)


def test_no_process_is_without_its_kafka_client() -> None:
    assert set(BY_NAME) == {process.name for process in PROCESSES if process.service.kafka}


@every_service
def test_no_service_may_do_less_or_more_than_it_requires(name: str) -> None:
    assert BY_NAME[name].reads | BY_NAME[name].writes == set(REQUIRED[name])


@every_service
def test_no_subscription_is_refused(name: str) -> None:
    assert set(SUBSCRIBED[name]) <= BY_NAME[name].reads


def test_no_reading_is_allowed_that_the_code_does_not_do() -> None:
    """Beyond subscriptions: followed tables, the schemas, and the service's own dead letters, for `replay`."""
    for name, subscribed in SUBSCRIBED.items():
        client = BY_NAME[name]
        beyond = client.reads - set(subscribed) - {names.SCHEMAS, f"{client.service}.dlq"}
        assert beyond == set(
            _named(client.service, r"CompactedTable(?:\[[^\]]*\])?\(\s*\w+(?:\.\w+)?,\s*names\.(\w+)")
        ), name


@every_client
def test_no_writing_is_allowed_that_the_code_does_not_do(client: Client) -> None:
    mentioned = {
        topic for topic in _named(client.service, r"\bnames\.([A-Z_]+)\b") if topic in names.EVENT_TOPICS
    }
    events = client.writes - {names.SCHEMAS, f"{client.service}.dlq"}
    # A stage that is named is written for orders, too (`names.topic_of`).
    assert {topic.replace("purchase-order.", "invoice.") for topic in events} <= mentioned


def test_no_topic_is_written_by_nobody_or_read_by_nobody() -> None:
    topics = {topic.name for topic in load_topics()}
    assert set().union(*(client.writes for client in CLIENTS)) == topics
    assert set().union(*(client.reads for client in CLIENTS)) == topics


def test_no_topic_that_only_one_service_may_write_is_written_by_another() -> None:
    writers = {
        topic: {client.service for client in CLIENTS if topic in client.writes}
        for topic in (topic.name for topic in load_topics())
    }
    assert writers["sync.settings"] == writers["sync.commands"] == {"status-api"}
    assert writers["xero.reference"] == writers["invoice.synced"] == {"xero-writer"}
    for topic, services in writers.items():
        if topic.endswith(".dlq"):
            assert services == {topic.removesuffix(".dlq")}


@every_client
def test_no_acl_is_wider_than_the_client_needs(client: Client) -> None:
    users = yaml.safe_load_all((ROOT / "deploy/k8s/components/strimzi/users.yaml").read_text("utf-8"))
    user = next(each for each in users if each["metadata"]["name"] == user_of(client))
    acls = user["spec"]["authorization"]["acls"]
    allowed = {
        operation: {
            acl["resource"]["name"]
            for acl in acls
            if acl["resource"]["type"] == "topic" and operation in acl["operations"]
        }
        for operation in ("Read", "Write")
    }
    assert allowed == {"Read": client.reads, "Write": client.writes}
    assert {operation for acl in acls for operation in acl["operations"]} <= {"Read", "Write", "Describe"}
    assert all(
        acl["resource"]["patternType"] == "literal" for acl in acls if acl["resource"]["type"] == "topic"
    )
    groups = {acl["resource"]["name"] for acl in acls if acl["resource"]["type"] == "group"}
    schemas = {SCHEMA_GROUPS} if names.SCHEMAS in client.reads else set()
    assert groups == {client.group} - {None} | schemas | ({TABLE_GROUPS} if client.tables else set())


def test_no_group_of_the_code_is_left_out_of_the_acls() -> None:
    runtime = "\n".join(_sources("libs/runtime/src"))
    assert set(re.findall(r'"group\.id": f"([a-z]+-)\{', runtime)) == {SCHEMA_GROUPS, TABLE_GROUPS}
    assert re.findall(r'make_consumer\(options, f"\{topic\}\.(\w+)"', runtime) == ["replay"]
    for client in CLIENTS:
        assert client.group in {client.service, client.name, None}


SERVICE_EDGES = {
    "poller": {"kafka", "postgres", "autotask"},
    "mapper": {"kafka"},
    "xero-writer": {"kafka", "postgres", "xero"},
    "status-api-serve": {"kafka", "postgres"},
    "status-api-materialize": {"kafka", "postgres"},
    "status-api-notify": {"kafka", "postgres", "mail", "chat"},
    "dashboard": {"status-api"},
    "topics": {"kafka"},
    "migrate-poller": {"postgres"},
    "migrate-xero-writer": {"postgres"},
    "migrate-status-api": {"postgres"},
}
"""Who talks to whom. Held against the code below."""


def test_no_edge_is_missing_or_too_many_in_the_sandbox(objects_of: ObjectsOf) -> None:
    place = {
        "kafka": ("kafka", 9092),
        "postgres": ("postgres", 5432),
        "autotask": ("autotask-simulator", 8081),
        "xero": ("xero-simulator", 8082),
        "status-api": ("status-api-serve", 8080),
    }
    # Neither a mail server nor a chat is there, and no way to one.
    wanted = {
        (who, *place[whom]) for who, edges in SERVICE_EDGES.items() for whom in edges - {"mail", "chat"}
    }
    objects = objects_of("overlays/sandbox")
    assert going_out(objects) == wanted
    # Both ends agree: whoever may go there is let in, by the name of the port.
    ports = {"kafka": "kafka", "postgres": "postgres"} | dict.fromkeys(
        ("autotask-simulator", "xero-simulator", "status-api-serve"), "http"
    )
    inside = {edge for edge in coming_in(objects) if not edge[0].startswith("namespace ")}
    assert inside == {(who, whom, ports[whom]) for who, whom, _ in wanted}


def test_no_edge_is_missing_or_too_many_in_production(objects_of: ObjectsOf) -> None:
    places: dict[str, set[tuple[str, int]]] = {
        "kafka": {("strimzi.io/cluster=invoice-sync,strimzi.io/kind=Kafka", 9093)},
        "postgres": {("192.0.2.10/32", 5432)},
        "autotask": {(INTERNET, 443)},
        "xero": {(INTERNET, 443)},
        "status-api": {("status-api-serve", 8080)},
        "mail": {(INTERNET, 465), (INTERNET, 587)},
        "chat": {(INTERNET, 443)},
    }
    wanted = {
        (who, *place)
        for who, edges in SERVICE_EDGES.items()
        if who != "topics"
        for whom in edges
        for place in places[whom]
    }
    assert going_out(objects_of("overlays/production")) == wanted


def test_nobody_but_prometheus_and_the_ingress_comes_in_from_outside(objects_of: ObjectsOf) -> None:
    scraped = {("namespace monitoring", process.name, "metrics") for process in PROCESSES}
    outside = {
        edge for edge in coming_in(objects_of("overlays/production")) if edge[0].startswith("namespace ")
    }
    assert outside == {
        *scraped,
        ("namespace ingress-nginx", "status-api-serve", "http"),
        ("namespace ingress-nginx", "dashboard", "http"),
    }


def test_nobody_but_the_dashboard_asks_status_api_from_inside(objects_of: ObjectsOf) -> None:
    inside = {
        edge for edge in coming_in(objects_of("overlays/production")) if not edge[0].startswith("namespace ")
    }
    assert inside == {("dashboard", "status-api-serve", "http")}


def test_nobody_believes_where_a_request_came_from_without_being_told_whom_to_trust(
    objects_of: ObjectsOf,
) -> None:
    """Sign-ins are counted by address: behind the dashboard everybody would share one count."""
    example = (ROOT / "deploy/k8s/overlays/production/secrets/status-api-serve.env.example").read_text(
        "utf-8"
    )
    assert re.search(r"^STATUS_API_TRUSTED_PROXIES=\S+$", example, re.MULTILINE)
    secret = next(
        each
        for each in objects_of("overlays/sandbox")
        if each["kind"] == "Secret" and each["metadata"]["name"].startswith("status-api-serve")
    )
    assert "STATUS_API_TRUSTED_PROXIES" in secret["data"]


def test_no_edge_differs_from_what_a_service_is_told(objects_of: ObjectsOf) -> None:
    """A service with a database is given one and reaches it, one without neither; the same of Kafka."""
    for process in PROCESSES:
        assert ("postgres" in SERVICE_EDGES[process.name]) == process.service.database, process.name
        assert ("kafka" in SERVICE_EDGES[process.name]) == process.service.kafka, process.name
    for each in objects_of("base"):
        pod = pod_of(each)
        if pod is None:
            continue
        spec = pod["spec"]["containers"][0]
        told = {source["secretRef"]["name"] for source in spec.get("envFrom", []) if "secretRef" in source}
        edges = SERVICE_EDGES[each["metadata"]["name"]]
        assert any(name.endswith("-database") for name in told) == ("postgres" in edges), each["metadata"][
            "name"
        ]


@pytest.mark.parametrize(
    ("side", "variable", "service"),
    [
        ("autotask", "AUTOTASK_ZONE_URL", "poller"),
        ("xero", "XERO_API_URL", "xero-writer"),
        ("status-api", "STATUS_API_URL", "dashboard"),
    ],
)
def test_no_service_reaches_a_provider_without_being_the_one_that_calls_it(
    side: str, variable: str, service: str
) -> None:
    callers = {
        name for name in SERVICES if any(f'"{variable}"' in text for text in _sources(f"services/{name}/src"))
    }
    assert callers == {service}
    assert {name for name, edges in SERVICE_EDGES.items() if side in edges} == {service}


def _sources(folder: str) -> Iterable[str]:
    return [file.read_text("utf-8") for file in sorted((ROOT / folder).rglob("*.py"))]


def _named(service: str, pattern: str) -> set[str]:
    """Topics that a service's code names in a place that the pattern describes."""
    found = {
        constant for text in _sources(f"services/{service}/src") for constant in re.findall(pattern, text)
    }
    return {topic for constant in found if isinstance(topic := getattr(names, constant, None), str)}
