"""Moments of the database's clock in the time of Xero's, which may be another."""

from __future__ import annotations

from datetime import datetime, timedelta

from xero_writer.adapters import journal
from xero_writer.worker.session import Session

_UNKNOWN = timedelta(days=1)
"""Xero's answers tell no time, or ours is not to be trusted: more is read than is needed, and nothing is missed."""


def in_xeros_time(session: Session, moment: datetime, told: datetime | None = None) -> datetime:
    """A moment by Xero's clock, or earlier: whoever looks through Xero from there on misses nothing that was written later.

    Args:
        session: the tenant's; Xero is asked for something cheap if it has not been heard yet.
        moment: by the database's clock. If that is ahead of Xero's now, it was then, too.
        told: Xero's own time at that moment, if it was noted: then neither clock may have been put right since.

    Raises:
        XeroError: Xero has not been heard yet, and can not be asked now.
    """
    if session.client.clock.now() is None:
        session.client.probe()
    with session.engine.connect() as connection:
        ours = journal.database_now(connection)
    xeros = session.client.clock.now()
    ahead = _UNKNOWN if xeros is None else max(timedelta(0), ours - xeros)
    if moment > ours and told is None:
        moment = ours - _UNKNOWN  # the database's clock was set back since, nobody knows by how much
    return min(moment - ahead, told or moment)
