"""The examples of the OpenAPI document are what the application answers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from status_api.server.examples import examples
from tests.integration.status_api.conftest import ReadModel
from tests.integration.status_api.examples_kit import ask_everything

pytestmark = pytest.mark.stack

ROOT = Path(__file__).parents[3]
KEPT = ROOT / "services/status-api/src/status_api/server/examples.json"
NEW = ROOT / "build/examples.json"


def test_no_example_differs_in_its_members_from_what_is_answered(read_model: ReadModel) -> None:
    """Values such as ids may differ from run to run. The new ones are laid down beside: copy them if the change is meant."""
    answered = ask_everything(read_model)
    NEW.parent.mkdir(exist_ok=True)
    NEW.write_text(json.dumps(answered, ensure_ascii=False, indent=1) + "\n", "utf-8")
    kept = examples()
    assert sorted(kept) == sorted(answered), f"cp {NEW.relative_to(ROOT)} {KEPT.relative_to(ROOT)}"
    for name, told in answered.items():
        assert _members(kept[name]) == _members(told), (
            f"{name}: cp {NEW.relative_to(ROOT)} {KEPT.relative_to(ROOT)}"
        )


def _members(value: Any) -> Any:  # noqa: ANN401  # JSON
    """The names of members and the types of values; of a list the shapes in it, whatever their order and number."""
    if isinstance(value, dict):
        return {name: _members(part) for name, part in value.items()}
    if isinstance(value, list):
        return sorted({json.dumps(_members(part)) for part in value})
    return type(value).__name__
