"""Passwords hashed with argon2, a few at a time: each takes 12 MiB and a tenth of a second or less."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from status_api.core.passwords import LONGEST, canonical, is_encodable, is_far_too_long

T = TypeVar("T")

_MEMORY_KIB = 12 * 1024
_ROUNDS = 3
_AT_ONCE = 2
_WAITING = 2


class BusyError(Exception):
    """As many passwords are being looked at as may be."""


class Hasher:
    """Hashes and checks passwords.

    At most two at once, and two more that wait: a flood of sign-ins must not occupy the threads that answer everything else. Two
    threads of their own do it: the C library keeps freed memory for the thread that had it, so with any thread hashing, each of
    them would hold 12 MiB in the end, not two.
    """

    def __init__(self) -> None:
        self._argon2 = PasswordHasher(
            time_cost=_ROUNDS, memory_cost=_MEMORY_KIB, parallelism=1, hash_len=32, salt_len=16, type=Type.ID
        )
        self._places = threading.BoundedSemaphore(_AT_ONCE + _WAITING)
        self._workers = ThreadPoolExecutor(_AT_ONCE, "argon2")
        self._nobodys = self.hash(secrets.token_hex())

    def hash(self, password: str) -> str:
        """Hash a password that `core.passwords.new_password` returned.

        Raises:
            BusyError: too many are asked for at once.
        """
        return self._in_turn(lambda: self._argon2.hash(password))

    def fits(self, stored: str | None, password: str) -> bool:
        """Whether a password is the one that was hashed. Without a hash the same work is done for nothing: time tells nothing.

        Raises:
            BusyError: too many are asked for at once.
        """
        tried = "" if is_far_too_long(password) else canonical(password)
        if not tried or len(tried) > LONGEST or not is_encodable(tried):
            stored, tried = None, ""
        return self._in_turn(lambda: self._verify(stored or self._nobodys, tried)) and stored is not None

    def _verify(self, stored: str, password: str) -> bool:
        try:
            return self._argon2.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False

    def is_old(self, stored: str) -> bool:
        """Whether a hash was made with other parameters than today's."""
        return self._argon2.check_needs_rehash(stored)

    def _in_turn(self, work: Callable[[], T]) -> T:
        if not self._places.acquire(blocking=False):
            raise BusyError
        try:
            return self._workers.submit(work).result()
        finally:
            self._places.release()
