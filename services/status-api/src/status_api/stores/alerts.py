"""What was noticed, and what waits to be told: the tables of alerts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from invoice_events.settings import effective_settings
from status_api.core.alert_texts import example_line
from status_api.core.alerts import (
    MOST_EXAMPLES,
    AlertsOf,
    Circuit,
    Concern,
    News,
    Reader,
    Waiting,
    Wish,
)
from status_api.queries.people import grants_of

_AT_ONCE = 1000
"""Faults that one transaction takes in."""

# What is folded beyond `as_of` is not believed yet: while the read model is filled again, documents pass through states that are
# long over. Per tenant by the index of statuses.
_NEW_FAULTS = text(
    "SELECT d.tenant_id, d.kind, d.id, d.fault_revision, d.fault_code, d.fault_text, d.source_number, d.source_company_name"
    " FROM tenant t JOIN document d ON d.tenant_id = t.tenant_id AND d.kind IN ('invoice', 'purchase-order') AND d.status = 'Fault'"
    " LEFT JOIN alert_fault a ON a.tenant_id = d.tenant_id AND a.kind = d.kind AND a.id = d.id"
    " WHERE d.fault_revision > coalesce(a.revision, 0) AND d.fault_at <= (SELECT as_of FROM progress) LIMIT :limit"
)
_NOTICED = text(
    "INSERT INTO alert_fault AS a (tenant_id, kind, id, revision) VALUES (:tenant_id, :kind, :id, :fault_revision)"
    " ON CONFLICT (tenant_id, kind, id) DO UPDATE SET revision = GREATEST(a.revision, excluded.revision)"
)
_CONNECTIONS = text(
    "SELECT c.tenant_id, c.side, c.state, c.changed_at, a.red_since, a.announced, a.announced_at FROM connection c"
    " JOIN tenant t ON t.tenant_id = c.tenant_id LEFT JOIN alert_circuit a ON a.tenant_id = c.tenant_id AND a.side = c.side"
    " WHERE c.changed_at <= (SELECT as_of FROM progress) AND (c.state <> 'connected' OR a.red_since IS NOT NULL)"
    " ORDER BY c.tenant_id, c.side"
)
_READERS = text(
    "SELECT p.person_id, p.email,"
    " ARRAY(SELECT coalesce(g.tenant_id, '') FROM person_grant g WHERE g.person_id = p.person_id ORDER BY g.tenant_id) AS places,"
    " ARRAY(SELECT g.role FROM person_grant g WHERE g.person_id = p.person_id ORDER BY g.tenant_id) AS roles,"
    " (SELECT json_agg(json_build_array(w.tenant_id, w.on, w.detailed)) FROM alert_wish w WHERE w.person_id = p.person_id) AS wishes"
    " FROM person p WHERE p.state = 'active' AND EXISTS (SELECT 1 FROM alert_wish w WHERE w.person_id = p.person_id AND w.on)"
)
_WAITING = "SELECT target, tenant_id, cause, count, since, examples, told_at FROM alert_waiting WHERE"
_WAIT = text(
    "INSERT INTO alert_waiting AS w (target, tenant_id, cause, count, since, examples)"
    " VALUES (:target, :tenant, :cause, :count, :since, CAST(:examples AS text[]))"
    " ON CONFLICT (target, tenant_id, cause) DO UPDATE SET count = w.count + excluded.count,"
    " since = CASE WHEN w.count = 0 THEN excluded.since ELSE w.since END,"
    " examples = (w.examples || excluded.examples)[1:CAST(:most AS integer)]"
)
# What came between reading and telling stays; its first one was noticed after the reading.
_TOLD = text(
    "UPDATE alert_waiting SET count = greatest(count - :count, 0), since = greatest(since, :read_at), told_at = :at,"
    " examples = examples[:skip + 1:] WHERE target = :target AND tenant_id = :tenant AND cause = :cause"
)


def new_faults(connection: Connection) -> list[News]:
    """Documents at Fault that were not noticed before, by tenant and cause; from now on they are. Empty: there are no more."""
    rows = connection.execute(_NEW_FAULTS, {"limit": _AT_ONCE}).mappings().all()
    if not rows:
        return []
    connection.execute(_NOTICED, [dict(row) for row in rows])
    groups: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        line = example_line(
            row["kind"], row["id"], row["fault_text"] or "", row["source_number"], row["source_company_name"]
        )
        groups.setdefault((row["tenant_id"], row["fault_code"]), []).append(line)
    return [
        News(tenant, cause, len(lines), tuple(lines[:MOST_EXAMPLES]))
        for (tenant, cause), lines in groups.items()
    ]


def connections(connection: Connection) -> list[tuple[str, str, str, datetime, Circuit | None]]:
    """Tenant, side, state, since when, and what is known: of connections that are red, or were at the last look."""
    return [
        (
            row.tenant_id,
            row.side,
            row.state,
            row.changed_at,
            None if row.red_since is None else Circuit(row.red_since, row.announced, row.announced_at),
        )
        for row in connection.execute(_CONNECTIONS)
    ]


def keep_circuit(connection: Connection, tenant_id: str, side: str, circuit: Circuit | None) -> None:
    """Remember what is known of a connection; None: it is connected."""
    place = {"tenant": tenant_id, "side": side}
    if circuit is None:
        connection.execute(
            text("DELETE FROM alert_circuit WHERE tenant_id = :tenant AND side = :side"), place
        )
        return
    connection.execute(
        text(
            "INSERT INTO alert_circuit (tenant_id, side, red_since, announced, announced_at)"
            " VALUES (:tenant, :side, :since, :announced, :at) ON CONFLICT (tenant_id, side)"
            " DO UPDATE SET announced = excluded.announced, announced_at = excluded.announced_at"
        ),
        place | {"since": circuit.red_since, "announced": circuit.announced, "at": circuit.announced_at},
    )


def readers(connection: Connection) -> list[Reader]:
    """Active people who wish to be told of anything, with the roles they hold."""
    return [
        Reader(
            row.person_id,
            row.email,
            grants_of(row.places, row.roles),
            tuple(Wish(tenant, on, detailed) for tenant, on, detailed in row.wishes),
        )
        for row in connection.execute(_READERS)
    ]


def tenants(connection: Connection) -> dict[str, AlertsOf]:
    """What the settings of each tenant say about alerts."""
    found = {}
    for row in connection.execute(text("SELECT tenant_id, name, settings FROM tenant")):
        alerts = effective_settings(row.settings)["alerts"]
        found[row.tenant_id] = AlertsOf(
            row.name, alerts["on"], alerts["detailed"], frozenset(alerts["targets"])
        )
    return found


def wait(connection: Connection, news: News, concerns: Iterable[Concern], now: datetime) -> None:
    """Let news wait for everybody whom they concern."""
    values = [
        {
            "target": one.target,
            "tenant": news.tenant_id,
            "cause": news.cause,
            "count": news.count,
            "since": news.since or now,
            "examples": list(news.examples) if one.detailed else [],
            "most": MOST_EXAMPLES,
        }
        for one in sorted(concerns, key=lambda one: one.target)
    ]
    if values:
        connection.execute(_WAIT, values)


def waiting_for(connection: Connection, beginning: str) -> list[Waiting]:
    """What waits for targets whose key begins so."""
    rows = connection.execute(
        text(f"{_WAITING} starts_with(target, :beginning) AND count > 0"), {"beginning": beginning}
    )
    return [_waiting(row) for row in rows.mappings()]


def waiting_about(connection: Connection, tenant_id: str) -> list[Waiting]:
    """What waits, or was told, about a tenant."""
    rows = connection.execute(text(f"{_WAITING} tenant_id = :tenant"), {"tenant": tenant_id})
    return [_waiting(row) for row in rows.mappings()]


def _waiting(row: Any) -> Waiting:  # noqa: ANN401  # a row's mapping
    return Waiting(**dict(row) | {"examples": tuple(row["examples"])})


def told(connection: Connection, group: Sequence[Waiting], read_at: datetime, at: datetime) -> None:
    """A message was delivered: what it held waits no longer.

    Args:
        connection: inside a transaction.
        group: what the message held.
        read_at: when that was read.
        at: when it was delivered.
    """
    connection.execute(
        _TOLD,
        [
            {
                "count": one.count,
                "skip": len(one.examples),
                "read_at": read_at,
                "at": at,
                "target": one.target,
                "tenant": one.tenant_id,
                "cause": one.cause,
            }
            for one in group
        ],
    )


def forget(connection: Connection, group: Sequence[Waiting]) -> None:
    """Nobody is to be told of these any more."""
    connection.execute(
        text(
            "UPDATE alert_waiting SET count = greatest(count - :count, 0), examples = '{}'"
            " WHERE target = :target AND tenant_id = :tenant AND cause = :cause"
        ),
        [
            {
                "count": one.count,
                "target": one.target,
                "tenant": one.tenant_id,
                "cause": one.cause,
            }
            for one in group
        ],
    )


def positions(connection: Connection) -> dict[tuple[str, int], int]:
    """Next offset to read of each partition of dead letters."""
    rows = connection.execute(text("SELECT topic, partition, next_offset FROM alert_position"))
    return {(row.topic, row.partition): int(row.next_offset) for row in rows}


def keep_position(connection: Connection, topic: str, partition: int, next_offset: int) -> None:
    """Everything below is noticed."""
    connection.execute(
        text(
            "INSERT INTO alert_position (topic, partition, next_offset) VALUES (:topic, :partition, :next)"
            " ON CONFLICT (topic, partition) DO UPDATE SET next_offset = excluded.next_offset"
        ),
        {"topic": topic, "partition": partition, "next": next_offset},
    )
