"""What became of a document with a success; an index by which a tenant without purchase orders is known at once."""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.execute("ALTER TABLE outcome_inbox ADD COLUMN result text")
    op.execute("CREATE INDEX ledger_orders ON ledger (tenant_id) WHERE document LIKE 'purchase-order/%'")


def downgrade() -> None:
    op.execute("DROP INDEX ledger_orders")
    op.execute("ALTER TABLE outcome_inbox DROP COLUMN result")
