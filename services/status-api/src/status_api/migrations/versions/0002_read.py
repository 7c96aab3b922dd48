"""The read model: rows folded from the topics, rebuildable from them.

What is shown of a document is computed by PostgreSQL itself, in generated columns, from the groups beside it: whatever the
order in which groups were filled, the same groups can only ever show the same row.
"""

from alembic import op
from sqlalchemy import text

revision = "0002"
down_revision = "0001"

# The greatest (revision, stage): the highest stage among the groups that hold the newest revision. An absent group has
# revision 0. Stages: 1 discovered, 2 mapped, 3 processing, 4 skipped, 5 faulted, 6 synced.
NEWEST = "GREATEST(source_revision, mapping_revision, processing_revision, skip_revision, fault_revision, synced_revision)"
STAGE = f"""(CASE {NEWEST} WHEN 0 THEN NULL WHEN synced_revision THEN 6 WHEN fault_revision THEN 5 WHEN skip_revision THEN 4
        WHEN processing_revision THEN 3 WHEN mapping_revision THEN 2 ELSE 1 END)"""
LAST_STRIKE = "(fault_final OR (fault_strike AND fault_attempt >= 3))"
FAULTS_BEFORE_THIS_TRY = f"""CASE {STAGE}
        WHEN 5 THEN CASE WHEN fault_strike THEN fault_attempt ELSE fault_attempt - 1 END
        WHEN 3 THEN processing_attempt - 1
        WHEN 2 THEN mapping_attempt - 1
        WHEN 1 THEN source_attempt - 1
        ELSE 0 END"""

DOCUMENT = f"""
CREATE TABLE read.document (
    tenant_id text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    id bigint NOT NULL,
    source_revision bigint NOT NULL DEFAULT 0,
    source_at timestamptz,
    source_event_id text COLLATE "C",
    source_attempt integer,
    source_command_id text,
    source_action text,
    source_priority text,
    source_settings_version bigint,
    source_url text,
    source_number text,
    source_date date,
    source_due_date date,
    source_total numeric(19, 4),
    source_tax_total numeric(19, 4),
    source_currency text,
    source_company_id bigint,
    source_company_name text,
    source_line_count integer,
    source_is_voided boolean,
    source_stamped_at timestamptz,
    source_search text,
    mapping_revision bigint NOT NULL DEFAULT 0,
    mapping_at timestamptz,
    mapping_event_id text COLLATE "C",
    mapping_attempt integer,
    mapping_xero_kind text,
    mapping_number text,
    mapping_due_date date,
    mapping_total numeric(19, 4),
    mapping_settings_version bigint,
    mapping_reference_version bigint,
    processing_revision bigint NOT NULL DEFAULT 0,
    processing_at timestamptz,
    processing_event_id text COLLATE "C",
    processing_attempt integer,
    processing_request_id text,
    processing_verifying boolean,
    synced_revision bigint NOT NULL DEFAULT 0,
    synced_at timestamptz,
    synced_event_id text COLLATE "C",
    synced_attempt integer,
    synced_xero_id text,
    synced_xero_kind text,
    synced_outcome text,
    synced_number text,
    synced_url text,
    synced_xero_status text,
    synced_currency text,
    synced_sub_total numeric(19, 4),
    synced_total_tax numeric(19, 4),
    synced_total numeric(19, 4),
    synced_contact_id text,
    synced_contact_name text,
    synced_due_date date,
    synced_warnings json,
    synced_search text,
    first_synced_revision bigint NOT NULL DEFAULT 0,
    first_synced_at timestamptz,
    fault_revision bigint NOT NULL DEFAULT 0,
    fault_at timestamptz,
    fault_event_id text COLLATE "C",
    fault_attempt integer,
    fault_code text,
    fault_text text,
    fault_side text,
    fault_service text,
    fault_strike boolean,
    fault_final boolean,
    fault_details json,
    fault_xero_id text,
    skip_revision bigint NOT NULL DEFAULT 0,
    skip_at timestamptz,
    skip_event_id text COLLATE "C",
    skip_attempt integer,
    skip_reason text,
    skip_text text,
    hold_version bigint NOT NULL DEFAULT 0,
    hold_at timestamptz,
    hold_event_id text COLLATE "C",
    hold text NOT NULL DEFAULT 'none',
    hold_actor text,
    revision bigint GENERATED ALWAYS AS (NULLIF({NEWEST}, 0)) STORED,
    stage smallint GENERATED ALWAYS AS ({STAGE}) STORED,
    status text COLLATE "C" NOT NULL GENERATED ALWAYS AS (CASE
        WHEN hold = 'skip' THEN 'Skipped'
        WHEN hold = 'diagnose' THEN 'Diagnostic Mode'
        WHEN {STAGE} = 6 THEN 'Complete'
        WHEN {STAGE} = 5 AND {LAST_STRIKE} THEN 'Fault'
        WHEN {STAGE} = 4 THEN 'Skipped'
        WHEN {STAGE} = 3 THEN 'Processing Now'
        ELSE 'Pending Sync' END) STORED,
    strikes integer NOT NULL GENERATED ALWAYS AS ({FAULTS_BEFORE_THIS_TRY}) STORED,
    cause text COLLATE "C" GENERATED ALWAYS AS (CASE
        WHEN hold = 'skip' THEN 'by_hand'
        WHEN hold = 'diagnose' THEN NULL
        WHEN {STAGE} = 4 THEN skip_reason
        WHEN {STAGE} = 5 OR (({FAULTS_BEFORE_THIS_TRY}) > 0 AND fault_revision > synced_revision) THEN fault_code
        END) STORED,
    changed_at timestamptz NOT NULL GENERATED ALWAYS AS (GREATEST(
        source_at, mapping_at, processing_at, synced_at, fault_at, skip_at, hold_at)) STORED,
    search text GENERATED ALWAYS AS (id::text || ' ' || COALESCE(source_search, '') || ' ' || COALESCE(synced_search, '')) STORED,
    PRIMARY KEY (tenant_id, kind, id)
) WITH (fillfactor = 80)
"""

INDEXES = """
CREATE INDEX document_by_change ON read.document (tenant_id, kind, changed_at DESC, id DESC);
CREATE INDEX document_by_status ON read.document (tenant_id, kind, status, changed_at DESC, id DESC);
CREATE INDEX document_by_date ON read.document (tenant_id, kind, COALESCE(source_date, DATE '0001-01-01') DESC, id DESC);
CREATE INDEX document_by_cause ON read.document (tenant_id, kind, cause, changed_at DESC, id DESC) WHERE cause IS NOT NULL;
CREATE INDEX document_by_first_sync ON read.document (tenant_id, kind, first_synced_at) WHERE first_synced_at IS NOT NULL
"""

TABLES = """
CREATE TABLE read.timeline (
    event_id text COLLATE "C" PRIMARY KEY,
    tenant_id text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    id bigint NOT NULL,
    topic text NOT NULL,
    revision bigint,
    occurred_at timestamptz NOT NULL,
    command_id text COLLATE "C",
    trace_id text,
    payload json NOT NULL
);
CREATE INDEX timeline_by_document ON read.timeline (tenant_id, kind, id, occurred_at, event_id);
CREATE TABLE read.log (
    event_id text COLLATE "C" PRIMARY KEY,
    tenant_id text COLLATE "C" NOT NULL,
    kind text COLLATE "C",
    id bigint,
    revision bigint,
    service text NOT NULL,
    level text NOT NULL,
    occurred_at timestamptz NOT NULL,
    message text NOT NULL,
    fields json NOT NULL,
    trace_id text
);
CREATE INDEX log_by_time ON read.log (tenant_id, occurred_at DESC, event_id DESC);
CREATE INDEX log_by_document ON read.log (tenant_id, kind, id, occurred_at DESC, event_id DESC) WHERE id IS NOT NULL;
CREATE TABLE read.command_result (
    event_id text COLLATE "C" PRIMARY KEY,
    command_id text COLLATE "C" NOT NULL,
    tenant_id text COLLATE "C" NOT NULL,
    service text NOT NULL,
    occurred_at timestamptz NOT NULL,
    state text NOT NULL,
    reason text,
    answer text
);
CREATE INDEX command_result_by_command ON read.command_result (command_id);
CREATE TABLE read.connection (
    tenant_id text COLLATE "C" NOT NULL,
    side text COLLATE "C" NOT NULL,
    service text NOT NULL,
    state text NOT NULL,
    detail text NOT NULL,
    changed_at timestamptz NOT NULL,
    checked_at timestamptz NOT NULL,
    budgets json NOT NULL,
    PRIMARY KEY (tenant_id, side)
);
CREATE TABLE read.reference (
    tenant_id text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL,
    fetched_at timestamptz NOT NULL,
    payload json NOT NULL
);
CREATE TABLE read.settings_seen (
    tenant_id text COLLATE "C" NOT NULL,
    version bigint NOT NULL,
    state text NOT NULL,
    updated_at timestamptz NOT NULL,
    updated_by text NOT NULL,
    settings text NOT NULL,
    PRIMARY KEY (tenant_id, version)
);
CREATE TABLE read.position (
    topic text COLLATE "C" NOT NULL,
    partition integer NOT NULL,
    next_offset bigint NOT NULL,
    PRIMARY KEY (topic, partition)
);
CREATE TABLE read.progress (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    as_of timestamptz NOT NULL
);
COMMENT ON COLUMN read.progress.as_of IS 'everything that was in Kafka at this time is folded'
"""

# Part-of-word search wants trigrams. The extension may be missing or not allowed: then a plain LIKE does, and the API says so.
TRIGRAMS = """
DO $$
BEGIN
    CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;
EXCEPTION WHEN undefined_file OR insufficient_privilege OR feature_not_supported THEN
    RAISE NOTICE 'pg_trgm is not available: search uses a plain LIKE';
END
$$
"""


def upgrade() -> None:
    op.execute("CREATE SCHEMA IF NOT EXISTS read")
    op.execute(DOCUMENT)
    op.execute(INDEXES)
    op.execute(TABLES)
    op.execute(TRIGRAMS)
    home = (
        op.get_bind()
        .execute(
            text(
                "SELECT nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE extname = 'pg_trgm'"
            )
        )
        .scalar()
    )
    if home is not None:
        op.execute(f'CREATE INDEX document_search ON read.document USING gin (search "{home}".gin_trgm_ops)')
