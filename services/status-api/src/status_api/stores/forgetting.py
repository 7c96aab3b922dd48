"""What ended long ago is deleted: tokens, invitations, counted sign-ins."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from service_runtime.leases import failure_name
from status_api.core.throttling import SPAN

log = logging.getLogger(__name__)

_EVERY_SECONDS = 3600.0
KEPT = timedelta(days=90)
"""How long tokens are listed after their end. The audit keeps who made and revoked them."""


class Forgetting:
    """Deletes what nobody needs any more."""

    def __init__(self, engine: Engine, now: Callable[[], datetime]) -> None:
        self._engine = engine
        self._now = now

    def run(self, stopping: threading.Event) -> None:
        """Every hour until stopped."""
        while not stopping.is_set():
            try:
                self.forget()
            except SQLAlchemyError as error:
                log.warning("old tokens could not be deleted, trying again later: %s", failure_name(error))
            stopping.wait(_EVERY_SECONDS)

    def forget(self) -> None:
        """Delete once. Several replicas may do this at the same time.

        Raises:
            SQLAlchemyError: the database failed, or no connection was free.
        """
        now = self._now()
        with self._engine.begin() as connection:
            connection.execute(
                text("DELETE FROM token WHERE least(expires_at, revoked_at) < :before"),
                {"before": now - KEPT},
            )
            connection.execute(text("DELETE FROM invitation WHERE expires_at < :now"), {"now": now})
            connection.execute(
                text("DELETE FROM sign_in_tries WHERE since < :before"), {"before": now - SPAN}
            )
