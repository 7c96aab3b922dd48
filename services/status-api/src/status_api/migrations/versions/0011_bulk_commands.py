"""Bulk acts: which commands belong to one, and what was answered to whoever asked for it."""

from alembic import op

revision = "0011"
down_revision = "0010"

TABLES = """
CREATE TABLE bulk_act (
    bulk_id text COLLATE "C" PRIMARY KEY,
    tenant_id text COLLATE "C" NOT NULL REFERENCES tenant (tenant_id),
    kind text NOT NULL,
    about text NOT NULL,
    actor text NOT NULL,
    issued_at timestamptz NOT NULL,
    idempotency_key text COLLATE "C",
    asked text NOT NULL,
    answer json
);
COMMENT ON COLUMN bulk_act.asked IS 'digest of the request: a key that comes with another one is refused';
COMMENT ON COLUMN bulk_act.answer IS 'what was answered, as long as the key is remembered';
CREATE UNIQUE INDEX bulk_act_by_key ON bulk_act (tenant_id, actor, idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE INDEX bulk_act_keys_by_age ON bulk_act (issued_at) WHERE idempotency_key IS NOT NULL;
ALTER TABLE command ADD COLUMN bulk_id text COLLATE "C";
CREATE INDEX command_by_bulk ON command (bulk_id) WHERE bulk_id IS NOT NULL;
CREATE INDEX command_by_document ON command (tenant_id, document_kind, document_id, issued_at DESC, command_id DESC)
"""


def upgrade() -> None:
    op.execute(TABLES)
