"""Data as people can read it: JSON with every digit kept, texts with their addresses found."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

_INDENT = "  "
_ADDRESS = re.compile(r"https?://[^\s<>\"']*[^\s<>\"'.,;:!?)\]]")


def parse(text: str) -> Any:  # noqa: ANN401  # JSON
    """JSON with its numbers digit by digit.

    Raises:
        ValueError: it is none.
    """
    return json.loads(text, parse_float=Decimal)


def pretty(value: Any, depth: int = 0) -> str:  # noqa: ANN401  # JSON
    """JSON over several lines; numbers stand as they came."""
    if isinstance(value, Mapping) and value:
        return _block(
            "{",
            (
                f"{json.dumps(str(name), ensure_ascii=False)}: {pretty(each, depth + 1)}"
                for name, each in value.items()
            ),
            "}",
            depth,
        )
    if isinstance(value, Sequence) and not isinstance(value, str) and value:
        return _block("[", (pretty(each, depth + 1) for each in value), "]", depth)
    if isinstance(value, Decimal):
        return f"{value:f}"
    return json.dumps(value, ensure_ascii=False)


def _block(start: str, parts: Iterator[str], end: str, depth: int) -> str:
    inner = _INDENT * (depth + 1)
    body = ",\n".join(f"{inner}{part}" for part in parts)
    return f"{start}\n{body}\n{_INDENT * depth}{end}"


def is_address(text: str | None) -> bool:
    """Whether a text is an address that a person may be led to."""
    return text is not None and _ADDRESS.fullmatch(text) is not None


def with_addresses(text: str) -> list[tuple[str, bool]]:
    """A text in pieces, each with whether it is an address."""
    pieces: list[tuple[str, bool]] = []
    end = 0
    for found in _ADDRESS.finditer(text):
        if found.start() > end:
            pieces.append((text[end : found.start()], False))
        pieces.append((found[0], True))
        end = found.end()
    if end < len(text):
        pieces.append((text[end:], False))
    return pieces


_STEPS = re.compile(
    r"^(?P<before>.*:) (?P<steps>[^:;]*? > [^;]*?)(?:(?:\.|;)(?: (?P<after>.*))?)?$", re.DOTALL
)
_LAST = re.compile(r"^(?P<step>[^.;]*)[.;]?\s*(?P<rest>.*)$", re.DOTALL)


def in_steps(text: str) -> tuple[str, list[str], str]:
    """An instruction with a path through menus: what stands before it, its steps, what stands after. Without one, the text alone."""
    found = _STEPS.match(text)
    if found is None:
        return text, [], ""
    *steps, last = found["steps"].split(" > ")
    ending = _LAST.match(last)
    rest = ending["rest"] if ending else ""
    after = " ".join(part for part in (rest, found["after"] or "") if part)
    return found["before"], [*steps, ending["step"] if ending else last], after[:1].upper() + after[1:]
