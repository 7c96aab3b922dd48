"""Who may talk to whom, read out of the NetworkPolicies: pairs of names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from deploy.k8s.checks.policy import pod_of, selects
from deploy.k8s.checks.render import Object

_NAME = "app.kubernetes.io/name"
INTERNET = "internet"


def going_out(objects: Sequence[Object]) -> set[tuple[str, str, int | str]]:
    """(who, to whom, port) for every edge that an egress rule allows, DNS aside.

    Whom: the name of a pod, `internet`, a CIDR, or the labels of a pod that is not among the objects.
    """
    pods = [pod["metadata"]["labels"] for pod in map(pod_of, objects) if pod is not None]
    return {
        (labels[_NAME], whom, port["port"])
        for policy in objects
        if policy["kind"] == "NetworkPolicy" and policy["metadata"]["name"] != "dns"
        for labels in pods
        if selects(policy["spec"]["podSelector"], labels)
        for rule in policy["spec"].get("egress", [])
        for peer in rule.get("to", [])
        for whom in _names(peer)
        for port in rule.get("ports", [])
    }


def coming_in(objects: Sequence[Object]) -> set[tuple[str, str, int | str]]:
    """(who, to whom, port) for every edge that an ingress rule allows. Who: the name of a pod, or a namespace."""
    pods = [pod["metadata"]["labels"] for pod in map(pod_of, objects) if pod is not None]
    return {
        (who, labels[_NAME], port["port"])
        for policy in objects
        if policy["kind"] == "NetworkPolicy"
        for labels in pods
        if selects(policy["spec"]["podSelector"], labels)
        for rule in policy["spec"].get("ingress", [])
        for peer in rule.get("from", [])
        for who in _callers(peer, pods)
        for port in rule.get("ports", [])
    }


def _names(peer: Object) -> Iterator[str]:
    if "ipBlock" in peer:
        cidr = peer["ipBlock"]["cidr"]
        yield INTERNET if cidr == "0.0.0.0/0" else cidr
    else:
        labels = peer["podSelector"]["matchLabels"]
        yield labels.get(_NAME) or ",".join(f"{key}={value}" for key, value in sorted(labels.items()))


def _callers(peer: Object, pods: Sequence[dict[str, str]]) -> Iterator[str]:
    if "namespaceSelector" in peer:
        yield f"namespace {peer['namespaceSelector']['matchLabels']['kubernetes.io/metadata.name']}"
    else:
        yield from (labels[_NAME] for labels in pods if selects(peer["podSelector"], labels))
