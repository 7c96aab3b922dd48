"""Alerts: what was noticed already, and what waits to be told to whom."""

from alembic import op

from service_runtime.tables import LEASE_V1

revision = "0008"
down_revision = "0011"

TABLES = """
CREATE TABLE alert_fault (
    tenant_id text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    id bigint NOT NULL,
    revision bigint NOT NULL,
    PRIMARY KEY (tenant_id, kind, id)
);
COMMENT ON COLUMN alert_fault.revision IS 'of the newest try whose Fault was noticed: a read model that is filled again tells nothing twice';
CREATE TABLE alert_circuit (
    tenant_id text COLLATE "C" NOT NULL,
    side text COLLATE "C" NOT NULL,
    red_since timestamptz NOT NULL,
    announced text,
    announced_at timestamptz,
    PRIMARY KEY (tenant_id, side)
);
COMMENT ON TABLE alert_circuit IS 'connections that are not connected';
CREATE TABLE alert_waiting (
    target text COLLATE "C" NOT NULL,
    tenant_id text COLLATE "C" NOT NULL,
    cause text COLLATE "C" NOT NULL,
    count bigint NOT NULL,
    since timestamptz NOT NULL,
    examples text[] NOT NULL,
    told_at timestamptz,
    PRIMARY KEY (target, tenant_id, cause)
);
COMMENT ON COLUMN alert_waiting.tenant_id IS 'empty: about the installation';
COMMENT ON COLUMN alert_waiting.count IS 'what is new since it was told; 0 = nothing waits';
COMMENT ON COLUMN alert_waiting.since IS 'when the first of these was noticed';
COMMENT ON COLUMN alert_waiting.examples IS 'data of documents, only for who wants details; gone once told';
CREATE TABLE alert_position (
    topic text COLLATE "C" NOT NULL,
    partition integer NOT NULL,
    next_offset bigint NOT NULL,
    PRIMARY KEY (topic, partition)
)
"""


def upgrade() -> None:
    op.execute(LEASE_V1)
    op.execute(TABLES)
