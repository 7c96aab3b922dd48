"""What the engine's switch does, in words: said before it happens."""

from __future__ import annotations

from typing import Any

STATES = {"active": "Active", "paused": "Paused"}
"""A tenant's states as people call them."""

_IMPORTED_AS = {
    "draft": "They arrive in Xero as Draft: nothing is posted to the ledger until a person approves it there.",
    "approved": "They arrive in Xero as Approved: each posts to the ledger at once.",
    "approved_and_sent": "They arrive in Xero as Approved and Set as Sent: each posts to the ledger at once. Nobody is e-mailed.",
}
_NUMBERS = {
    "autotask_id": "Their numbers in Xero are made from the Autotask ID, such as INV:48213.",
    "autotask_number": "Their numbers in Xero are those of Autotask's billing run.",
    "xero": "Xero gives them the next numbers of its own sequence.",
}


def activation_words(settings: dict[str, Any], known: int, *, first: bool) -> list[str]:
    """What will happen once a tenant is active.

    Args:
        settings: the effective ones.
        known: how many documents were read from Autotask before and are not finished.
        first: whether the tenant was never active.
    """
    days = settings["days_back"]
    date = "paid" if settings["paid_invoices_only"] else "dated"
    window = f"Invoices {date} in the last {_days(days)} ({settings['time_zone']}) that carry no Web Service Date are looked for in Autotask, at once and then in every cycle."
    words = [window]
    if first:
        words.append(
            "How many that are is told by Autotask alone: nothing has been read from it before the engine is active."
            " Watch the Invoices tab fill, and pause again whenever you like."
        )
    elif known:
        words.append(f"{_documents(known)} read before and not finished: they go on.")
    words += [_IMPORTED_AS[settings["invoices_import_as"]], _NUMBERS[settings["invoice_numbers"]]]
    if settings["purchase_orders"]["enabled"]:
        words.append("Purchase orders are looked for after the invoices of each cycle.")
    else:
        words.append("Purchase orders are not looked for: Xero Options has them off.")
    if settings["quiet_mode"]["enabled"]:
        hours = settings["quiet_mode"]["business_hours"]
        words.append(
            f"After-hours quiet mode is on: invoices older than two days wait until business hours ({hours['start']} to {hours['end']}) are over."
        )
    return words


def posts_at_once(settings: dict[str, Any]) -> bool:
    """Whether documents post to the ledger without a person."""
    return bool(settings["invoices_import_as"] != "draft")


def pausing_words(in_flight: int) -> list[str]:
    """What will happen once a tenant is paused.

    Args:
        in_flight: documents that are being written to Xero at this moment.
    """
    now = f" {in_flight} are being written at this moment." if in_flight else ""
    return [
        f"The call to Xero that is under way is finished, and no other is begun.{now}",
        "Nothing new is looked for in Autotask. What waits stays as it is and goes on once the engine is active again.",
        "Commands such as Resync wait, too. Skip, Diagnose and the connection tests still work.",
    ]


def waiting_words(commands: int, *, more: bool) -> str | None:
    """How many commands waited for the engine; None for none."""
    if commands == 0:
        return None
    amount = f"{commands} or more" if more else str(commands)
    verb = "command that waits is" if commands == 1 and not more else "commands that wait are"
    return f"{amount} {verb} carried out."


def overtaken_words(state: str, by: str, when: str, wished: str) -> str:
    """Somebody else changed settings or state between our reading and our writing."""
    now = STATES.get(state, state)
    if state == wished:
        return f"{by} has just set the engine to {now} ({when}). There is nothing left to do."
    return f"{by} has just changed this tenant ({when}); the engine is {now}. Look at it, and switch again if you still want to."


def _days(days: int) -> str:
    return "day" if days == 1 else f"{days} days"


def _documents(known: int) -> str:
    return "1 document was" if known == 1 else f"{known:,} documents were"
