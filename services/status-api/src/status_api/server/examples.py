"""Examples of the OpenAPI document: answers that the application gave once, kept in `examples.json`."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def examples() -> dict[str, Any]:
    """By operation: `request`, and `answers` by status."""
    told: dict[str, Any] = json.loads((files(__package__) / "examples.json").read_text("utf-8"))
    return told


def request_example(operation_id: str) -> Any:  # noqa: ANN401  # any JSON
    """Body of a request, None if there is none."""
    return examples().get(operation_id, {}).get("request")


def answer_example(operation_id: str, status: int) -> Any:  # noqa: ANN401  # any JSON
    """Body of an answer, None if there is none."""
    return examples().get(operation_id, {}).get("answers", {}).get(str(status))
