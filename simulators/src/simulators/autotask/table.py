"""The records of one entity, in ascending id, with the indexes that make big ``in`` lists quick."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from typing import TYPE_CHECKING, Any

from simulators.autotask.filters import Comparison, Group
from simulators.autotask.matching import condition

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from simulators.autotask.entities import EntityType

    Record = dict[str, Any]

# Fields by which children are looked up; without an index 200 ids among 50,000 lines would scan them all.
INDEXED = {
    "BillingItems": ("invoiceID", "companyID"),
    "Contacts": ("companyID",),
    "PurchaseOrderItems": ("orderID",),
    "PurchaseOrderItemReceiving": ("purchaseOrderItemID",),
    "PurchaseOrders": ("vendorID",),
    "TimeEntries": ("ticketID",),
}


class Table:
    """Records by id. Not thread-safe: the database holds the lock."""

    def __init__(self, entity: EntityType) -> None:
        self.entity = entity
        self._records: dict[int, Record] = {}
        self._ids: list[int] = []
        self._indexes: dict[str, dict[Any, set[int]]] = {name: {} for name in INDEXED.get(entity.name, ())}

    def __len__(self) -> int:
        return len(self._ids)

    def __iter__(self) -> Iterator[Record]:
        return (self._records[each] for each in self._ids)

    def get(self, number: int) -> Record | None:
        """The record of that id, or None."""
        return self._records.get(number)

    def put(self, record: Record) -> None:
        """Add a record or replace the one of the same id."""
        number = record["id"]
        before = self._records.get(number)
        if before is not None:
            self._unindex(before)
        elif not self._ids or number > self._ids[-1]:
            self._ids.append(number)
        else:
            insort(self._ids, number)
        self._records[number] = record
        for name, index in self._indexes.items():
            index.setdefault(record.get(name), set()).add(number)

    def change(self, number: int, values: dict[str, Any]) -> None:
        """Set some fields of a record that exists."""
        self.put({**self._records[number], **values})

    def remove(self, number: int) -> None:
        """Forget a record that exists."""
        self._unindex(self._records.pop(number))
        self._ids.pop(bisect_left(self._ids, number))

    def find(self, tree: Group, *, after: int = -1, null_is_different: bool = False) -> Iterator[Record]:
        """Records that fulfil the filter, ids above ``after`` only, in ascending id."""
        test = condition(tree, null_is_different=null_is_different)
        for number in self._candidates(tree, after):
            record = self._records[number]
            if test(record):
                yield record

    def _unindex(self, record: Record) -> None:
        for name, index in self._indexes.items():
            index[record.get(name)].discard(record["id"])

    def _candidates(self, tree: Group, after: int) -> Iterable[int]:
        """Ids that may fulfil the filter: by an index where a condition allows it, else a range of all."""
        chosen: set[int] | None = None
        low, high = after, None
        for item in tree.items:
            if not isinstance(item, Comparison):
                continue
            ids = self._by_index(item)
            if ids is not None and (chosen is None or len(ids) < len(chosen)):
                chosen = ids
            if item.field.name == "id" and item.op in {"gt", "gte"}:
                low = max(low, item.operand if item.op == "gt" else item.operand - 1)
            if item.field.name == "id" and item.op in {"lt", "lte"}:
                bound = item.operand - 1 if item.op == "lt" else item.operand
                high = bound if high is None else min(high, bound)
        if chosen is not None:
            return sorted(number for number in chosen if number > low)
        end = len(self._ids) if high is None else bisect_right(self._ids, high)
        return self._ids[bisect_left(self._ids, low + 1) : end]

    def _by_index(self, item: Comparison) -> set[int] | None:
        if item.op not in {"eq", "in"}:
            return None
        wanted = item.operand if item.op == "in" else {item.operand}
        if item.field.name == "id":
            return {number for number in wanted if number in self._records}
        index = self._indexes.get(item.field.name)
        if index is None:
            return None
        return set().union(*(index.get(each, ()) for each in wanted))
