"""Refused credentials; Xero's time beside ours; what Xero told of a request whose outcome was unknown."""

from alembic import op

from service_runtime.tables import REFUSED_CREDENTIALS_V1

revision = "0005"
down_revision = "0004"

# Every column may be missing: the release before this one goes on writing rows without them.
CHANGES = """
ALTER TABLE intent ADD COLUMN xero_time timestamptz, ADD COLUMN code text;
ALTER TABLE intent_element ADD COLUMN told_id text
"""


def upgrade() -> None:
    op.execute(REFUSED_CREDENTIALS_V1)
    op.execute(CHANGES)
