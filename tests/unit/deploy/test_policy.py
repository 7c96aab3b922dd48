"""Each rule finds what breaks it: a violation is planted in the sandbox, and nothing else is found."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from deploy.k8s.checks.policy import findings

Object = dict[str, Any]
Plant = Callable[[list[Object]], None]


def _the(objects: Sequence[Object], kind: str, name: str) -> Object:
    return next(each for each in objects if each["kind"] == kind and each["metadata"]["name"] == name)


def _pod(objects: Sequence[Object]) -> Object:
    spec: Object = _the(objects, "Deployment", "poller")["spec"]["template"]["spec"]
    return spec


def _container(objects: Sequence[Object]) -> Object:
    container: Object = _pod(objects)["containers"][0]
    return container


def _planted(path: str, value: object) -> Plant:
    """Sets or, with None, removes a member of the poller's container (`c.`) or pod (`p.`)."""

    def plant(objects: list[Object]) -> None:
        *way, last = path.split(".")
        place = _container(objects) if way.pop(0) == "c" else _pod(objects)
        for step in way:
            place = place[step]
        if value is None:
            place.pop(last)
        else:
            place[last] = value

    return plant


def _ingress(spec: Object) -> Plant:
    ingress = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {"name": "x"},
        "spec": spec,
    }
    return lambda objects: objects.append(ingress)


def _without(kind: str, name: str) -> Plant:
    return lambda objects: objects.remove(_the(objects, kind, name))


def _policy(rule: Object, direction: str = "egress") -> Plant:
    policy = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": "x"},
        "spec": {"podSelector": {"matchLabels": {"a": "b"}}, direction: [rule]},
    }
    return lambda objects: objects.append(policy)


def _init_container(objects: list[Object]) -> None:
    _pod(objects)["initContainers"] = [copy.deepcopy(_container(objects)) | {"image": "busybox", "name": "i"}]


def _replace_strategy(objects: list[Object]) -> None:
    _the(objects, "Deployment", "poller")["spec"]["strategy"] = {"type": "Recreate"}


def _open_data(objects: list[Object]) -> None:
    pod = _the(objects, "StatefulSet", "postgres")["spec"]["template"]["spec"]
    pod["securityContext"].pop("fsGroupChangePolicy")


def _hand_out_token(objects: list[Object]) -> None:
    _the(objects, "ServiceAccount", "poller").pop("automountServiceAccountToken")


def _lower_level(objects: list[Object]) -> None:
    labels = _the(objects, "Namespace", "invoice-sync")["metadata"]["labels"]
    labels["pod-security.kubernetes.io/enforce"] = "baseline"


def _close_port(objects: list[Object]) -> None:
    _the(objects, "NetworkPolicy", "kafka")["spec"]["ingress"][0]["ports"] = [{"port": 1, "protocol": "TCP"}]


VIOLATIONS: dict[str, tuple[Plant, str]] = {
    "root": (_planted("p.securityContext.runAsNonRoot", value=False), "may run as root"),
    "no user": (_planted("p.securityContext.runAsUser", None), "names no user other than root"),
    "user 0": (_planted("p.securityContext.runAsUser", 0), "names no user other than root"),
    "container as root": (_planted("c.securityContext.runAsUser", 0), "container service: may run as root"),
    "privileged": (
        _planted("c.securityContext.privileged", value=True),
        "container service: may run as root",
    ),
    "escalation": (_planted("c.securityContext.allowPrivilegeEscalation", None), "may gain privileges"),
    "writable root": (_planted("c.securityContext.readOnlyRootFilesystem", None), "may write to its image"),
    "capabilities": (_planted("c.securityContext.capabilities", {"drop": ["NET_RAW"]}), "keeps capabilities"),
    "added capability": (
        _planted("c.securityContext.capabilities", {"drop": ["ALL"], "add": ["NET_ADMIN"]}),
        "adds capabilities",
    ),
    "seccomp": (_planted("p.securityContext.seccompProfile", None), "has no seccomp profile"),
    "token": (_planted("p.automountServiceAccountToken", None), "mounts a token of the Kubernetes API"),
    "token of the account": (_hand_out_token, "hands its token to every pod"),
    "service links": (_planted("p.enableServiceLinks", None), "KAFKA_PORT"),
    "default account": (_planted("p.serviceAccountName", None), "no service account of its own"),
    "data opened at each start": (_open_data, "opens its data to the group"),
    "host network": (_planted("p.hostNetwork", value=True), "shares the node's hostNetwork"),
    "host path": (_planted("p.volumes", [{"name": "x", "hostPath": {"path": "/etc"}}]), "mounts /etc"),
    "unbounded volume": (_planted("p.volumes", [{"name": "x", "emptyDir": {}}]), "may fill the node"),
    "no limit of memory": (_planted("c.resources.limits.memory", None), "no limits of memory"),
    "no limit of cpu": (_planted("c.resources.limits.cpu", None), "no limits of cpu"),
    "no request": (_planted("c.resources.requests.cpu", None), "no requests of cpu"),
    "no startup probe": (_planted("c.startupProbe", None), "no startupProbe"),
    "no readiness probe": (_planted("c.readinessProbe", None), "no readinessProbe"),
    "no liveness probe": (_planted("c.livenessProbe", None), "no livenessProbe"),
    "latest": (_planted("c.image", "invoice-sync/poller:latest"), "is not pinned"),
    "no tag": (_planted("c.image", "registry.example.com:5000/invoice-sync/poller"), "is not pinned"),
    "init container": (_init_container, "image busybox is not pinned"),
    "wildcard host": (
        _ingress({"rules": [{"host": "*.example.com"}]}),
        "answers for the host '*.example.com'",
    ),
    "every host": (_ingress({"rules": [{"http": {}}]}), "answers for the host '*'"),
    "default backend": (_ingress({"defaultBackend": {}}), "answers for every host"),
    "no TLS": (_ingress({"rules": [{"host": "a.example.com"}]}), "without TLS"),
    "unguarded service": (
        _without("NetworkPolicy", "kafka"),
        "no NetworkPolicy names who may reach port kafka",
    ),
    "unguarded port": (_close_port, "no NetworkPolicy names who may reach port kafka"),
    "no deny-all": (_without("NetworkPolicy", "deny-all"), "denies what no other allows"),
    "everything out": (_policy({}), "allows every egress"),
    "every pod": (_policy({"to": [{"podSelector": {}}]}), "names every pod"),
    "anybody in": (_policy({"ports": [{"port": 1}]}, "ingress"), "names nobody"),
    "no budget": (_without("PodDisruptionBudget", "poller"), "no PodDisruptionBudget"),
    "one node": (_planted("p.topologySpreadConstraints", None), "may all be on one node"),
    "no budget of the page": (_without("PodDisruptionBudget", "dashboard"), "no PodDisruptionBudget"),
    "unguarded page": (
        _without("NetworkPolicy", "dashboard"),
        "no NetworkPolicy names who may reach port http",
    ),
    "gap": (_replace_strategy, "takes a replica away"),
    "pod security": (_lower_level, "enforces the pod security level baseline"),
}


@pytest.mark.parametrize(("plant", "said"), VIOLATIONS.values(), ids=VIOLATIONS)
def test_no_planted_violation_is_overlooked(
    plant: Plant, said: str, objects_of: Callable[[str], Sequence[Object]]
) -> None:
    objects = copy.deepcopy(list(objects_of("overlays/sandbox")))
    assert findings(objects) == []
    plant(objects)
    found = findings(objects)
    assert any(said in each for each in found), found
    assert len(found) <= 2, found
