"""Tokens: what they look like, how long they live, how far they may reach."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Literal

from status_api.core.access import Actor, Role

TokenKind = Literal["session", "token"]

PREFIXES: dict[str, str] = {"session": "iss_", "token": "ist_", "invitation": "isi_"}
"""What a secret begins with: scanners for leaked secrets, and people, know what they see."""
RANDOM_BYTES = 32

SESSION_LIFE = timedelta(hours=12)
"""A working day. It does not slide: the end of a stolen session is certain, and using one writes nothing."""
LONGEST_LIFE = timedelta(days=366)
INVITATION_LIFE = timedelta(days=3)
USE_STEP = timedelta(minutes=10)
"""How exact the time of the last use is."""


def digest_of(secret: str) -> bytes:
    """What is stored of a secret. It is random, so a plain hash is enough, and can be looked up."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def is_secret(text: str, kind: str) -> bool:
    """Whether a text can be a secret of this kind: others need not be looked up."""
    return text.startswith(PREFIXES[kind]) and text.isascii()


def wrong_expiry(expires_at: datetime, now: datetime) -> str | None:
    """What is wrong with a wished end, None if nothing is."""
    if expires_at <= now:
        return "is not in the future"
    if expires_at > now + LONGEST_LIFE:
        return f"is more than {LONGEST_LIFE.days} days away: a token has to be renewed within a year"
    return None


def use_is_old(last_used_at: datetime | None, now: datetime) -> bool:
    """Whether the time of the last use is worth writing."""
    return last_used_at is None or now - last_used_at >= USE_STEP


def beyond(actor: Actor, most: Role | None, tenants: tuple[str, ...] | None) -> str | None:
    """The tenant, if any, that a token is narrowed to although its person has no role there; it would be a token for nothing.

    A role above the person's own is no mistake: the token never gets more than the person has at the time of each request.
    """
    narrowed = actor.narrowed(most, tenants)
    return next((tenant for tenant in tenants or () if narrowed.role_at(tenant) is None), None)
