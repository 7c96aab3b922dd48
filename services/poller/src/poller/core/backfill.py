"""What is backfill: work that nobody waits for, which goes after everything else and not at all in quiet hours."""

from __future__ import annotations

from datetime import datetime, timedelta

_OLD = timedelta(days=2)


def is_backfill(made_at: datetime | None, seen_at: datetime, activated_at: datetime | None) -> bool:
    """Whether a document that is seen for the first time is backfill.

    Args:
        made_at: when Autotask made it, None if that is not told.
        seen_at: now.
        activated_at: when the tenant's first look at Autotask began; what was there before then is its history, however young.
            None before that.
    """
    if made_at is None:
        return False
    return seen_at - made_at > _OLD or (activated_at is not None and made_at <= activated_at)
