"""The route table: every operation there is."""

from __future__ import annotations

from status_api.server.operations import Operation
from status_api.server.resources import commands, documents, logs, meta, overview, tenants

OPERATIONS: tuple[Operation, ...] = (
    *tenants.OPERATIONS,
    *overview.OPERATIONS,
    *documents.OPERATIONS,
    *logs.OPERATIONS,
    *commands.OPERATIONS,
    *meta.OPERATIONS,
)
