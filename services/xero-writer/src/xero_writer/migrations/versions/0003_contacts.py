"""Contacts: contact numbers, merges and details in the cache; refreshes that wait."""

from alembic import op

revision = "0003"
down_revision = "0002"

# `contacts_seen_at` stands beside `contacts_at`, which the release before this one goes on keeping: it stores contacts
# without the new columns, so what it has read counts for nothing here.
CHANGES = """
ALTER TABLE contact ADD COLUMN contact_number text NOT NULL DEFAULT '', ADD COLUMN merged_to text NOT NULL DEFAULT '',
    ADD COLUMN details jsonb NOT NULL DEFAULT '{}';
ALTER TABLE tenant ADD COLUMN contacts_seen_at timestamptz;
CREATE TABLE contact_refresh (
    tenant_id text NOT NULL,
    contact_id text NOT NULL,
    contact_name text NOT NULL,
    document text NOT NULL,
    revision bigint NOT NULL,
    details jsonb NOT NULL,
    attempts smallint NOT NULL DEFAULT 0,
    enqueued_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (tenant_id, contact_id)
);
CREATE INDEX contact_refresh_in_order ON contact_refresh (tenant_id, enqueued_at)
"""


def upgrade() -> None:
    op.execute(CHANGES)
