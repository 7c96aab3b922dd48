"""Forgetting old requests, a few at a time, so that no call waits for it."""

from __future__ import annotations

import time

from xero_writer.adapters.old_requests import forget_old_requests
from xero_writer.worker.session import Session, log

_AT_ONCE = 20  # requests, each with up to 50 documents
_EVERY_SECONDS = 3600.0


class Pruning:
    """What a worker does at every turn until nothing old is left, then once an hour."""

    def __init__(self) -> None:
        self._due = 0.0

    def step(self, session: Session) -> None:
        """Forget some old requests, if it is time.

        Raises:
            LeaseLostError: somebody else works for this tenant.
        """
        if time.monotonic() < self._due:
            return
        with session.transaction() as tx:
            forgotten = forget_old_requests(tx.connection, session.tenant_id, _AT_ONCE)
        if forgotten:
            log.info("%d old requests were forgotten", forgotten, extra=session.context())
        if forgotten < _AT_ONCE:
            self._due = time.monotonic() + _EVERY_SECONDS
