"""Number and link in Xero, since when a document is on its way, and indexes: for answers and figures about documents."""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"

_STATEMENTS = (
    "ALTER TABLE ledger ADD COLUMN xero_number text, ADD COLUMN xero_url text, ADD COLUMN flight_since timestamptz",
    "ALTER TABLE outcome_inbox ADD COLUMN xero_number text, ADD COLUMN xero_url text",
    "CREATE INDEX ledger_held ON ledger (tenant_id) WHERE hold <> 'none'",
    "CREATE INDEX command_inbox_document ON command_inbox (tenant_id, document, arrival) WHERE document IS NOT NULL",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP INDEX command_inbox_document")
    op.execute("DROP INDEX ledger_held")
    op.execute("ALTER TABLE outcome_inbox DROP COLUMN xero_number, DROP COLUMN xero_url")
    op.execute("ALTER TABLE ledger DROP COLUMN flight_since, DROP COLUMN xero_number, DROP COLUMN xero_url")
