"""A document that is open: what was read of it for the panel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dashboard.api.connection import Json, Query
from dashboard.views.documents.kinds import KINDS, DocumentKind
from dashboard.views.visit import Visit

_COMMANDS = 5
_ABOUT_IT = ("resync", "skip", "unskip", "diagnose", "release")
"""Commands that do something to a document; an `explain` only asks."""


@dataclass(frozen=True, slots=True)
class Opened:
    """What the panel shows, and who looks.

    Attributes:
        visit: whose.
        kind: of the document.
        id: Autotask's.
        document: as status-api tells it opened.
        commands: the newest about it, newest first.
        may_act: whether this person may give commands.
    """

    visit: Visit
    kind: DocumentKind
    id: str
    document: Json
    commands: list[Json]
    may_act: bool

    @property
    def is_order(self) -> bool:
        """Whether it is a purchase order."""
        return self.kind.kind == "purchase-order"

    def get(self, below: str, query: Query | None = None) -> Json:
        """Read something below the document."""
        return self.visit.api.get(self.path(below), query)

    def path(self, below: str) -> str:
        """Where status-api has something of the document."""
        return self.visit.of_tenant(self.kind.resource, self.id, below)


def read_opened(visit: Visit, opened: Mapping[str, Any]) -> Opened:
    """Read a document that was opened.

    Raises:
        StatusApiError: it is not known, or status-api does not answer.
    """
    kind, number = KINDS[opened["kind"]], str(opened["id"])
    document = visit.api.get(visit.of_tenant(kind.resource, number))
    commands = visit.api.get(
        visit.of_tenant("commands"),
        {"document": f"{kind.kind}/{number}", "kind": _ABOUT_IT, "limit": _COMMANDS},
    )["items"]
    return Opened(visit, kind, number, document, commands, visit.may(visit.me(), "operator"))
