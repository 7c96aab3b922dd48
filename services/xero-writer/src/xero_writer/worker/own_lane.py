"""What is to be done is what the event says. The lane of a row only says when, and may be another event's."""

from __future__ import annotations

from xero_writer.adapters import work
from xero_writer.adapters.work import Waiting
from xero_writer.core.kinds import Mapped
from xero_writer.core.lanes import lane_of
from xero_writer.worker.session import Session, log


def is_in_its_lane(session: Session, one: Waiting, mapped: Mapped) -> bool:
    """Whether the row waits where its event belongs. One that does not is moved there, and nothing else is done.

    A release without lanes leaves the lane as it is when it replaces the event of a row.

    Raises:
        LeaseLostError: somebody else works for this tenant.
    """
    lane = lane_of(mapped)
    if lane == one.item.lane:
        return True
    with session.transaction() as tx:
        work.move(tx.connection, one.item, lane)
    log.warning(
        "the work waited in lane %s and belongs to %s",
        one.item.lane.name,
        lane.name,
        extra=session.context(one.item),
    )
    session.wake()
    return False
