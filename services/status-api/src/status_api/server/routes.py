"""The route table: every operation there is."""

from __future__ import annotations

from status_api.server.operations import Operation
from status_api.server.resources import (
    analytics,
    audit,
    bulk,
    bundle,
    commands,
    documents,
    exports,
    fleet,
    logs,
    me,
    meta,
    overview,
    people,
    sessions,
    stream,
    tenants,
    tokens,
)

OPERATIONS: tuple[Operation, ...] = (
    *tenants.OPERATIONS,
    *overview.OPERATIONS,
    *fleet.OPERATIONS,
    *analytics.OPERATIONS,
    *documents.OPERATIONS,
    *logs.OPERATIONS,
    *exports.OPERATIONS,
    *bundle.OPERATIONS,
    *bulk.OPERATIONS,
    *commands.OPERATIONS,
    *sessions.OPERATIONS,
    *me.OPERATIONS,
    *tokens.OPERATIONS,
    *people.OPERATIONS,
    *audit.OPERATIONS,
    *stream.OPERATIONS,
    *meta.OPERATIONS,
)
