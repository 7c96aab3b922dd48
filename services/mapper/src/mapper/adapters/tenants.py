"""What the mapper knows of each tenant: settings and Xero reference data, from two compacted topics held in memory."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import NamedTuple, Protocol, TypeVar, cast

from invoice_events import names
from invoice_events.codec import Codec, UnreadableEventError
from invoice_events.settings import Settings, effective_settings, settings_problems
from invoice_events.types import TenantSettings, XeroReference
from mapper.core.rules import Rules, prepare
from service_runtime.records import Record

_WAIT_SECONDS = 5.0

T_co = TypeVar("T_co", covariant=True)


class TenantDataMissingError(Exception):
    """What is needed to map a tenant's event is not here, though its event is."""


class VersionedSettings(NamedTuple):
    """A tenant's settings with their version, defaults filled in."""

    version: int
    settings: Settings


class Table(Protocol[T_co]):
    """Newest value by tenant, as `service_runtime.compacted.CompactedTable` keeps it."""

    def get(self, key: str) -> T_co | None:
        """Newest value of a tenant."""

    def wait_for(self, key: str, good: Callable[[T_co], bool], timeout: float) -> T_co | None:
        """A value that is good, or None if none came in time."""


def read_settings(codec: Codec, record: Record) -> VersionedSettings:
    """A record of `sync.settings`.

    Raises:
        UnreadableEventError: the record can not be decoded, or what it carries are no valid settings.
    """
    event = cast("TenantSettings", codec.decode(names.SETTINGS, record.value))
    try:
        document = json.loads(event["settings"])
    except ValueError as error:
        raise UnreadableEventError(f"settings version {event['version']} are no JSON: {error}") from error
    problems = settings_problems(document)
    if problems:
        raise UnreadableEventError(f"settings version {event['version']} are not valid: {problems[0]}")
    return VersionedSettings(event["version"], effective_settings(document))


def read_reference(codec: Codec, record: Record) -> XeroReference:
    """A record of `xero.reference`.

    Raises:
        UnreadableEventError: the record can not be decoded.
    """
    return cast("XeroReference", codec.decode(names.REFERENCE, record.value))


class TenantRules:
    """Rules by tenant, put in order again only when settings or reference data changed. Used by one thread."""

    def __init__(
        self,
        settings: Table[VersionedSettings],
        reference: Table[XeroReference],
        wait_seconds: float = _WAIT_SECONDS,
    ) -> None:
        self._settings = settings
        self._reference = reference
        self._wait_seconds = wait_seconds
        self._overdue: set[str] = set()
        self._prepared: dict[str, tuple[VersionedSettings, XeroReference, Rules]] = {}

    def for_event(self, tenant_id: str, settings_version: int) -> Rules:
        """Rules with settings at least as new as those the event was made with.

        The poller read those settings from the same topic before it made the event, so they are on their way here.

        Raises:
            TenantDataMissingError: settings so new, or the tenant's first reference data, did not come in time. The wait is
                granted once; until the tenant's data are there, its next events do not wait again: one tenant's trouble
                must not hold up the others on its partition.
        """
        patience = 0.0 if tenant_id in self._overdue else self._wait_seconds
        settings = self._settings.get(tenant_id)
        if settings is None or settings.version < settings_version:
            settings = self._settings.wait_for(
                tenant_id, lambda value: value.version >= settings_version, patience
            )
        if settings is None:
            self._overdue.add(tenant_id)
            raise TenantDataMissingError(f"settings version {settings_version} are not in {names.SETTINGS}")
        reference = self._reference.get(tenant_id) or self._reference.wait_for(
            tenant_id, lambda _: True, patience
        )
        if reference is None:
            self._overdue.add(tenant_id)
            raise TenantDataMissingError(f"there are no reference data in {names.REFERENCE}")
        self._overdue.discard(tenant_id)
        prepared = self._prepared.get(tenant_id)
        if prepared is not None and prepared[0] is settings and prepared[1] is reference:
            return prepared[2]
        rules = prepare(settings.settings, settings.version, reference)
        self._prepared[tenant_id] = (settings, reference, rules)
        return rules
