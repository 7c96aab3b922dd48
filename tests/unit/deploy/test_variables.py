"""Variables in manifests are those that the code reads, and nothing a service needs is left out."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from deploy.k8s.checks.generate import K8S
from deploy.k8s.checks.policy import containers_of, name_of, pod_of
from deploy.k8s.checks.processes import PROCESSES
from deploy.k8s.checks.render import rendered_secrets
from local_stack.services import SERVICES

Object = dict[str, Any]
ObjectsOf = Callable[[str], Sequence[Object]]
ROOT = Path(__file__).parents[3]

_READ = re.compile(
    r"\benv\.(?:text|optional|number|port|url|choice|database_url)\(\s*(?:\"([A-Z_]+)\")?|^_VARIABLE = \"([A-Z_]+)\"",
    re.MULTILINE,
)
OF_IMAGES = {
    "postgres": {"POSTGRES_USER", "POSTGRES_PASSWORD", "POSTGRES_DB", "PGDATA"},
    "kafka": {"KAFKA_ADVERTISED_LISTENERS"},
}
OF_LIBRDKAFKA = {
    "KAFKA_SECURITY_PROTOCOL",
    "KAFKA_SSL_CA_LOCATION",
    "KAFKA_SSL_CERTIFICATE_LOCATION",
    "KAFKA_SSL_KEY_LOCATION",
}


def _read_by(folder: str) -> set[str]:
    found = set()
    for file in (ROOT / folder).rglob("*.py"):
        for named, constant in _READ.findall(file.read_text("utf-8")):
            found.add(named or constant or "DATABASE_URL")
    return found


SHARED = _read_by("libs/runtime/src") | OF_LIBRDKAFKA
KNOWN = {name: _read_by(f"services/{name}/src") | SHARED for name in SERVICES}


def _told(container: Object, objects: Sequence[Object]) -> dict[str, str | None]:
    """Variables of a container by name; None = a value that only a Secret knows."""
    stores = {(each["kind"], each["metadata"]["name"]): each for each in [*objects, *rendered_secrets()]}
    told: dict[str, str | None] = {}
    for source in container.get("envFrom", []):
        kind = "ConfigMap" if "configMapRef" in source else "Secret"
        name = (source.get("configMapRef") or source["secretRef"])["name"]
        data = stores[kind, name].get("data") or {}
        told |= data if kind == "ConfigMap" else dict.fromkeys(data)
    return told | {each["name"]: each.get("value") for each in container.get("env", [])}


def _containers(objects: Sequence[Object], prefix: str) -> list[tuple[str, Object]]:
    """Name of the workload and container of everything that runs an image whose name begins so."""
    return [
        (name_of(each), container)
        for each in objects
        if (pod := pod_of(each)) is not None
        for container in containers_of(pod)
        if re.search(rf"(?:^|/){prefix}:", container["image"])
    ]


@pytest.mark.parametrize("folder", ["overlays/sandbox", "overlays/production"])
@pytest.mark.parametrize("service", SERVICES)
def test_no_variable_is_told_that_the_service_does_not_read(
    service: str, folder: str, objects_of: ObjectsOf
) -> None:
    objects = objects_of(folder)
    found = _containers(objects, service)
    assert found
    for name, container in found:
        known = KNOWN[service] | ({"TOPICS_REPLICATION"} if "topics" in name else set())
        assert set(_told(container, objects)) <= known, name


REQUIRED = {
    "poller": {"DATABASE_URL", "TENANTS_FILE"},
    "mapper": set(),
    "xero-writer": {"DATABASE_URL", "TENANTS_FILE"},
    "status-api-serve": {"DATABASE_URL", "TENANTS_FILE", "STATUS_API_ADMIN_TOKEN"},
    "status-api-materialize": {"DATABASE_URL"},
    "status-api-notify": {"DATABASE_URL"},
    "dashboard": {"STATUS_API_URL", "DASHBOARD_SESSION_KEY", "DASHBOARD_PORT"},
}


@pytest.mark.parametrize("folder", ["overlays/sandbox", "overlays/production"])
@pytest.mark.parametrize("name", REQUIRED)
def test_no_variable_that_a_service_needs_is_missing(name: str, folder: str, objects_of: ObjectsOf) -> None:
    objects = objects_of(folder)
    deployment = next(each for each in objects if name_of(each) == f"Deployment {name}")
    told = _told(deployment["spec"]["template"]["spec"]["containers"][0], objects)
    assert {"KAFKA_BOOTSTRAP_SERVERS", "METRICS_PORT", *REQUIRED[name]} <= set(told)
    assert told["METRICS_PORT"] == "9100"
    if "TENANTS_FILE" in REQUIRED[name]:
        assert told["TENANTS_FILE"] == "/etc/invoice-sync/tenants.yaml"


def test_the_variables_that_code_requires_are_those_looked_for() -> None:
    """Each `env.text("X", …)` and `env.database_url()` of a service; the operator of `migrate` has the same database."""
    for service in SERVICES:
        required = set()
        for file in (ROOT / f"services/{service}/src").rglob("*.py"):
            text = file.read_text("utf-8")
            required |= set(re.findall(r"env\.text\(\s*\"([A-Z_]+)\"", text))
            required |= {"DATABASE_URL"} if "env.database_url()" in text else set()
        named = set().union(*(needs for name, needs in REQUIRED.items() if name.startswith(service)))
        assert required <= named | {"KAFKA_BOOTSTRAP_SERVERS"}, service


def test_no_default_of_the_base_differs_from_the_documented_one(objects_of: ObjectsOf) -> None:
    page = (ROOT / "docs/configuration.md").read_text("utf-8")
    objects = objects_of("base")
    for each in objects:
        if each["kind"] != "ConfigMap" or each["metadata"]["name"].startswith("topics"):
            continue
        for variable, value in each["data"].items():
            if variable in {"KAFKA_BOOTSTRAP_SERVERS", "STATUS_API_URL"}:
                continue  # they have no default
            row = next(line for line in page.splitlines() if line.startswith(f"| `{variable}`"))
            assert re.search(rf"\| {re.escape(value)} \|", row), row


@pytest.mark.parametrize("service", SERVICES)
def test_no_command_of_a_manifest_is_unknown_to_its_service(service: str, objects_of: ObjectsOf) -> None:
    cli = (ROOT / f"services/{service}/src/{SERVICES[service].package}/cli.py").read_text("utf-8")
    for name, container in _containers(objects_of("overlays/sandbox"), service):
        if "command" not in container:
            (command,) = container["args"]
            assert f'"{command}":' in cli, name


def test_no_role_of_the_suite_is_left_out(objects_of: ObjectsOf) -> None:
    running = {
        (service, container["args"][0])
        for service in SERVICES
        for name, container in _containers(objects_of("overlays/production"), service)
        if name.startswith("Deployment")
    }
    assert running == {(process.service.name, process.role) for process in PROCESSES}


def test_the_dashboard_asks_where_status_api_answers_and_listens_where_its_pods_are_asked(
    objects_of: ObjectsOf,
) -> None:
    objects = objects_of("base")
    deployment = next(each for each in objects if name_of(each) == "Deployment dashboard")
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    told = _told(container, objects)
    service = next(each for each in objects if name_of(each) == "Service status-api-serve")
    port = next(port["port"] for port in service["spec"]["ports"] if port["name"] == "http")
    assert (told["STATUS_API_URL"], port) == ("http://status-api-serve", 80)
    listens = {port["name"]: str(port["containerPort"]) for port in container["ports"]}
    assert listens == {"http": told["DASHBOARD_PORT"], "metrics": told["METRICS_PORT"]}


def test_no_migration_is_left_out(objects_of: ObjectsOf) -> None:
    jobs = {name_of(each) for each in objects_of("overlays/production") if each["kind"] == "Job"}
    assert jobs == {f"Job migrate-{service.name}" for service in SERVICES.values() if service.database}


@pytest.mark.parametrize("image", OF_IMAGES)
def test_no_variable_of_the_sandbox_is_unknown_to_its_image(image: str, objects_of: ObjectsOf) -> None:
    objects = objects_of("overlays/sandbox")
    ((name, container),) = _containers(objects, image)
    start = (ROOT / f"deploy/local/images/{image}/start.sh").read_text("utf-8")
    told = set(_told(container, objects))
    assert told == OF_IMAGES[image], name
    assert all(variable in start for variable in told)


def test_simulators_and_writer_agree_on_the_life_of_a_key(objects_of: ObjectsOf) -> None:
    lives = {
        each["data"]["XERO_KEY_LIFETIME_SECONDS"]
        for each in objects_of("overlays/sandbox")
        if each["kind"] == "ConfigMap" and "XERO_KEY_LIFETIME_SECONDS" in each["data"]
    }
    assert len(lives) == 1


def test_the_page_of_installation_names_every_secret_and_its_keys() -> None:
    page = (ROOT / "docs/install.md").read_text("utf-8")
    for secret in rendered_secrets():
        assert f"`{secret['metadata']['name']}`" in page
        for key in secret["data"]:
            assert f"`{key}`" in page
    assert (K8S / "overlays/production/secrets/.gitignore").read_text("utf-8").count("!*.example") == 1
