"""The statements that carry a batch from its temporary table into the read model.

Every row says by itself which of two is the newer, so a repetition changes nothing and the order does not matter. Rows are
taken in the order of their keys: two materializers that meet on the same rows wait for each other instead of deadlocking.
Names of tables and columns come from the closed lists of this package, never from data.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from status_api.core import changes as told
from status_api.core.groups import DOCUMENT_COLUMNS, GROUPS, Group


@dataclass(frozen=True, slots=True)
class Target:
    """A table that batches are merged into.

    Attributes:
        table: its name, unqualified: the search path decides which read model is meant.
        columns: what is copied.
        merge: the statement that merges `batch_{table}` into it.
        place: what its rows are about, for those who follow changes: tenant, subject and thing; empty if they are told nothing.
    """

    table: str
    columns: tuple[str, ...]
    merge: str
    place: str = ""

    @property
    def merge_and_tell(self) -> str:
        """The same, and what it changed waits to be told: a repetition, which changes nothing, tells nothing."""
        if not self.place:
            return self.merge
        return (
            f"WITH merged AS ({self.merge} RETURNING {self.place}) INSERT INTO change_waiting (tenant_id, subject, thing)"  # noqa: S608  # texts of this package
            " SELECT tenant_id, subject, thing FROM merged"
        )

    @property
    def stage(self) -> str:
        """Name of the temporary table."""
        return f"batch_{self.table}"

    @property
    def make_stage(self) -> str:
        """Statement that makes the temporary table, once per connection; it is emptied by every commit."""
        return (
            f"CREATE TEMPORARY TABLE IF NOT EXISTS {self.stage} ON COMMIT DELETE ROWS"  # noqa: S608  # names of this package
            f" AS SELECT {', '.join(self.columns)} FROM {self.table} WITH NO DATA"
        )


_KEY = ("tenant_id", "kind", "id")


def _newer(group: Group) -> str:
    """Condition: the batch's group replaces the stored one. An empty group has 0 in its first rank column."""
    batch = ", ".join(f"excluded.{name}" for name in group.rank)
    stored = ", ".join(f"d.{name}" for name in group.rank)
    first = group.rank[0]
    if group.first_of_try:
        return f"excluded.{first} > d.{first} OR (excluded.{first} = d.{first} AND ({batch}) < ({stored}))"
    if not group.earliest:
        return f"({batch}) > ({stored})"
    return f"excluded.{first} > 0 AND (d.{first} = 0 OR ({batch}) < ({stored}))"


_NOT_NULL = {group.rank[0]: "0" for group in GROUPS} | {"hold": "'none'"}


def _document_merge() -> str:
    columns = ", ".join((*_KEY, *DOCUMENT_COLUMNS))
    values = ", ".join(
        f"COALESCE({name}, {_NOT_NULL[name]})" if name in _NOT_NULL else name for name in DOCUMENT_COLUMNS
    )
    changes = ", ".join(
        f"{name} = CASE WHEN {_newer(group)} THEN excluded.{name} ELSE d.{name} END"
        for group in GROUPS
        for name in group.columns
    )
    return (
        f"INSERT INTO document AS d ({columns}) SELECT {', '.join(_KEY)}, {values} FROM batch_document"  # noqa: S608  # names of this package
        f" ORDER BY {', '.join(_KEY)} ON CONFLICT ({', '.join(_KEY)}) DO UPDATE SET {changes}"
        f" WHERE {' OR '.join(f'({_newer(group)})' for group in GROUPS)}"
    )


def _sortable(table: str, name: str) -> str:
    """A column in the order that the fold in Python uses too: texts by code point, a missing one first."""
    if name in {"trace_id", "payload"}:
        return f"""coalesce({table}.{name}::text, '') COLLATE "C\""""
    return f"{table}.{name}"


def _simple(
    table: str,
    key: str,
    rank: str,
    columns: str,
    *,
    keep: Literal["newest", "first"] = "newest",
    place: str = "",
) -> Target:
    """A table whose rows are replaced as a whole by newer ones, or by earlier ones."""
    every = tuple(columns.split())
    keys, ranks = key.split(), rank.split()
    changes = ", ".join(f"{name} = excluded.{name}" for name in every if name not in keys)
    newer = (
        f"({', '.join(_sortable('excluded', name) for name in ranks)}) {'>' if keep == 'newest' else '<'}"
        f" ({', '.join(_sortable('t', name) for name in ranks)})"
    )
    merge = (
        f"INSERT INTO {table} AS t ({', '.join(every)}) SELECT {', '.join(every)} FROM batch_{table}"  # noqa: S608  # names of this package
        f" ORDER BY {', '.join(keys)} ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {changes} WHERE {newer}"
    )
    return Target(table, every, merge, place)


DOCUMENT = Target(
    "document",
    (*_KEY, *DOCUMENT_COLUMNS),
    _document_merge(),
    "d.tenant_id, d.kind AS subject, d.id::text AS thing",
)
TIMELINE = _simple(
    "timeline",
    "event_id",
    "occurred_at trace_id payload",
    "event_id tenant_id kind id topic revision occurred_at command_id trace_id payload",
    keep="first",
)
LOG = _simple(
    "log",
    "event_id",
    "occurred_at",
    "event_id tenant_id kind id revision service level occurred_at message fields trace_id",
)
RESULT = _simple(
    "command_result",
    "event_id",
    "occurred_at",
    "event_id command_id tenant_id service occurred_at state reason answer",
    place=f"t.tenant_id, '{told.COMMAND}' AS subject, t.command_id AS thing",
)
CONNECTION = _simple(
    "connection",
    "tenant_id side",
    "checked_at changed_at",
    "tenant_id side service state detail changed_at checked_at budgets",
    place=f"t.tenant_id, '{told.CONNECTION}' AS subject, t.side AS thing",
)
REFERENCE = _simple("reference", "tenant_id", "version fetched_at", "tenant_id version fetched_at payload")
SETTINGS = _simple(
    "settings_seen",
    "tenant_id version",
    "updated_at",
    "tenant_id version state updated_at updated_by settings",
)
TARGETS = (TIMELINE, LOG, RESULT, CONNECTION, REFERENCE, SETTINGS, DOCUMENT)
"""In the order in which everybody merges them. Documents last: from there to the commit their figures are locked (migration 0010)."""
