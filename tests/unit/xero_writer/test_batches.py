from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from xero_writer.core.batches import (
    MAX_BYTES,
    MAX_DOCUMENTS,
    MAX_WAIT_SECONDS,
    Candidate,
    FullBatches,
    ready_batches,
    seconds_until_due,
)

INVOICE, NOTE = ("invoice", 2), ("credit_note", 2)


def one(
    item: int, *, group: tuple[str, int] = INVOICE, size: int = 100, limit: int = 50, waited: float = 1.0
) -> Candidate[int]:
    return Candidate(item, group, size, limit, waited)


def items(batches: list[list[Candidate[int]]]) -> list[list[int]]:
    return [[each.item for each in batch] for batch in batches]


candidates = st.lists(
    st.builds(
        Candidate,
        item=st.integers(),
        group=st.sampled_from([INVOICE, NOTE, ("invoice", 4)]),
        size=st.integers(1, MAX_BYTES + 1000),
        limit=st.sampled_from([1, 2, 13, 25, 50]),
        waited=st.floats(0, 1),
    ),
    max_size=200,
)


@given(candidates)
def test_no_batch_is_larger_than_xero_or_its_documents_allow(found: list[Candidate[int]]) -> None:
    for batch in ready_batches(found):
        assert len(batch) <= min(MAX_DOCUMENTS, *(each.limit for each in batch))
        assert len(batch) == 1 or sum(each.size for each in batch) <= MAX_BYTES
        assert len({(each.group, each.limit) for each in batch}) == 1


@given(candidates)
def test_no_document_is_sent_twice_or_out_of_order(found: list[Candidate[int]]) -> None:
    places = {id(each): place for place, each in enumerate(found)}
    batches = ready_batches(found)
    sent = [id(each) for batch in batches for each in batch]
    assert len(sent) == len(set(sent))
    for batch in batches:
        assert [places[id(each)] for each in batch] == sorted(places[id(each)] for each in batch)


@given(candidates)
def test_no_document_that_waited_long_enough_is_left_waiting(found: list[Candidate[int]]) -> None:
    sent = {id(each) for batch in ready_batches(found) for each in batch}
    assert all(id(each) in sent for each in found if each.waited >= MAX_WAIT_SECONDS)


def test_a_young_batch_waits_for_company_unless_it_is_full() -> None:
    assert ready_batches([one(1, waited=0.1)]) == []
    assert items(ready_batches([one(number, waited=0.1) for number in range(51)])) == [list(range(50))]


def test_a_document_larger_than_a_batch_still_goes_alone() -> None:
    assert items(ready_batches([one(1), one(2, size=MAX_BYTES + 1), one(3)])) == [[1], [2], [3]]


def test_the_pause_ends_when_the_oldest_has_waited_long_enough() -> None:
    assert seconds_until_due([]) is None
    assert seconds_until_due([one(1, waited=0.1), one(2, waited=0.4)]) == MAX_WAIT_SECONDS - 0.4
    assert seconds_until_due([one(1, waited=9.0)]) == 0.0


@given(candidates)
def test_nobody_stops_looking_before_there_are_so_many_batches_to_send(found: list[Candidate[int]]) -> None:
    full = FullBatches()
    for place, each in enumerate(found, start=1):
        full.add(each)
        assert full.count <= len(ready_batches(found[:place]))


def test_enough_is_noticed_as_soon_as_the_last_batch_is_full() -> None:
    full = FullBatches()
    counts = []
    for number in range(100):
        full.add(one(number))
        counts.append(full.count)
    assert (counts[48], counts[49], counts[98], counts[99]) == (0, 1, 1, 2)
