"""Every overlay and every combination of components renders and keeps to the rules."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from deploy.k8s.checks.generate import K8S, generated
from deploy.k8s.checks.policy import findings, name_of
from deploy.k8s.checks.render import (
    FOLDERS,
    component_sets,
    rendered_secrets,
    rendered_with,
)
from deploy.k8s.checks.schemas import VERSIONS, is_available, schema_findings

Object = dict[str, Any]
ObjectsOf = Callable[[str], Sequence[Object]]

every_overlay = pytest.mark.parametrize("folder", [folder for folder in FOLDERS if folder != "base"])
every_combination = pytest.mark.parametrize("components", component_sets(), ids="+".join)


@every_overlay
def test_no_overlay_breaks_a_rule(folder: str, objects_of: ObjectsOf) -> None:
    assert findings(objects_of(folder)) == []


@every_combination
@pytest.mark.usefixtures("kustomize")
def test_no_combination_of_components_breaks_a_rule(components: tuple[str, ...]) -> None:
    assert findings(rendered_with(components)) == []


@pytest.mark.skipif(not is_available(), reason="the package kubernetes-validate is not installed")
@pytest.mark.parametrize("version", VERSIONS)
@every_overlay
def test_no_core_kind_has_a_field_that_kubernetes_does_not_know(
    folder: str, version: str, objects_of: ObjectsOf
) -> None:
    assert schema_findings(objects_of(folder), version) == []


@pytest.mark.parametrize("file", generated(), ids=lambda file: str(file.relative_to(K8S)))
def test_no_generated_file_is_stale(file: Any) -> None:  # noqa: ANN401  # a Path, as a parameter
    assert file.read_text("utf-8") == generated()[file], (
        "write it again: .venv/bin/python -m deploy.k8s.checks.generate"
    )


def test_the_base_does_not_pin_what_an_overlay_has_to_choose(objects_of: ObjectsOf) -> None:
    said = findings(objects_of("base"))
    assert said
    assert all("is not pinned by tag or digest" in each for each in said), said


@pytest.mark.usefixtures("kustomize")
def test_no_secret_that_a_pod_asks_for_is_without_an_example(objects_of: ObjectsOf) -> None:
    made = {secret["metadata"]["name"] for secret in rendered_secrets()}
    users = {
        each["metadata"]["name"] for each in objects_of("overlays/production") if each["kind"] == "KafkaUser"
    }
    by_others = users | {"invoice-sync-cluster-ca-cert", "invoice-sync-tls"}
    assert _secrets_asked_for(objects_of("overlays/production")) - by_others == made


def test_no_secret_of_the_sandbox_is_missing(objects_of: ObjectsOf) -> None:
    """Nobody is told of anything there: the one Secret that is optional is left out."""
    objects = objects_of("overlays/sandbox")
    made = {each["metadata"]["name"] for each in objects if each["kind"] == "Secret"}
    assert _secrets_asked_for(objects) - made == {"status-api-notify"}


def test_no_example_of_a_tenants_file_is_refused_or_carries_more_than_its_service_needs() -> None:
    cuts = {
        service: (K8S / f"overlays/production/secrets/{service}-tenants.yaml.example").read_text("utf-8")
        for service in ("poller", "xero-writer", "status-api")
    }
    assert "autotask:" in cuts["poller"]
    assert "autotask:" not in cuts["xero-writer"] + cuts["status-api"]
    assert "client_secret" in cuts["xero-writer"]
    assert "client_secret" not in cuts["poller"] + cuts["status-api"]


def test_no_replica_count_fights_with_an_autoscaler(objects_of: ObjectsOf) -> None:
    for folder in ("base", "overlays/production"):
        objects = objects_of(folder)
        scaled = {
            each["spec"]["scaleTargetRef"]["name"]
            for each in objects
            if each["kind"] in {"HorizontalPodAutoscaler", "ScaledObject"}
        }
        assert scaled == {"mapper", "status-api-materialize"}, folder
        fixed = {
            each["metadata"]["name"]: each["spec"]["replicas"]
            for each in objects
            if each["kind"] == "Deployment" and "replicas" in each["spec"]
        }
        assert fixed == {
            "poller": 2,
            "xero-writer": 2,
            "status-api-serve": 2,
            "status-api-notify": 1,
            "dashboard": 2,
        }, folder


def test_the_writer_is_given_its_time_to_end(objects_of: ObjectsOf) -> None:
    writer = next(each for each in objects_of("base") if name_of(each) == "Deployment xero-writer")
    assert writer["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] == 90


def test_no_secret_is_optional_but_that_of_who_is_told(objects_of: ObjectsOf) -> None:
    """A pod without a Secret that it needs does not start, which is seen; one that runs without it is not."""
    optional = {
        (name_of(each), source["secretRef"]["name"])
        for each in objects_of("base")
        if each["kind"] in {"Deployment", "Job"}
        for source in each["spec"]["template"]["spec"]["containers"][0].get("envFrom", [])
        if source.get("secretRef", {}).get("optional")
    }
    assert optional == {("Deployment status-api-notify", "status-api-notify")}


def test_people_and_machines_come_in_under_one_name_and_each_to_their_own(objects_of: ObjectsOf) -> None:
    ways = {
        (rule["host"], path["path"]): path["backend"]["service"]["name"]
        for each in objects_of("overlays/production")
        if each["kind"] == "Ingress"
        for rule in each["spec"]["rules"]
        for path in rule["http"]["paths"]
    }
    assert {place for _, place in ways} == {"/", "/api", "/openapi.json", "/healthz"}
    assert len({host for host, _ in ways}) == 1
    assert {place for (_, place), service in ways.items() if service == "dashboard"} == {"/"}
    assert set(ways.values()) == {"dashboard", "status-api-serve"}


def test_nothing_takes_a_tenant_file_that_would_not_follow_its_secret(objects_of: ObjectsOf) -> None:
    """A file mounted by `subPath` keeps its first content; the services read the tenants file again when it changes."""
    for each in objects_of("overlays/production"):
        if each["kind"] != "Deployment":
            continue
        for container in each["spec"]["template"]["spec"]["containers"]:
            assert not any("subPath" in mount for mount in container.get("volumeMounts", [])), name_of(each)


def _secrets_asked_for(objects: Sequence[Object]) -> set[str]:
    found: set[str] = set()
    for each in objects:
        _collect(each, found)
    return found


def _collect(value: Any, found: set[str]) -> None:  # noqa: ANN401  # any part of an object
    if isinstance(value, dict):
        for key, member in value.items():
            if key in {"secretRef", "secretKeyRef"}:
                found.add(member["name"])
            elif key == "secret" and isinstance(member, dict):
                found.add(member.get("secretName") or member["name"])
            elif key == "secretName" and isinstance(member, str):
                found.add(member)
            else:
                _collect(member, found)
    elif isinstance(value, list):
        for member in value:
            _collect(member, found)
