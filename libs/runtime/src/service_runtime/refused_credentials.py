"""Credentials that a provider refused, remembered where no process ends: they are not tried again until they change.

Each refused sign-in brings an account nearer to being locked, so neither a new worker nor a new process gets one of its own.
Only a salted digest is kept. It is made to be slow, since a password that a person chose could be guessed from a fast one.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

_SALT_BYTES = 16
_COST, _BLOCK, _LANES = 2**14, 8, 1  # 16 MiB and some 50 ms for each guess
_WORDS = 2000


@dataclass(frozen=True, slots=True)
class RefusedCredentials:
    """What is kept of credentials that were refused.

    Attributes:
        salt: random, new for each refusal.
        digest: of the credentials with this salt.
        refused_at: when, by the database's clock.
        words: the provider's.
    """

    salt: bytes
    digest: bytes
    refused_at: datetime
    words: str

    def are(self, credentials: Sequence[str]) -> bool:
        """Whether these credentials (every part that signing in takes, in a fixed order) are the ones that were refused."""
        return hmac.compare_digest(self.digest, digest_of(credentials, self.salt))


def digest_of(credentials: Sequence[str], salt: bytes) -> bytes:
    """Digest of credentials. Each part goes in with its length: no other division of the same characters is the same."""
    joined = b"".join(len(part).to_bytes(4) + part for part in (each.encode() for each in credentials))
    ended = joined + b"."  # scrypt pads with zeros, which would be as good as one more part that is empty
    return hashlib.scrypt(ended, salt=salt, n=_COST, r=_BLOCK, p=_LANES)


def remember_refused(connection: Connection, tenant_id: str, credentials: Sequence[str], words: str) -> None:
    """Note that a tenant's credentials were refused, in place of what was noted before."""
    salt = secrets.token_bytes(_SALT_BYTES)
    connection.execute(
        text(
            "INSERT INTO refused_credentials (tenant_id, salt, digest, words) VALUES (:tenant, :salt, :digest, :words)"
            " ON CONFLICT (tenant_id) DO UPDATE SET salt = excluded.salt, digest = excluded.digest, words = excluded.words,"
            " refused_at = excluded.refused_at"
        ),
        {
            "tenant": tenant_id,
            "salt": salt,
            "digest": digest_of(credentials, salt),
            "words": words.replace("\x00", "")[:_WORDS],
        },
    )


def refused_before(connection: Connection, tenant_id: str) -> RefusedCredentials | None:
    """What was noted of a tenant; None if its last credentials were not refused."""
    row = connection.execute(
        text("SELECT salt, digest, refused_at, words FROM refused_credentials WHERE tenant_id = :tenant"),
        {"tenant": tenant_id},
    ).one_or_none()
    if row is None:
        return None
    return RefusedCredentials(bytes(row.salt), bytes(row.digest), row.refused_at, row.words)


def forget_refused(connection: Connection, tenant_id: str) -> None:
    """The tenant has other credentials now, or they work after all."""
    connection.execute(
        text("DELETE FROM refused_credentials WHERE tenant_id = :tenant"), {"tenant": tenant_id}
    )
