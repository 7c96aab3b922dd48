"""Live changes are handed on to those who may hear them, and hold nothing once nobody hears."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from dashboard.api.connection import Connection, UnreachableError, below
from dashboard.server.listeners import Listeners
from tests.support.waiting import wait_until
from tests.unit.dashboard.stand_in import StandIn

CHANGE = b"event: change\ndata: {}\n\n"


def test_changes_come_as_they_are_with_the_persons_own_token(
    browser: FlaskClient, status_api: StandIn
) -> None:
    answer = browser.get("/live?tenant=acme&tenant=beta", headers={"Last-Event-ID": "e1-7"}, buffered=False)
    assert answer.status_code == 200
    assert answer.mimetype == "text/event-stream"
    assert next(iter(answer.iter_encoded())) == CHANGE
    answer.close()
    [asked] = status_api.asked
    assert asked.path == "/api/v1/stream?tenant=acme&tenant=beta"
    assert asked.headers["Authorization"] == "Bearer token-of-kim"
    assert asked.headers["Last-Event-ID"] == "e1-7"


def test_whoever_leaves_takes_the_stream_with_them(browser: FlaskClient, status_api: StandIn) -> None:
    answer = browser.get("/live", buffered=False)
    next(iter(answer.iter_encoded()))
    answer.close()
    assert status_api.left.wait(10)


@pytest.mark.parametrize(
    ("status", "kind"), [(503, "too-many-streams"), (404, "not-found"), (500, "internal")]
)
def test_without_a_stream_a_page_is_told_quietly_to_ask_in_intervals(
    browser: FlaskClient, status_api: StandIn, status: int, kind: str
) -> None:
    status_api.refuse("GET", "/api/v1/stream", status, kind)
    for _ in range(30):  # more than there are places: each is given back
        answer = browser.get("/live")
        assert (answer.status_code, answer.data) == (204, b"")


def test_a_session_that_is_over_is_told_in_a_way_that_a_page_can_hear(
    browser: FlaskClient, stranger: FlaskClient, status_api: StandIn
) -> None:
    status_api.refuse("GET", "/api/v1/stream", 401, "token-refused")
    for _ in range(30):
        for whoever in (browser, stranger):
            answer = whoever.get("/live", headers={"Sec-Fetch-Dest": "empty"})
            assert (answer.status_code, answer.mimetype) == (200, "text/event-stream")
            assert answer.data == b"event: ended\ndata: {}\n\n"


def test_no_place_is_kept_by_those_who_left(browser: FlaskClient) -> None:
    for _ in range(30):
        answer = browser.get("/live", buffered=False)
        assert answer.status_code == 200
        answer.close()  # some before the first word, which starts no generator


def test_there_are_not_more_places_than_threads() -> None:
    listeners = Listeners(lambda: False, most=2)
    first, second = listeners.take({}), listeners.take({})
    assert first is not None
    assert second is not None
    assert listeners.take({}) is None
    first.leave()
    first.leave()
    assert listeners.take({}) is not None
    assert listeners.take({}) is None


@pytest.fixture
def wire() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    yield ours, theirs
    ours.close()
    theirs.close()


def test_a_closed_browser_is_noticed_while_nothing_is_said(
    status_api: StandIn, wire: tuple[socket.socket, socket.socket]
) -> None:
    ours, theirs = wire
    listeners = Listeners(lambda: False)
    listener = listeners.take({"gunicorn.socket": ours})
    assert listener is not None
    stream = Connection(status_api.url).as_person("token").open_stream(below("stream"))
    listener.hear(stream)
    pieces = iter(stream)
    assert next(pieces) == CHANGE
    theirs.close()
    with pytest.raises((UnreachableError, StopIteration)):
        next(pieces)  # would wait for the next word for a minute and a half
    listener.leave()
    wait_until(status_api.left.is_set, "the stream to be left")


def test_a_process_that_is_to_stop_keeps_no_stream(status_api: StandIn) -> None:
    ending: list[bool] = []
    listeners = Listeners(lambda: bool(ending))
    listener = listeners.take({})
    assert listener is not None
    stream = Connection(status_api.url).as_person("token").open_stream(below("stream"))
    listener.hear(stream)
    pieces = iter(stream)
    next(pieces)
    ending.append(True)
    with pytest.raises((UnreachableError, StopIteration)):
        next(pieces)
    listener.leave()
