"""The stream of changes: what is told, to whom, from where on, and when it ends."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from invoice_events import names
from status_api.server.event_streams import Streams, StreamSlots
from status_api.server.feed import Feed
from status_api.stores.changes import ChangeNumbers
from tests.integration.status_api.conftest import TOKEN, ReadModel
from tests.integration.status_api.samples import event, example, of
from tests.integration.status_api.stream_kit import Reader, Square, Told
from tests.support.loops import Running

pytestmark = pytest.mark.stack


@pytest.fixture
def square(read_model: ReadModel) -> Square:
    return Square.on(read_model)


def _told(events: list[Told]) -> list[tuple[object, ...]]:
    return [
        (one.kind, *(one.data.get(name) for name in ("tenant_id", "subject", "id", "status")))
        for one in events
    ]


def _begun(square: Square, token: str = TOKEN, query: str = "") -> Reader:
    reader = square.open(token, query=query)
    reader.until(square.look())
    return reader


def test_what_changed_is_told_with_what_is_shown_of_it(square: Square) -> None:
    model = square.model
    with _begun(square) as reader:
        model.store(of("invoice/1", "discovered"), of("purchase-order/2", "synced"))
        assert sorted(_told(reader.until(square.look()))) == [
            ("change", "acme", "invoice", "1", "Pending Sync"),
            ("change", "acme", "purchase-order", "2", "Complete"),
        ]
        model.store(of("invoice/1", "synced"))
        reader.until(square.look())
        given = square.town.did("POST", "/tenants/acme/commands", {"kind": "resync", "document": "invoice/1"})
        command_id = given["command_id"]
        assert sorted(_told(reader.until(square.look()))) == [
            ("change", "acme", "command", command_id, "waiting"),
            ("change", "acme", "invoice", "1", "Pending Sync"),
        ]
        result = example(names.COMMAND_RESULTS) | {
            "command_id": command_id, "tenant_id": "acme", "document": "invoice/1", "state": "refused",
        }  # fmt: skip
        model.store((names.COMMAND_RESULTS, result))
        assert sorted(_told(reader.until(square.look()))) == [
            ("change", "acme", "command", command_id, "refused"),
            ("change", "acme", "invoice", "1", "Complete"),
        ]
        health = example(names.HEALTH) | {"tenant_id": "beta", "side": "xero", "state": "down"}
        model.store((names.HEALTH, health))
        square.town.call("PUT", "/tenants/beta/state", {"state": "active"}, If_Match='"1"')
        assert sorted(_told(reader.until(square.look()))) == [
            ("change", "beta", "connection", "xero", "down"),
            ("change", "beta", "tenant", "beta", "active"),
        ]


def test_a_repetition_tells_nothing(square: Square) -> None:
    records = (
        of("invoice/1", "discovered"),
        of("invoice/1", "faulted"),
        (names.HEALTH, example(names.HEALTH)),
    )
    square.model.store(*records)
    square.look()
    square.model.store(*records)
    assert square.model.rows("SELECT * FROM change_waiting") == []


def test_what_commits_late_is_not_passed_over(square: Square) -> None:
    """The transaction that drew its place first commits last: a reader who is further by then must still hear of it."""
    with _begun(square) as reader, square.model.engine.connect() as late:
        late.execute(text("UPDATE tenant SET state = 'paused' WHERE tenant_id = 'acme'"))
        square.model.store(of("invoice/1", "discovered"))
        first = reader.until(square.look())
        late.commit()
        second = reader.until(square.look())
    assert _told(first) == [("change", "acme", "invoice", "1", "Pending Sync")]
    assert _told(second) == [("change", "acme", "tenant", "acme", "paused")]
    assert second[0].number == first[0].number + 1


def test_numbers_are_given_once_by_several_at_once(square: Square) -> None:
    before = square.look()
    with square.model.engine.connect() as other:
        other.execute(text("SELECT 1 FROM change_counter FOR UPDATE"))
        square.model.store(of("invoice/1", "discovered"))
        assert square.look() == before, "another process is at it: it is not waited for"
    assert square.look() == before + 1


def test_whoever_comes_back_gets_what_they_missed_and_nothing_twice(square: Square) -> None:
    model = square.model
    with _begun(square) as reader:
        model.store(of("invoice/1", "discovered"))
        reader.until(square.look())
    last = reader.number
    for number in range(2, 6):
        model.store(of(f"invoice/{number}", "discovered"))
        square.look()
    with square.open(last=last) as again:
        assert [one.data["id"] for one in again.until(square.look())] == ["2", "3", "4", "5"]
        assert again.number == last + 4


def test_what_is_not_in_memory_any_more_is_read_from_the_database(read_model: ReadModel) -> None:
    square = Square.on(read_model, Streams(Feed(held=3), heartbeat_seconds=0.05))
    begun = square.look()
    for number in range(1, 12):
        read_model.store(of(f"invoice/{number}", "discovered"))
        square.look()
    with square.open(last=begun) as reader:
        seen = [one.data["id"] for one in reader.until(square.look())]
    assert seen == [str(number) for number in range(1, 12)]


def test_a_reader_who_is_too_slow_is_cut_off_and_misses_nothing(read_model: ReadModel) -> None:
    square = Square.on(read_model, Streams(Feed(held=3), heartbeat_seconds=0.05))
    with _begun(square) as reader:
        assert reader.piece(), "a sign of life"
        for number in range(1, 6):
            read_model.store(of(f"invoice/{number}", "discovered"))
            square.look()
        said = reader.piece()
        while said:
            said = reader.piece()
        assert said is None
    with square.open(last=reader.number) as again:
        assert len(again.until(square.look())) == 5


@pytest.mark.parametrize("limits", [{"kept": timedelta(0)}, {"most_kept": 1}])
def test_what_is_forgotten_is_not_passed_over_in_silence(
    read_model: ReadModel, limits: dict[str, Any]
) -> None:
    square = Square.on(read_model, **limits)
    last = square.look()
    for number in range(1, 4):
        read_model.store(of(f"invoice/{number}", "discovered"))
        square.numbers.number()
    newest = square.look()
    with square.open(last=last) as reader:
        assert [one.kind for one in reader.until(newest)] == ["reset"]
    with square.open(last=newest + 1000) as reader:
        said = reader.piece()
        assert said is not None
        assert [(one.kind, one.number) for one in said] == [("reset", newest)], "a number of another database"


_SWAP = (
    "ALTER SCHEMA read RENAME TO read_old",
    "CREATE SCHEMA read",
    "CREATE TABLE read.document (LIKE read_old.document)",
)
_SWAP_BACK = ("DROP SCHEMA read CASCADE", "ALTER SCHEMA read_old RENAME TO read")


def test_another_read_model_makes_everybody_read_everything_again(square: Square) -> None:
    with _begun(square) as reader:
        for swap in (_SWAP, _SWAP_BACK):
            with square.model.engine.begin() as connection:
                for statement in swap:
                    connection.execute(text(statement))
            assert [one.kind for one in reader.until(square.look())] == ["reset"]
        assert reader.until(square.look()) == [], "once"


def test_many_changes_at_once_are_told_as_one(read_model: ReadModel) -> None:
    square = Square.on(read_model, most_named=3)
    with _begun(square) as reader:
        read_model.store(
            *(of(f"invoice/{number}", "discovered") for number in range(1, 6)),
            of("purchase-order/1", "discovered"),
        )
        assert sorted(_told(reader.until(square.look())), key=str) == [
            ("change", "acme", "invoice", None, None),
            ("change", "acme", "purchase-order", "1", "Pending Sync"),
        ]


def test_numbers_that_begin_anew_end_every_stream(square: Square) -> None:
    with _begun(square) as reader:
        with square.model.engine.begin() as connection:
            connection.execute(text("DELETE FROM change"))
            connection.execute(text("UPDATE change_counter SET newest = 5, forgotten = 5"))
        square.look()
        assert reader.piece() is None
    with square.open(last=reader.number) as again:
        said = again.piece()
        assert said is not None
        assert [(one.kind, one.number) for one in said] == [("reset", 5)]


def _revoke(square: Square, email: str) -> None:
    items = square.town.did("GET", f"/tokens?person_id={square.town.person_id(email)}")["items"]
    for item in items:
        square.town.did("DELETE", f"/tokens/{item['token_id']}")


def _disable(square: Square, email: str) -> None:
    square.town.did("DELETE", f"/people/{square.town.person_id(email)}")


def _outlive(square: Square, email: str) -> None:
    assert email
    square.town.clock.move(days=400)


@pytest.mark.parametrize("lose", [_revoke, _disable, _outlive])
def test_nothing_is_told_to_somebody_who_is_nobody_any_more(
    square: Square, lose: Callable[[Square, str], None]
) -> None:
    token = square.town.machine("viewer@acme.example", ("acme", "viewer"))
    with _begun(square, token) as reader:
        lose(square, "viewer@acme.example")
        square.model.store(of("invoice/1", "discovered"))
        square.look()
        assert reader.piece() is None


def test_nothing_is_told_of_a_tenant_whose_role_was_taken_away(square: Square) -> None:
    town = square.town
    token = town.machine("viewer@acme.example", ("acme", "viewer"), ("beta", "viewer"))
    person = town.person_id("viewer@acme.example")
    with _begun(square, token) as reader:
        town.did("PUT", f"/people/{person}/grants", {"grants": [{"tenant_id": "acme", "role": "viewer"}]})
        square.model.store((names.DISCOVERED, event(names.DISCOVERED, tenant="beta")))
        assert _told(reader.until(square.look())) == [("reset", None, None, None, None)]
        square.model.store((names.SYNCED, event(names.SYNCED, tenant="beta")), of("invoice/1", "discovered"))
        assert {one.data["tenant_id"] for one in reader.until(square.look())} == {"acme"}


def test_only_what_is_asked_for_and_may_be_seen_is_told(square: Square) -> None:
    token = square.town.machine("viewer@acme.example", ("acme", "viewer"))
    with _begun(square, token) as mine, _begun(square, TOKEN, "?tenant=beta") as theirs:
        for tenant in ("acme", "beta"):
            square.model.store((names.DISCOVERED, event(names.DISCOVERED, tenant=tenant)))
        newest = square.look()
        assert [one.data["tenant_id"] for one in mine.until(newest)] == ["acme"]
        assert [one.data["tenant_id"] for one in theirs.until(newest)] == ["beta"]
    for tenant in ("beta", "nowhere"):
        answer = square.town.call("GET", f"/stream?tenant={tenant}", token=token)
        assert (answer.status_code, square.town.slug(answer)) == (404, "unknown-tenant")


def test_a_quiet_stream_gives_signs_of_life_that_carry_the_number(square: Square) -> None:
    token = square.town.machine("viewer@acme.example", ("acme", "viewer"))
    with _begun(square, token) as reader:
        square.model.store((names.DISCOVERED, event(names.DISCOVERED, tenant="beta")))
        assert reader.until(square.look()) == [], "the place moves on without an event"


def test_a_stream_too_many_is_refused_and_the_end_of_one_makes_room(read_model: ReadModel) -> None:
    square = Square.on(read_model, Streams(slots=StreamSlots(most=2, most_of_a_person=1)))
    square.look()
    with square.open() as reader:
        assert reader.answer.mimetype == "text/event-stream"
        refused = square.town.call("GET", "/stream")
        assert (refused.status_code, square.town.slug(refused)) == (503, "too-many-streams")
        assert int(refused.headers["Retry-After"]) > 0
        square.town.client.app.test_client().head(
            "/api/v1/stream", headers={"Authorization": f"Bearer {TOKEN}"}
        )
    with square.open() as reader:
        assert reader.piece()


def test_a_stream_ends_by_itself_after_its_time(read_model: ReadModel) -> None:
    square = Square.on(read_model, Streams(heartbeat_seconds=0.01, longest_seconds=0.05))
    with square.open() as reader:
        while reader.piece() is not None:
            pass


def test_what_is_no_number_is_refused(square: Square) -> None:
    answer = square.town.call("GET", "/stream", Last_Event_ID="yesterday")
    assert (answer.status_code, square.town.slug(answer)) == (400, "bad-parameter")


def test_before_the_first_reading_there_is_no_stream(read_model: ReadModel) -> None:
    square = Square.on(read_model)
    square.streams.feed = Feed()
    assert square.town.call("GET", "/stream").status_code == 503


def test_a_database_that_ended_every_connection_costs_nobody_a_change(square: Square) -> None:
    running = Running(square.reader.run)
    try:
        found: list[str] = []
        last = square.look()
        with square.model.engine.connect() as other:
            other.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            )
        square.model.store(of("invoice/1", "discovered"), of("invoice/2", "discovered"))
        while len(found) < 2:
            with square.open(last=last) as reader:
                while len(found) < 2 and (said := reader.piece()) is not None:
                    found += [one.data["id"] for one in said if one.kind]
                last = reader.number
        assert sorted(found) == ["1", "2"]
    finally:
        running.stop()


def test_nothing_waits_for_ever_while_nobody_serves(square: Square) -> None:
    for number in range(1, 40):
        square.model.store(of(f"invoice/{number}", "discovered"))
    ChangeNumbers(square.model.engine, at_once=7).number()
    assert square.model.rows("SELECT * FROM change_waiting") == []
