"""One document that can not be read out is told from an outage, and holds up nobody."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from poller.core.values import Record, record_id
from poller.work.suspects import Suspects


def silent() -> bool:
    """Autotask answers nothing."""
    return False


def answering() -> bool:
    """Autotask answers what else it is asked."""
    return True


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
            continue
        finding = suspects.failed(batch)
        if finding == "at_fault":
            blamed |= ids
        elif finding == "outage":
            return


@settings(deadline=None, max_examples=50)
@given(st.integers(2, 450), st.data())
def test_exactly_the_bad_ones_are_blamed_in_the_end(count: int, data: st.DataObject) -> None:
    bad = data.draw(st.sets(st.integers(1, count), max_size=min(3, count - 1)))
    suspects, done, blamed = Suspects(answering), set[int](), set[int]()
    fresh = {"id": count + 1}  # something that can be read comes in every cycle
    for look in range(80):
        one_look(suspects, [*invoices(count), {"id": fresh["id"] + look}], bad, done, blamed)
    assert blamed == bad
    assert done >= set(range(1, count + 1)) - bad


@settings(deadline=None, max_examples=50)
@given(st.integers(1, 450), st.data())
def test_the_bad_one_is_blamed_where_nothing_else_ever_comes(count: int, data: st.DataObject) -> None:
    bad = {data.draw(st.integers(1, count))}
    suspects, done, blamed = Suspects(answering), set[int](), set[int]()
    for _ in range(30):
        one_look(suspects, invoices(count), bad, done, blamed)
    assert blamed == bad
    assert done == set(range(1, count + 1)) - bad


def test_an_outage_of_everything_blames_nobody_and_splits_nothing() -> None:
    suspects = Suspects(silent)
    for _ in range(20):
        (batch,) = suspects.batches(invoices(150))
        assert suspects.failed(batch) == "outage"


def test_a_single_waiting_invoice_is_not_blamed_while_autotask_does_not_answer() -> None:
    suspects = Suspects(silent)
    assert {suspects.failed(invoices(1)) for _ in range(10)} == {"outage"}


def test_a_single_waiting_invoice_is_blamed_at_its_second_failure_while_autotask_answers() -> None:
    suspects = Suspects(answering)
    assert [suspects.failed(invoices(1)) for _ in range(4)] == ["in_doubt", "at_fault"] * 2


def test_an_outage_between_two_failures_of_a_single_invoice_takes_the_blame() -> None:
    answers = iter([True, False, True, True])
    suspects = Suspects(lambda: next(answers))
    assert [suspects.failed(invoices(1)) for _ in range(4)] == ["in_doubt", "outage", "in_doubt", "at_fault"]


def test_two_single_invoices_that_fail_while_nothing_is_read_are_not_blamed() -> None:
    suspects = Suspects(answering)
    findings = [suspects.failed([invoice]) for _ in range(5) for invoice in invoices(2)]
    assert findings == ["in_doubt", *["outage"] * 9]


def test_an_invoice_is_not_blamed_while_autotask_does_not_answer_though_others_were_read_before() -> None:
    suspects = Suspects(silent)
    bad, good = invoices(2)
    suspects.failed([bad])
    suspects.read([good])
    assert suspects.failed([bad]) == "outage"


def test_a_batch_of_several_is_not_split_by_its_first_failure() -> None:
    suspects = Suspects(answering)
    assert suspects.failed(invoices(8)) == "outage"
    assert [len(batch) for batch in suspects.batches(invoices(8))] == [8]
    assert suspects.failed(invoices(8)) == "in_doubt"
    assert [len(batch) for batch in suspects.batches(invoices(8))] == [4, 4]


def test_a_refusal_blames_the_only_invoice_at_its_second_failure_and_none_of_several() -> None:
    suspects = Suspects(silent)
    assert [suspects.refused(invoices(1), only=True) for _ in range(2)] == ["in_doubt", "at_fault"]
    assert {suspects.refused([each], only=False) for _ in range(3) for each in invoices(2)} == {"outage"}


def test_batches_hold_at_most_200_and_lose_nobody() -> None:
    sizes = [len(batch) for batch in Suspects(silent).batches(invoices(450))]
    assert sizes == [200, 200, 50]
