"""Looks at the read model and lets wait what is new."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import Connection, Engine

from service_runtime.leases import Lease, guard
from status_api.core.alerts import (
    ChatTarget,
    News,
    connection_cause,
    look_at_circuit,
    recipients,
    told_of_red,
)
from status_api.stores import alerts as store

_EVERY_SECONDS = 10.0


class Audience:
    """Who there is to be told.

    Args:
        mail: whether there is a mail server: without one nothing waits for people.
        chats: the chat targets.
    """

    def __init__(self, *, mail: bool, chats: Sequence[ChatTarget]) -> None:
        self._mail = mail
        self._chats = tuple(chats)

    def hear(self, connection: Connection, news: Sequence[News], now: datetime) -> None:
        """Let news wait for everybody whom they concern, inside the transaction that notices them.

        Raises:
            SQLAlchemyError: the database failed.
        """
        if not news:
            return
        readers = store.readers(connection) if self._mail else []
        tenants = store.tenants(connection)
        for one in news:
            store.wait(connection, one, recipients(one, readers, self._chats, tenants), now)


class Noticing:
    """Notices final faults and connections that turn red or recover, each once."""

    def __init__(
        self, engine: Engine, lease: Lease | None, audience: Audience, now: Callable[[], datetime]
    ) -> None:
        """`lease` guards every transaction: two replicas would tell everything twice."""
        self._engine = engine
        self._lease = lease
        self._audience = audience
        self._now = now
        self._woken = threading.Event()

    def run(self, stopping: threading.Event) -> None:
        """Look every ten seconds until stopped.

        Raises:
            SQLAlchemyError: the database failed.
            LeaseLostError: somebody else does this now.
        """
        while not stopping.is_set():
            self.look()
            self._woken.wait(_EVERY_SECONDS)
            self._woken.clear()

    def wake(self) -> None:
        """Look now."""
        self._woken.set()

    def look(self) -> None:
        """Notice everything that is there now.

        Raises:
            SQLAlchemyError: the database failed; what was not committed is noticed at the next look.
            LeaseLostError: somebody else does this now.
        """
        while self._faults():
            pass
        self._circuits()

    def _faults(self) -> bool:
        with self._engine.begin() as connection:
            self._guard(connection)
            news = store.new_faults(connection)
            self._audience.hear(connection, news, self._now())
        return bool(news)

    def _circuits(self) -> None:
        now = self._now()
        with self._engine.begin() as connection:
            self._guard(connection)
            news = []
            for tenant_id, side, state, changed_at, known in store.connections(connection):
                after, tell = look_at_circuit(known, state, changed_at, now)
                if after != known:
                    store.keep_circuit(connection, tenant_id, side, after)
                if tell is None:
                    continue
                only = None
                if after is None and known is not None and known.announced_at is not None:
                    about = store.waiting_about(connection, tenant_id)
                    only = told_of_red(about, tenant_id, side, known.announced_at)
                since = after.red_since if after is not None else None
                news.append(News(tenant_id, connection_cause(side, tell), 1, since=since, only=only))
            self._audience.hear(connection, news, now)

    def _guard(self, connection: Connection) -> None:
        if self._lease is not None:
            guard(connection, self._lease)
