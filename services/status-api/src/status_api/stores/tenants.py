"""Tenants: first seen, changed, with history and the event that tells every service."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, text

from invoice_events import names
from invoice_events.identity import new_traceparent
from invoice_events.types import TenantSettings
from service_runtime.outbox import Outbox
from service_runtime.tenants import Tenant
from status_api.stores.audit import Who, write_audit

FROM_FILE = "tenants file"


class UnknownTenantError(LookupError):
    """No such tenant."""


class StaleVersionError(Exception):
    """The version that was to be changed is not the current one."""

    def __init__(self, current: int) -> None:
        super().__init__(f"the current version is {current}")
        self.current = current


@dataclass(frozen=True, slots=True)
class StoredTenant:
    """A tenant with its settings and state; `version` grows with each change of either."""

    tenant_id: str
    name: str
    state: str
    version: int
    settings: dict[str, Any]
    updated_at: datetime
    updated_by: str


_SELECT = "SELECT tenant_id, name, state, version, settings, updated_at, updated_by FROM tenant"


class TenantStore:
    """Reads and changes tenants."""

    def __init__(self, engine: Engine, outbox: Outbox, now: Callable[[], datetime]) -> None:
        self._engine = engine
        self._outbox = outbox
        self._now = now

    def get(self, tenant_id: str) -> StoredTenant:
        """One tenant.

        Raises:
            UnknownTenantError: there is none.
        """
        with self._engine.connect() as connection:
            return _one(connection, tenant_id, lock=False)

    def page(self, after: str, limit: int, *, among: frozenset[str] | None = None) -> list[StoredTenant]:
        """Tenants by id, those after `after`; of `among` only, unless it is None."""
        with self._engine.connect() as connection:
            rows = connection.execute(
                text(
                    f"{_SELECT} WHERE tenant_id > :after AND (:every OR tenant_id = ANY(:among)) ORDER BY tenant_id LIMIT :limit"
                ),
                {"after": after, "limit": limit, "every": among is None, "among": sorted(among or ())},
            )
            return [StoredTenant(**row) for row in rows.mappings()]

    def first_seen(self, tenant: Tenant) -> bool:
        """Take a tenant of the tenants file in: its initial settings and state once, its name whenever it changes.

        Returns:
            Whether anything changed.
        """
        with self._engine.begin() as connection:
            now = self._now()
            new = StoredTenant(tenant.id, tenant.name, tenant.state, 1, tenant.settings, now, FROM_FILE)
            inserted = connection.execute(
                text(
                    "INSERT INTO tenant (tenant_id, name, state, version, settings, updated_at, updated_by) VALUES"
                    " (:tenant_id, :name, :state, :version, CAST(:settings AS jsonb), :updated_at, :updated_by) ON CONFLICT DO NOTHING"
                ),
                _values(new),
            ).rowcount
            if inserted:
                self._record(connection, new, ["settings", "state", "name"], new_traceparent())
            else:
                stored = _one(connection, tenant.id, lock=True)
                if stored.name == tenant.name:
                    return False
                changed = replace(
                    stored, name=tenant.name, version=stored.version + 1, updated_at=now, updated_by=FROM_FILE
                )
                self._store(connection, changed, ["name"], new_traceparent())
        self._outbox.wake()
        return True

    def change(
        self,
        tenant_id: str,
        version: int,
        who: Who,
        *,
        settings: dict[str, Any] | None = None,
        state: str | None = None,
        confirmed: Sequence[str] = (),
    ) -> StoredTenant:
        """Change settings or state of the given version. What is the same already stays as it is, without a new version.

        The audit keeps which cautions were confirmed.

        Raises:
            UnknownTenantError: there is no such tenant.
            StaleVersionError: `version` is not the current one.
        """
        with self._engine.begin() as connection:
            stored = _one(connection, tenant_id, lock=True)
            if stored.version != version:
                raise StaleVersionError(stored.version)
            changed = [
                name
                for name, value, old in (
                    ("settings", settings, stored.settings),
                    ("state", state, stored.state),
                )
                if value is not None and value != old
            ]
            if not changed:
                return stored
            new = replace(
                stored,
                settings=stored.settings if settings is None else settings,
                state=stored.state if state is None else state,
                version=stored.version + 1,
                updated_at=self._now(),
                updated_by=who.actor,
            )
            self._store(connection, new, changed, who.traceparent)
            for name in changed:
                told = f", confirmed: {', '.join(confirmed)}" if confirmed and name == "settings" else ""
                subject = f"version {new.version}{told}"
                write_audit(connection, who, new.updated_at, f"change-{name}", tenant_id, subject)
        self._outbox.wake()
        return new

    def _store(self, connection: Connection, new: StoredTenant, changed: list[str], traceparent: str) -> None:
        connection.execute(
            text(
                "UPDATE tenant SET name = :name, state = :state, version = :version, settings = CAST(:settings AS jsonb),"
                " updated_at = :updated_at, updated_by = :updated_by WHERE tenant_id = :tenant_id"
            ),
            _values(new),
        )
        self._record(connection, new, changed, traceparent)

    def _record(
        self, connection: Connection, new: StoredTenant, changed: list[str], traceparent: str
    ) -> None:
        """History and event of a version, in the transaction that makes it."""
        connection.execute(
            text(
                "INSERT INTO tenant_history (tenant_id, version, name, state, settings, changed, updated_at, updated_by) VALUES"
                " (:tenant_id, :version, :name, :state, CAST(:settings AS jsonb), :changed, :updated_at, :updated_by)"
            ),
            _values(new) | {"changed": changed},
        )
        event: TenantSettings = {
            "tenant_id": new.tenant_id,
            "name": new.name,
            "state": "active" if new.state == "active" else "paused",
            "version": new.version,
            "settings": json.dumps(new.settings, ensure_ascii=False, sort_keys=True),
            "updated_at": new.updated_at,
            "updated_by": new.updated_by,
        }
        self._outbox.add(connection, names.SETTINGS, dict(event), traceparent)


def _values(tenant: StoredTenant) -> dict[str, Any]:
    return {
        "tenant_id": tenant.tenant_id,
        "name": tenant.name,
        "state": tenant.state,
        "version": tenant.version,
        "settings": json.dumps(tenant.settings, ensure_ascii=False),
        "updated_at": tenant.updated_at,
        "updated_by": tenant.updated_by,
    }


def _one(connection: Connection, tenant_id: str, *, lock: bool) -> StoredTenant:
    row = (
        connection.execute(
            text(f"{_SELECT} WHERE tenant_id = :tenant {'FOR UPDATE' if lock else ''}"),
            {"tenant": tenant_id},
        )
        .mappings()
        .first()
    )
    if row is None:
        raise UnknownTenantError(tenant_id)
    return StoredTenant(**row)
