"""The six words a document's state is told in, and the stages they come from."""

from __future__ import annotations

from typing import Literal, get_args

Status = Literal["Pending Sync", "Processing Now", "Complete", "Fault", "Skipped", "Diagnostic Mode"]
STATUSES: tuple[Status, ...] = get_args(Status)

STAGES = {1: "discovered", 2: "mapped", 3: "processing", 4: "skipped", 5: "faulted", 6: "synced"}
"""Stages of one revision, in the order in which a later one outranks an earlier one."""
