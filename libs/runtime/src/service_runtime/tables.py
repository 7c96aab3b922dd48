"""Tables that several services keep in their own schema, for their migrations. A released function never changes: a new version gets a new name."""

from __future__ import annotations

OUTBOX_V1 = """
CREATE TABLE outbox (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topic text NOT NULL,
    key text NOT NULL,
    headers jsonb NOT NULL,
    payload bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
)
"""

LEASE_V1 = """
CREATE TABLE lease (
    tenant_id text PRIMARY KEY,
    owner text NOT NULL,
    epoch bigint NOT NULL,
    expires_at timestamptz NOT NULL
)
"""

REFUSED_CREDENTIALS_V1 = """
CREATE TABLE refused_credentials (
    tenant_id text PRIMARY KEY,
    salt bytea NOT NULL,
    digest bytea NOT NULL,
    words text NOT NULL,
    refused_at timestamptz NOT NULL DEFAULT clock_timestamp()
)
"""
