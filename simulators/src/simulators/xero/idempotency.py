"""Idempotency keys: the first answer is replayed for as long as the key lives, errors included."""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from simulators.kit.call import Answer

if TYPE_CHECKING:
    from simulators.kit.call import Call
    from simulators.kit.clock import Clock

MAX_KEY_LENGTH = 128
_NOT_PROCESSED = frozenset({401, 403, 429})  # refused before a key is looked at, so never remembered


@dataclass(slots=True, eq=False)
class Entry:
    """One key in use. `answer` is None while the first call is still at work."""

    fingerprint: bytes
    began: float
    answer: Answer | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """What a call gets for its key: its own entry to fill, the answer to replay, or a refusal."""

    entry: Entry | None = None
    replay: Answer | None = None
    refusal: Answer | None = None


def fingerprint(call: Call) -> bytes:
    """URL, method and body. The tenant header is not part of it: keys are scoped per app, not per tenant."""
    head = f"{call.method} {call.path}?{call.query_string}\n".encode()
    return hashlib.sha256(head + call.body).digest()


class IdempotencyKeys:
    """The keys of all apps. A key lives `lifetime_seconds` from the start of its first call."""

    def __init__(self, clock: Clock, lifetime_seconds: float) -> None:
        self._clock = clock
        self._lifetime = lifetime_seconds
        self._changed = threading.Condition()
        self._entries: dict[tuple[str, str], Entry] = {}

    def claim(self, client_id: str, key: str, call: Call) -> Claim:
        """Claims the key for a call; while a twin is at work this waits, so that nothing is processed twice."""
        if len(key) > MAX_KEY_LENGTH:
            return Claim(
                refusal=_bad_request(
                    f"Idempotency Key: {key} has a length of {len(key)}, the maximum is {MAX_KEY_LENGTH}."
                )
            )
        print_ = fingerprint(call)
        with self._changed:
            self._forget_old()
            while True:
                entry = self._entries.get((client_id, key))
                if entry is None:
                    entry = Entry(print_, self._clock.now().timestamp())
                    self._entries[client_id, key] = entry
                    return Claim(entry=entry)
                if entry.fingerprint != print_:
                    return Claim(
                        refusal=_bad_request(f"Idempotency Key: {key} is used with a different request.")
                    )
                if entry.answer is not None:
                    return Claim(replay=entry.answer)
                self._changed.wait()

    def settle(self, entry: Entry, answer: Answer) -> None:
        """Remembers the answer of the first call, errors of the service included."""
        if answer.status in _NOT_PROCESSED:
            return
        with self._changed:
            entry.answer = answer
            self._changed.notify_all()

    def release(self, client_id: str, key: str, entry: Entry) -> None:
        """The first call is over; without an answer the key is free again (nothing was processed)."""
        with self._changed:
            if entry.answer is None and self._entries.get((client_id, key)) is entry:
                del self._entries[client_id, key]
            self._changed.notify_all()

    def _forget_old(self) -> None:
        oldest = self._clock.now().timestamp() - self._lifetime
        for name, entry in list(self._entries.items()):
            if entry.answer is not None and entry.began <= oldest:
                del self._entries[name]


def _bad_request(message: str) -> Answer:
    """400 with the text in the top-level Message (whether Xero puts it there or into Elements is not known)."""
    return Answer.json(400, {"ErrorNumber": 10, "Type": "ValidationException", "Message": message})
