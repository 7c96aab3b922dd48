"""Rendered manifests; where the machine has no kustomize, the tests that need it are skipped and say so."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from deploy.k8s.checks.render import rendered, renderer

Object = dict[str, Any]


@pytest.fixture(scope="session")
def kustomize() -> None:
    """Asked for by every test that renders."""
    if renderer() is None:
        pytest.skip("neither kustomize nor kubectl is installed, so no manifest can be rendered")


@pytest.fixture(scope="session")
def objects_of(kustomize: None) -> Callable[[str], Sequence[Object]]:
    """The objects of a folder below deploy/k8s."""
    return rendered
