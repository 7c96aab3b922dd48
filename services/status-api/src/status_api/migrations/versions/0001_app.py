"""What people decided: tenants with their settings and history, commands, audit, outbox."""

from alembic import op

from service_runtime.tables import OUTBOX_V1

revision = "0001"
down_revision = None

TABLES = """
CREATE TABLE tenant (
    tenant_id text COLLATE "C" PRIMARY KEY,
    name text NOT NULL,
    state text NOT NULL CHECK (state IN ('active', 'paused')),
    version bigint NOT NULL,
    settings jsonb NOT NULL,
    updated_at timestamptz NOT NULL,
    updated_by text NOT NULL
);
CREATE TABLE tenant_history (
    tenant_id text COLLATE "C" NOT NULL REFERENCES tenant (tenant_id),
    version bigint NOT NULL,
    name text NOT NULL,
    state text NOT NULL,
    settings jsonb NOT NULL,
    changed text[] NOT NULL,
    updated_at timestamptz NOT NULL,
    updated_by text NOT NULL,
    PRIMARY KEY (tenant_id, version)
);
CREATE TABLE command (
    command_id text COLLATE "C" PRIMARY KEY,
    tenant_id text COLLATE "C" NOT NULL REFERENCES tenant (tenant_id),
    kind text NOT NULL,
    document_kind text COLLATE "C" NOT NULL DEFAULT '',
    document_id bigint NOT NULL DEFAULT 0,
    actor text NOT NULL,
    issued_at timestamptz NOT NULL,
    finished_at timestamptz,
    shows_pending boolean NOT NULL
);
COMMENT ON COLUMN command.document_kind IS 'empty, with document_id 0, for commands about the whole tenant';
COMMENT ON COLUMN command.finished_at IS 'when its done or refused was folded; while it is empty a repeat returns this command';
COMMENT ON COLUMN command.shows_pending IS 'the document shows as Pending Sync until an event that this command caused is folded';
CREATE UNIQUE INDEX one_open_command ON command (tenant_id, kind, document_kind, document_id) WHERE finished_at IS NULL;
CREATE INDEX command_shows_pending ON command (tenant_id, document_kind, document_id) WHERE shows_pending;
CREATE INDEX command_by_time ON command (tenant_id, issued_at DESC, command_id DESC);
CREATE TABLE audit (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL,
    actor text NOT NULL,
    action text NOT NULL,
    tenant_id text COLLATE "C",
    subject text,
    request_id text
);
CREATE INDEX audit_by_tenant ON audit (tenant_id, id DESC)
"""


def upgrade() -> None:
    op.execute(OUTBOX_V1)
    op.execute(TABLES)
