"""Which path asks for what. Paths are not case-sensitive."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from simulators.autotask.entities import CHILDREN, entity
from simulators.autotask.errors import NoRouteError

if TYPE_CHECKING:
    from simulators.autotask.entities import EntityType

# Zone discovery is asked at a host without a zone; everything else at the address that it gave.
NO_ZONE = 0
_PATH = re.compile(r"(?:/zone(?P<zone>\d+))?/atservicesrest/(?P<version>v1\.0/)?(?P<rest>[^?]*?)/?")
_PLAIN = {
    "zoneinformation": "zone_information",
    "thresholdinformation": "threshold",
    "version": "version",
}
_ENTITY_CALLS = {
    "": "write",
    "query": "query",
    "query/count": "count",
    "query/next": "next",
    "entityinformation": "information",
    "entityinformation/fields": "fields",
    "entityinformation/userdefinedfields": "user_defined_fields",
}
METHODS: dict[str, frozenset[str]] = {
    "zone_information": frozenset({"GET"}),
    "versions": frozenset({"GET"}),
    "version": frozenset({"GET"}),
    "threshold": frozenset({"GET"}),
    "query": frozenset({"GET", "POST"}),
    "count": frozenset({"GET", "POST"}),
    "next": frozenset({"GET", "POST"}),
    "information": frozenset({"GET"}),
    "fields": frozenset({"GET"}),
    "user_defined_fields": frozenset({"GET"}),
    "write": frozenset({"PATCH", "PUT"}),
    "item": frozenset({"GET"}),
    "markup": frozenset({"GET"}),
    "children": frozenset({"GET", "PATCH", "PUT"}),
}


@dataclass(frozen=True, slots=True)
class Route:
    """What a path asks for: the kind of call, the zone, and for calls to an entity which and whose.

    For ``children``, ``entity`` is the child's, ``number`` the parent's id and ``parent_field`` the field of
    the child that holds it.
    """

    kind: str
    zone: int
    entity: EntityType | None = None
    number: int | None = None
    parent_field: str = ""

    @property
    def endpoint(self) -> str:
        """What the limit of concurrent requests counts by."""
        return self.entity.name if self.entity else self.kind


def find(path: str) -> Route:
    """The route of a path.

    Raises:
        NoRouteError: There is none.
    """
    lower = path.lower()
    match = _PATH.fullmatch(lower)
    if match is None:
        raise NoRouteError(path)
    zone = int(match["zone"] or NO_ZONE)
    rest = match["rest"]
    if rest == "versioninformation" and not match["version"]:
        return Route("versions", zone)
    if not match["version"]:
        raise NoRouteError(path)
    if rest in _PLAIN:
        return Route(_PLAIN[rest], zone)
    name, _, below = rest.partition("/")
    kind = entity(name)
    if kind is None:
        raise NoRouteError(path)
    if below in _ENTITY_CALLS:
        return Route(_ENTITY_CALLS[below], zone, kind)
    number, _, child = below.partition("/")
    if not number.isascii() or not number.isdigit():
        raise NoRouteError(path)
    return _below_record(path, Route("item", zone, kind, int(number)), child)


def _below_record(path: str, record: Route, child: str) -> Route:
    if not child:
        return record
    if record.entity is not None and record.entity.name == "Invoices" and child == "invoicemarkuphtml":
        return Route("markup", record.zone, record.entity, record.number)
    known = CHILDREN.get((record.entity.name.lower() if record.entity else "", child))
    if known is None:
        raise NoRouteError(path)
    return Route("children", record.zone, entity(known[0]), record.number, known[1])
