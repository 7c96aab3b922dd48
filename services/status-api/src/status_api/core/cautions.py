"""Changes of settings that a person has to confirm by name, because they can not be taken back in the books."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from invoice_events.settings import settings_schema

CONFIRMED_BY_NAME = ("invoice_numbers", "invoices_import_as", "void_autotask_invoices")

_OTHER_NUMBERS = "Documents are in Xero already: they keep the numbers they have, and from now on new ones are numbered in the other way."


@dataclass(frozen=True, slots=True)
class Caution:
    """A change that needs a confirmation.

    Attributes:
        setting: its name, which is also what confirms it.
        before: effective value before.
        after: effective value after.
        words: what the settings' page warns of.
    """

    setting: str
    before: Any
    after: Any
    words: str


def cautions(
    before: Mapping[str, Any], after: Mapping[str, Any], *, anything_synced: bool
) -> tuple[Caution, ...]:
    """What a change of settings needs confirmed.

    Args:
        before: effective settings, defaults filled in.
        after: the same after the change.
        anything_synced: whether any document of the tenant got into Xero, or nobody can tell now.

    Returns:
        By name of the setting: numbers that can meet others, or another way to number once there are documents; documents that
        post to the ledger at once; voids.
    """
    asks = {
        "invoice_numbers": anything_synced or after["invoice_numbers"] == "autotask_number",
        "invoices_import_as": before["invoices_import_as"] == "draft",
        "void_autotask_invoices": after["void_autotask_invoices"] is True,
    }
    return tuple(
        Caution(name, before[name], after[name], _words(name, after[name]))
        for name in CONFIRMED_BY_NAME
        if asks[name] and before[name] != after[name]
    )


def _words(name: str, value: object) -> str:
    if name == "invoice_numbers" and value != "autotask_number":
        return _OTHER_NUMBERS
    return str(settings_schema()["properties"][name]["x-caution"])
