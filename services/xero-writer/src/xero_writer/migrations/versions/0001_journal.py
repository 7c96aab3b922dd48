"""Work, intents, documents, contacts: the journal."""

from alembic import op

from service_runtime.tables import LEASE_V1, OUTBOX_V1

revision = "0001"
down_revision = None

TABLES = """
CREATE TABLE tenant (
    tenant_id text PRIMARY KEY,
    organisation_id text NOT NULL UNIQUE,
    listed_at timestamptz,
    reference_version bigint NOT NULL DEFAULT 0,
    reference_digest text,
    reference_at timestamptz,
    short_code text NOT NULL DEFAULT '',
    contacts_at timestamptz
);
CREATE TABLE document (
    tenant_id text NOT NULL,
    document text NOT NULL,
    latest_revision bigint NOT NULL DEFAULT 0,
    hold text NOT NULL DEFAULT 'none',
    hold_version bigint NOT NULL DEFAULT 0,
    xero_kind text,
    xero_id text,
    xero_number text,
    adopted boolean NOT NULL DEFAULT false,
    synced_revision bigint,
    PRIMARY KEY (tenant_id, document)
);
CREATE UNIQUE INDEX document_by_xero_id ON document (tenant_id, xero_id) WHERE xero_id IS NOT NULL;
CREATE TABLE work (
    tenant_id text NOT NULL,
    document text NOT NULL,
    revision bigint NOT NULL,
    priority smallint NOT NULL,
    mapped bytea NOT NULL,
    traceparent text NOT NULL,
    batch_limit integer NOT NULL,
    check_number boolean NOT NULL DEFAULT false,
    received_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (tenant_id, document)
);
CREATE INDEX work_in_order ON work (tenant_id, priority, received_at, document);
CREATE TABLE intent (
    id uuid PRIMARY KEY,
    tenant_id text NOT NULL,
    epoch bigint NOT NULL,
    purpose text NOT NULL,
    xero_kind text NOT NULL,
    method text NOT NULL,
    path text NOT NULL,
    body bytea NOT NULL,
    idempotency_key text NOT NULL UNIQUE,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    last_sent_at timestamptz,
    state text NOT NULL DEFAULT 'open',
    cause text,
    words text NOT NULL DEFAULT '',
    may_resend boolean NOT NULL DEFAULT true,
    answered_since boolean NOT NULL DEFAULT false,
    looked_up_at timestamptz,
    absent_since timestamptz,
    was_unknown boolean NOT NULL DEFAULT false,
    resolved_at timestamptz,
    recheck_at timestamptz
);
CREATE INDEX intent_unresolved ON intent (tenant_id) WHERE state <> 'resolved';
CREATE INDEX intent_to_recheck ON intent (tenant_id, recheck_at) WHERE recheck_at IS NOT NULL;
CREATE TABLE intent_element (
    intent_id uuid NOT NULL REFERENCES intent (id),
    position integer NOT NULL,
    tenant_id text NOT NULL,
    document text NOT NULL,
    revision bigint NOT NULL,
    priority smallint NOT NULL,
    mapped bytea NOT NULL,
    traceparent text NOT NULL,
    batch_limit integer NOT NULL,
    received_at timestamptz NOT NULL,
    number text,
    contact_name text NOT NULL,
    due_date date,
    state text NOT NULL DEFAULT 'pending',
    outcome text,
    xero_id text,
    PRIMARY KEY (intent_id, position)
);
CREATE UNIQUE INDEX one_unresolved_intent ON intent_element (tenant_id, document) WHERE state = 'pending';
CREATE INDEX intent_element_by_document ON intent_element (tenant_id, document);
CREATE TABLE contact (
    tenant_id text NOT NULL,
    contact_id text NOT NULL,
    name text NOT NULL,
    account_number text NOT NULL,
    status text NOT NULL,
    terms_day integer,
    terms_type text,
    PRIMARY KEY (tenant_id, contact_id)
)
"""


def upgrade() -> None:
    op.execute(OUTBOX_V1)
    op.execute(LEASE_V1)
    op.execute(TABLES)
