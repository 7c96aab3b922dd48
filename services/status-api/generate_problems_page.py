"""Writes `docs/problems.md` from the list of problem kinds, which stays the only source of its words."""

# ruff: noqa: INP001 - a script beside the package, not part of it

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

from status_api.server.openapi import openapi
from status_api.server.problem_kinds import KINDS, Kind
from status_api.server.routes import OPERATIONS

TARGET = Path(__file__).parents[2] / "docs" / "problems.md"

_INTRO = """# Problems

Every answer of the HTTP interface other than a success is a problem (RFC 9457): `application/problem+json` with `type`, `title`, `status`, `detail`,
`instance` (the path), `request_id`, and what helps besides. `type` is `urn:invoice-sync:problem:` and one of the names below. Names stay: go by them, not by
words. `detail` is for people and may change. Which of them an operation can have stands in `/openapi.json`; the interface itself is told in [api.md](api.md).

Made from `services/status-api/src/status_api/server/problem_kinds.py` by `services/status-api/generate_problems_page.py`: do not edit."""


def render(kinds: Sequence[Kind]) -> str:
    """The page."""
    return "\n\n".join(_parts(kinds)) + "\n"


def _parts(kinds: Sequence[Kind]) -> Iterator[str]:
    yield _INTRO
    yield "\n".join(
        [
            "| status | name | title |",
            "|---|---|---|",
            *(f"| {kind.status} | [{kind.slug}](#{kind.slug}) | {kind.title} |" for kind in kinds),
        ]
    )
    for status, several in groupby(kinds, key=lambda kind: kind.status):
        yield f"## Status {status}"
        for kind in several:
            yield f"### {kind.slug}"
            yield f"{kind.title}. {kind.meaning}"
            yield f"To do: {kind.remedy}"
            if kind.of:
                yield f"Of: {', '.join(f'`{name}`' for name in _operations(kind))}."


def _operations(kind: Kind) -> list[str]:
    paths = openapi(OPERATIONS)["paths"].values()
    declared = {
        operation["operationId"]
        for methods in paths
        for operation in methods.values()
        if str(kind.status) in operation["responses"]
    }
    return [
        operation.operation_id
        for operation in OPERATIONS
        if operation.operation_id in declared and kind.is_of(operation)
    ]


if __name__ == "__main__":
    TARGET.write_text(render(KINDS), "utf-8")
