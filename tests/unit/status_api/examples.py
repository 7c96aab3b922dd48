"""Example payloads that stand beside the schemas."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from invoice_events.plain import from_plain

_FOLDER = Path(__file__).parents[3] / "schemas" / "examples"


def examples(topic: str) -> list[dict[str, Any]]:
    """Every example of a topic, as events; there has to be one."""
    found = [
        from_plain(topic, json.loads(path.read_text("utf-8")))
        for path in sorted((_FOLDER / topic).glob("*.json"))
    ]
    assert found
    return found
