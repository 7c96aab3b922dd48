"""Which app sent a request; Xero's time of the last reading of contacts; where a document is by the ledger; pruning."""

from alembic import op

revision = "0006"
down_revision = "0005"

# Every column may be missing: the release before this one goes on writing rows without them.
CHANGES = """
ALTER TABLE intent ADD COLUMN app text;
ALTER TABLE tenant ADD COLUMN contacts_xero_time timestamptz;
ALTER TABLE work ADD COLUMN ledger_id text;
CREATE INDEX intent_to_prune ON intent (tenant_id, resolved_at) WHERE state = 'resolved' AND recheck_at IS NULL
"""


def upgrade() -> None:
    op.execute(CHANGES)
