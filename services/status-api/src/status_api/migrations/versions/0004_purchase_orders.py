"""Purchase orders beside invoices; warnings of the mapping; what was voided in Xero or changed in Autotask says so.

A new rule for the cause rewrites the table: readers wait meanwhile, once.
"""

from alembic import op

revision = "0004"
down_revision = "0003"

NEWEST = "GREATEST(source_revision, mapping_revision, processing_revision, skip_revision, fault_revision, synced_revision)"
STAGE = f"""(CASE {NEWEST} WHEN 0 THEN NULL WHEN synced_revision THEN 6 WHEN fault_revision THEN 5 WHEN skip_revision THEN 4
        WHEN processing_revision THEN 3 WHEN mapping_revision THEN 2 ELSE 1 END)"""
FAULTS_BEFORE_THIS_TRY = f"""CASE {STAGE}
        WHEN 5 THEN CASE WHEN fault_strike THEN fault_attempt ELSE fault_attempt - 1 END
        WHEN 3 THEN processing_attempt - 1
        WHEN 2 THEN mapping_attempt - 1
        WHEN 1 THEN source_attempt - 1
        ELSE 0 END"""

DOCUMENT = f"""
ALTER TABLE read.document
    ADD COLUMN source_order_status integer,
    ADD COLUMN source_order_status_name text,
    ADD COLUMN source_expected_on date,
    ADD COLUMN mapping_tax_total numeric(19, 4),
    ADD COLUMN mapping_warnings json,
    ADD COLUMN hold_changed_since timestamptz,
    DROP COLUMN cause,
    ADD COLUMN cause text COLLATE "C" GENERATED ALWAYS AS (CASE
        WHEN hold = 'skip' THEN 'by_hand'
        WHEN hold = 'diagnose' THEN NULL
        WHEN {STAGE} = 6 AND synced_outcome = 'voided' THEN 'voided_in_xero'
        WHEN {STAGE} = 6 AND hold_changed_since IS NOT NULL THEN 'changed_since'
        WHEN {STAGE} = 4 THEN skip_reason
        WHEN {STAGE} = 5 OR (({FAULTS_BEFORE_THIS_TRY}) > 0 AND fault_revision > synced_revision) THEN fault_code
        END) STORED
"""
COMMENTS = """
COMMENT ON COLUMN read.document.source_company_id IS 'of a purchase order: its vendor, as everywhere in these columns';
COMMENT ON COLUMN read.document.hold_changed_since IS 'since when Autotask differs from what went over; purchase orders only'
"""
INDEXES = """
CREATE INDEX document_by_cause ON read.document (tenant_id, kind, cause, changed_at DESC, id DESC) WHERE cause IS NOT NULL;
CREATE INDEX timeline_order_processing ON read.timeline (occurred_at) WHERE topic = 'purchase-order.processing'
"""


def upgrade() -> None:
    op.execute(DOCUMENT)
    op.execute(COMMENTS)
    op.execute(INDEXES)
