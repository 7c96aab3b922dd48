"""What is kept of refused credentials recognises them, and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from service_runtime.refused_credentials import RefusedCredentials, digest_of

SALT = b"0123456789abcdef"
KEPT = RefusedCredentials(SALT, digest_of(("user", "secret"), SALT), datetime(2026, 11, 2, tzinfo=UTC), "no")


def test_the_same_credentials_are_recognised() -> None:
    assert KEPT.are(("user", "secret"))


@pytest.mark.parametrize(
    "other", [("user", "Secret"), ("users", "ecret"), ("user",), ("user", "secret", ""), ("", "")]
)
def test_no_other_credentials_are_taken_for_them(other: tuple[str, ...]) -> None:
    assert not KEPT.are(other)


def test_the_digest_shows_nothing_and_differs_with_its_salt() -> None:
    assert b"secret" not in KEPT.digest
    assert digest_of(("user", "secret"), b"another salt....") != KEPT.digest
