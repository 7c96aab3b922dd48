"""Lanes: voids after creates, purchase orders after invoices; when a tenant's purchase orders were listed."""

from alembic import op

revision = "0002"
down_revision = "0001"

# Every column has a default: the release before this one goes on writing rows without them.
CHANGES = """
ALTER TABLE work ADD COLUMN lane smallint NOT NULL DEFAULT 0;
ALTER TABLE intent_element ADD COLUMN lane smallint NOT NULL DEFAULT 0;
ALTER TABLE tenant ADD COLUMN orders_listed_at timestamptz;
DROP INDEX work_in_order;
CREATE INDEX work_in_order ON work (tenant_id, lane, priority, received_at, document)
"""


def upgrade() -> None:
    op.execute(CHANGES)
