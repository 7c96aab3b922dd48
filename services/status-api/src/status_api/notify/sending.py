"""Delivers what waits over one channel: the mail server, or one chat target."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from service_runtime import metrics
from service_runtime.leases import Lease, failure_name, guard
from status_api.core.alert_texts import Message, compose
from status_api.core.alerts import (
    CHAT,
    INSTALLATION,
    MAIL,
    AlertsOf,
    ChatTarget,
    Concern,
    Pause,
    Waiting,
    concern_of_chat,
    concern_of_reader,
    due_groups,
)
from status_api.stores import alerts as store

log = logging.getLogger(__name__)

_EVERY_SECONDS = 10.0
_FIRST_PAUSE = timedelta(seconds=15)
_CHANNEL_PAUSE = timedelta(minutes=5)
_ADDRESS_PAUSE = timedelta(hours=1)


class ChannelDownError(Exception):
    """Nothing can be delivered over this channel now; the message says why, without any secret."""


class AddressRefusedError(Exception):
    """This address, or this message, was refused; others may go. The message says why, without the address."""


class Channel(Protocol):
    """A way to deliver."""

    def deliver(self, address: str, message: Message) -> None:
        """Hand a message over.

        Raises:
            ChannelDownError, AddressRefusedError: it was not taken.
        """


@dataclass(frozen=True, slots=True)
class Known:
    """Who is to be told now, and where: read anew for each turn, so that a role or wish that ended tells nobody more."""

    tenants: dict[str, AlertsOf]
    concern: Callable[[str, str], Concern | None]
    address: Callable[[str], str]


@dataclass(frozen=True, slots=True)
class _Delivered:
    group: Sequence[Waiting]
    read_at: datetime
    at: datetime


class Sending:
    """Delivers over one channel.

    A message is delivered, then recorded. A crash in between repeats that one message. What was delivered and could not be
    recorded is recorded before anything else is delivered, however long that takes.
    """

    def __init__(
        self,
        engine: Engine,
        lease: Lease | None,
        channel: Channel,
        target: ChatTarget | None,
        dashboard: str | None,
        now: Callable[[], datetime],
    ) -> None:
        """
        Args:
            engine: connections to the database.
            lease: guards every record.
            channel: how to deliver.
            target: the chat target; None: mail to people.
            dashboard: address of the dashboard, for links.
            now: aware UTC.
        """  # noqa: D205, D212  # the signature needs its arguments explained, nothing else
        self._engine = engine
        self._lease = lease
        self._channel = channel
        self._target = target
        self._dashboard = dashboard
        self._now = now
        self._name = "mail" if target is None else "chat"
        self._unrecorded: _Delivered | None = None
        self._pause = Pause(_FIRST_PAUSE, _CHANNEL_PAUSE)
        self._address_pauses: dict[str, Pause] = {}
        self._woken = threading.Event()

    def run(self, stopping: threading.Event) -> None:
        """Deliver until stopped. While the database is away nothing is delivered, and what was is remembered.

        Raises:
            LeaseLostError: somebody else does this now.
        """
        while not stopping.is_set():
            try:
                self.turn(stopping)
            except SQLAlchemyError as error:
                log.warning("alerts wait, the database is away: %s", failure_name(error))
            self._woken.wait(_EVERY_SECONDS)
            self._woken.clear()

    def wake(self) -> None:
        """Look now."""
        self._woken.set()

    def turn(self, stopping: threading.Event) -> None:
        """Deliver what is due now, as far as the channel takes it.

        Raises:
            SQLAlchemyError: the database failed.
            LeaseLostError: somebody else does this now.
        """
        self._record()
        now = self._now()
        waiting, known = self._read()
        metrics.alert_age_seconds.labels(self._name).set(
            max(((now - one.since).total_seconds() for one in waiting), default=0.0)
        )
        if not self._pause.is_over(now):
            return
        for group in due_groups(waiting, now):
            if stopping.is_set() or not self._pause.is_over(now):
                return
            self._tell(group, known, now)

    def _read(self) -> tuple[list[Waiting], Known]:
        with self._engine.connect() as connection:
            tenants = store.tenants(connection)
            if self._target is not None:
                chat = self._target
                rows = [one for one in store.waiting_for(connection, chat.key) if one.target == chat.key]
                return rows, Known(tenants, lambda _, tenant: concern_of_chat(chat, tenants.get(tenant)), str)
            rows = store.waiting_for(connection, MAIL)
            readers = {MAIL + reader.person_id: reader for reader in store.readers(connection)}

        def concern(target: str, tenant_id: str) -> Concern | None:
            reader = readers.get(target)
            return None if reader is None else concern_of_reader(reader, tenant_id, tenants.get(tenant_id))

        return rows, Known(tenants, concern, lambda target: readers[target].email)

    def _tell(self, group: Sequence[Waiting], known: Known, read_at: datetime) -> None:
        target, tenant_id = group[0].target, group[0].tenant_id
        alerts = known.tenants.get(tenant_id)
        gone = alerts is None and tenant_id != INSTALLATION
        concern = None if gone else known.concern(target, tenant_id)
        if concern is None:
            with self._engine.begin() as connection:
                self._guard(connection)
                store.forget(connection, group)
            return
        pause = self._address_pauses.get(target)
        if pause is not None and not pause.is_over(read_at):
            return
        message = compose(group, alerts.name if alerts else "", self._dashboard, detailed=concern.detailed)
        with self._engine.begin() as connection:
            self._guard(connection)  # not ours any more: somebody else tells it
        try:
            self._channel.deliver(known.address(target), message)
        except ChannelDownError as error:
            self._pause.failed(self._now())
            metrics.alerts.labels(self._name, "failed").inc()
            log.warning(
                "%s can not be delivered, trying again in %s: %s", self._what, self._pause.length, error
            )
            return
        except AddressRefusedError as error:
            pause = self._address_pauses.setdefault(target, Pause(_FIRST_PAUSE, _ADDRESS_PAUSE))
            pause.failed(self._now())
            metrics.alerts.labels(self._name, "refused").inc()
            log.warning(
                "%s for %s was refused, trying again in %s: %s", self._what, target, pause.length, error
            )
            return
        metrics.alerts.labels(self._name, "delivered").inc()
        self._address_pauses.pop(target, None)
        self._pause = Pause(_FIRST_PAUSE, _CHANNEL_PAUSE)
        self._unrecorded = _Delivered(group, read_at, self._now())
        self._record()

    @property
    def _what(self) -> str:
        return "a mail" if self._target is None else f"a message to {self._target.key.removeprefix(CHAT)}"

    def _record(self) -> None:
        if self._unrecorded is None:
            return
        done = self._unrecorded
        with self._engine.begin() as connection:
            self._guard(connection)
            store.told(connection, done.group, done.read_at, done.at)
        self._unrecorded = None

    def _guard(self, connection: Connection) -> None:
        if self._lease is not None:
            guard(connection, self._lease)
