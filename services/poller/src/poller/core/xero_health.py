"""What the xero-writer last told of a tenant's connection to Xero."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from invoice_events.types import ConnectionState


@dataclass(frozen=True, slots=True)
class XeroHealth:
    """A connection to Xero.

    Attributes:
        state: connected, down, throttled or refused.
        detail: why, in words without secrets; may be empty.
        changed_at: when the state last changed.
    """

    state: ConnectionState
    detail: str
    changed_at: datetime

    @property
    def is_open(self) -> bool:
        """Whether nothing goes on to Xero now."""
        return self.state != "connected"
