"""What every rendered object has to keep to. Pure: objects in, findings out, a sentence each."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from deploy.k8s.checks.render import Object

_WORKLOADS = {"Deployment", "StatefulSet", "DaemonSet", "Job"}
_SERVING = {"Deployment", "StatefulSet", "DaemonSet"}
_PINNED = re.compile(r"(?:[^\s@]+@sha256:[0-9a-f]{64}|[^\s@]+:(?!latest$)[\w][\w.-]*)")
_NUMBERED_HOST = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+")


def findings(objects: Sequence[Object]) -> list[str]:
    """Everything in which the objects break a rule, empty if nothing does."""
    return [f"{name_of(each)}: {said}" for each in objects for said in _of_object(each)] + [
        said for rule in _OF_ALL for said in rule(objects)
    ]


def name_of(thing: Object) -> str:
    """Kind and name for people."""
    return f"{thing['kind']} {thing['metadata']['name']}"


def pod_of(thing: Object) -> Object | None:
    """The pod template of a workload."""
    if thing["kind"] not in _WORKLOADS:
        return None
    template: Object = thing["spec"]["template"]
    return template


def containers_of(pod: Object) -> list[Object]:
    """Containers and init containers."""
    spec = pod["spec"]
    return [*spec["containers"], *spec.get("initContainers", [])]


def _of_object(thing: Object) -> Iterator[str]:
    pod = pod_of(thing)
    if pod is not None:
        yield from _pod(pod["spec"])
        for container in containers_of(pod):
            yield from (f"container {container['name']}: {said}" for said in _container(container))
        if thing["kind"] in _SERVING:
            yield from _unprobed(pod["spec"]["containers"])
    rule = _OF_KIND.get(thing["kind"])
    if rule is not None:
        yield from rule(thing)


def _unprobed(containers: Sequence[Object]) -> Iterator[str]:
    for container in containers:
        for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
            if probe not in container:
                yield f"container {container['name']}: no {probe}"


def _service_account(thing: Object) -> Iterator[str]:
    if thing.get("automountServiceAccountToken") is not False:
        yield "hands its token to every pod"


def _namespace(thing: Object) -> Iterator[str]:
    level = thing["metadata"].get("labels", {}).get("pod-security.kubernetes.io/enforce")
    if level != "restricted":
        yield f"enforces the pod security level {level}, not restricted"


def _pod(spec: Object) -> Iterator[str]:
    security = spec.get("securityContext", {})
    user = security.get("runAsUser")
    kept = {
        "may run as root": security.get("runAsNonRoot") is True,
        "names no user other than root": isinstance(user, int) and user != 0,
        "has no seccomp profile": security.get("seccompProfile", {}).get("type") == "RuntimeDefault",
        "mounts a token of the Kubernetes API": spec.get("automountServiceAccountToken") is False,
        "takes variables of Services, KAFKA_PORT among them, for its configuration": spec.get(
            "enableServiceLinks"
        )
        is False,
        "has no service account of its own": spec.get("serviceAccountName", "default") != "default",
    }
    yield from (said for said, is_kept in kept.items() if not is_kept)
    yield from (
        f"shares the node's {host}" for host in ("hostNetwork", "hostPID", "hostIPC") if spec.get(host)
    )
    for volume in spec.get("volumes", []):
        if "hostPath" in volume:
            yield f"mounts {volume['hostPath'].get('path')} of the node"
        if "emptyDir" in volume and "sizeLimit" not in (volume["emptyDir"] or {}):
            yield f"volume {volume['name']} may fill the node"


def _container(container: Object) -> Iterator[str]:
    security = container.get("securityContext", {})
    if security.get("readOnlyRootFilesystem") is not True:
        yield "may write to its image"
    if security.get("allowPrivilegeEscalation") is not False:
        yield "may gain privileges"
    if security.get("privileged") or security.get("runAsUser") == 0 or security.get("runAsNonRoot") is False:
        yield "may run as root"
    if "ALL" not in security.get("capabilities", {}).get("drop", []):
        yield "keeps capabilities"
    if security.get("capabilities", {}).get("add"):
        yield "adds capabilities"
    resources = container.get("resources", {})
    for bound in ("requests", "limits"):
        for resource in ("cpu", "memory"):
            if resource not in resources.get(bound, {}):
                yield f"no {bound} of {resource}"
    if not _PINNED.fullmatch(container["image"]):
        yield f"image {container['image']} is not pinned by tag or digest"


def _stateful(thing: Object) -> Iterator[str]:
    security = thing["spec"]["template"]["spec"].get("securityContext", {})
    if "fsGroup" in security and security.get("fsGroupChangePolicy") != "OnRootMismatch":
        # PostgreSQL does not start on a data folder that others than its owner may write to.
        yield "opens its data to the group at each start"


def _ingress(thing: Object) -> Iterator[str]:
    spec = thing["spec"]
    secured = {host for tls in spec.get("tls", []) if tls.get("secretName") for host in tls.get("hosts", [])}
    if "defaultBackend" in spec:
        yield "answers for every host"
    for rule in spec.get("rules", []):
        host = rule.get("host", "")
        if not _NUMBERED_HOST.fullmatch(host):
            yield f"answers for the host {host or '*'!r}"
        elif host not in secured:
            yield f"answers for {host} without TLS"


def _every_service_is_guarded(objects: Sequence[Object]) -> Iterator[str]:
    """Each port of a Service is named by a policy that says who may come in, and nothing else comes in."""
    policies = [each for each in objects if each["kind"] == "NetworkPolicy"]
    services = [each for each in objects if each["kind"] == "Service"]
    if services and not any(_denies_all(policy["spec"]) for policy in policies):
        yield "no NetworkPolicy denies what no other allows"
    pods = [pod for pod in map(pod_of, objects) if pod is not None]
    for service in services:
        labels = service["spec"].get("selector") or {}
        behind = [pod for pod in pods if labels.items() <= pod["metadata"]["labels"].items()]
        if not behind:
            yield f"{name_of(service)}: no pod of ours is behind it"
        for pod in behind:
            guarded = {
                port["port"]
                for policy in policies
                if selects(policy["spec"]["podSelector"], pod["metadata"]["labels"])
                for rule in policy["spec"].get("ingress", [])
                if rule.get("from")
                for port in rule.get("ports", [])
            }
            for port in service["spec"]["ports"]:
                if port.get("targetPort", port["port"]) not in guarded:
                    yield f"{name_of(service)}: no NetworkPolicy names who may reach port {port['name']}"


def _no_policy_opens_everything(objects: Sequence[Object]) -> Iterator[str]:
    for policy in objects:
        if policy["kind"] != "NetworkPolicy":
            continue
        for direction, peers in (("ingress", "from"), ("egress", "to")):
            for rule in policy["spec"].get(direction, []):
                if not rule.get("ports") and not rule.get(peers):
                    yield f"{name_of(policy)}: allows every {direction}"
                if not rule.get(peers) and not policy["metadata"]["name"].startswith("kafka-"):
                    yield f"{name_of(policy)}: an {direction} rule names nobody"
                for peer in rule.get(peers, []):
                    if peer in ({"podSelector": {}}, {"namespaceSelector": {}}):
                        yield f"{name_of(policy)}: an {direction} rule names every pod"


def _every_deployment_survives_a_drain(objects: Sequence[Object]) -> Iterator[str]:
    """Services of the suite, which labels for whom they talk to tell from stand-ins, keep a replica while a node is emptied."""
    budgets = [each for each in objects if each["kind"] == "PodDisruptionBudget"]
    for thing in objects:
        pod = pod_of(thing)
        if thing["kind"] != "Deployment" or pod is None:
            continue
        if not any(label.startswith("invoice-sync/to-") for label in pod["metadata"]["labels"]):
            continue
        if not any(selects(budget["spec"]["selector"], pod["metadata"]["labels"]) for budget in budgets):
            yield f"{name_of(thing)}: no PodDisruptionBudget"
        if not pod["spec"].get("topologySpreadConstraints"):
            yield f"{name_of(thing)}: its replicas may all be on one node"
        if thing["spec"].get("strategy", {}).get("rollingUpdate", {}).get("maxUnavailable") != 0:
            yield f"{name_of(thing)}: a roll-out takes a replica away before its successor is there"


def _denies_all(spec: Object) -> bool:
    return (
        spec["podSelector"] == {}
        and set(spec.get("policyTypes", [])) == {"Ingress", "Egress"}
        and not spec.get("ingress")
        and not spec.get("egress")
    )


def selects(selector: Object, labels: dict[str, Any]) -> bool:
    """Whether a label selector (matchLabels, and In of matchExpressions) takes these labels."""
    if not (selector.get("matchLabels") or {}).items() <= labels.items():
        return False
    return all(
        expression["operator"] == "In" and labels.get(expression["key"]) in expression["values"]
        for expression in selector.get("matchExpressions", [])
    )


_OF_KIND: dict[str, Callable[[Object], Iterator[str]]] = {
    "ServiceAccount": _service_account,
    "Namespace": _namespace,
    "StatefulSet": _stateful,
    "Ingress": _ingress,
}

_OF_ALL: tuple[Callable[[Sequence[Object]], Iterator[str]], ...] = (
    _every_service_is_guarded,
    _no_policy_opens_everything,
    _every_deployment_survives_a_drain,
)
