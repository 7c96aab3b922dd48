from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from argon2 import PasswordHasher

from status_api.core.passwords import BadPasswordError, new_password
from status_api.server.hashing import BusyError, Hasher
from tests.support.waiting import wait_until

PASSWORD = "correct horse battery"


def test_a_hash_is_of_one_password_and_never_the_same_twice() -> None:
    hasher = Hasher()
    one, other = hasher.hash(PASSWORD), hasher.hash(PASSWORD)
    assert one != other
    assert PASSWORD not in one
    assert hasher.fits(one, PASSWORD)
    assert not hasher.fits(one, PASSWORD + " ")
    assert not hasher.is_old(one)


@pytest.mark.parametrize("password", ["", "x" * 1001, "half \ud800", "\x00", PASSWORD])
def test_nothing_fits_where_there_is_no_password(password: str) -> None:
    hasher = Hasher()
    assert not hasher.fits(None, password)
    assert not hasher.fits("no hash at all", password)


def test_no_more_than_two_are_hashed_at_once_and_two_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    hasher = Hasher()
    go_on, lock = threading.Event(), threading.Lock()
    inside = [0, 0]  # now, most

    def slow(self: PasswordHasher, *_: object) -> str:
        with lock:
            inside[0] += 1
            inside[1] = max(inside)
        go_on.wait(30)
        with lock:
            inside[0] -= 1
        return ""

    monkeypatch.setattr(PasswordHasher, "hash", slow)

    def one() -> bool:
        try:
            hasher.hash(PASSWORD)
        except BusyError:
            wait_until(lambda: inside[0] == 2, "two to be at work")
            go_on.set()  # the fifth one does not wait for the others
            return False
        return True

    with ThreadPoolExecutor(5) as pool:
        done = list(pool.map(lambda _: one(), range(5)))
    assert sorted(done) == [False, True, True, True, True]
    assert inside == [0, 2]


def test_no_text_that_is_far_too_long_is_composed(monkeypatch: pytest.MonkeyPatch) -> None:
    hasher = Hasher()
    composed: list[str] = []
    monkeypatch.setattr("status_api.server.hashing.canonical", composed.append)
    monkeypatch.setattr("status_api.core.passwords.canonical", composed.append)
    marks = "\u0315" * 65_000 + "\u0316" * 65_000  # composing these takes a time that grows with their square
    assert not hasher.fits(None, marks)
    with pytest.raises(BadPasswordError, match="130000 characters"):
        new_password(marks)
    assert composed == []
