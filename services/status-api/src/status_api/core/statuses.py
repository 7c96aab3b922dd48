"""The six words a document's state is told in, and the stages they come from."""

from __future__ import annotations

from typing import Literal, get_args

Status = Literal["Pending Sync", "Processing Now", "Complete", "Fault", "Skipped", "Diagnostic Mode"]
STATUSES: tuple[Status, ...] = get_args(Status)

STAGES = {1: "discovered", 2: "mapped", 3: "processing", 4: "skipped", 5: "faulted", 6: "synced"}
"""Stages of one revision, in the order in which a later one outranks an earlier one."""

REASONS = {
    "by_hand": "Skipped by hand",
    "voided_in_xero": "voided in Xero as in Autotask",
    "nothing_in_xero": "voided in Autotask; nothing of it was in Xero",
    "changed_since": "changed in Autotask since it went over",
}
"""Causes that no event words: what is told for them. All others are fault codes and skip reasons, in their event's words."""
