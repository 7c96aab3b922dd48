"""Listening goes on, whatever the driver calls the loss of its connection."""

from __future__ import annotations

import threading
from typing import NoReturn

import psycopg2
import pytest

from service_runtime.database import Listener


@pytest.mark.parametrize(
    "kind",
    [psycopg2.OperationalError, psycopg2.InterfaceError, psycopg2.DatabaseError, psycopg2.InternalError],
)
def test_no_kind_of_lost_connection_ends_the_listening(
    monkeypatch: pytest.MonkeyPatch, kind: type[psycopg2.Error]
) -> None:
    stopping = threading.Event()
    tries: list[str] = []

    def connect(url: str, **_options: object) -> NoReturn:
        tries.append(url)
        stopping.set()  # the loop must come back to look at it
        raise kind

    monkeypatch.setattr(psycopg2, "connect", connect)

    Listener("postgresql+psycopg2://db", "work", lambda _: None).run(stopping)

    assert tries == ["postgresql://db"]
