"""Planted faults: which call they hit, how often, and what they do to it."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from simulators.kit.call import Answer
from simulators.kit.documents import BadDocumentError, as_object, check_members

if TYPE_CHECKING:
    from simulators.kit.call import Call

_ACTION_MEMBERS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "cut": ((), ()),
    "hang": (("seconds",), ()),
    "delay": (("seconds",), ()),
    "status": (("status",), ("body", "headers")),
    "garbage": ((), ("body", "truncate")),
    "partial": (("elements",), ()),
}
_HTML_PAGE = "<html><head><title>Service temporarily"  # cut off on purpose: a broken proxy page
_HTTP_STATUS = range(100, 600)


@dataclass(frozen=True, slots=True)
class Action:
    """What a fault does. `kind` decides which of the others count; `seconds` are real seconds."""

    kind: str
    seconds: float = 0.0
    status: int = 0
    body: object = None
    headers: tuple[tuple[str, str], ...] = ()
    truncate: int | None = None
    elements: int = 0


@dataclass(frozen=True, slots=True)
class Match:
    """Which calls are hit; None matches everything. `path` is matched in full, without the query."""

    method: str | None = None
    path: re.Pattern[str] | None = None
    tenant: str | None = None
    body_contains: str | None = None

    def hits(self, call: Call) -> bool:
        """Whether this call is meant."""
        return (
            (self.method is None or self.method == call.method)
            and (self.path is None or self.path.fullmatch(call.path) is not None)
            and (self.tenant is None or self.tenant == call.tenant)
            and (self.body_contains is None or self.body_contains in call.body_text())
        )


@dataclass(slots=True)
class Fault:
    """One planted fault with its counters."""

    id: int
    match: Match
    action: Action
    when: str
    skip: int
    times: int | None
    document: dict[str, Any]
    seen: int = 0
    fired: int = 0

    def claim(self) -> bool:
        """Counts a matching call; True if the fault hits it."""
        if self.times is not None and self.fired >= self.times:
            return False
        self.seen += 1
        if self.seen <= self.skip:
            return False
        self.fired += 1
        return True


def _seconds(value: object, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | Decimal | float) or value < 0:
        raise BadDocumentError(f"{where}: seconds of 0 or more are wanted")
    return float(value)


def _count(value: object, where: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise BadDocumentError(f"{where}: a whole number of 0 or more is wanted")
    return value


def _text(value: object, where: str) -> str | None:
    if value is not None and not isinstance(value, str):
        raise BadDocumentError(f"{where}: a text or null is wanted")
    return value


def _match(document: dict[str, Any]) -> Match:
    check_members(document, "match", optional=("method", "path", "tenant", "body_contains"))
    path = _text(document.get("path"), "match.path")
    method = _text(document.get("method"), "match.method")
    try:
        pattern = None if path is None else re.compile(path)
    except re.error as error:
        raise BadDocumentError(f"match.path: not a regular expression: {error}") from error
    return Match(
        method=None if method is None else method.upper(),
        path=pattern,
        tenant=_text(document.get("tenant"), "match.tenant"),
        body_contains=_text(document.get("body_contains"), "match.body_contains"),
    )


def _action(document: dict[str, Any]) -> Action:
    kind = document.get("kind")
    if not isinstance(kind, str) or kind not in _ACTION_MEMBERS:
        raise BadDocumentError(f"action.kind: one of {', '.join(sorted(_ACTION_MEMBERS))} is wanted")
    required, optional = _ACTION_MEMBERS[kind]
    check_members(document, f"action {kind}", required=("kind", *required), optional=optional)
    status = _count(document.get("status", 0), "action.status")
    if kind == "status" and status not in _HTTP_STATUS:
        raise BadDocumentError("action.status: an HTTP status is wanted")
    headers = as_object(document.get("headers", {}), "action.headers")
    truncate = document.get("truncate")
    return Action(
        kind=kind,
        seconds=_seconds(document.get("seconds", 0), "action.seconds"),
        status=status,
        body=document.get("body"),
        headers=tuple((name, str(value)) for name, value in headers.items()),
        truncate=None if truncate is None else _count(truncate, "action.truncate"),
        elements=_count(document.get("elements", 0), "action.elements"),
    )


def status_answer(action: Action) -> Answer:
    """The answer of a `status` fault: text bodies as they are, anything else as JSON, none = empty."""
    if action.body is None:
        answer = Answer(action.status)
    elif isinstance(action.body, str):
        answer = Answer.text(action.status, action.body)
    else:
        answer = Answer.json(action.status, action.body)
    return answer.with_headers(dict(action.headers))


def garbage_answer(action: Action, real: Answer | None) -> Answer:
    """The answer of a `garbage` fault: 200 with half an HTML page, a given text, or the real body cut off."""
    if action.truncate is not None and real is not None:
        return Answer(real.status, real.body[: action.truncate], real.content_type, real.headers)
    if isinstance(action.body, str):
        return Answer.text(200, action.body)
    return Answer.text(200, _HTML_PAGE, content_type="text/html")


class FaultPlan:
    """The planted faults of one simulator; the first that matches a call and still has shots hits it."""

    def __init__(self, kinds: frozenset[str]) -> None:
        self._kinds = kinds
        self._lock = threading.Lock()
        self._faults: list[Fault] = []
        self._next_id = 1

    def plant(self, value: object) -> int:
        """Plants a fault from its JSON form and returns its id.

        Raises:
            BadDocumentError: a member is unknown, missing or of the wrong kind.
        """
        document = as_object(value, "fault")
        check_members(document, "fault", required=("action",), optional=("match", "skip", "times", "when"))
        action = _action(as_object(document["action"], "action"))
        if action.kind not in self._kinds:
            raise BadDocumentError(f"action.kind: this simulator does not know {action.kind}")
        when = document.get("when", "before")
        if when not in ("before", "after"):
            raise BadDocumentError("when: before or after is wanted")
        times = document.get("times")
        with self._lock:
            fault = Fault(
                id=self._next_id,
                match=_match(as_object(document.get("match", {}), "match")),
                action=action,
                when=when,
                skip=_count(document.get("skip", 0), "skip"),
                times=None if times is None else _count(times, "times"),
                document=document,
            )
            self._next_id += 1
            self._faults.append(fault)
            return fault.id

    def claim(self, call: Call) -> Fault | None:
        """The fault that hits this call, counted as fired, or None."""
        with self._lock:
            for fault in self._faults:
                if fault.match.hits(call) and fault.claim():
                    return fault
            return None

    def clear(self) -> None:
        """Removes every fault; calls that one holds at this moment keep it."""
        with self._lock:
            self._faults.clear()

    def listed(self) -> list[dict[str, Any]]:
        """Every fault with its id, how many calls matched it and how often it fired."""
        with self._lock:
            return [{"id": f.id, "seen": f.seen, "fired": f.fired, **f.document} for f in self._faults]


ALL_KINDS = frozenset(_ACTION_MEMBERS)
