"""Commands that this service answers: tests of the connection to Xero."""

from alembic import op

revision = "0004"
down_revision = "0003"

CHANGES = """
CREATE TABLE command_inbox (
    command_id text PRIMARY KEY,
    tenant_id text NOT NULL,
    kind text NOT NULL,
    actor text NOT NULL,
    issued_at timestamptz NOT NULL,
    traceparent text NOT NULL,
    state text NOT NULL DEFAULT 'new' CHECK (state IN ('new', 'started', 'done')),
    arrival bigint GENERATED ALWAYS AS IDENTITY
);
CREATE INDEX command_inbox_open ON command_inbox (tenant_id, arrival) WHERE state <> 'done'
"""


def upgrade() -> None:
    op.execute(CHANGES)
