"""What handlers need, put together by `bootstrap`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Engine

from service_runtime.health import Health
from status_api.core.throttling import Network
from status_api.server.event_streams import Streams
from status_api.server.hashing import Hasher
from status_api.server.rates import Rates
from status_api.server.streaming import LongAnswers
from status_api.stores.accounts import Accounts
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
        accounts: people, sessions, tokens.
        hasher: of passwords.
        trusted_proxies: networks whose X-Forwarded-For is believed.
        long_answers: limits of exports and support bundles.
        rates: how often somebody may ask.
        streams: of changes.
    """

    engine: Engine
    tenants: TenantStore
    commands: CommandStore
    health: Health
    now: Callable[[], datetime]
    accounts: Accounts
    hasher: Hasher
    trusted_proxies: tuple[Network, ...] = ()
    long_answers: LongAnswers = field(default_factory=LongAnswers)
    rates: Rates = field(default_factory=Rates)
    streams: Streams = field(default_factory=Streams)
