"""Parts of a page that are read again while somebody looks at it: only what differs is drawn anew.

A part that is drawn anew is a new one to the browser: whatever had the focus in it, or was unfolded, is put back by
`assets/kept.js`, but what did not change should not move at all.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from dash import NoUpdate, html, no_update
from dash.development.base_component import Component

Drawn = Component | str | list[Component]


def digest(drawn: Drawn) -> str:
    """The same for what looks the same."""
    text = json.dumps(drawn, default=_plain, sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()


def digests(parts: Mapping[str, Drawn]) -> dict[str, str]:
    """What the browser keeps of the parts, to tell which of them differ the next time."""
    return {name: digest(drawn) for name, drawn in parts.items()}


def changed(parts: Mapping[str, Drawn], before: Mapping[str, str]) -> list[Drawn | NoUpdate]:
    """The parts in their order, `no_update` for those that look as they did."""
    return [no_update if digest(drawn) == before.get(name) else drawn for name, drawn in parts.items()]


def part(name: str, drawn: Drawn) -> Component:
    """The place of a part; in a grid of cards it takes no room of its own."""
    return html.Div(drawn, id=name, className="part")


def _plain(component: Component) -> Any:  # noqa: ANN401  # any JSON
    return component.to_plotly_json()
