"""`python -m deploy.k8s.checks`, part of `make check`: every overlay and combination of components renders and keeps to the rules."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from deploy.k8s.checks.generate import K8S, generated
from deploy.k8s.checks.policy import findings
from deploy.k8s.checks.render import (
    FOLDERS,
    Object,
    RenderError,
    component_sets,
    rendered,
    rendered_secrets,
    rendered_with,
    renderer,
)
from deploy.k8s.checks.schemas import VERSIONS, is_available, schema_findings

_NO_RENDERER = (
    "manifests: NOT rendered, NOT checked: neither kustomize nor kubectl (1.30 or newer) is installed; "
    "see docs/install.md"
)
_NO_SCHEMAS = "manifests: core kinds NOT compared with Kubernetes' schemas: the package kubernetes-validate is not installed"


def main() -> int:
    """Check everything this machine can; what it can not is said. 0 = no finding."""
    problems = [
        f"{file.relative_to(K8S)} is not what `python -m deploy.k8s.checks.generate` writes"
        for file, text in generated().items()
        if not file.is_file() or file.read_text("utf-8") != text
    ]
    if renderer() is None:
        _say(_NO_RENDERER)
    else:
        problems += _rendered_problems()
        if not is_available():
            _say(_NO_SCHEMAS)
    for problem in problems:
        sys.stderr.write(f"manifests: {problem}\n")
    if renderer() is not None and not problems:
        _say(
            f"manifests: {len(FOLDERS) + 1} folders and {len(component_sets())} combinations render and keep to the rules"
        )
    return 1 if problems else 0


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def _rendered_problems() -> Iterator[str]:
    sources: list[tuple[str, Callable[[], Sequence[Object]]]] = [
        *((name, partial(rendered, name)) for name in FOLDERS if name != "base"),  # unpinned by itself
        *(("+".join(("base", *chosen)), partial(rendered_with, chosen)) for chosen in component_sets()),
        ("secrets", rendered_secrets),
    ]
    for name, objects_of in sources:
        try:
            objects = list(objects_of())
        except RenderError as error:
            yield str(error)
            continue
        yield from (f"{name}: {said}" for said in findings(objects))
        if is_available():
            yield from (
                f"{name}: {said}" for version in VERSIONS for said in schema_findings(objects, version)
            )


if __name__ == "__main__":
    sys.exit(main())
