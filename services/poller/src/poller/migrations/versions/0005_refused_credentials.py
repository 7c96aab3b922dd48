"""Credentials that Autotask refused, so that no new worker tries them again."""

from __future__ import annotations

from alembic import op

from service_runtime.tables import REFUSED_CREDENTIALS_V1

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.execute(REFUSED_CREDENTIALS_V1)


def downgrade() -> None:
    op.execute("DROP TABLE refused_credentials")
