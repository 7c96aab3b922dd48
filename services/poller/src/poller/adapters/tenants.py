"""What the poller knows of its tenants: settings, whether Xero's reference has come, credentials."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Protocol

from invoice_events.codec import Codec, UnreadableEventError
from invoice_events.settings import Settings, effective_settings, settings_problems
from poller.core.xero_health import XeroHealth
from service_runtime.compacted import CompactedTable
from service_runtime.records import Record
from service_runtime.tenants import AutotaskCredentials, TenantsFile


@dataclass(frozen=True, slots=True)
class TenantRules:
    """A tenant's settings as they are now.

    Attributes:
        version: grows with each change.
        paused: whether nothing new is to begin.
        settings: every default filled in.
    """

    version: int
    paused: bool
    settings: Settings


class Tenants(Protocol):
    """What a worker asks about its tenant; the answers change while it runs."""

    def rules(self, tenant_id: str) -> TenantRules | None:
        """The settings, None before they have been published."""

    def has_reference(self, tenant_id: str) -> bool:
        """Whether Xero's reference data have been published once."""

    def xero_health(self, tenant_id: str) -> XeroHealth | None:
        """The connection to Xero as it was last told of, None before that."""

    def credentials(self, tenant_id: str) -> AutotaskCredentials | None:
        """The API user, None once the tenant has left the file."""


def read_rules(codec: Codec, record: Record) -> TenantRules:
    """A record of `sync.settings`.

    Raises:
        UnreadableEventError: it can not be decoded, or its settings are no settings of this release.
    """
    event = codec.decode(record.topic, record.value)
    try:
        document = json.loads(event["settings"])
    except json.JSONDecodeError as error:
        raise UnreadableEventError(f"the settings of {event['tenant_id']} are no JSON") from error
    problems = settings_problems(document)
    if problems:
        raise UnreadableEventError(f"the settings of {event['tenant_id']} are not valid: {problems[0]}")
    return TenantRules(event["version"], event["state"] == "paused", effective_settings(document))


def read_reference_version(codec: Codec, record: Record) -> int:
    """The version of a record of `xero.reference`; the poller needs no more of it.

    Raises:
        UnreadableEventError: it can not be decoded.
    """
    version: int = codec.decode(record.topic, record.value)["version"]
    return version


def read_health(codec: Codec, record: Record) -> XeroHealth:
    """A record of `connection.health`, whichever side it is about: its key tells.

    Raises:
        UnreadableEventError: it can not be decoded.
    """
    event = codec.decode(record.topic, record.value)
    return XeroHealth(event["state"], event["detail"], event["changed_at"])


class PublishedTenants:
    """The tenants file, and the compacted topics followed in memory."""

    def __init__(
        self,
        file: TenantsFile,
        settings: CompactedTable[TenantRules],
        reference: CompactedTable[int],
        health: CompactedTable[XeroHealth],
    ) -> None:
        self._file = file
        self._settings = settings
        self._reference = reference
        self._health = health

    def rules(self, tenant_id: str) -> TenantRules | None:
        """From `sync.settings`."""
        return self._settings.get(tenant_id)

    def has_reference(self, tenant_id: str) -> bool:
        """From `xero.reference`."""
        return self._reference.get(tenant_id) is not None

    def xero_health(self, tenant_id: str) -> XeroHealth | None:
        """From `connection.health`."""
        return self._health.get(f"{tenant_id}/xero")

    def credentials(self, tenant_id: str) -> AutotaskCredentials | None:
        """From the file, as it is now."""
        tenant = self._file.tenants.get(tenant_id)
        return tenant.autotask if tenant else None
