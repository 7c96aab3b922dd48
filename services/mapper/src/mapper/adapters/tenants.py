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
from service_runtime.intake import TransientError
from service_runtime.records import Record

_WAIT_SECONDS = 5.0

T_co = TypeVar("T_co", covariant=True)


class TenantsSettings(NamedTuple):
    """A tenant's settings with their version, defaults filled in."""

    version: int
    settings: Settings


class Table(Protocol[T_co]):
    """Newest value by tenant, as `service_runtime.compacted.CompactedTable` keeps it."""

    def get(self, key: str) -> T_co | None:
        """Newest value of a tenant."""

    def wait_for(self, key: str, good: Callable[[T_co], bool], timeout: float) -> T_co | None:
        """A value that is good, or None if none came in time."""


def read_settings(codec: Codec, record: Record) -> TenantsSettings:
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
    return TenantsSettings(event["version"], effective_settings(document))


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
        settings: Table[TenantsSettings],
        reference: Table[XeroReference],
        wait_seconds: float = _WAIT_SECONDS,
    ) -> None:
        self._settings = settings
        self._reference = reference
        self._wait_seconds = wait_seconds
        self._prepared: dict[str, tuple[TenantsSettings, XeroReference, Rules]] = {}

    def for_event(self, tenant_id: str, settings_version: int) -> Rules:
        """Rules with settings at least as new as those the event was made with.

        The poller read those settings from the same topic before it made the event, so they are on their way here.

        Raises:
            TransientError: settings so new, or the tenant's first reference data, are not here yet.
        """
        settings = self._settings.get(tenant_id)
        if settings is None or settings.version < settings_version:
            settings = self._settings.wait_for(
                tenant_id, lambda value: value.version >= settings_version, self._wait_seconds
            )
        if settings is None:
            raise TransientError(
                f"settings version {settings_version} of tenant {tenant_id} are not in {names.SETTINGS} yet"
            )
        reference = self._reference.get(tenant_id) or self._reference.wait_for(
            tenant_id, lambda _: True, self._wait_seconds
        )
        if reference is None:
            raise TransientError(f"tenant {tenant_id} has nothing in {names.REFERENCE} yet")
        prepared = self._prepared.get(tenant_id)
        if prepared is not None and prepared[0] is settings and prepared[1] is reference:
            return prepared[2]
        rules = prepare(settings.settings, settings.version, reference)
        self._prepared[tenant_id] = (settings, reference, rules)
        return rules
