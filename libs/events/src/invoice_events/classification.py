"""Which kind of fault an answer is: by HTTP status, then error number, then type, then words. Pure; the patterns are in the catalogue."""

from __future__ import annotations

from functools import cache

from invoice_events.catalogue import catalogue
from invoice_events.evidence import Evidence, Provider, Rule

UNKNOWN = "UNKNOWN"


def classify(provider: Provider, evidence: Evidence) -> str:
    """Catalogue code of an answer that is no success; UNKNOWN if no rule fits.

    The strongest evidence decides: a rule about the status goes before one about words, a rule with more conditions before
    one with fewer, and among equals the catalogue's order counts.
    """
    return next((code for rule, code in _rules(provider) if rule.fits(evidence)), UNKNOWN)


@cache
def _rules(provider: Provider) -> tuple[tuple[Rule, str], ...]:
    found = [(rule, entry.code) for entry in catalogue().values() for rule in entry.match.get(provider, ())]
    return tuple(sorted(found, key=lambda each: each[0].rank))
