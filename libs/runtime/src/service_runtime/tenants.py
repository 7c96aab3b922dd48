"""The tenants file: who is served and with which credentials."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import yaml

from invoice_events.settings import settings_problems
from service_runtime.config import ConfigurationError

_ID = re.compile(r"[a-z0-9-]{1,40}")


@dataclass(frozen=True, slots=True)
class AutotaskCredentials:
    """API user of one Autotask database. Never logged."""

    username: str
    secret: str = field(repr=False)
    integration_code: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class XeroCredentials:
    """App of one Xero organisation. Never logged."""

    client_id: str
    client_secret: str = field(repr=False)
    grant: Literal["client_credentials"]
    organisation_id: str | None


@dataclass(frozen=True, slots=True)
class Tenant:
    """One Autotask database and one Xero organisation.

    Attributes:
        id: `[a-z0-9-]`, at most 40 characters.
        name: for people.
        autotask: only in the poller's cut of the file.
        xero: only in the xero-writer's cut.
        settings: initial settings, used once when the tenant is first seen; `time_zone` of the entry is among them.
        state: initial state.
    """

    id: str
    name: str
    autotask: AutotaskCredentials | None
    xero: XeroCredentials | None
    settings: dict[str, Any]
    state: Literal["active", "paused"]


def load_tenants(path: Path) -> dict[str, Tenant]:
    """Read and check the file.

    Raises:
        ConfigurationError: it can not be read, or an entry is wrong; the message names the place in the file.
    """
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        raise ConfigurationError(
            f"TENANTS_FILE {path} can not be read ({error.strerror}): wanted a YAML file with a list under tenants"
        ) from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(
            f"TENANTS_FILE {path} is no UTF-8 text (byte {error.start}): wanted a YAML file with a list under tenants"
        ) from None
    try:
        loaded = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError) as error:  # a date that does not exist is a ValueError
        mark = getattr(error, "problem_mark", None)
        place = f" in line {mark.line + 1}" if mark else ""
        raise ConfigurationError(
            f"TENANTS_FILE {path} is no YAML{place}: wanted a list under tenants"
        ) from None  # the error quotes the line, which may hold a secret
    entries = loaded.get("tenants") if isinstance(loaded, dict) else None
    if not isinstance(entries, list):
        raise ConfigurationError(f"TENANTS_FILE {path}: wanted a list under tenants")
    tenants: dict[str, Tenant] = {}
    for index, entry in enumerate(entries):
        tenant = _tenant(f"TENANTS_FILE tenants[{index}]", entry)
        if tenant.id in tenants:
            raise ConfigurationError(
                f"TENANTS_FILE tenants[{index}].id: {tenant.id} is there twice, wanted one entry per tenant"
            )
        tenants[tenant.id] = tenant
    _refuse_sharing(tenants)
    return tenants


def _tenant(place: str, entry: object) -> Tenant:
    if not isinstance(entry, dict):
        raise ConfigurationError(f"{place}: wanted a mapping with id, name, autotask and xero")
    _refuse_unknown(place, entry, ("id", "name", "time_zone", "autotask", "xero", "settings", "state"))
    tenant_id = _text(f"{place}.id", entry.get("id"), "[a-z0-9-], at most 40 characters")
    if not _ID.fullmatch(tenant_id):
        raise ConfigurationError(
            f"{place}.id: {tenant_id!r} is no tenant id, wanted [a-z0-9-], at most 40 characters"
        )
    state = entry.get("state", "paused")
    if state not in ("active", "paused"):  # a list can not be looked up in a set
        raise ConfigurationError(f"{place}.state: {state!r}, wanted active or paused")
    settings = dict(_mapping(f"{place}.settings", entry.get("settings")) or {})
    if "time_zone" in entry:
        settings.setdefault("time_zone", entry["time_zone"])
    for problem in settings_problems(settings):
        raise ConfigurationError(f"{place}.settings.{problem.removeprefix('settings: ')}")
    autotask = _mapping(f"{place}.autotask", entry.get("autotask"))
    xero = _mapping(f"{place}.xero", entry.get("xero"))
    return Tenant(
        id=tenant_id,
        name=str(entry.get("name") or tenant_id),
        autotask=None if autotask is None else _autotask(f"{place}.autotask", autotask),
        xero=None if xero is None else _xero(f"{place}.xero", xero),
        settings=settings,
        state=state,
    )


def _autotask(place: str, entry: dict[str, Any]) -> AutotaskCredentials:
    _refuse_unknown(place, entry, ("username", "secret", "integration_code"))
    return AutotaskCredentials(
        username=_text(f"{place}.username", entry.get("username"), "the API user's name"),
        secret=_text(f"{place}.secret", entry.get("secret"), "the API user's secret"),
        integration_code=_text(
            f"{place}.integration_code", entry.get("integration_code"), "the tracking identifier"
        ),
    )


def _xero(place: str, entry: dict[str, Any]) -> XeroCredentials:
    _refuse_unknown(place, entry, ("client_id", "client_secret", "grant", "organisation_id"))
    grant = entry.get("grant", "client_credentials")
    if grant != "client_credentials":
        raise ConfigurationError(f"{place}.grant: {grant!r}, wanted client_credentials (a custom connection)")
    organisation = entry.get("organisation_id")
    return XeroCredentials(
        client_id=_text(f"{place}.client_id", entry.get("client_id"), "the app's client id"),
        client_secret=_text(f"{place}.client_secret", entry.get("client_secret"), "the app's client secret"),
        grant="client_credentials",
        organisation_id=None
        if organisation is None
        else _text(f"{place}.organisation_id", organisation, "Xero's tenant id"),
    )


def _refuse_unknown(place: str, entry: dict[str, Any], known: tuple[str, ...]) -> None:
    """A misspelt name would otherwise be a setting that silently does nothing."""
    unknown = sorted(str(name) for name in entry if name not in known)
    if unknown:
        raise ConfigurationError(
            f"{place}.{unknown[0]}: not known, wanted {', '.join(known[:-1])} or {known[-1]}"
        )


def _text(place: str, value: object, wanted: str) -> str:
    if value is not None and not isinstance(value, str):
        raise ConfigurationError(f"{place}: no text but a {type(value).__name__}, wanted {wanted} in quotes")
    if value is None or not value.strip():
        raise ConfigurationError(f"{place}: missing or empty, wanted {wanted}")
    return value.strip()


def _mapping(place: str, value: object) -> dict[str, Any] | None:
    if value is None:
        return None
    if not isinstance(value, dict):
        raise ConfigurationError(f"{place}: wanted a mapping")
    return value


def _refuse_sharing(tenants: dict[str, Tenant]) -> None:
    """Two tenants on one database or organisation would write each other's documents."""
    seen: dict[tuple[str, str], str] = {}
    for tenant in tenants.values():
        for what, value in _shared_things(tenant):
            other = seen.setdefault((what, value), tenant.id)
            if other != tenant.id:
                raise ConfigurationError(
                    f"TENANTS_FILE: tenants {other} and {tenant.id} share one {what}, wanted one each"
                )


def _shared_things(tenant: Tenant) -> Iterator[tuple[str, str]]:
    if tenant.autotask:
        yield "autotask.username", tenant.autotask.username.lower()
    if tenant.xero:
        yield "xero.client_id", tenant.xero.client_id
        if tenant.xero.organisation_id:
            yield "xero.organisation_id", tenant.xero.organisation_id.lower()


class TenantsFile:
    """The file, read again when it changes. A change that is wrong is reported and the last good state kept."""

    def __init__(self, path: Path) -> None:
        """Read the file for the first time.

        Raises:
            ConfigurationError: as `load_tenants`.
        """
        self._path = path
        self._stamp = self._current_stamp()
        self.tenants = load_tenants(path)

    def refresh(self) -> str | None:
        """Read again if the file changed. Returns what is wrong with the changed file, or None."""
        stamp = self._current_stamp()
        if stamp == self._stamp:
            return None
        self._stamp = stamp
        try:
            self.tenants = load_tenants(self._path)
        except ConfigurationError as error:
            return str(error)
        return None

    def _current_stamp(self) -> tuple[int, int, int]:
        try:
            status = self._path.stat()
        except OSError:
            return (0, 0, 0)
        return (status.st_mtime_ns, status.st_size, status.st_ino)
