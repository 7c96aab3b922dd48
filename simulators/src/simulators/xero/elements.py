"""Reading the members of a request element; what can not be converted ends the whole call, as in Xero."""

from __future__ import annotations

import uuid
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from simulators.xero import problems
from simulators.xero.dates import parse_date

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

_LIBRARY = "Xero.API.Library.."


class Element:
    """One JSON object of a request with the path that error texts name. A null member counts as not sent."""

    def __init__(self, members: dict[str, Any], path: str) -> None:
        self.members = members
        self.path = path

    def has(self, name: str) -> bool:
        """Whether the member was sent with a value."""
        return self.members.get(name) is not None

    def at(self, name: str) -> str:
        """The path of a member."""
        return f"{self.path}.{name}"

    def text(self, name: str) -> str | None:
        """A text; numbers and booleans are taken by their spelling, as JSON.NET does."""
        value = self.members.get(name)
        if value is None or isinstance(value, str):
            return value
        if isinstance(value, int | Decimal):
            return str(value)
        raise problems.not_convertible(type(value).__name__, "System.String", self.at(name))

    def decimal(self, name: str) -> Decimal | None:
        """A number, also as text."""
        value = self.members.get(name)
        if value is None:
            return None
        if isinstance(value, int | Decimal | str) and not isinstance(value, bool):
            try:
                number = Decimal(value)
            except InvalidOperation:
                number = Decimal("NaN")
            if number.is_finite():
                return number
        raise problems.not_convertible(value, "System.Nullable`1[System.Decimal]", self.at(name))

    def boolean(self, name: str) -> bool | None:
        """A truth value, also as the text true or false."""
        value = self.members.get(name)
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, str) and value.lower() in ("true", "false"):
            return value.lower() == "true"
        raise problems.not_convertible(value, "System.Nullable`1[System.Boolean]", self.at(name))

    def date(self, name: str) -> date | None:
        """A calendar date; the `…String` twin is used if the member itself is missing."""
        for spelling in (name, f"{name}String"):
            value = self.members.get(spelling)
            if value is None or value == "":
                continue
            try:
                return parse_date(str(value))
            except ValueError:
                raise problems.not_convertible(
                    value, "System.Nullable`1[System.DateTime]", self.at(spelling)
                ) from None
        return None

    def guid(self, name: str) -> str | None:
        """A guid in lower case with hyphens; an empty text counts as not sent."""
        value = self.members.get(name)
        if value is None or value == "":
            return None
        try:
            return str(uuid.UUID(str(value)))
        except ValueError:
            raise problems.not_convertible(value, "System.Nullable`1[System.Guid]", self.at(name)) from None

    def choice(self, name: str, values: Sequence[str], type_name: str) -> str | None:
        """One of a closed list, in exactly this spelling."""
        value = self.members.get(name)
        if value is None or value == "":
            return None
        if value not in values:
            raise problems.not_convertible(value, _LIBRARY + type_name, self.at(name))
        return str(value)

    def object(self, name: str) -> Element | None:
        """A nested object."""
        value = self.members.get(name)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise problems.not_convertible(value, _LIBRARY + name, self.at(name))
        return Element(value, self.at(name))

    def objects(self, name: str) -> list[Element] | None:
        """A nested list of objects; None if it was not sent."""
        value = self.members.get(name)
        if value is None:
            return None
        if not isinstance(value, list):
            raise problems.not_convertible(value, f"{_LIBRARY}{name}", self.at(name))
        found = []
        for index, member in enumerate(value):
            path = f"{self.at(name)}[{index}]"
            if not isinstance(member, dict):
                raise problems.not_convertible(member, f"{_LIBRARY}{name}", path)
            found.append(Element(member, path))
        return found
