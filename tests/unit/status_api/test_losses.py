"""Which topics a read model can not be made from again, and how far each is read."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from invoice_events import names
from service_runtime.positions import Position
from status_api.names import FOLDED_TOPICS
from status_api.rebuild.losses import EXPIRING, goal, lost, told

_TOPICS = Path(__file__).parents[3] / "deploy" / "topics.yaml"
_AT = datetime(2026, 5, 4, 10, 30, tzinfo=UTC)


def _place(topic: str, kept: int | None, first: int, end: int) -> Position:
    return Position(topic, 3, kept, first, end)


def test_no_topic_is_taken_for_one_that_expires_unless_it_does() -> None:
    topics = yaml.safe_load(_TOPICS.read_text("utf-8"))["topics"]
    expiring = {
        name
        for name in FOLDED_TOPICS
        if topics[name]["cleanup"] == "delete" and topics[name]["retention"] != "forever"
    }
    assert expiring == EXPIRING


@pytest.mark.parametrize("topic", [names.SYNCED, names.ORDER_HELD, names.SETTINGS, names.REFERENCE])
def test_a_topic_that_is_kept_for_ever_is_not_used_without_its_beginning(topic: str) -> None:
    missing = _place(topic, 9, 1, 9)
    assert lost([_place(topic, 9, 0, 9), missing]) == [missing]
    assert told(missing, lambda _: _AT) == (
        f"{topic}[3] begins at offset 1, with a record of 2026-05-04 10:30 UTC: the 1 before it are gone"
    )
    assert "holds no record" in told(_place(topic, 9, 9, 9), lambda _: None)


def test_what_expires_is_no_loss_but_what_was_cut_off_is() -> None:
    assert lost([_place(names.LOGS, 9, 4, 9), _place(names.LOGS, None, 4, 9)]) == []
    made_anew = _place(names.LOGS, 9, 0, 2)
    assert lost([made_anew]) == [made_anew]
    assert told(made_anew, lambda _: _AT).startswith("sync.logs[3] ends at offset 2 and was read to 9")


@pytest.mark.parametrize(
    ("position", "reached", "wanted"),
    [
        (_place(names.SYNCED, 9, 0, 12), 11, 11),  # as far as the served one, not to the end
        (_place(names.LOGS, 3, 5, 12), 3, 5),  # nothing is there before 5
        (_place(names.LOGS, 9, 9, 9), 9, 9),  # all of it has expired: it still stands there
        (_place(names.SYNCED, 9, 0, 2), 9, 2),  # there is nothing to wait for
        (_place(names.SYNCED, 9, 0, 9), 14, 14),  # it grew meanwhile
    ],
)
def test_no_partition_is_read_too_little_or_waited_for_in_vain(
    position: Position, reached: int, wanted: int
) -> None:
    assert goal(position, reached) == wanted
