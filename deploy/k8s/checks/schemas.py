"""Core kinds against Kubernetes' own schemas, as far as the machine has them (the Python package kubernetes-validate)."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence

from deploy.k8s.checks.policy import name_of
from deploy.k8s.checks.render import Object

VERSIONS = ("1.30", "1.37")
"""The oldest Kubernetes that is served, and the newest that was known."""

_OF_OPERATORS = ("kafka.strimzi.io/", "keda.sh/", "monitoring.coreos.com/")


def is_available() -> bool:
    """Whether this machine has the schemas."""
    return importlib.util.find_spec("kubernetes_validate") is not None


def schema_findings(objects: Sequence[Object], version: str) -> list[str]:
    """Unknown fields, wrong types and missing members of core kinds, a sentence each. Kinds of operators are left out.

    Raises:
        ModuleNotFoundError: the machine has no schemas.
    """
    validate = importlib.import_module("kubernetes_validate")
    found = []
    for each in objects:
        if each["apiVersion"].startswith(_OF_OPERATORS):
            continue
        try:
            validate.validate(each, version, strict=True)
        except (validate.ValidationError, validate.SchemaNotFoundError) as error:
            found.append(
                f"{name_of(each)} ({version}): {error.message if hasattr(error, 'message') else error}"
            )
    return found
