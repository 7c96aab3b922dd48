"""What handlers need, put together by `bootstrap`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine

from service_runtime.health import Health
from status_api.stores.commands import CommandStore
from status_api.stores.tenants import TenantStore


@dataclass(frozen=True, slots=True)
class Api:
    """Dependencies of the HTTP side.

    Attributes:
        engine: connections that see both schemas.
        tenants: settings and state.
        commands: commands.
        health: of this process.
        now: aware UTC.
    """

    engine: Engine
    tenants: TenantStore
    commands: CommandStore
    health: Health
    now: Callable[[], datetime]
