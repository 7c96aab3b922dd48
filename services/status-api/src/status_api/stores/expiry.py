"""Commands that nobody will answer are closed: an open one stands in the way of every later one, and shows as Pending Sync."""

from __future__ import annotations

import logging
import threading

from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from service_runtime.leases import failure_name
from status_api.core.commands import PASSED_ON, PATIENCE, PATIENCE_WITH_PASSED_ON

log = logging.getLogger(__name__)

_EVERY_SECONDS = 3600.0

# Measured against the age of the read model: while it lags, an answer may be there that it has not folded yet. Accepted
# commands stay open, however long their tenant is paused. The end is set into the past: it shows at once, and once only.
_EXPIRE = text(
    "UPDATE command c SET finished_at = c.issued_at + :patience"
    " WHERE c.finished_at IS NULL AND c.issued_at < (SELECT as_of FROM progress) - :patience"
    " AND NOT EXISTS (SELECT 1 FROM command_result r WHERE r.command_id = c.command_id AND r.tenant_id = c.tenant_id)"
    " RETURNING c.command_id, c.tenant_id"
)
_EXPIRE_PASSED_ON = text(
    "UPDATE command c SET finished_at = c.issued_at + :patience WHERE c.finished_at IS NULL AND c.kind = ANY(:kinds)"
    " AND c.issued_at < (SELECT as_of FROM progress) - :patience RETURNING c.command_id, c.tenant_id"
)


class Expiry:
    """Closes commands that were given long ago and never answered."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def run(self, stopping: threading.Event) -> None:
        """Look every hour until stopped."""
        while not stopping.is_set():
            try:
                self.expire()
            except SQLAlchemyError as error:
                log.warning("old commands could not be closed, trying again later: %s", failure_name(error))
            stopping.wait(_EVERY_SECONDS)

    def expire(self) -> None:
        """Close them once. Several replicas may do this at the same time.

        Raises:
            SQLAlchemyError: the database failed, or no connection was free.
        """
        with self._engine.begin() as connection:
            expired = [
                *connection.execute(_EXPIRE, {"patience": PATIENCE}),
                *connection.execute(
                    _EXPIRE_PASSED_ON, {"patience": PATIENCE_WITH_PASSED_ON, "kinds": sorted(PASSED_ON)}
                ),
            ]
        for row in expired:
            log.warning(
                "command %s was never answered and is closed", row.command_id, extra={"tenant": row.tenant_id}
            )
