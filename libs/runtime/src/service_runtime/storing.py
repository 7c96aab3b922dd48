"""Storing a batch of records of which the database may refuse some: those are named, and the others stored."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import TypeVar

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError

from service_runtime.records import Poison, Record

log = logging.getLogger(__name__)

_Received = TypeVar("_Received")

REFUSED = (DataError, IntegrityError, ValueError)
"""PostgreSQL refuses a value, or its driver does (NUL in a text, half a surrogate pair): no repetition helps.

A statement that PostgreSQL does not understand is not among them: it would refuse every record there is.
"""


def store_all_that_goes(
    received: Sequence[_Received],
    store: Callable[[Sequence[_Received]], None],
    record_of: Callable[[_Received], Record],
) -> list[Poison]:
    """Store everything at once; where a value is refused, one by one.

    Args:
        received: what came, in its order.
        store: stores all of them or none, in one transaction; what is stored already changes nothing.
        record_of: where one of them came from.

    Returns:
        The records that carry a value that is refused.

    Raises:
        SQLAlchemyError: the database is away, or something is wrong with the statement itself.
    """
    try:
        store(received)
    except REFUSED as error:
        if len(received) > 1:
            log.warning("a record of %d is refused by the database, storing them one by one", len(received))
            return [poison for each in received for poison in store_all_that_goes([each], store, record_of)]
        # the error's text could repeat a customer's data
        kind = type(error.orig if isinstance(error, DBAPIError) else error).__name__
        return [Poison(record_of(received[0]), f"the database refuses it: {kind}")]
    return []
