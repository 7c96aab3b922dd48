"""Each stage's own group of columns: which values of an event they hold, and which of two events is the newer.

A group follows the newest try of its own stage and nothing else, so a later fault never hides the link of an earlier
success, and the order in which topics are read does not matter. Of several events of one try the first counts: a mapper that
reads its topic again from the beginning says everything a second time, with later times.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from invoice_events import names
from invoice_events.codec import Event
from status_api.core import group_values as values_of
from status_api.core.group_values import Row


@dataclass(frozen=True, slots=True)
class Group:
    """A group of columns of the document table.

    Attributes:
        stage: whose events fill it, of either kind of document, such as `synced`.
        rank: columns that say which of two events is the newer, most important first; the first is 0 while the group is empty.
        columns: every column, the rank's included.
        values: an event's values, by column; None: it tells nothing of this group.
        earliest: keep the oldest event instead of the newest (the first time a document got into Xero).
        first_of_try: of events with the same first rank column the oldest is kept.
    """

    stage: str
    rank: tuple[str, ...]
    columns: tuple[str, ...]
    values: Callable[[Event], Row | None]
    earliest: bool = False
    first_of_try: bool = False

    def outranks(self, left: Row, right: Row) -> bool:
        """Whether `left` replaces `right`; both hold this group."""
        a, b = tuple(left[name] for name in self.rank), tuple(right[name] for name in self.rank)
        if self.first_of_try and a[0] == b[0]:
            return a < b
        return a < b if self.earliest else a > b


def _columns(prefix: str, text: str) -> tuple[str, ...]:
    return tuple(f"{prefix}_{name}" for name in text.split())


def _rank(prefix: str) -> tuple[str, ...]:
    return (f"{prefix}_revision", f"{prefix}_at", f"{prefix}_event_id")


SOURCE = Group(
    "discovered",
    _rank("source"),
    _columns(
        "source",
        "revision at event_id attempt command_id action priority settings_version url number date due_date total tax_total"
        " currency company_id company_name line_count is_voided stamped_at order_status order_status_name expected_on search",
    ),
    values_of.source,
    first_of_try=True,
)
FIRST_SEEN = Group(
    "discovered",
    ("first_seen_revision", "first_seen_at"),
    ("first_seen_revision", "first_seen_at"),
    values_of.first_seen,
    earliest=True,
)
MAPPING = Group(
    "mapped",
    _rank("mapping"),
    _columns(
        "mapping",
        "revision at event_id attempt xero_kind number due_date total tax_total settings_version reference_version warnings",
    ),
    values_of.mapping,
    first_of_try=True,
)
PROCESSING = Group(
    "processing",
    (*_rank("processing"), "processing_verifying"),
    _columns("processing", "revision at event_id attempt request_id verifying"),
    values_of.processing,
)
SYNCED = Group(
    "synced",
    _rank("synced"),
    _columns(
        "synced",
        "revision at event_id attempt xero_id xero_kind outcome number url xero_status currency sub_total total_tax total"
        " contact_id contact_name due_date warnings search",
    ),
    values_of.synced,
    first_of_try=True,
)
FIRST_SYNCED = Group(
    "synced",
    ("first_synced_revision", "first_synced_at"),
    ("first_synced_revision", "first_synced_at"),
    values_of.first_synced,
    earliest=True,
)
FAULT = Group(
    "faulted",
    _rank("fault"),
    _columns("fault", "revision at event_id attempt code text side service strike final details xero_id"),
    values_of.fault,
    first_of_try=True,
)
SKIP = Group(
    "skipped",
    _rank("skip"),
    _columns("skip", "revision at event_id attempt reason text"),
    values_of.skip,
    first_of_try=True,
)
HOLD = Group(
    "held",
    ("hold_version", "hold_at", "hold_event_id"),
    ("hold_version", "hold_at", "hold_event_id", "hold", "hold_actor", "hold_changed_since"),
    values_of.hold,
)

GROUPS = (SOURCE, FIRST_SEEN, MAPPING, PROCESSING, SYNCED, FIRST_SYNCED, FAULT, SKIP, HOLD)
BY_TOPIC = {
    topic: tuple(group for group in GROUPS if group.stage == names.stage_of(topic))
    for topic in names.DOCUMENT_TOPICS
}
DOCUMENT_COLUMNS = tuple(column for group in GROUPS for column in group.columns)
