"""The newest changes in memory: consecutive, bounded, ended for everybody at once."""

from __future__ import annotations

import threading

import pytest

from status_api.core.changes import Change
from status_api.server.event_streams import StreamSlots
from status_api.server.feed import Feed, FeedEndedError, TooFarBehindError
from status_api.server.problems import Problem


def changes(first: int, last: int) -> list[Change]:
    return [
        Change(number, "acme", "invoice", str(number), "Complete", None) for number in range(first, last + 1)
    ]


def numbers(found: list[Change]) -> list[int]:
    return [change.number for change in found]


def test_whoever_comes_gets_what_follows_in_order() -> None:
    feed = Feed(held=10)
    feed.begin(100)
    feed.add(changes(101, 105))
    assert numbers(feed.after(0, 102, 0)) == [103, 104, 105]
    assert numbers(feed.after(0, 100, 0, most=2)) == [101, 102]
    assert feed.after(0, 105, 0) == []
    assert feed.after(0, 110, 0) == [], "somebody who knows more than this process waits for it"


def test_no_more_is_held_than_was_said_however_slowly_somebody_reads() -> None:
    feed = Feed(held=10)
    feed.begin(0)
    feed.add(changes(1, 25))
    assert numbers(feed.after(0, 15, 0)) == list(range(16, 26))
    with pytest.raises(TooFarBehindError):
        feed.after(0, 14, 0)


def test_a_gap_is_never_carried_on() -> None:
    feed = Feed()
    feed.begin(5)
    with pytest.raises(ValueError, match="follow"):
        feed.add(changes(7, 8))


def test_every_stream_ends_when_the_numbers_begin_anew_or_the_process_stops() -> None:
    feed = Feed()
    assert feed.start is None
    feed.begin(5)
    feed.begin(2)
    with pytest.raises(FeedEndedError):
        feed.after(0, 5, 0)
    assert feed.after(1, 2, 0) == []
    feed.close()
    with pytest.raises(FeedEndedError):
        feed.after(1, 2, 0)
    assert feed.start is None


@pytest.mark.parametrize("closes", [False, True])
def test_whoever_waits_is_woken(closes: bool) -> None:  # noqa: FBT001  # a parameter of the test
    feed = Feed()
    feed.begin(5)
    seen: list[object] = []

    def wait() -> None:
        try:
            seen.append(numbers(feed.after(0, 5, 60)))
        except FeedEndedError:
            seen.append("ended")

    thread = threading.Thread(target=wait)
    thread.start()
    if closes:
        feed.close()
    else:
        feed.add(changes(6, 6))
    thread.join(30)
    assert seen == (["ended"] if closes else [[6]])


def test_neither_one_person_nor_all_of_them_have_more_streams_than_there_may_be() -> None:
    slots = StreamSlots(most=3, most_of_a_person=2)
    mine = [slots.take("me"), slots.take("me")]
    with pytest.raises(Problem) as refused:
        slots.take("me")
    assert (refused.value.status, refused.value.headers) == (503, {"Retry-After": "30"})
    slots.take("you")
    with pytest.raises(Problem):
        slots.take("they")
    mine[0]()
    slots.take("they")
