"""YAML for golden books: decimals stay decimals, and what nobody knows is refused by its place."""

from __future__ import annotations

import re
from collections.abc import Hashable
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar, cast

import yaml

Value = TypeVar("Value")

_MISSING = object()
_YEAR = re.compile(r"(?<![\d.])202[5-7](?!\d|\.\d)")
BOOK_YEAR = 2026
"""The year in which the books are written; 2025 and 2027 are its neighbours."""


class BadBookError(ValueError):
    """A golden file does not say what it should. The message names the file and the place."""


class _Loader(yaml.SafeLoader):
    """Safe YAML with decimals, that refuses a name given twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001, FBT002  # PyYAML's own signature
        names = [self.construct_object(key, deep=True) for key, _ in node.value]
        twice = {name for name in names if names.count(name) > 1}
        if twice:
            raise BadBookError(f"line {node.start_mark.line + 1}: {sorted(map(str, twice))} given twice")
        return super().construct_mapping(node, deep)


def _decimal(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> Decimal:
    return Decimal(loader.construct_scalar(node))


_Loader.add_constructor("tag:yaml.org,2002:float", _decimal)


def load(text: str, year: int = BOOK_YEAR) -> Any:  # noqa: ANN401  # any YAML
    """A document; its years are moved so that 2026 is `year`, in dates and texts alike.

    Raises:
        BadBookError: it is no YAML, or a name is given twice.
    """
    moved = _YEAR.sub(lambda found: str(int(found[0]) + year - BOOK_YEAR), text)
    try:
        return yaml.load(moved, _Loader)  # noqa: S506  # a subclass of the safe loader
    except yaml.YAMLError as error:
        raise BadBookError(str(error)) from error


class Members:
    """The members of a mapping, taken one by one; what is left over at the end is refused."""

    def __init__(self, value: object, where: str) -> None:
        if not isinstance(value, dict):
            raise BadBookError(f"{where}: names with values are wanted, not {value!r}")
        self._left = dict(value)
        self.where = where

    def take(self, name: str, kind: type[Value], default: object = _MISSING) -> Value:
        """A member that has to be of this type; the default stands in for one that is not there.

        Raises:
            BadBookError: it is missing, or of another type.
        """
        if name not in self._left:
            if default is _MISSING:
                raise BadBookError(f"{self.where}.{name}: is missing")
            return cast("Value", default)
        value = self._left.pop(name)
        if kind is Decimal and isinstance(value, int) and not isinstance(value, bool):
            value = Decimal(value)
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise BadBookError(f"{self.where}.{name}: {kind.__name__} is wanted, not {value!r}")
        return value

    def maybe(self, name: str, kind: type[Value]) -> Value | None:
        """A member of this type, None if it is not there."""
        return self.take(name, kind) if name in self._left else None

    def text(self, name: str, default: object = "") -> str:
        """A text, empty if it is not there."""
        return self.take(name, str, default)

    def number(self, name: str, default: object = _MISSING) -> Decimal:
        """An exact number."""
        return self.take(name, Decimal, default)

    def day(self, name: str) -> date | None:
        """A date, None if it is not there."""
        return self.maybe(name, date)

    def part(self, name: str) -> Members:
        """A mapping inside, empty if it is not there."""
        return Members(self.take(name, dict, {}), f"{self.where}.{name}")

    def parts(self, name: str) -> list[Members]:
        """Mappings in a list inside."""
        found = self.take(name, list, [])
        return [Members(value, f"{self.where}.{name}[{place}]") for place, value in enumerate(found)]

    def has(self, name: str) -> bool:
        """Whether there is such a member that was not yet taken."""
        return name in self._left

    def names(self) -> list[str]:
        """What was not yet taken."""
        return [str(name) for name in self._left]

    def done(self) -> None:
        """Nothing may be left.

        Raises:
            BadBookError: names what nobody has asked for.
        """
        if self._left:
            raise BadBookError(f"{self.where}: unknown {', '.join(sorted(map(str, self._left)))}")
