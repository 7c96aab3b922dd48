"""Rendering: what kustomize makes of a folder, as objects.

kustomize itself, or the one inside kubectl, whichever the machine has; no other renderer could vouch for what kubectl applies.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any

import yaml

from deploy.k8s.checks.generate import K8S

Object = dict[str, Any]
"""One Kubernetes object as its YAML says it."""

FOLDERS = ("base", "overlays/sandbox", "overlays/sandbox/judge", "overlays/production", "kafka")
"""What is applied as it is; the secrets of production are rendered with their examples."""

SECRETS = "overlays/production/secrets"
COMPONENTS = ("strimzi", "keda", "ingress", "prometheus-operator")
"""Components that go together in any combination; keda-strimzi is what those two need together."""


class RenderError(Exception):
    """kustomize refuses a folder; the message is its own."""


@cache
def renderer() -> tuple[str, ...] | None:
    """The command that renders a folder, without the folder; None if the machine has none."""
    if shutil.which("kustomize"):
        return ("kustomize", "build")
    if shutil.which("kubectl"):
        return ("kubectl", "kustomize")
    return None


def render(folder: Path) -> list[Object]:
    """The objects of a folder.

    Raises:
        RenderError: it can not be rendered, or the machine has nothing to do it with.
    """
    command = renderer()
    if command is None:
        raise RenderError("neither kustomize nor kubectl is installed")
    answer = subprocess.run(  # noqa: S603  # one of two fixed commands, and a folder of this repository
        [*command, str(folder)], capture_output=True, text=True, check=False
    )
    if answer.returncode != 0:
        raise RenderError(f"{folder}: {answer.stderr.strip()}")
    return [document for document in yaml.safe_load_all(answer.stdout) if document]


@cache
def rendered(name: str) -> tuple[Object, ...]:
    """The objects of one of FOLDERS."""
    return tuple(render(K8S / name))


@cache
def rendered_secrets() -> tuple[Object, ...]:
    """Production's Secrets, made of the examples in place of the files that nobody commits."""
    with tempfile.TemporaryDirectory() as work:
        folder = Path(work)
        shutil.copy(K8S / SECRETS / "kustomization.yaml", folder)
        for example in (K8S / SECRETS).glob("*.example"):
            shutil.copy(example, folder / example.name.removesuffix(".example"))
        return tuple(render(folder))


def component_sets() -> list[tuple[str, ...]]:
    """Every combination of the components, the empty one included."""
    sets = [chosen for size in range(len(COMPONENTS) + 1) for chosen in combinations(COMPONENTS, size)]
    return [(*chosen, "keda-strimzi") if {"keda", "strimzi"} <= set(chosen) else chosen for chosen in sets]


@cache
def rendered_with(components: tuple[str, ...]) -> tuple[Object, ...]:
    """The base with components, images pinned as an overlay does."""
    return tuple(render_with(components))


def render_with(components: Sequence[str], extra: Object | None = None) -> list[Object]:
    """The base with components and further members of a kustomization."""
    kustomization: Object = {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "namespace": "invoice-sync",
        "resources": ["../k8s/base"],
        "components": [f"../k8s/components/{name}" for name in components],
        "images": [
            {"name": f"invoice-sync/{name}", "newTag": "0.1.0"}
            for name in ("poller", "mapper", "xero-writer", "status-api", "dashboard")
        ],
        **(extra or {}),
    }
    with tempfile.TemporaryDirectory() as work:
        # kustomize reads no file outside of a tree by an absolute path, and follows no link out of one.
        shutil.copytree(
            K8S, Path(work) / "k8s", ignore=shutil.ignore_patterns("*.py", "__pycache__", "secrets")
        )
        shutil.copytree(K8S / "base/topics", Path(work) / "k8s/base/topics", dirs_exist_ok=True)
        overlay = Path(work) / "overlay"
        overlay.mkdir()
        (overlay / "kustomization.yaml").write_text(yaml.safe_dump(kustomization), encoding="utf-8")
        return render(overlay)
