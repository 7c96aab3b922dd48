"""Blind retries: writes to Xero that were sent again although nobody could know that this is safe."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from urllib.parse import unquote

from tests.faults.history import Create, History, Json, began, creates, ended, xero_writes
from tests.faults.kinds import DATABASE, JOURNAL_DISASTERS, LINK_FAULTS, PROCESS_FAULTS, Fault

_OK, _NOT_FOUND, _SERVER_ERROR = 200, 404, 500
_NOT_PROCESSED = {401, 403, 429}
_WRITER = {"xero", "xero-writer", "xero-writer-database", DATABASE}
_HIDING = {*LINK_FAULTS, *PROCESS_FAULTS, Fault.CACHED_ERROR, Fault.DATABASE_RESTART, *JOURNAL_DISASTERS}
"""What can keep the writer from seeing, or remembering, an answer that Xero sent. What Xero itself does is no excuse."""
_DELAYING = {Fault.SILENT, Fault.SLOW, Fault.PAUSE}
"""What can let a request arrive long after it was decided on."""
_LATE = timedelta(seconds=10)
"""How late a request may arrive that a link held back."""


def blind_retry(history: History) -> Iterator[str]:
    """No key goes with other bytes, none is used after its 5xx or when it is old, no create follows one of unknown outcome blindly."""
    by_key: dict[str, list[Json]] = {}
    for call in xero_writes(history.xero_calls):
        by_key.setdefault(call["idempotency_key"], []).append(call)
    for key, calls in by_key.items():
        yield from _other_bytes(key, calls)
        yield from _old_key(history, key, calls)
        yield from _after_server_error(history, key, calls)
    yield from _without_lookup(history)


def _other_bytes(key: str, calls: list[Json]) -> Iterator[str]:
    first = calls[0]
    for call in calls[1:]:
        if any(call[part] != first[part] for part in ("method", "path", "query", "request_body", "tenant")):
            yield f"{first['tenant']}: key {key} was sent with other bytes at {began(call)}"


def _old_key(history: History, key: str, calls: list[Json]) -> Iterator[str]:
    """Two thirds of its life are the limit for sending; a call may then take one sixth of it to arrive."""
    limit = timedelta(seconds=history.key_lifetime * 5 / 6)
    for call in calls[1:]:
        age = began(call) - began(calls[0])
        if age > limit and not _was_late(history, began(call)):
            yield f"{call['tenant']}: key {key} was sent {age.total_seconds():.1f} s after its first sending"


def _after_server_error(history: History, key: str, calls: list[Json]) -> Iterator[str]:
    """Whoever saw a 5xx knows that Xero only repeats it. Whether it was seen can not be told if the way back was disturbed."""
    for index, call in enumerate(calls):
        if call["status"] is None or call["status"] < _SERVER_ERROR or _outlived(history, call):
            continue
        for later in calls[index + 1 :]:
            seen = not history.disturbed(_WRITER, _HIDING, began(call), began(later))
            if began(later) > ended(call) and seen:
                yield f"{call['tenant']}: key {key} was sent again at {began(later)}, after its {call['status']}"


def _was_late(history: History, arrived: datetime) -> bool:
    """Whether something may have held a request back before it arrived."""
    return history.disturbed({"xero", "xero-writer"}, _DELAYING, arrived - _LATE, arrived)


def _outlived(history: History, call: Json) -> bool:
    """Whether the answer came when its caller had, or nearly had, given up."""
    return bool(call["duration_ms"] >= history.key_lifetime / 6 * 1000 / 2)


def _without_lookup(history: History) -> Iterator[str]:
    blocked = {(tenant.tenant, name) for tenant in history.tenants for name in tenant.blocked}
    by_document: dict[tuple[str, str], list[Create]] = {}
    for create in creates(history.xero_calls):
        for name in create.documents:
            by_document.setdefault((create.tenant, name), []).append(create)
    lookups = [
        call
        for call in history.xero_calls
        if call["method"] == "GET" and (call["status"] == _OK or _alone_and_absent(call))
    ]
    for (tenant, name), found in by_document.items():
        if (tenant, name) in blocked:
            continue
        for before, after in pairwise(_last_of_each_key(found)):
            if before.status in _NOT_PROCESSED or _was_late(history, before.began):
                continue
            looked = any(_tells(call, before, name, after.began) for call in lookups)
            if not looked:
                yield f"{tenant} {name} was created again at {after.began}, unseen what became of {before.began}"


def _last_of_each_key(found: list[Create]) -> list[Create]:
    """One for each key: its last sending, which counts as not processed only if none of them was."""
    by_key: dict[str, list[Create]] = {}
    for create in found:
        by_key.setdefault(create.key, []).append(create)
    return [
        last if all(each.status in _NOT_PROCESSED for each in sendings) else replace(last, status=None)
        for sendings in by_key.values()
        for last in sendings[-1:]
    ]


def _alone_and_absent(call: Json) -> bool:
    """Whether a document that was asked for by its number alone is said not to be there."""
    return bool(call["status"] == _NOT_FOUND and "/PurchaseOrders/" in call["path"])


def _tells(call: Json, before: Create, name: str, until: datetime) -> bool:
    """Whether a read could have told what became of a create."""
    asked, number = call["query"].get("InvoiceNumbers"), before.documents[name]
    alone = unquote(call["path"].removeprefix(before.path).removeprefix("/"))
    return (
        call["tenant"] == before.tenant
        and call["path"].startswith(before.path)
        and before.began < began(call)
        and ended(call) <= until
        and (asked is None or number in asked.split(","))
        and alone in {"", number}
    )
