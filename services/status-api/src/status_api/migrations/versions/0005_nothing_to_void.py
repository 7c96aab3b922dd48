"""A void that found nothing in Xero says so, and does not count as having got into Xero.

A new rule for the cause rewrites the table: readers wait meanwhile, once.
"""

from alembic import op

revision = "0005"
down_revision = "0004"

NEWEST = "GREATEST(source_revision, mapping_revision, processing_revision, skip_revision, fault_revision, synced_revision)"
STAGE = f"""(CASE {NEWEST} WHEN 0 THEN NULL WHEN synced_revision THEN 6 WHEN fault_revision THEN 5 WHEN skip_revision THEN 4
        WHEN processing_revision THEN 3 WHEN mapping_revision THEN 2 ELSE 1 END)"""
FAULTS_BEFORE_THIS_TRY = f"""CASE {STAGE}
        WHEN 5 THEN CASE WHEN fault_strike THEN fault_attempt ELSE fault_attempt - 1 END
        WHEN 3 THEN processing_attempt - 1
        WHEN 2 THEN mapping_attempt - 1
        WHEN 1 THEN source_attempt - 1
        ELSE 0 END"""

CAUSE = f"""
ALTER TABLE read.document
    DROP COLUMN cause,
    ADD COLUMN cause text COLLATE "C" GENERATED ALWAYS AS (CASE
        WHEN hold = 'skip' THEN 'by_hand'
        WHEN hold = 'diagnose' THEN NULL
        WHEN {STAGE} = 6 AND synced_outcome = 'voided' AND synced_xero_id IS NULL THEN 'nothing_in_xero'
        WHEN {STAGE} = 6 AND synced_outcome = 'voided' THEN 'voided_in_xero'
        WHEN {STAGE} = 6 AND hold_changed_since IS NOT NULL THEN 'changed_since'
        WHEN {STAGE} = 4 THEN skip_reason
        WHEN {STAGE} = 5 OR (({FAULTS_BEFORE_THIS_TRY}) > 0 AND fault_revision > synced_revision) THEN fault_code
        END) STORED
"""
INDEX = """
CREATE INDEX document_by_cause ON read.document (tenant_id, kind, cause, changed_at DESC, id DESC) WHERE cause IS NOT NULL
"""
VOLUME = """
UPDATE read.document SET first_synced_revision = 0, first_synced_at = NULL
WHERE synced_outcome = 'voided' AND first_synced_revision = synced_revision
"""


def upgrade() -> None:
    op.execute(CAUSE)
    op.execute(INDEX)
    op.execute(VOLUME)
