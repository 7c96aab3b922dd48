"""What became of commands about a whole tenant, Sync Now and the tests of the connections, in words."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

OPEN = frozenset({"waiting", "accepted", "started"})
"""States of commands that are not finished."""
SIDES = {"autotask": "Autotask", "xero": "Xero"}
"""The two connections by their names in the interface."""

_NEW = ("discovery", "cleared", "paid", "voided")
_AGAIN = ("retry", "overdue")


def is_open(command: dict[str, Any]) -> bool:
    """Whether it is still to be carried out."""
    return command["state"] in OPEN


def sync_now_words(command: dict[str, Any]) -> str:
    """The fate of a Sync Now."""
    state, reason = command["state"], command["reason"]
    if state == "done":
        return _looked(_object(command["answer"]))
    if state in ("refused", "expired"):
        return f"Sync Now was not carried out: {reason}" if reason else "Sync Now was not carried out."
    if reason:
        return f"Sync Now waits: {reason.removesuffix('.')}."
    return (
        "Autotask is being asked now." if state == "started" else "Sync Now is given: waiting for its turn."
    )


def _looked(counts: dict[str, Any]) -> str:
    """Asked, and what came of it, from how many documents of what sort were met."""
    invoices = _found(counts, "", "invoice")
    orders = _found(counts, "orders_", "purchase order")
    told = [each for each in (invoices, orders) if each]
    return f"Autotask was asked: {', '.join(told) if told else 'nothing new'}."


def _found(counts: dict[str, Any], prefix: str, noun: str) -> str:
    new = sum(int(counts.get(prefix + name, 0)) for name in _NEW)
    again = sum(int(counts.get(prefix + name, 0)) for name in _AGAIN)
    told = [
        f"{number} {noun}{'' if number == 1 else 's'} {words}"
        for number, words in ((new, "found"), (again, "tried again"))
        if number
    ]
    return ", ".join(told)


def newest_test(tests: Sequence[dict[str, Any]], side: str) -> dict[str, Any] | None:
    """The newest test that was about one side, of tests newest first; None without any."""
    about = (each for each in tests if each["options"].get("side", side) == side)
    return next(about, None)


def words_of_test(command: dict[str, Any], side: str) -> tuple[str, bool | None]:
    """The fate of a connection's test, and whether the connection works; None while that is open."""
    name, reason = SIDES.get(side, side), command["reason"]
    if is_open(command):
        return f"{name} is being tested …", None
    answer = _object(command["answer"])
    if isinstance(answer.get("works"), bool):
        return str(answer.get("words") or name), answer["works"]
    return f"The test was not carried out: {reason}" if reason else "The test was not carried out.", False


def _object(text: str | None) -> dict[str, Any]:
    """A command's answer, empty where it has none or one that this page does not know."""
    if text is None:
        return {}
    try:
        answer = json.loads(text)
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}
