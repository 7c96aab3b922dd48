"""Which changes are told, to whom, and in which form."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from status_api.core.changes import Change, Place, frame, frames, may_see, place_frame, told

AT = datetime(2026, 5, 4, 10, 0, tzinfo=UTC)
PLACES = st.builds(
    Place,
    st.sampled_from(["acme", "beta"]),
    st.sampled_from(["invoice", "command"]),
    st.integers(1, 6).map(str),
)


def change(number: int, tenant: str | None = "acme") -> Change:
    subject = "everything" if tenant is None else "invoice"
    return Change(number, tenant, subject, "7", "Fault", AT)


@given(st.lists(PLACES, max_size=40), st.integers(1, 8))
def test_nothing_that_changed_is_left_out_and_nothing_else_is_told(waiting: list[Place], most: int) -> None:
    result = told(waiting, most)
    assert len(set(result)) == len(result), "each thing once"
    named = {place for place in result if place.thing is not None}
    groups = {(place.tenant_id, place.subject) for place in result if place.thing is None}
    assert named <= set(waiting)
    assert all(place in named or (place.tenant_id, place.subject) in groups for place in waiting)
    for tenant_id, subject in {(place.tenant_id, place.subject) for place in waiting}:
        things = {
            place.thing for place in waiting if (place.tenant_id, place.subject) == (tenant_id, subject)
        }
        assert ((tenant_id, subject) in groups) == (len(things) > most)


def test_a_thing_that_changed_again_is_told_where_it_changed_last() -> None:
    a, b = Place("acme", "invoice", "1"), Place("acme", "invoice", "2")
    assert told([a, b, a]) == [b, a]


def test_nobody_is_told_of_a_tenant_that_they_may_not_see_or_did_not_ask_for() -> None:
    assert may_see(change(1), None, None)
    assert may_see(change(1), {"acme"}, None)
    assert not may_see(change(1), {"beta"}, None)
    assert not may_see(change(1), set(), None)
    assert not may_see(change(1), None, {"beta"})
    assert not may_see(change(1), {"beta"}, {"acme"})
    assert may_see(change(1, None), set(), {"beta"}), "everybody has to read everything again"


def test_a_change_has_the_form_that_readers_of_server_sent_events_know() -> None:
    assert frame(change(41)) == (
        'event: change\nid: 41\ndata: {"tenant_id": "acme", "subject": "invoice", "id": "7", "status": "Fault",'
        ' "changed_at": "2026-05-04T10:00:00Z"}\n\n'
    )
    assert frame(change(42, None)) == "event: reset\nid: 42\ndata: {}\n\n"
    assert place_frame(43, "still here") == ": still here\nid: 43\n\n"
    both = frames([change(41), change(42, "beta"), change(43)], {"acme"}, None).decode()
    assert [line for line in both.splitlines() if line.startswith("id")] == ["id: 41", "id: 43"]


def test_a_text_with_a_line_break_can_not_make_up_an_event() -> None:
    forged = Change(1, "acme", "connection", "xero\n\nevent: reset\ndata: {}", "down\r\nid: 9", AT)
    assert len(frame(forged).splitlines()) == 4
