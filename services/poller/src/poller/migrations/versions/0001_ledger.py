"""Ledger, inboxes, outbox and leases."""

from __future__ import annotations

from alembic import op

from service_runtime.tables import LEASE_V1, OUTBOX_V1

revision = "0001"
down_revision = None

_LEDGER = """
CREATE TABLE ledger (
    tenant_id text NOT NULL,
    document text NOT NULL,
    autotask_id bigint NOT NULL,
    state text NOT NULL CHECK (state IN ('in_flight', 'waiting_retry', 'fault', 'done', 'skipped')),
    hold text NOT NULL DEFAULT 'none' CHECK (hold IN ('none', 'skip', 'diagnose')),
    hold_version bigint NOT NULL DEFAULT 0,
    revision bigint NOT NULL,
    attempt integer NOT NULL CHECK (attempt BETWEEN 1 AND 3),
    strikes integer NOT NULL CHECK (strikes BETWEEN 0 AND 3),
    priority text NOT NULL CHECK (priority IN ('interactive', 'normal', 'backfill')),
    synced_revision bigint,
    stamped_revision bigint,
    stamped_at timestamptz,
    stamp_wanted boolean NOT NULL GENERATED ALWAYS AS
        (synced_revision IS NOT NULL AND synced_revision > coalesce(stamped_revision, 0)) STORED,
    stamp_failures integer NOT NULL DEFAULT 0,
    stamp_after timestamptz,
    xero_document_id text,
    invoice_date date,
    fault_code text,
    fault_text text,
    skip_reason text,
    command_id text,
    traceparent text NOT NULL,
    discovered_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    state_since timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (tenant_id, document)
)
"""

_LEDGER_INDEXES = (
    "CREATE INDEX ledger_by_state ON ledger (tenant_id, state, state_since)",
    "CREATE INDEX ledger_stamps_wanted ON ledger (tenant_id, stamp_after) WHERE stamp_wanted",
    "CREATE INDEX ledger_stamped ON ledger (tenant_id, autotask_id) WHERE state = 'done' AND stamped_at IS NOT NULL",
)

_COMMAND_INBOX = """
CREATE TABLE command_inbox (
    command_id text PRIMARY KEY,
    tenant_id text NOT NULL,
    kind text NOT NULL,
    document text,
    actor text NOT NULL,
    issued_at timestamptz NOT NULL,
    traceparent text NOT NULL,
    state text NOT NULL DEFAULT 'new' CHECK (state IN ('new', 'accepted', 'started', 'done', 'refused')),
    arrival bigint GENERATED ALWAYS AS IDENTITY,
    received_at timestamptz NOT NULL DEFAULT clock_timestamp()
)
"""

_OUTCOME_INBOX = """
CREATE TABLE outcome_inbox (
    event_id text PRIMARY KEY,
    tenant_id text NOT NULL,
    document text NOT NULL,
    revision bigint NOT NULL,
    kind text NOT NULL CHECK (kind IN ('synced', 'faulted', 'skipped')),
    details jsonb NOT NULL,
    traceparent text NOT NULL,
    arrival bigint GENERATED ALWAYS AS IDENTITY,
    received_at timestamptz NOT NULL DEFAULT clock_timestamp()
)
"""

_INBOX_INDEXES = (
    "CREATE INDEX command_inbox_open ON command_inbox (tenant_id, arrival) WHERE state IN ('new', 'accepted', 'started')",
    "CREATE INDEX outcome_inbox_arrival ON outcome_inbox (tenant_id, arrival)",
)


def upgrade() -> None:
    for statement in (
        LEASE_V1,
        OUTBOX_V1,
        _LEDGER,
        *_LEDGER_INDEXES,
        _COMMAND_INBOX,
        _OUTCOME_INBOX,
        *_INBOX_INDEXES,
    ):
        op.execute(statement)


def downgrade() -> None:
    for table in ("outcome_inbox", "command_inbox", "ledger", "outbox", "lease"):
        op.execute(f"DROP TABLE {table}")
