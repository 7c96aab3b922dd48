"""What a connection learns from its calls, and what it does not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import cast

import pytest

from poller.adapters.autotask.client import Filter, Page
from poller.adapters.autotask.errors import AutotaskError, DownError, RefusedError, RequestRefusedError
from poller.core.budget import Usage
from poller.work.connection import Connection
from poller.work.refused import KeptRefusals
from service_runtime.refused_credentials import RefusedCredentials
from service_runtime.tenants import AutotaskCredentials

CREDENTIALS = AutotaskCredentials("api@acme.example", "s3cret", "CODE")


class Provider:
    """An Autotask that answers, or fails as a test wants it to."""

    def __init__(self) -> None:
        self.trouble: AutotaskError | None = None
        self.usage_trouble: AutotaskError | None = None
        self.zone_trouble: AutotaskError | None = None
        self.used = 100

    def page(self, entity: str, filters: Sequence[Filter], fields: Sequence[str] | None = None) -> Page:
        del entity, filters, fields
        if self.trouble is not None:
            raise self.trouble
        return Page([], last=True)

    def picklist(self, entity: str, field: str) -> Mapping[int, str]:
        del entity, field
        return {}

    def stamp(self, invoice_id: int, at: datetime) -> None:
        del invoice_id, at

    def usage(self) -> Usage:
        if self.usage_trouble is not None:
            raise self.usage_trouble
        return Usage(self.used, 10_000)

    def web_root(self) -> str:
        if self.zone_trouble is not None:
            raise self.zone_trouble
        return "https://autotask.example/"

    def forget_zone(self) -> None:
        return


class NoRefusals:
    """Nothing was ever refused."""

    def recall(self) -> RefusedCredentials | None:
        return None

    def remember(self, credentials: AutotaskCredentials, words: str) -> None:
        del credentials, words

    def forget(self) -> None:
        return


class Called:
    """A connection with its provider and its clock."""

    def __init__(self) -> None:
        self.provider = Provider()
        self.time = datetime(2026, 5, 14, 9, tzinfo=UTC)
        self.connection = Connection(
            "acme",
            self.provider,
            lambda: CREDENTIALS,
            lambda: self.time,
            cast("KeptRefusals", NoRefusals()),
        )

    def pages(self, count: int) -> None:
        for _ in range(count):
            self.connection.page("Invoices", [])

    def fail(self) -> None:
        self.provider.trouble = DownError("HTTP Error 503.")
        with pytest.raises(DownError):
            self.pages(1)


@pytest.fixture
def called() -> Called:
    return Called()


def test_a_zone_known_without_a_call_closes_no_circuit(called: Called) -> None:
    called.pages(1)
    called.fail()
    down = called.connection.circuit
    called.time += timedelta(seconds=16)
    assert called.connection.web_root() == "https://autotask.example/"
    assert called.connection.circuit == down
    called.fail()
    assert called.connection.circuit.changed_at == down.changed_at
    assert called.connection.seconds_to_probe() == 30


def test_a_zone_known_without_a_call_is_no_reason_to_tell_of_the_connection(called: Called) -> None:
    called.pages(1)
    called.connection.reported()
    called.time += timedelta(hours=1)
    called.connection.web_root()
    assert not called.connection.report_due()


@pytest.mark.parametrize(
    ("trouble", "state"), [(DownError("no answer"), "down"), (RefusedError("who are you?"), "refused")]
)
def test_a_zone_that_can_not_be_found_opens_the_circuit_and_is_told(
    called: Called, trouble: AutotaskError, state: str
) -> None:
    called.provider.zone_trouble = trouble
    with pytest.raises(type(trouble)):
        called.connection.web_root()
    assert (called.connection.circuit.state, called.connection.report_due()) == (state, True)


def test_own_calls_are_not_forgotten_when_the_use_of_the_budget_can_not_be_read(called: Called) -> None:
    called.pages(50)
    called.time += timedelta(seconds=61)
    called.provider.usage_trouble = DownError("no answer")
    with pytest.raises(DownError):
        called.connection.measure()
    usage = called.connection.usage
    assert usage is not None
    assert usage.used >= 150
    called.provider.usage_trouble = None
    called.connection.measure()
    assert called.connection.usage == Usage(100, 10_000)


def test_a_use_of_the_budget_that_is_never_told_is_not_asked_for_with_every_call(called: Called) -> None:
    called.provider.usage_trouble = RequestRefusedError("not the adequate permissions")
    called.pages(201)
    called.provider.usage_trouble = DownError("asked again")
    called.pages(100)
    assert called.connection.usage is None


def test_whether_autotask_answers_is_told_by_one_call(called: Called) -> None:
    called.fail()
    before = called.connection.circuit
    assert (before.state, called.connection.answers()) == ("down", True)
    assert not called.connection.blocked()
    called.provider.usage_trouble = DownError("no answer")
    assert not called.connection.answers()
    assert called.connection.blocked()
