"""Finds the `processing` rows of the timeline by age: they are the only ones that are not kept for ever."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.execute(
        "CREATE INDEX timeline_processing ON read.timeline (occurred_at) WHERE topic = 'invoice.processing'"
    )
