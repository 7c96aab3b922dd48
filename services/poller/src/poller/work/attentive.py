"""Calls to Autotask with something to see to before each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from poller.adapters.autotask.client import Filter, Page
from poller.work.connection import Connection


class Attentive:
    """Pages and picklists of Autotask, with something to see to before each."""

    def __init__(self, connection: Connection, before: Callable[[], None]) -> None:
        self._connection = connection
        self._before = before

    def page(self, entity: str, filters: Sequence[Filter], fields: Sequence[str] | None = None) -> Page:
        """See to what has come meanwhile, then ask."""
        self._before()
        return self._connection.page(entity, filters, fields)

    def picklist(self, entity: str, field: str) -> Mapping[int, str]:
        """The same for the labels of a picklist."""
        self._before()
        return self._connection.picklist(entity, field)
