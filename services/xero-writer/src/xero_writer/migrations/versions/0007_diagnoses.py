"""Dry runs that wait for an answer: commands about a document, with what the mapper made of it."""

from alembic import op

revision = "0007"
down_revision = "0006"

# Either may be missing: tests of the connection have none, and the release before this one knows nothing else.
CHANGES = "ALTER TABLE command_inbox ADD COLUMN document text, ADD COLUMN mapped bytea"


def upgrade() -> None:
    op.execute(CHANGES)
