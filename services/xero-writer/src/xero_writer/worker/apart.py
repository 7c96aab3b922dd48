"""Recording the outcomes of many documents in one transaction, so that one that can not be recorded undoes no other."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection

from service_runtime import metrics
from xero_writer.adapters.intents import Element
from xero_writer.worker.jobs import ENDS_THE_WORKER
from xero_writer.worker.session import Session, log


def recorded_apart(
    session: Session, connection: Connection, element: Element, record: Callable[[], None]
) -> bool:
    """Record what became of one document. False: that can not be done; its outcome stays open, and everybody shall know.

    Raises:
        OperationalError, InterfaceError, TimeoutError: the database failed, and with it the whole transaction.
    """
    try:
        with connection.begin_nested():
            record()
    except ENDS_THE_WORKER:
        raise
    except Exception as error:
        if connection.invalidated:
            raise
        metrics.worker_crashes.labels(session.tenant_id).inc()
        log.error(  # by its type alone: words and trace could hold what a customer wrote
            "what became of a document can not be recorded: %s",
            type(getattr(error, "orig", None) or error).__name__,
            extra=session.context(element.item),
        )
        return False
    return True
