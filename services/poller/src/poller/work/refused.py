"""Credentials that Autotask refused, remembered beyond the life of a worker: each failed login brings the account nearer to its lock."""

from __future__ import annotations

from poller.work.store import Store
from service_runtime.refused_credentials import (
    RefusedCredentials,
    forget_refused,
    refused_before,
    remember_refused,
)
from service_runtime.tenants import AutotaskCredentials


class KeptRefusals:
    """One tenant's row in the database."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def recall(self) -> RefusedCredentials | None:
        """What was refused last and has not worked since."""
        with self._store.reading() as session:
            return refused_before(session, self._store.tenant_id)

    def remember(self, credentials: AutotaskCredentials, words: str) -> None:
        """Autotask refuses these credentials, in its own words.

        Raises:
            LeaseLostError: the tenant is somebody else's now.
        """
        with self._store.transaction() as transaction:
            remember_refused(transaction.connection, transaction.tenant_id, parts_of(credentials), words)

    def forget(self) -> None:
        """The present credentials work.

        Raises:
            LeaseLostError: the tenant is somebody else's now.
        """
        with self._store.transaction() as transaction:
            forget_refused(transaction.connection, transaction.tenant_id)


def parts_of(credentials: AutotaskCredentials) -> tuple[str, ...]:
    """Everything that decides whether Autotask lets us in."""
    return credentials.username, credentials.secret, credentials.integration_code
