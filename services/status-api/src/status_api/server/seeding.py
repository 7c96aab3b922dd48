"""Tenants of the tenants file: taken in at the start and whenever the file changes."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from sqlalchemy.exc import SQLAlchemyError

from service_runtime.leases import failure_name
from service_runtime.logs import secrets_of_this_process
from service_runtime.tenants import TenantsFile
from status_api.stores.tenants import TenantStore

log = logging.getLogger(__name__)

_LOOK_SECONDS = 2.0


class Seeding:
    """Keeps the tenants table at least as long as the file."""

    def __init__(self, file: TenantsFile, store: TenantStore, alive: Callable[[], None]) -> None:
        self._file = file
        self._store = store
        self._alive = alive

    def seed(self) -> None:
        """Take in every tenant of the file.

        Raises:
            SQLAlchemyError: the database failed, or no connection was free.
        """
        for tenant in self._file.tenants.values():
            for credentials in (
                tenant.autotask,
                tenant.xero,
            ):  # this service needs none; a shared file has them all the same
                if credentials is not None:
                    secrets_of_this_process.hide(*_secrets(credentials))
            if self._store.first_seen(tenant):
                log.info("taken in from the tenants file", extra={"tenant": tenant.id})

    def run(self, stopping: threading.Event) -> None:
        """Follow the file until stopped."""
        pending = False
        while not stopping.wait(_LOOK_SECONDS):
            self._alive()
            before = self._file.tenants
            wrong = self._file.refresh()
            if wrong:
                log.error("the changed tenants file is not used: %s", wrong)
            if pending or self._file.tenants is not before:
                pending = not self._try()

    def _try(self) -> bool:
        try:
            self.seed()
        except SQLAlchemyError as error:
            log.warning("tenants could not be taken in, trying again: %s", failure_name(error))
            return False
        return True


def _secrets(credentials: object) -> list[str]:
    return [
        str(getattr(credentials, name))
        for name in ("secret", "integration_code", "client_secret")
        if hasattr(credentials, name)
    ]
