"""Every time span of the write protocol, as fixed fractions of the life of Xero's idempotency keys."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Timing:
    """Time spans in seconds, all from `key_lifetime` (XERO_KEY_LIFETIME_SECONDS, 360 at Xero).

    Tests shorten the life together with the simulator; the proportions, on which safety rests, stay.
    """

    key_lifetime: float = 360.0

    @property
    def first_send(self) -> float:
        """An intent is sent for the first time within this span after its commit, or never (30 s)."""
        return self.key_lifetime / 12

    @property
    def deadline(self) -> float:
        """Total time of one call, connecting to last byte (60 s)."""
        return self.key_lifetime / 6

    @property
    def resend(self) -> float:
        """The same bytes may be sent again with the same key until an intent is this old (4 min)."""
        return self.key_lifetime * 2 / 3

    @property
    def lookup(self) -> float:
        """A lookup that finds nothing counts only this long after the last byte was sent (7 min): the key is dead by then."""
        return self.key_lifetime * 7 / 6

    @property
    def second_lookup(self) -> float:
        """Two lookups that agree are this far apart (60 s)."""
        return self.key_lifetime / 6

    @property
    def recheck(self) -> float:
        """After an unknown outcome was resolved, Xero is looked at once more after this span (15 min)."""
        return self.key_lifetime * 5 / 2

    @property
    def resend_pause(self) -> float:
        """Pause before an unknown request is sent again (6 s): whatever cut it may be over by then."""
        return self.key_lifetime / 60

    @property
    def first_pause(self) -> float:
        """First pause before a provider that is down is probed, or something that failed is tried again (15 s)."""
        return self.key_lifetime / 24

    @property
    def longest_pause(self) -> float:
        """The pause doubles up to this (5 min)."""
        return self.key_lifetime * 5 / 6
