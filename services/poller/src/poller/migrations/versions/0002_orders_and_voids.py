"""Purchase orders, voids, documents made anew; what a tenant's looks at Autotask remember; options of commands."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"

# Constant defaults: PostgreSQL writes no row for any of these.
_LEDGER = """
ALTER TABLE ledger
    ADD COLUMN generation integer NOT NULL DEFAULT 1 CHECK (generation >= 1),
    ADD COLUMN recreate boolean NOT NULL DEFAULT false,
    ADD COLUMN voided_at timestamptz,
    ADD COLUMN void_revision bigint,
    ADD COLUMN fingerprint text,
    ADD COLUMN synced_fingerprint text,
    ADD COLUMN changed_since timestamptz
"""

_BOOKMARKS = """
CREATE TABLE bookmarks (
    tenant_id text PRIMARY KEY,
    activated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    voids_until timestamptz,
    orders_from timestamptz,
    cancellations_until timestamptz
)
"""

_STATEMENTS = (
    _LEDGER,
    "CREATE INDEX ledger_voids_wanted ON ledger (tenant_id, autotask_id) WHERE voided_at IS NOT NULL AND void_revision IS NULL",
    _BOOKMARKS,
    # Tenants that are known have been looked at since their first document.
    "INSERT INTO bookmarks (tenant_id, activated_at) SELECT tenant_id, min(discovered_at) FROM ledger GROUP BY tenant_id",
    "ALTER TABLE command_inbox ADD COLUMN options jsonb NOT NULL DEFAULT '{}'",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("ALTER TABLE command_inbox DROP COLUMN options")
    op.execute("DROP TABLE bookmarks")
    op.execute("DROP INDEX ledger_voids_wanted")
    op.execute(
        "ALTER TABLE ledger DROP COLUMN generation, DROP COLUMN recreate, DROP COLUMN voided_at, DROP COLUMN void_revision,"
        " DROP COLUMN fingerprint, DROP COLUMN synced_fingerprint, DROP COLUMN changed_since"
    )
