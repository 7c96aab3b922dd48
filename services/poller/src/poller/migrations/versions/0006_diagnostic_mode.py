"""What lay over a document before it was taken into Diagnostic Mode: it comes back when the document is released."""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.execute("ALTER TABLE ledger ADD COLUMN hold_below text NOT NULL DEFAULT 'none'")


def downgrade() -> None:
    op.execute("ALTER TABLE ledger DROP COLUMN hold_below")
