"""New secrets: random, shown once, stored as digests only."""

from __future__ import annotations

import secrets

from status_api.core.tokens import PREFIXES, RANDOM_BYTES, digest_of


def new_secret(kind: str) -> tuple[str, bytes]:
    """A secret of this kind, and what is stored of it."""
    secret = PREFIXES[kind] + secrets.token_urlsafe(RANDOM_BYTES)
    return secret, digest_of(secret)
