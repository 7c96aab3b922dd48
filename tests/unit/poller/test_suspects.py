"""One document that can not be read out is told from an outage, and holds up nobody."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from poller.core.values import Record, record_id
from poller.work.suspects import Suspects


def invoices(count: int) -> list[Record]:
    return [{"id": number} for number in range(1, count + 1)]


def one_look(
    suspects: Suspects, waiting: list[Record], bad: set[int], done: set[int], blamed: set[int]
) -> None:
    """A cycle up to its first outage: what could be read leaves, what is at fault leaves too."""
    left = [each for each in waiting if record_id(each) not in done | blamed]
    for batch in suspects.batches(left):
        ids = {record_id(each) for each in batch}
        if not ids & bad:
            suspects.read(batch)
            done |= ids
        elif suspects.failed(batch):
            blamed |= ids
        else:
            return


@settings(deadline=None, max_examples=50)
@given(st.integers(2, 450), st.data())
def test_exactly_the_bad_ones_are_blamed_in_the_end(count: int, data: st.DataObject) -> None:
    bad = data.draw(st.sets(st.integers(1, count), max_size=min(3, count - 1)))
    suspects, done, blamed = Suspects(), set[int](), set[int]()
    fresh = {"id": count + 1}  # something that can be read comes in every cycle
    for look in range(80):
        one_look(suspects, [*invoices(count), {"id": fresh["id"] + look}], bad, done, blamed)
    assert blamed == bad
    assert done >= set(range(1, count + 1)) - bad


def test_an_outage_of_everything_blames_nobody_and_splits_nothing() -> None:
    suspects = Suspects()
    for _ in range(20):
        (batch,) = suspects.batches(invoices(150))
        assert not suspects.failed(batch)


def test_a_single_waiting_invoice_is_not_blamed_without_proof() -> None:
    suspects = Suspects()
    assert not any(suspects.failed(invoices(1)) for _ in range(10))


def test_batches_hold_at_most_200_and_lose_nobody() -> None:
    sizes = [len(batch) for batch in Suspects().batches(invoices(450))]
    assert sizes == [200, 200, 50]
