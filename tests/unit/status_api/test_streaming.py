"""Answers that are sent while they are made give back what they hold, however they end."""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterator

import pytest

from service_web.clients import give_up_if_stalled
from status_api.server.problems import Problem
from status_api.server.streaming import LongAnswers, Streamed, attachment


class _Held:
    """Counts how often it was given back."""

    def __init__(self) -> None:
        self.released = 0
        self.closed = False

    def release(self) -> None:
        self.released += 1

    def pieces(self, *, fail_at: int = -1) -> Iterator[bytes]:
        try:
            for number in range(3):
                if number == fail_at:
                    message = "customer's text"
                    raise ValueError(message)
                yield str(number).encode()
        finally:
            self.closed = True


def test_every_piece_is_sent_once_and_the_end_gives_back() -> None:
    held = _Held()
    body = Streamed(held.pieces(), held.release)
    body.begin()
    assert list(body) == [b"0", b"1", b"2"]
    body.close()
    assert (held.released, held.closed) == (1, True)


@pytest.mark.parametrize("taken", [0, 1, 2])
def test_whoever_goes_away_gives_back_once(taken: int) -> None:
    held = _Held()
    body = Streamed(held.pieces(), held.release)
    body.begin()
    for _ in range(taken):
        next(body)
    body.close()
    body.close()
    assert (held.released, held.closed) == (1, True)


def test_a_failure_before_the_first_piece_can_still_be_told() -> None:
    held = _Held()
    with pytest.raises(ValueError, match="customer"):
        Streamed(held.pieces(fail_at=0), held.release).begin()
    assert (held.released, held.closed) == (1, True)


def test_a_failure_in_the_middle_cuts_the_answer_and_its_text_is_not_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    held = _Held()
    body = Streamed(held.pieces(fail_at=2), held.release, tenant="acme")
    body.begin()
    with caplog.at_level(logging.ERROR), pytest.raises(ValueError, match="customer"):
        list(body)
    assert (held.released, held.closed) == (1, True)
    (line,) = caplog.records
    assert line.__dict__["tenant"] == "acme"
    assert "customer" not in line.getMessage()


def test_an_empty_answer_ends() -> None:
    held = _Held()
    body = Streamed(iter(()), held.release)
    body.begin()
    assert list(body) == []
    assert held.released == 1


def test_no_more_answers_than_there_are_places() -> None:
    answers = LongAnswers(slots=2)
    free = [answers.take(), answers.take()]
    with pytest.raises(Problem) as refused:
        answers.take()
    assert (refused.value.status, refused.value.headers["Retry-After"]) == (503, "15")
    free.pop()()
    answers.take()


def test_a_name_that_no_header_can_hold_is_spelt_so_that_it_can() -> None:
    assert attachment("acme-1.csv") == {"Content-Disposition": "attachment; filename=acme-1.csv"}
    told = attachment('a"\r\nü.csv')["Content-Disposition"]
    assert told.isascii()
    assert told == "attachment; filename=a____.csv; filename*=UTF-8''a%22%0D%0A%C3%BC.csv"


@pytest.mark.skipif(not hasattr(socket, "TCP_USER_TIMEOUT"), reason="only Linux can give up on a client")
def test_a_client_that_takes_nothing_is_given_up() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname()) as client,
    ):
        give_up_if_stalled({"gunicorn.socket": client})
        assert client.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 60_000
    give_up_if_stalled({})
